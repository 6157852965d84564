"""Who is below ground in a mine at a moment, as the page and its exports show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl

from kuangan.base.clock import BEIJING, from_ms, to_ms
from kuangan.base.registry.models import Mine
from kuangan.library.telemetry import underground
from kuangan.library.telemetry.underground import GOOD_FOR, Below

SPANS: Final = {1: "1 小时", 8: "8 小时", 24: "24 小时"}
SPAN: Final = 8
"""How many hours before the moment the curve shows."""
LOOK_BACK: Final = 24 * 3_600_000
RESTRICTED: Final = "限制区域"
UNNAMED_AREA: Final = "未上传区域定义"
NO_AREA: Final = "未报区域"
WIDTH, HEIGHT, TOP = 760, 120, 6
FAR: Final = 3
"""An approved number above so many times the most people is not drawn: the curve would lie on the ground."""


@dataclass(frozen=True)
class UndergroundQuery:
    """What is asked: the moment (None: now), an area, names too, whether what came later counts as well, hours of the curve."""

    at: datetime | None = None
    area: str = ""
    names: bool = False
    later: bool = False
    hours: int = SPAN

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> UndergroundQuery:
        area = given.get("area", "").strip()
        wanted = given.get("hours", "")
        hours = int(wanted) if wanted in map(str, SPANS) else SPAN
        return cls(_moment(given.get("at", "")), area[:64], given.get("names") == "1", given.get("later") == "1", hours)

    def moment(self, now: datetime) -> datetime:
        """The moment asked for, not later than now."""
        return min(self.at, now) if self.at else now

    def address(self, **changed: str) -> str:
        """The page with this query, some of it changed."""
        said = {
            "at": f"{self.at.astimezone(BEIJING):%Y-%m-%dT%H:%M:%S}" if self.at else "",
            "area": self.area,
            "later": "1" if self.later else "",
            "names": "1" if self.names else "",
            "hours": str(self.hours) if self.hours != SPAN else "",
        } | changed
        return "?" + urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area with its head-count beside the approved number; 0 approved means that none was set, but for restricted areas."""

    code: str
    name: str
    type: str
    persons: int
    approved: int | None

    @property
    def limit(self) -> int | None:
        return self.approved if self.approved or self.type == RESTRICTED else None

    @property
    def over(self) -> bool:
        return self.limit is not None and self.persons > self.limit

    @property
    def word(self) -> str:
        """What is wrong here, if anything."""
        if not self.over:
            return ""
        return "限制区域有人" if self.type == RESTRICTED else "超过核定人数"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person below ground; the particulars are empty where they were not asked for or are not known."""

    card: str
    area: str
    area_since: datetime | None
    station: str
    station_since: datetime | None
    entered: datetime | None
    distance: float | None
    work_state: str
    leader: bool
    special: bool
    name: str = ""
    trade: str = ""
    post: str = ""
    team: str = ""


@dataclass(frozen=True)
class Underground:
    """What the page shows of one moment."""

    at: datetime
    below: Below
    last: Below
    areas: list[AreaRow]
    people: list[PersonRow]
    approved: int | None

    @property
    def snapshot(self) -> datetime | None:
        return None if self.below.snapshot is None else from_ms(self.below.snapshot)

    @property
    def area_count(self) -> int:
        """Areas with a code: persons of whom none is told stand in no area."""
        return sum(bool(row.code) for row in self.areas)

    @property
    def last_snapshot(self) -> datetime | None:
        """The last snapshot of the day before, where the one asked for is too old to answer."""
        return None if self.last.snapshot is None else from_ms(self.last.snapshot)

    def limit(self, area: str) -> int | None:
        """The approved number of an area, of the mine as a whole without one."""
        return next((row.limit for row in self.areas if row.code == area), None) if area else self.approved

    @property
    def over(self) -> bool:
        """Whether there are more people in the mine than approved for it."""
        return bool(self.approved) and (self.below.count or 0) > (self.approved or 0)


def codes_of(mine: Mine) -> frozenset[str]:
    """The code of a mine and what else its systems call it."""
    return frozenset({mine.code, *mine.aliases.values_list("alias", flat=True)})


def underground_of(home: Path, mine: Mine, query: UndergroundQuery, now: datetime) -> Underground:
    """Everything about one moment; names only where the query asks for them: the caller has checked and recorded that."""
    codes, at = codes_of(mine), query.moment(now)
    moment, known = to_ms(at), to_ms(now) if query.later else None
    below = underground.below(home, codes, moment, known)
    last = below if below.known else underground.below(home, codes, moment, known, LOOK_BACK)
    defined = underground.areas(home, codes, moment)
    whole = defined.filter(pl.col("area") == "")["approved"].to_list()
    people = below.people if below.people is not None else pl.DataFrame(schema=dict.fromkeys(underground.PEOPLE))
    counted = Counter(people["area"].fill_null("").to_list())
    names = dict(defined.select("area", "name").iter_rows())
    listed = people.filter(pl.col("area") == query.area) if query.area else people
    stations = dict(underground.base_stations(home, codes, moment).select("code", "name").iter_rows())
    particulars = _particulars(home, codes, listed["card"].to_list(), moment) if query.names else {}
    return Underground(
        at=at,
        below=below,
        last=last,
        areas=_areas(defined, counted) if below.known else [],
        people=[_person(row, names, stations, particulars) for row in listed.iter_rows(named=True)],
        approved=whole[0] if whole else None,
    )


def _areas(defined: pl.DataFrame, counted: Counter[str]) -> list[AreaRow]:
    rows = [
        AreaRow(row["area"], row["name"], row["area_type"], counted.get(row["area"], 0), row["approved"])
        for row in defined.iter_rows(named=True)
        if row["area"]
    ]
    known = {row.code for row in rows}
    rows += [
        AreaRow(code, UNNAMED_AREA if code else NO_AREA, "", count, None)
        for code, count in counted.items()
        if code not in known
    ]
    return sorted(rows, key=lambda row: (not row.over, -row.persons, row.code))


def _particulars(home: Path, codes: Collection[str], cards: Sequence[str], at: int) -> dict[str, dict[str, Any]]:
    return {row["card"]: row for row in underground.persons(home, codes, cards, at).iter_rows(named=True)}


def _person(
    row: Mapping[str, Any],
    areas: Mapping[str, str],
    stations: Mapping[str, str],
    particulars: Mapping[str, Mapping[str, Any]],
) -> PersonRow:
    told = particulars.get(row["card"], {})
    distance = row["distance"]
    return PersonRow(
        card=row["card"],
        area=areas.get(row["area"]) or row["area"] or "",
        area_since=_time(row["area_since"]),
        station=stations.get(row["station"]) or row["station"],
        station_since=_time(row["station_since"]),
        entered=_time(row["in_time"]),
        distance=None if distance is None or isnan(distance) else distance,
        work_state=row["work_state"] or "",
        leader=row["leader"] == 1,
        special=row["special"] == 1,
        **{name: told.get(name) or "" for name in ("name", "trade", "post", "team")},
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """The head-count of the last hours as lines of an SVG; where snapshots are missing a line ends. `limit` is the height of the
    approved number, None where none is known or it is far above what was there."""

    lines: list[str]
    highest: int
    begin: datetime
    end: datetime
    approved: int | None = None
    limit: float | None = None
    width: int = WIDTH
    height: int = HEIGHT


def curve_of(home: Path, mine: Mine, query: UndergroundQuery, now: datetime, approved: int | None = None) -> Curve:
    """Persons in the area asked for, in the whole mine without one, over the hours before the moment, beside the approved number."""
    end = query.moment(now)
    begin = end - timedelta(hours=query.hours)
    start, until = to_ms(begin), to_ms(end)
    counts = underground.head_counts(home, codes_of(mine), start, until, to_ms(now) if query.later else until)
    moments = counts.filter(pl.col("area").is_null()).select("moment", "persons")
    if query.area:
        inside = counts.filter(pl.col("area") == query.area).select("moment", "persons")
        moments = moments.select("moment").join(inside, on="moment", how="left").fill_null(0).sort("moment")
    rows = moments.rows()
    most = max((count for _, count in rows), default=0)
    drawn = approved if approved and approved <= FAR * most else None
    highest = max(most, drawn or 0)
    lines: list[list[str]] = []
    before = None
    for moment, count in rows:
        if before is None or moment - before > GOOD_FOR:
            lines.append([])
        x = (moment - start) / (until - start) * WIDTH
        lines[-1].append(f"{x:.1f},{_height(count, highest):.1f}")
        before = moment
    limit = _height(drawn, highest) if drawn else None
    return Curve([" ".join(line) for line in lines], highest, begin, end, approved or None, limit)


def _height(count: int, highest: int) -> float:
    return round(HEIGHT - (HEIGHT - TOP) * count / max(highest, 1), 1)


def _moment(text: str) -> datetime | None:
    """A Beijing time as a form field gives it; None for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if found.tzinfo is not None or not 2000 <= found.year < 2100:
        return None
    return found.replace(tzinfo=BEIJING)


def _time(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
