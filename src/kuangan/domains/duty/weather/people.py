"""How many are still below ground: by minute from the order on, from the positions that were sent. Unknown is never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.models import MineAlias
from kuangan.domains.duty.weather.models import Withdrawal
from kuangan.domains.duty.weather.rules import RULES
from kuangan.library.telemetry import underground

Numbers = np.ndarray[Any, np.dtype[np.float64]]
MINUTE: Final = 60_000
BEFORE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
AGREES, DIFFERS, EARLY, UNKNOWN = "agrees", "differs", "early", "unknown"
AGREEMENT_WORDS: Final = {
    AGREES: "与监测数据一致",
    DIFFERS: "与监测数据不一致",
    EARLY: "待核对",
    UNKNOWN: "无监测数据可核对",
}


@dataclass(frozen=True, slots=True)
class Below:
    """One mine: persons at each minute since `start` (NaN: unknown), now, at the order, and when it stayed at zero."""

    start: datetime
    minutes: Numbers
    now: int | None
    seen_at: datetime | None
    at_order: int | None
    zero_at: datetime | None
    agreement: str = ""

    @property
    def word(self) -> str:
        return AGREEMENT_WORDS.get(self.agreement, "")


def below_of(home: Path, rows: Sequence[Withdrawal], at: datetime) -> dict[str, Below]:
    """The curve of each mine from half an hour before the order (or the warning) till now, a day at most: {mine: Below}.

    One query for aliases and one reading of the positions for all mines.
    """
    if not rows:
        return {}
    codes = {row.mine_id: row.mine_id for row in rows}
    aliases = MineAlias.objects.filter(mine__in=list(codes)).values_list("alias", "mine_id")
    began = min(row.ordered_at or row.case.opened for row in rows)
    start = max(began - BEFORE, at - LONGEST)
    counts = underground.counts_of(home, {**dict(aliases), **codes}, to_ms(start) - underground.GOOD_FOR, to_ms(at))
    by_mine: dict[str, pl.DataFrame] = {
        str(key[0]): part for key, part in counts.partition_by("mine", as_dict=True).items()
    }
    return {row.mine_id: _below(row, by_mine.get(row.mine_id), start, at) for row in rows}


def _below(row: Withdrawal, counts: pl.DataFrame | None, start: datetime, at: datetime) -> Below:
    first, last = to_ms(start), to_ms(at)
    grid = np.append(np.arange(first, last, MINUTE, dtype=np.int64), last)
    if counts is None or not counts.height:
        return Below(start, np.full(grid.size, np.nan), None, None, None, None, _agreement(row, None, None, None))
    moments, persons = counts["moment"].to_numpy(), counts["persons"].to_numpy()
    minutes = by_minute(moments, persons, grid)
    seen = from_ms(int(moments[-1]))
    ordered = None if row.ordered_at is None else to_ms(row.ordered_at)
    then = None if ordered is None else _whole(by_minute(moments, persons, np.array([ordered]))[0])
    now = _whole(minutes[-1])
    agreement = _agreement(row, now, seen, then)
    return Below(start, minutes, now, seen, then, _zero(moments, persons, ordered), agreement)


def by_minute(moments: Numbers, persons: Numbers, grid: Numbers) -> Numbers:
    """The last snapshot's number at each time of the grid; NaN where none is young enough. `moments` ascend, all ms."""
    place = np.searchsorted(moments, grid, side="right") - 1
    held = np.maximum(place, 0)
    known = (place >= 0) & (grid - moments[held] <= underground.GOOD_FOR)
    return np.where(known, persons[held].astype(np.float64), np.nan)


def _zero(moments: Numbers, persons: Numbers, ordered: int | None) -> datetime | None:
    """The first snapshot after the order from which on nobody was below, in all that came since."""
    if ordered is None:
        return None
    later = moments >= ordered
    moments, persons = moments[later], persons[later]
    if not persons.size or persons[-1] != 0:
        return None
    last = np.flatnonzero(persons)
    return from_ms(int(moments[last[-1] + 1 if last.size else 0]))


def _agreement(row: Withdrawal, now: int | None, seen: datetime | None, then: int | None) -> str:
    """What the mine said stayed below against what positions say; empty before it reported."""
    if row.out_at is None or row.remaining is None:
        return ""
    rule = RULES.tolerance
    if now is None or seen is None:
        return UNKNOWN
    if seen < row.out_at + timedelta(minutes=rule.settle_minutes):
        return EARLY
    allowed = row.remaining + max(rule.persons, int((then or 0) * rule.share))
    return DIFFERS if now > allowed else AGREES


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


@dataclass(frozen=True, slots=True)
class Total:
    """All mines of a board: known persons below now, mines of which that is unknown, and the sum by minute over the mines that
    sent anything. In `held` a mine's gap keeps the number nearest to it; `sure` is NaN where one of them had a gap."""

    persons: int
    unknown: int
    start: datetime | None
    sure: Numbers
    held: Numbers
    silent: int


def total_of(found: Mapping[str, Below]) -> Total:
    """The sum over mines; those that never sent anything are counted in `silent`."""
    known = sum(one.now for one in found.values() if one.now is not None)
    dark = sum(one.now is None for one in found.values())
    heard = [one for one in found.values() if not np.isnan(one.minutes).all()]
    if not heard:
        return Total(known, dark, None, np.empty(0), np.empty(0), len(found))
    table = np.vstack([one.minutes for one in heard])
    held = np.vstack([_filled(line) for line in table]).sum(axis=0)
    sure = np.where(np.isnan(table).any(axis=0), np.nan, held)
    return Total(known, dark, heard[0].start, sure, held, len(found) - len(heard))


def _filled(line: Numbers) -> Numbers:
    """Gaps filled with the last number before them, at the beginning with the first one that came."""
    place = np.where(np.isnan(line), -1, np.arange(line.size))
    last = np.maximum.accumulate(place)
    first = int(np.flatnonzero(place >= 0)[0])
    return np.asarray(line[np.where(last < 0, first, last)], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the drawing at a moment."""

    x: float
    word: str
    css: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A curve as SVG: lines end where the number is unknown."""

    lines: list[str]
    highest: int
    begin: datetime
    end: datetime
    marks: list[Mark]
    width: int
    height: int


def draw(
    minutes: Numbers,
    start: datetime,
    marks: Sequence[tuple[datetime | None, str, str]],
    width: int = 720,
    height: int = 150,
    top: int = 0,
) -> Drawing:
    """Minutes as steps of a line; marks outside the span are left out. `top` is the least height of the scale, persons."""
    known = minutes[~np.isnan(minutes)]
    highest = max(int(known.max()) if known.size else 0, top)
    last = max(minutes.size - 1, 1)
    lines: list[list[str]] = []
    before = np.nan
    for number, value in enumerate(minutes):
        if not np.isnan(value):
            if np.isnan(before):
                lines.append([])
            x, y = number / last * width, height - (height - 8) * value / max(highest, 1)
            if lines[-1] and value != before:
                lines[-1].append(f"{x:.1f},{height - (height - 8) * before / max(highest, 1):.1f}")
            lines[-1].append(f"{x:.1f},{y:.1f}")
        before = value
    end = start + timedelta(minutes=last)
    shown = [
        Mark(round((when - start) / (end - start) * width, 1), word, css)
        for when, word, css in marks
        if when is not None and start <= when <= end
    ]
    return Drawing([" ".join(_thin(line)) for line in lines], highest, start, end, shown, width, height)


def _thin(points: Sequence[str]) -> list[str]:
    """Without the points inside a level stretch."""
    ys = [point.partition(",")[2] for point in points]
    return [
        point
        for place, point in enumerate(points)
        if place in (0, len(points) - 1) or not ys[place - 1] == ys[place] == ys[place + 1]
    ]
