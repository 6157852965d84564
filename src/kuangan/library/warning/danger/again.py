"""Conditions whose points sent late: the time around is gone through again, by the same rule, over the archive.

A reading that came behind newer ones of its point moves no band of the live state. Where it may begin or break a condition, the
readings of the points concerned are read from `HORIZON` before to `HORIZON` behind (up to now, where a condition still holds there),
and a twin of the rule with an empty memory is told their moves in order of time. What it finds at the time of the late readings
takes over the known events it meets: the oldest keeps its id, others merge into it. A condition that nobody had seen becomes an
event marked late, whose clock starts when the reading came; an event that nothing supports any more becomes void.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from kuangan.library.warning.batch import LateRow, TickMark
from kuangan.library.warning.danger.looks import next_look
from kuangan.library.warning.danger.watching import Watching
from kuangan.library.warning.events import CLEARED, OPEN, VOID, Event, Record, event_id
from kuangan.library.warning.family import Look, Move, Readings
from kuangan.library.warning.masks import CALIBRATION, FAULTS, PAUSED, judged
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.settings import rank
from kuangan.library.warning.signs import UNKNOWN, Sign

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

HORIZON = 2 * 3_600_000
DAY = 24 * 3_600_000
MEMORY = 35 * DAY
BANDS = ("band", "band_at", "band_value")
SHOWN = (*BANDS, "time", "value", "status")
TWIN = "~"


@dataclass
class Again:
    """A look back that is due: what came late in a mine, the points that decide, and the window [start, stop) ms."""

    mine: int
    rows: list[LateRow]
    points: list[int]
    start: int
    stop: int
    at: int
    to_the_end: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """First and last event time of the late readings."""
        times = [row.time for row in self.rows]
        return min(times), max(times)

    def table(self) -> list[Any]:
        rows = [[*astuple(row)[:2], None, *astuple(row)[3:]] for row in self.rows]
        return [self.mine, rows, self.points, self.start, self.stop, self.at, self.to_the_end]


@dataclass
class Series:
    """The readings of one point that may be judged, and the band of each."""

    index: int
    time: Any
    value: Any
    status: Any
    band: Any = field(default_factory=lambda: np.empty(0, np.int64))

    def moves(self, before: int) -> Iterator[tuple[int, int, int, float]]:
        """(time, point, band, value) wherever the band is another than that of the reading before."""
        last = np.r_[before, self.band[:-1]]
        for row in np.flatnonzero(self.band != last).tolist():
            yield int(self.time[row]), self.index, int(self.band[row]), float(self.value[row])


class Replayed(Watching):
    """A rule whose conditions follow from the bands of its points alone."""

    beside: ClassVar[frozenset[str]] = frozenset()
    """Kinds of points that `find` reads besides those whose moves are heard."""

    def __init__(self) -> None:
        super().__init__()
        self.past: dict[str, list[Record]] = {}
        self.again: list[Again] = []

    def table(self) -> Mapping[str, Any]:
        past = {key: [record.as_dict() for record in records] for key, records in self.past.items()}
        return {**super().table(), "past": past, "again": [each.table() for each in self.again]}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.past = {key: [Record(**each) for each in records] for key, records in table["past"].items()}
        self.again = [Again(mine, [_late_row(each) for each in rows], *rest) for mine, rows, *rest in table["again"]]

    def ended(self, key: str, end: int | None, now: int) -> list[Event]:
        record = self.records.get(key)
        events = super().ended(key, end, now)
        if record is not None:
            self._keep(key, record)
        return events

    def _keep(self, key: str, record: Record) -> None:
        kept = [each for each in self.past.get(key, []) if record.onset - (each.end or 0) < MEMORY]
        self.past[key] = [*(each for each in kept if each is not record), record]

    # --- what a rule may say otherwise --------------------------------------------------------------------------------

    def members(self, state: State, mine: int, points: Iterable[int]) -> list[int]:
        """The points whose readings decide over the conditions that late readings of `points` of a mine may change."""
        return sorted(i for kind in self.hears | self.beside for i in state.signed.get((mine, kind), ()))

    def begins(self, state: State, index: int, sign: Sign, band: int, span: tuple[int, int]) -> bool:
        """Whether late readings of a point in a band, within `span`, may begin a condition."""
        move = Move(index, sign.kind, UNKNOWN, band, span[0], math.nan, span[1], (TWIN, 0, 0))
        return self.alarming(state, move) and bool(self.known_keys(state, index))

    # --- hooks ------------------------------------------------------------------------------------------------------

    def late(self, state: State, rows: Mapping[int, Sequence[LateRow]], now: int) -> None:
        known: dict[str, list[Record]] = {}
        for record in (*self.records.values(), *(each for records in self.past.values() for each in records)):
            known.setdefault(record.mine, []).append(record)
        wanted: dict[int, list[int]] = {}
        for index, own in rows.items():
            sign, mine = state.signs.get(index), state.points[index].mine
            if sign is None or sign.kind not in self.hears | self.beside:
                continue
            if self._matters(state, index, sign, own, known.get(state.mines[mine], [])):
                wanted.setdefault(mine, []).append(index)
        for mine, points in wanted.items():
            told = [row for index in points for row in rows[index]]
            self.again.append(self._window(state, mine, points, told, known.get(state.mines[mine], []), now))

    def looks(self) -> list[Look]:
        return [
            Look(self.name, each.mine, each.points, [(each.start, each.stop)], each.at, TWIN, 0) for each in self.again
        ]

    def looked(self, state: State, look: Look, readings: Readings, now: int) -> list[Event]:
        again, readings = self._still(state, self.again.pop(0), readings)
        if not again.points:
            return []
        with _then(state, again):
            twin = self._lived(state, again, readings, now)
            bands = {name: state.p[name][again.points].copy() for name in BANDS}
        newest = max((int(state.p["time"][index]) for index in again.points), default=again.stop)
        edge = again.to_the_end or again.stop > newest
        if twin.pending and not edge:
            self.again.append(replace(again, stop=newest + 1, to_the_end=True))
            return []
        changed = [
            record
            for key in self._keys(state, twin, again)
            for record in self._matched(state, key, twin, again, readings)
        ]
        if edge:
            self._go_on(state, twin, again.points, bands, readings, now)
        return [record.snapshot(now) for record in changed]

    # --- where to look ----------------------------------------------------------------------------------------------

    def _matters(self, state: State, index: int, sign: Sign, rows: Sequence[LateRow], known: Sequence[Record]) -> bool:
        """Whether late readings of a point may begin a condition, or fall into one that is known."""
        good = [row for row in rows if judged(row.value, row.status)]
        if not good:
            return False
        span = min(row.time for row in good), max(row.time for row in good)
        if any(_meets(each, *span) for each in known):
            return True
        if sign.kind not in self.hears:
            return False
        if self.pending and any(key in self.pending for key in self.known_keys(state, index)):
            return True
        bands = sign.bands(np.array([row.value for row in good]), float(state.p["step"][index]))
        return any(self.begins(state, index, sign, band, span) for band in set(bands.tolist()))

    def _window(
        self,
        state: State,
        mine: int,
        points: Sequence[int],
        rows: list[LateRow],
        known: Sequence[Record],
        now: int,
    ) -> Again:
        members = self.members(state, mine, points)
        lo, hi = min(row.time for row in rows), max(row.time for row in rows)
        newest = max(int(state.p["time"][index]) for index in members)
        touched = [each for each in known if _meets(each, lo, hi)]
        start = min([lo, *(each.onset for each in touched)]) - HORIZON
        stop = max([hi, *(newest if each.end is None else each.end for each in touched)]) + HORIZON
        if not all(state.p["periodic"][index] for index in members):
            start -= DAY
        return Again(mine, rows, members, start, min(stop, newest + 1), now)

    def _still(self, state: State, again: Again, readings: Readings) -> tuple[Again, Readings]:
        """A look without points that are of another kind since it was due."""
        kinds = self.hears | self.beside
        kept = [n for n, i in enumerate(again.points) if i in state.signs and state.signs[i].kind in kinds]
        if len(kept) == len(again.points):
            return again, readings
        owner = np.full(len(again.points), -1, np.int64)
        owner[kept] = np.arange(len(kept))
        return replace(again, points=[again.points[n] for n in kept]), readings.renamed(owner[readings.owner])

    # --- the twin ---------------------------------------------------------------------------------------------------

    def _lived(self, state: State, again: Again, readings: Readings, now: int) -> Self:
        """What a rule that knew nothing says of the readings, told in order of time."""
        twin, p = type(self)(), state.p
        series = _series(state, again.points, readings)
        moves = sorted(move for each in series for move in each.moves(int(p["band"][each.index])))
        for time, index, band, value in moves:
            if twin.pending:
                _show(state, series, time - 1)
                twin.tick(state, time, TickMark(TWIN, 0, time, time))
            kind = state.signs[index].kind
            move = Move(index, kind, int(p["band"][index]), band, time, value, time, (TWIN, 0, 0))
            if kind in self.hears:
                twin.leaving(state, move)
            p["band"][index], p["band_at"][index], p["band_value"][index] = band, time, value
            if kind in self.hears:
                twin.entered(state, move)
        _show(state, series, again.stop)
        if twin.pending:
            twin.tick(state, now, TickMark(TWIN, 0, now, now))
        return twin

    # --- what was found and what was known --------------------------------------------------------------------------

    def _keys(self, state: State, twin: Self, again: Again) -> list[str]:
        """The conditions that the points of the window take part in, and those the twin found."""
        heard = (index for index in again.points if state.signs[index].kind in self.hears)
        own = {key for index in heard for key in self.known_keys(state, index)}
        return sorted({*own, *twin.records, *twin.past})

    def _matched(self, state: State, key: str, twin: Self, again: Again, readings: Readings) -> list[Record]:
        """Give what the twin found under a key to the events known; the records that changed."""
        mine, (lo, hi) = state.mines[again.mine], again.span
        known = [*self.past.get(key, []), *([self.records[key]] if key in self.records else [])]
        known = [each for each in known if each.mine == mine and each.status != VOID and not each.merged_into]
        found = [*twin.past.get(key, []), *([twin.records[key]] if key in twin.records else [])]
        touched = [each for each in known if _meets(each, lo, hi)]
        affected = [f for f in found if _meets(f, lo, hi) or any(_meet(f, each) for each in touched)]
        left = [each for each in known if each in touched or any(_meet(f, each) for f in affected)]
        left.sort(key=lambda each: (each.raised_at, each.id))
        changed: list[Record] = []
        for one in sorted(affected, key=lambda f: f.onset):
            _exact_peak(one, again.points, readings)
            mine_of = [each for each in left if _meet(one, each)]
            left = [each for each in left if each not in mine_of]
            if not mine_of:
                changed.append(self._new(key, one, again))
                continue
            keeper, *others = mine_of
            changed += [keeper] if _adopt(keeper, one, again.at) or others else []
            changed += [_merged(other, keeper, one.end or again.stop) for other in others]
            self._filed(key, keeper)
            for other in others:
                self._filed(key, other)
        for each in left:
            each.status, each.end, each.late = VOID, each.end or each.onset, True
            self._filed(key, each)
            changed.append(each)
        return changed

    def _filed(self, key: str, record: Record) -> None:
        """Put a record where it belongs: among those that live or those that were."""
        if record.status == OPEN and not record.merged_into:
            self.records[key] = record
            self.past[key] = [each for each in self.past.get(key, []) if each is not record]
            return
        if self.records.get(key) is record:
            del self.records[key]
        self._keep(key, record)

    def _new(self, key: str, found: Record, again: Again) -> Record:
        """An event nobody had seen: its id is that of the late record that tells most of it, set apart by its onset."""
        inside = [row for row in again.rows if _meets(found, row.time, row.time)]
        cause = min(inside or again.rows, key=lambda row: (row.time, row.seq, row.record))
        tail = found.id.split(".", 3)[3]
        found.id = f"{event_id(cause.gateway, cause.seq, f'{cause.record}.{found.onset}')}.{tail}"
        found.raised_at, found.late, found.rev = cause.arrival, True, 0
        found.inputs["grades"] = [[grade, cause.arrival, row] for grade, _, row in found.inputs["grades"]]
        self._filed(key, found)
        return found

    def _go_on(
        self, state: State, twin: Self, points: list[int], bands: Mapping[str, Any], readings: Readings, now: int
    ) -> None:
        """What holds at the live edge holds since the time that the twin found; where nothing newer could be judged, in its band."""
        moved = np.flatnonzero(bands["band"] != state.p["band"][points])
        for name, column in bands.items():
            state.p[name][points] = column
        for number in moved.tolist():
            state.screen(points[number])
        for key, since in twin.pending.items():
            if key in self.pending:
                self.pending[key] = since
            else:
                self.await_(key, since, now)
            if key in twin.worst:
                value, at, low = twin.worst[key]
                index = state.point_index[key]
                self.worst[key] = *(_worst(points.index(index), since, None, low, readings) or (value, at)), low
        if self.pending:
            self.due = min(self.due, next_look(now))


def _late_row(row: Sequence[Any]) -> LateRow:
    point, time, _, *rest = row
    return LateRow(point, time, math.nan, *rest)


@contextmanager
def _then(state: State, again: Again) -> Iterator[None]:
    """The columns of the points as of the start of the window, while a twin is told; afterwards as they were."""
    p, points = state.p, np.array(again.points, np.intp)
    kept = {name: p[name][points].copy() for name in SHOWN}
    silent, machines = bool(state.m["silent"][again.mine]), state.machines
    fresh = points[p["band_at"][points] >= again.start]
    p["band"][fresh], p["band_at"][fresh] = UNKNOWN, again.start
    p["value"][fresh] = p["band_value"][fresh] = np.nan
    state.m["silent"][again.mine], state.machines = False, {}
    try:
        yield
    finally:
        for name, column in kept.items():
            p[name][points] = column
        state.m["silent"][again.mine], state.machines = silent, machines


def _series(state: State, points: Sequence[int], readings: Readings) -> list[Series]:
    order = np.argsort(readings.owner, kind="stable")
    order = order[_sound(readings)[order]]
    cuts = np.searchsorted(readings.owner[order], np.arange(len(points) + 1))
    found = []
    for number, index in enumerate(points):
        rows = order[cuts[number] : cuts[number + 1]]
        one = Series(index, readings.time[rows], readings.value[rows], readings.status[rows])
        one.band = state.signs[index].bands(one.value, float(state.p["step"][index]))
        found.append(one)
    return found


def _show(state: State, series: Iterable[Series], at: int) -> None:
    """What each point had shown by `at` (ms, inclusive)."""
    p = state.p
    for each in series:
        row = int(np.searchsorted(each.time, at, side="right")) - 1
        if row >= 0:
            p["time"][each.index], p["value"][each.index] = each.time[row], each.value[row]
            p["status"][each.index] = each.status[row]


def _exact_peak(found: Record, points: Sequence[int], readings: Readings) -> None:
    """The worst value that the point of an event showed while it lasted."""
    if found.peak is not None:
        anchor, low = int(found.id.split(".")[3]), bool(found.inputs.get("low"))
        worst = _worst(points.index(anchor), found.onset, found.end, low, readings)
        found.peak, found.peak_at = worst or (found.peak, found.peak_at)


def _worst(owner: int, start: int, end: int | None, low: bool, readings: Readings) -> tuple[float, int] | None:
    """The worst value that may be judged in [start, end), the first of equal ones, and its time."""
    inside = (readings.owner == owner) & (readings.time >= start) & (readings.time < (FOREVER if end is None else end))
    rows = np.flatnonzero(inside & _sound(readings))
    if not len(rows):
        return None
    value = readings.value[rows]
    first = int(value.argmin() if low else value.argmax())
    return float(value[first]), int(readings.time[rows[first]])


def _sound(readings: Readings) -> Any:
    """Per reading whether it may be judged."""
    return ~np.isnan(readings.value) & ((readings.status & (FAULTS | PAUSED | CALIBRATION)) == 0)


def _meets(record: Record, lo: int, hi: int) -> bool:
    return record.onset <= hi and (record.end is None or record.end >= lo)


def _meet(one: Record, other: Record) -> bool:
    return _meets(one, other.onset, FOREVER if other.end is None else other.end)


def _figures(record: Record) -> tuple[Any, ...]:
    return record.onset, record.end, record.peak, record.peak_at, record.status, record.grade


def _adopt(keeper: Record, found: Record, now: int) -> bool:
    """Take times and peak of what was found anew; a grade once given is not lowered. True when something changed."""
    before = _figures(keeper)
    keeper.onset, keeper.end, keeper.status = found.onset, found.end, found.status
    keeper.peak, keeper.peak_at = found.peak, found.peak_at
    keeper.inputs["seconds"] = found.inputs["seconds"]
    if rank(found.grade) > rank(keeper.grade):
        keeper.raise_to(found.grade, now, str(found.inputs.get("ladder_row", "")))
    keeper.late = keeper.late or before != _figures(keeper)
    return before != _figures(keeper)


def _merged(other: Record, keeper: Record, end: int) -> Record:
    other.merged_into, other.status, other.late = keeper.id, CLEARED, True
    other.end = other.end or end
    return other
