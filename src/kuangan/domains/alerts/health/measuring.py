"""Everything that the page and the note of alarm health say about a period and a place, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from kuangan.base.case.models import Case
from kuangan.base.clock import from_ms, to_ms
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.models import Mine, Region
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.alerts.health import load
from kuangan.domains.alerts.health.answers import Answer, GradeAnswer, answers
from kuangan.domains.alerts.health.heard import Heard, heard, together
from kuangan.domains.alerts.health.periods import Period
from kuangan.domains.alerts.health.targets import TARGETS, WORDS
from kuangan.domains.alerts.quality import Frequent, address_of
from kuangan.domains.alerts.queries import Query, filtered, prefix_of
from kuangan.domains.alerts.rules import CAUSES
from kuangan.domains.alerts.words import moment

TRUE: Final = frozenset({"true_overlimit", "tampered"})
"""Causes that an alert is there to warn of."""
FLOODS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """A number with the list it counts."""

    value: int
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside its target: `value` as shown, `met` None where it cannot be judged."""

    code: str
    word: str
    value: str
    target: str
    source: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Cause:
    code: str
    word: str
    count: int
    share: float
    false: bool
    address: str


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A region below one's own, or a mine: what was raised there, what stands, and whether it was heard."""

    name: str
    raised: Counted
    stale: Counted
    heard: Heard


@dataclass(frozen=True)
class Health:
    period: Period
    place: str
    raised: Counted
    told: Counted
    capped: bool
    per_hour: load.PerHour
    per_ten_minutes: float
    peak: int
    floods: Sequence[dict[str, Any]]
    flood_count: int
    flood_share: float
    flooded: int
    chattering: Sequence[Frequent]
    standing: Counted
    stale: Counted
    answers: Sequence[Answer]
    by_grade: Sequence[GradeAnswer]
    causes: Sequence[Cause]
    unverified: int
    heard: Heard
    places: Sequence[PlaceLine]
    elsewhere: int
    lines: Sequence[Line]


def measure(user: User, period: Period, region: str, at: datetime) -> Health:
    """The health of the alarms of a person's scope, of one region of it when `region` is a code."""
    start, stop = period.span
    every = Query(state="all", drill="0", region=region, start=start, stop=stop)
    told = replace(every, reached=True)
    cases, mine_cases = filtered(user, told, at), filtered(user, every, at)
    raised = list(cases.order_by("-alert__raised_at").values_list("alert__raised_at", flat=True)[: load.MOST + 1])
    times = sorted(to_ms(one) for one in raised[: load.MOST])
    found = load.flooded(times)
    hours = max(period.hours, 1e-9)
    mines = list(_mines(user, region, at))
    by_mine = heard(mines, period)
    standing, stale = (
        replace(every, standing=True),
        Query(stale=True, drill="0", unfolded=True, region=region, start=start, stop=stop),
    )
    below = _places(user, mines, by_mine, every, stale, at)
    every_count = mine_cases.count()
    answered, by_grade = answers(mine_cases, every)
    rate = load.per_hour(times, user.organisation_id, period.start, period.stop, at)
    chattering = load.chattering(mine_cases, every, TARGETS.chattering_shown)
    causes, unverified = _causes(mine_cases, every)
    stands = Counted(filtered(user, standing, at).count(), address_of(standing))
    share = sum(flood.stop - flood.start for flood in found) / max(1, stop - start)
    ten = len(times) / (hours * 6)
    return Health(
        period=period,
        place=Region.objects.filter(pk=region).values_list("name", flat=True).first() or "管辖范围",
        raised=Counted(every_count, address_of(every)),
        told=Counted(len(times), address_of(told)),
        capped=len(raised) > load.MOST,
        per_hour=rate,
        per_ten_minutes=ten,
        peak=load.peak(times),
        floods=[_flood(flood, told, at) for flood in sorted(found, key=lambda f: -f.count)[:FLOODS_SHOWN]],
        flood_count=len(found),
        flood_share=share,
        flooded=sum(flood.count for flood in found),
        chattering=chattering,
        standing=stands,
        stale=Counted(filtered(user, stale, at).count(), address_of(stale)),
        answers=answered,
        by_grade=by_grade,
        causes=causes,
        unverified=unverified,
        heard=together(by_mine.values()),
        places=below,
        elsewhere=every_count - sum(row.raised.value for row in below),
        lines=_lines(rate, ten, load.peak(times), share, len(chattering), stands.value / max(hours / 24, 1)),
    )


def _mines(user: User, region: str, at: datetime) -> QuerySet[Mine]:
    mines = visible_mines(user, at)
    if not region:
        return mines
    return mines.filter(Q(city=region) if region.endswith("00") else Q(county=region))


def _flood(flood: Any, told: Query, at: datetime) -> dict[str, Any]:
    minutes = max(1, round((flood.stop - flood.start) / 60_000))
    address = load.listed_flood(flood, told)
    return {"start": moment(from_ms(flood.start), at), "minutes": minutes, "count": flood.count, "address": address}


def _causes(cases: QuerySet[Case], every: Query) -> tuple[list[Cause], int]:
    """Causes that people found, with their share of those found; and how many alerts have none yet."""
    counts = dict(cases.order_by().values_list("alert__cause_code").annotate(Count("pk")))
    unverified = counts.pop("", 0)
    total = max(1, sum(counts.values()))
    rows = [
        Cause(
            code,
            str(CAUSES.get(code, code)),
            count,
            count / total,
            code not in TRUE and code != "unknown",
            address_of(replace(every, cause=code)),
        )
        for code, count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row.count, row.code)), unverified


def _places(
    user: User, mines: Sequence[Mine], by_mine: dict[str, Heard], every: Query, stale: Query, at: datetime
) -> list[PlaceLine]:
    """One line for each region below the place, for each mine where there is none below."""
    prefix = prefix_of(every.region) or scope_of(user).region_prefix or every.mine
    width = {2: 4, 4: 6}.get(len(prefix), 0)
    raised = _by_place(filtered(user, every, at), width)
    old = _by_place(filtered(user, stale, at), width)
    members: dict[str, list[Mine]] = {}
    for mine in mines:
        members.setdefault(mine.region_code[:width].ljust(6, "0") if width else mine.code, []).append(mine)
    if width:
        names = dict(Region.objects.filter(pk__in=members).values_list("pk", "name"))
    else:
        names = {mine.code: mine.name for mine in mines}

    def counted(counts: dict[str, int], query: Query, key: str) -> Counted:
        narrowed = replace(query, region=key) if width else replace(query, mine=key)
        return Counted(counts.get(key, 0), address_of(narrowed))

    rows = [
        PlaceLine(
            names.get(key, "未定区划"),
            counted(raised, every, key),
            counted(old, stale, key),
            together(by_mine[mine.code] for mine in group),
        )
        for key, group in members.items()
    ]
    return sorted(rows, key=lambda row: (-row.raised.value, row.name))[: TARGETS.places_shown]


def _by_place(cases: QuerySet[Case], width: int) -> dict[str, int]:
    """{region code of six digits, or mine: alerts}."""
    key: Any = Substr("region", 1, width) if width else None
    rows = (
        cases.order_by().annotate(place=key).values_list("place") if width else cases.order_by().values_list("mine_id")
    )
    return {str(place).ljust(6, "0"): count for place, count in rows.annotate(Count("pk"))}


def _lines(rate: load.PerHour, ten: float, most: int, share: float, chattering: int, standing: float) -> list[Line]:
    values: dict[str, float | None] = {
        "per_officer_hour": rate.rate,
        "per_ten_minutes": ten,
        "peak_ten_minutes": most,
        "flood_share": share,
        "chattering": chattering,
        "standing": standing,
    }
    words = dict(WORDS, standing="持续超过 24 小时（条，日均）")
    return [
        Line(
            target.code,
            words[target.code],
            shown(target.code, values[target.code]),
            shown(target.code, target.most),
            target.source,
            None if (value := values[target.code]) is None else value <= target.most,
        )
        for target in TARGETS.targets
    ]


def shown(code: str, value: float | None) -> str:
    """A figure as it is printed; unknown where there is none."""
    if value is None:
        return "未知"
    if code == "flood_share":
        return f"{value:.1%}"
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}" if value < 1 else f"{value:.1f}"
