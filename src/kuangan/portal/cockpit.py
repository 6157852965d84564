"""The cockpit: the scope at a glance. Every number is counted by the query of the list it opens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import Scope, scope_of
from kuangan.base.registry.models import Region
from kuangan.base.registry.scope import mines_within
from kuangan.domains.alerts.desk import shown_figures
from kuangan.domains.alerts.figures import COUNTED
from kuangan.domains.alerts.queries import Query, filtered, youngest_first
from kuangan.domains.alerts.rules import DEFAULT_MARK, GRADE_WORDS, GRADES
from kuangan.library.telemetry.hot import read_hot
from kuangan.portal.tiles import Tile, tiles

GRAVEST_FIRST = tuple(reversed(GRADES))
LOOK_BACK_HOURS = 8
LATEST = 10


@dataclass(frozen=True)
class Number:
    """A count and the list it counts."""

    value: int
    address: str
    tone: str = ""
    label: str = ""


@dataclass(frozen=True)
class Place:
    """A tile of the schematic. `state` is the gravest open colour, else calm, silent, unconnected, empty or outside."""

    code: str
    name: str
    style: str
    edges: str
    state: str
    said: str
    title: str
    address: str


@dataclass(frozen=True)
class City:
    """One line of the table: mines registered, mines heard, open alerts by colour, lapsed clocks."""

    code: str
    name: str
    mines: int
    online: int
    connected: int
    open: tuple[Number, ...]
    lapsed: Number


@dataclass(frozen=True)
class Counts:
    """Open and lapsed alerts by (region, colour) and region; mines by county with how many ever spoke and are silent."""

    open: Mapping[tuple[str, str], int]
    lapsed: Mapping[str, int]
    mines: Counter[str]
    connected: Counter[str]
    silent: Counter[str]


def cockpit(request: HttpRequest) -> HttpResponse:
    """The page; the schematic and the tables refresh themselves."""
    user, at = request.user, now()
    if not isinstance(user, User) or not may(user, "alert.view"):
        raise PermissionDenied
    scope, counts = scope_of(user), _counts(user, at)
    names = dict(Region.objects.filter(level__in=("city", "county")).values_list("code", "name"))
    context = {
        "figures": shown_figures(user, at),
        "places": [_place(tile, names, counts, scope) for tile in tiles()],
        "cities": _cities(names, counts),
        "recent": _recent(user, at),
        "latest": _latest(user, at),
        "hours": LOOK_BACK_HOURS,
        "grade_words": [(grade, GRADE_WORDS[grade]) for grade in GRAVEST_FIRST],
        "mark": DEFAULT_MARK,
    }
    return render(request, "portal/cockpit.html", context)


def _counts(user: User, at: datetime) -> Counts:
    """Three queries and the engine's table of mines."""
    opened = filtered(user, COUNTED, at).order_by().values_list("region", "severity").annotate(number=Count("pk"))
    late = filtered(user, replace(COUNTED, state="lapsed"), at).order_by().values_list("region")
    found = Counts(
        {(region, grade): number for region, grade, number in opened},
        dict(late.annotate(number=Count("pk"))),
        Counter(),
        Counter(),
        Counter(),
    )
    heard = read_hot(Path(settings.HOME), "mines")
    silent_since = {} if heard is None else dict(heard.select("mine", "silent_since").iter_rows())
    rows = mines_within(scope_of(user), at).values_list("code", "county_id", "city_id")
    for code, county, city in rows:
        for place in {county or f"{city or '140000'}", city or "140000"}:
            found.mines[place] += 1
            found.connected[place] += code in silent_since
            found.silent[place] += silent_since.get(code) is not None
    return found


def _address(query: Query) -> str:
    return f"/desk/?{urlencode(query.parameters())}"


def _place(tile: Tile, names: Mapping[str, str], counts: Counts, scope: Scope) -> Place:
    code, mines, connected = tile.code, counts.mines[tile.code], counts.connected[tile.code]
    by_grade = {grade: counts.open.get((code, grade), 0) for grade in GRAVEST_FIRST}
    worst = next((grade for grade, number in by_grade.items() if number), "")
    total = sum(by_grade.values())
    if worst:
        state, said = worst, f"{GRADE_WORDS[worst]}{by_grade[worst]}"
    elif not mines:
        inside = scope.region_prefix is not None and code.startswith(scope.region_prefix)
        state, said = ("empty" if inside else "outside"), ""
    elif not connected:
        state, said = "unconnected", "—"
    elif counts.silent[code] == connected:
        state, said = "silent", "静默"
    else:
        state, said = "calm", str(connected)
    name = names.get(code, code)
    words = "、".join(f"{GRADE_WORDS[grade]}{number}" for grade, number in by_grade.items() if number) or "无未闭环告警"
    return Place(
        code=code,
        name=_short(name),
        style=f"grid-column:{tile.column};grid-row:{tile.row}",
        edges=tile.edges,
        state=state,
        said=said,
        title=f"{names.get(code[:4] + '00', '')} {name}：矿山 {mines}，已接入 {connected}，静默 {counts.silent[code]}；{words}",
        address=_address(replace(COUNTED, region=code)) if total else f"/mines/?q={code}" if mines else "",
    )


def _short(name: str) -> str:
    """Two to four characters that fit a tile."""
    for ending in ("区", "县", "市"):
        if len(name) > 2 and name.endswith(ending):
            return name[:-1][:4]
    return name[:4]


def _cities(names: Mapping[str, str], counts: Counts) -> list[City]:
    """A line for each city in which the scope has a mine or an alert; what no city holds stands in a line of the province."""
    open_by: Counter[tuple[str, str]] = Counter()
    for (region, grade), number in counts.open.items():
        open_by[(f"{region[:4]}00", grade)] += number
    lapsed_by: Counter[str] = Counter()
    for region, number in counts.lapsed.items():
        lapsed_by[f"{region[:4]}00"] += number
    known = {code for code in counts.mines if code.endswith("00")} | {code for code, _ in open_by}
    return [_city(code, names.get(code, "未明区划"), counts, open_by, lapsed_by) for code in sorted(known)]


def _city(
    code: str, name: str, counts: Counts, open_by: Mapping[tuple[str, str], int], lapsed_by: Mapping[str, int]
) -> City:
    query = replace(COUNTED, region=code)
    return City(
        code=code,
        name=name,
        mines=counts.mines[code],
        online=counts.connected[code] - counts.silent[code],
        connected=counts.connected[code],
        open=tuple(
            Number(open_by.get((code, grade), 0), _address(replace(query, grade=grade)), grade)
            for grade in GRAVEST_FIRST
        ),
        lapsed=Number(lapsed_by.get(code, 0), _address(replace(query, state="lapsed"))),
    )


def _recent(user: User, at: datetime) -> list[Number]:
    """What the last hours brought, by colour, and what has become of it."""
    raised = replace(COUNTED, state="all", hours=LOOK_BACK_HOURS)
    by_grade = dict(filtered(user, raised, at).order_by().values_list("severity").annotate(number=Count("pk")))
    closed = filtered(user, replace(raised, state="closed"), at).count()
    total = sum(by_grade.values())
    return [
        Number(total, _address(raised), "", "新产生"),
        *(
            Number(by_grade.get(grade, 0), _address(replace(raised, grade=grade)), grade, f"{GRADE_WORDS[grade]}色")
            for grade in GRAVEST_FIRST
        ),
        Number(closed, _address(replace(raised, state="closed")), "", "其中已闭环"),
        Number(total - closed, _address(replace(raised, state="open")), "", "其中未闭环"),
    ]


def _latest(user: User, at: datetime) -> list[tuple[Case, str]]:
    """The alerts raised last, each with the word of its colour."""
    rows = youngest_first(filtered(user, replace(COUNTED, state="all"), at), user, at)[:LATEST]
    return [(row, GRADE_WORDS[row.severity]) for row in rows]
