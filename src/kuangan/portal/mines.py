"""One mine on one page: facts with their dates, who supervises it, its points with limits, open alerts, its link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isnan
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from kuangan.base.case.models import Case
from kuangan.base.clock import from_ms, now
from kuangan.base.documents.standing import Summary as Drawings
from kuangan.base.documents.standing import summary as drawings_of
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine, MineFact, Supervision
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import in_force
from kuangan.base.registry.words import ATTRIBUTES, LIMIT_SOURCES, OF_THE_MINE, value_word
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.datalink.headcount import WITH_PEOPLE_BELOW
from kuangan.domains.datalink.underground import Underground, UndergroundQuery, underground_of
from kuangan.domains.duty.weather.queries import strip_of
from kuangan.domains.operations.presence import excess_of
from kuangan.domains.operations.summary import MineSummary, summary
from kuangan.library.telemetry.hot import read_hot
from kuangan.portal import mine_cards
from kuangan.portal.status import seconds
from kuangan.portal.switches import state_word

POINTS_SHOWN = 500
ALERTS_SHOWN = 20
STATIONS_SHOWN = 60


@dataclass(frozen=True)
class PointRow:
    """A point, what it last said and the limit it is judged against."""

    code: str
    type_name: str
    location: str
    unit: str
    value: float | None
    word: str
    over: bool
    limit: float | None
    limit_source: str
    own_limit: float | None
    own_above: bool
    at: datetime | None


@dataclass(frozen=True)
class LinkState:
    """When a mine last spoke; None for all when it never did."""

    first_seen: datetime | None = None
    last_arrival: datetime | None = None
    last_data_time: datetime | None = None
    silent_since: datetime | None = None
    silent_for: str = ""


def mine_page(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a mine within the user's scope; 404 for every other."""
    if not isinstance(request.user, User) or not may(request.user, "mine.view"):
        return render(request, "403.html", status=403)
    at = now()
    mine = get_object_or_404(
        visible_mines(request.user, at).select_related("county", "city", "parent_company"), pk=code
    )
    sees_alerts = may(request.user, "alert.view")
    cases, cases_total = open_cases(request.user, mine, at) if sees_alerts else ([], 0)
    stations = mine_cards.stations(request.user, mine, at)
    points = point_rows(Path(settings.HOME), code)
    below = people_below(request.user, mine, at)
    context = {
        "mine": mine,
        "facts": facts_of(mine, at),
        "supervision": Supervision.objects.filter(in_force(at), mine=mine).select_related("body").order_by("role"),
        "points": points[:POINTS_SHOWN],
        "points_total": len(points),
        "cases": cases,
        "cases_total": cases_total,
        "sees_alerts": sees_alerts,
        "sees_link": may(request.user, "link.view"),
        "link": link_state(Path(settings.HOME), code, at),
        "over": sum(row.over for row in points),
        "weather": strip_of(request.user, mine.pk, at) if may(request.user, "weather.view") else [],
        "declared": declared(request.user, mine, at),
        "below": below,
        "excess": excess_of(mine, below.below.count, below.snapshot, at) if below else None,
        "drawings": drawings(request.user, mine, at),
        "quality": mine_cards.quality_of(request.user, mine, at),
        "reach": mine_cards.reach_of(request.user, mine, at),
        "stations": None if stations is None else stations[:STATIONS_SHOWN],
        "stations_total": len(stations or ()),
        "stations_bad": sum(station.bad for station in stations or ()),
    }
    return render(request, "portal/mine.html", context)


def declared(user: User, mine: Mine, at: datetime) -> MineSummary | None:
    """Announced work, caretakers and safety systems; None for whoever may not see them."""
    return summary(user, mine, at) if may(user, "announcement.view") else None


def people_below(user: User, mine: Mine, at: datetime) -> Underground | None:
    """Who is below ground now, by area; None for whoever may not see that, and for mines without underground workings."""
    if mine.kind not in WITH_PEOPLE_BELOW or not may(user, "underground.view"):
        return None
    return underground_of(Path(settings.HOME), mine, UndergroundQuery(), at)


def drawings(user: User, mine: Mine, at: datetime) -> Drawings | None:
    """The drawings the mine must have, today; None for whoever may not see them."""
    return drawings_of(mine, at) if may(user, "drawing.view") else None


def facts_of(mine: Mine, at: datetime) -> list[tuple[str, str, MineFact]]:
    """The facts that hold at `at`, each with the words of its attribute and value; of several rows the last recorded."""
    latest: dict[str, MineFact] = {}
    for fact in MineFact.objects.filter(in_force(at), mine=mine).order_by("recorded_at", "pk"):
        latest[fact.attribute] = fact
    return [
        (ATTRIBUTES.get(name, name), value_word(name, latest[name].value), latest[name])
        for name in sorted(latest.keys() - OF_THE_MINE, key=_attribute_rank)
    ]


def _attribute_rank(name: str) -> tuple[int, str]:
    known = list(ATTRIBUTES)
    return (known.index(name) if name in known else len(known)), name


def open_cases(user: User, mine: Mine, at: datetime) -> tuple[list[Case], int]:
    """Open alerts of the mine that the user may know of, the youngest first, and how many there are in all."""
    cases = Case.objects.visible_to(user, at).filter(mine=mine, kind=FLOW.kind).exclude(state__in=FLOW.final)
    rows = list(cases.order_by("-opened")[:ALERTS_SHOWN])
    return rows, len(rows) if len(rows) < ALERTS_SHOWN else cases.count()


def point_rows(home: Path, code: str) -> list[PointRow]:
    """The points of a mine as the engine published them a second ago, those over their limit first."""
    points, latest = read_hot(home, "points"), read_hot(home, "latest")
    if points is None:
        return []
    own = points.filter(pl.col("mine") == code)
    if latest is not None:
        own = own.join(latest.select("code", "time", "value"), on="code", how="left")
    else:
        own = own.with_columns(pl.lit(None, pl.Int64).alias("time"), pl.lit(None, pl.Float64).alias("value"))
    return sorted((_point_row(row) for row in own.iter_rows(named=True)), key=lambda row: (not row.over, row.code))


def _point_row(row: dict[str, Any]) -> PointRow:
    value, limit = _number(row["value"]), _number(row["limit"])
    own, statutory = _number(row["own_alarm_high"]), _number(row["statutory"])
    return PointRow(
        code=row["code"],
        type_name=row["type_name"] or row["sensor_type"] or "",
        location=row["location"] or "",
        unit=row["unit"] or "",
        value=value,
        word=state_word(str(row.get("sensor_type") or ""), value),
        over=value is not None and limit is not None and value >= limit,
        limit=limit,
        limit_source=LIMIT_SOURCES.get(row["limit_source"] or "", ""),
        own_limit=own,
        own_above=own is not None and statutory is not None and own > statutory,
        at=from_ms(row["time"]) if row["time"] is not None else None,
    )


def _number(value: float | None) -> float | None:
    """None for a missing value and for NaN, the engine's mark of a bad one."""
    return None if value is None or isnan(value) else float(value)


def link_state(home: Path, code: str, at: datetime) -> LinkState:
    """What the engine knows of the mine's link."""
    mines = read_hot(home, "mines")
    rows = [] if mines is None else mines.filter(pl.col("mine") == code).to_dicts()
    if not rows:
        return LinkState()
    row = rows[0]
    times = {
        name: from_ms(row[name]) if row[name] is not None else None
        for name in ("first_seen", "last_arrival", "last_data_time", "silent_since")
    }
    silent = times["silent_since"]
    return LinkState(**times, silent_for=seconds((at - silent).total_seconds() * 1000) if silent else "")
