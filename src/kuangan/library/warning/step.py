"""`step(state, batch)`: the whole judgement of a stretch of the spool, the same whichever way the spool is cut.

Rows are screened by array operations (a wave: every point at most once between two barriers; where a point occurs more often its
order is kept by a segmented running maximum); only the exceptional ones – at or over a limit, of a point with a living event, of
a point that was out – run through their small machines, in spool order. Ticks are judged where something may be due.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kuangan.library.warning import edited, families, flat, mine_clock, missing, own_outage, silence, ticks
from kuangan.library.warning.batch import Batch, ByPoint, ConfigMark, FrameMark, LateRow, Lookup, Mark, TickMark
from kuangan.library.warning.columns import Columns
from kuangan.library.warning.definitions import define_all, note_changes
from kuangan.library.warning.events import Event
from kuangan.library.warning.exceptional import take
from kuangan.library.warning.masks import CALIBRATION, FAULTS, PAUSED
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.register import Register
from kuangan.library.warning.rulebook import parse
from kuangan.library.warning.sampling import first_sample_after, next_minute
from kuangan.library.warning.state import State
from kuangan.library.warning.waiting import Waiting

LEAST_ROWS: Final = 8_192
MOST_ROWS: Final = 32_768


def step(state: State, batch: Batch, lookup: Lookup) -> tuple[State, list[Event]]:
    """Fold a batch into the state. Returns the same state, changed, and every revision in order.

    Late readings are left in `state.late`; whoever holds the archive judges their windows again (`rejudge`).
    """
    events: list[Event] = []
    waiting = Waiting()
    for mark in batch.marks:
        if isinstance(mark, FrameMark) and not mark.points:
            waiting.frames.append(mark)
            continue
        if (
            isinstance(mark, TickMark)
            and mark.at < ticks.next_due(state)
            and not _gap(state, batch, waiting, mark, lookup)
        ):
            state.clock, state.retired = max(state.clock, mark.at), False
            continue
        events += _frames(state, batch, waiting.frames, lookup)
        waiting = Waiting()
        events += _barrier(state, batch, mark, lookup)
    events += _frames(state, batch, waiting.frames, lookup)
    return state, events


def _gap(state: State, batch: Batch, waiting: Waiting, tick: TickMark, lookup: Lookup) -> bool:
    """True when the tick may be due because of what the waiting frames bring, or ends an outage of our own."""
    if state.clock == NEVER or tick.since - state.clock > state.book.own_outage_gap_s * silence.SECOND:
        return True
    frames = waiting.frames
    if not frames:
        return False
    if any(mark.kept and families.wanted(mark.kept) for mark in frames):
        return True
    soonest = min(silence.first_clock(state), silence.sensor_clock(state))
    if tick.at >= min(frames[0].at + soonest, next_minute(frames[0].at)):
        return True
    return tick.at >= waiting.next_look(state, batch, lookup)


def _barrier(state: State, batch: Batch, mark: Mark, lookup: Lookup) -> list[Event]:
    if isinstance(mark, TickMark):
        return ticks.judge(state, mark)
    if isinstance(mark, ConfigMark):
        note_changes(state)
        configure(state, mark)
        note_changes(state, mark)
        return []
    mine = state.mine_of(mark.mine, mark.mine_name, mark.at)
    define_all(state, mine, mark)
    missing.defined(state, mine, mark)
    families.defined(state, mine, mark.at)
    return _frames(state, batch, [mark], lookup)


def configure(state: State, mark: ConfigMark) -> None:
    """Take a configuration into force. Unknown names are none of the engine's business; malformed content was refused at its door.

    A register that differs by visits of inspectors alone, as it does several times a day, leaves points and limits as they are.
    """
    if mark.name == "rulebook":
        state.book = parse(mark.payload)
    elif mark.name == "register":
        before, state.register = state.register, Register.model_validate(json.loads(mark.payload))
        if before.model_copy(update={"inspections": state.register.inspections}) == state.register:
            return
        for index, code in enumerate(state.mines):
            state.mine_names[index] = state.register.name_of(code) or state.mine_names[index]
    else:
        state.retired = state.retired or mark.name == own_outage.RETIRED
        return
    state.refresh_all()
    families.configured(state)
    state.next_link, state.next_point = min(state.next_link, mark.at), min(state.next_point, mark.at)


def _frames(state: State, batch: Batch, frames: list[FrameMark], lookup: Lookup) -> list[Event]:
    """Frames without a barrier between them; what one tells of its link comes behind the events of those before it."""
    events: list[Event] = []
    owners: list[int] = []
    start = 0
    for number, mark in enumerate(frames):
        mine = state.mine_of(mark.mine, mark.mine_name, mark.at)
        owners.append(mine)
        edited.header_seen(state, mine, mark)
        told = silence.arrived(state, mine, mark) + mine_clock.noted(state, mine, mark)
        told += families.frame(state, batch, mine, mark)
        if told:
            events += _block(state, batch, frames[start:number], owners[start:number], lookup) + told
            start = number
    return events + _block(state, batch, frames[start:], owners[start:], lookup)


def _block(state: State, batch: Batch, frames: list[FrameMark], owners: list[int], lookup: Lookup) -> list[Event]:
    events: list[Event] = []
    for start, end in _waves(frames, owners):
        if frames[start].lo < frames[end - 1].hi:
            events += _rows(state, batch, frames[start:end], np.array(owners[start:end], np.int32), lookup)
    return events


def _waves(frames: Sequence[FrameMark], owners: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where to cut: before a mine that comes again, since a point then occurs once unless it does within a file.

    Few rows stay together, because every cut costs; many are cut where they would no longer stay in the processor's cache.
    """
    start, rows, met = 0, 0, set[int]()
    for number, (mark, owner) in enumerate(zip(frames, owners, strict=True)):
        size = mark.hi - mark.lo
        if rows >= LEAST_ROWS and size and (owner in met or rows + size > MOST_ROWS):
            yield start, number
            start, rows, met = number, 0, set()
        if size:
            rows += size
            met.add(owner)
    if start < len(frames):
        yield start, len(frames)


def _resolve(
    state: State, batch: Batch, owner: npt.NDArray[np.int32], lo: int, hi: int, lookup: Lookup
) -> npt.NDArray[np.intp]:
    """Point index of every row; new points are entered in row order with what their first record tells."""
    code = batch.code[lo:hi]
    lookup.fit(int(code.max()))
    point = lookup.point.take(code)
    if int(point.min()) >= 0:
        odd = state.p["mine"].take(point) != owner
    else:
        odd = point < 0
        known = np.flatnonzero(~odd)
        odd[known] = state.p["mine"][point[known]] != owner[known]
    if not odd.any():
        return point
    strange = np.flatnonzero(odd)
    described = batch.describe(strange + lo)
    for at, (text, type_name, location, unit, sensor_type) in zip(strange, described, strict=True):
        mine = int(owner[at])
        index = state.enter_point(mine, text, type_name, location, unit, sensor_type)
        point[at] = lookup.point[code[at]] = index
        state.name_type(index, type_name)
    return point


def _rows(
    state: State, batch: Batch, frames: list[FrameMark], owners: npt.NDArray[np.int32], lookup: Lookup
) -> list[Event]:
    lo, hi = frames[0].lo, frames[-1].hi
    sizes = np.array([f.hi - f.lo for f in frames])
    arrivals = np.array([f.at for f in frames], np.int64)
    arrival = np.repeat(arrivals, sizes)
    point = _resolve(state, batch, np.repeat(owners, sizes), lo, hi, lookup)
    time, value, status = batch.time[lo:hi], batch.value[lo:hi], batch.status[lo:hi]
    p = state.p
    order = np.arange(len(point))
    last_row = np.empty(len(p), np.intp)
    last_row[point] = order
    by_point = None if np.array_equal(last_row.take(point), order) else ByPoint.of(point, time)
    newest = p["time"].take(point)
    late = time <= (newest if by_point is None else _running(by_point, time, newest))
    out = late if late.any() else None
    if by_point is None:
        flat.changes(state, point, time, value, out)
    else:
        flat.changes_by_point(state, by_point, value, out)
    first_sample_after(state, int(arrivals[np.argmax(sizes > 0)]))
    good = _good(value, status)
    rows = _flagged(p, point, value, status)
    if by_point is not None and len(rows):
        rows = _whole_points(point, rows, good, len(p))
        mute = late[rows] | ((status[rows] & (PAUSED | CALIBRATION)) != 0)
        rows = _changing(p, rows, point[rows], value[rows], mute)
    if newest.min() == NEVER:
        fresh = np.flatnonzero(p["first"].take(point) == NEVER)[::-1]
        p["first"][point[fresh]] = p["good"][point[fresh]] = arrival[fresh]
        state.next_point = min(state.next_point, int(arrival[fresh].min()) + silence.sensor_clock(state))
    last = None if by_point is None else by_point.last
    fell = None
    if good is not None:
        in_time = slice(None) if out is None else ~out
        fell = silence.broken(state, point[in_time], good[in_time], arrival[in_time])
    _remember(state, point, time, value, status, arrival, out, good, last)
    if fell is not None:
        silence.fallen_out(state, *fell)
    batch.point[lo:hi], batch.late[lo:hi] = point, late
    if out is not None:
        _keep_late(state, batch, frames, sizes, lo, point, arrival, late)
    return take(state, batch, frames, sizes, rows, lo, point, arrival, late)


def _good(value: npt.NDArray[np.float64], status: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_] | None:
    """Per row whether its value says something; None when all do, as they mostly do."""
    bad = np.isnan(value)
    if not status.any():
        return ~bad if bad.any() else None
    bad |= (status & FAULTS) != 0
    return ~bad if bad.any() else None


def _flagged(
    p: Columns, point: npt.NDArray[np.intp], value: npt.NDArray[np.float64], status: npt.NDArray[np.int32]
) -> npt.NDArray[np.intp]:
    """The good rows outside what is quiet for their points; a bad value (NaN) is outside nothing."""
    outside = value >= p["screen"].take(point)
    outside |= value <= p["floor"].take(point)
    rows = np.flatnonzero(outside)
    return rows.compress((status[rows] & FAULTS) == 0)


def _running(rows: ByPoint, time: npt.NDArray[np.int64], newest: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each row the newest event time of its point before it: state first, then the rows above it in the block."""
    group = np.cumsum(rows.starts) - 1
    floor, ceiling = int(time.min()), int(time.max())
    span = ceiling - floor + 2
    before = np.clip(newest[rows.order], floor - 1, ceiling)
    lifted = np.maximum.accumulate(np.maximum(rows.time, before) - floor + 1 + group * span)
    previous = np.r_[0, lifted[:-1]] - group * span + floor - 1
    previous[rows.starts] = before[rows.starts]
    result = np.empty_like(time)
    result[rows.order] = np.maximum(previous, before)
    return result


def _whole_points(
    point: npt.NDArray[np.intp], flagged: npt.NDArray[np.intp], good: npt.NDArray[np.bool_] | None, size: int
) -> npt.NDArray[np.intp]:
    """Every good row of a point of which one row is exceptional: the rows after it belong to its event."""
    mark = np.zeros(size, np.bool_)
    mark[point[flagged]] = True
    whole = mark.take(point)
    return np.flatnonzero(whole if good is None else whole & good)


def _changing(
    p: Columns,
    rows: npt.NDArray[np.intp],
    point: npt.NDArray[np.intp],
    value: npt.NDArray[np.float64],
    mute: npt.NDArray[np.bool_],
) -> npt.NDArray[np.intp]:
    """Of the rows of points that only leave a band, those that show another value than the row of their point before, and those
    behind a row that is `mute`, which may not be judged: what it showed was not taken."""
    wanted = (value >= p["loud"][point]) | p["watch"][point]
    loud = np.zeros(len(p), np.bool_)
    loud[point[wanted]] = True
    order = np.argsort(point, kind="stable")
    owner, shown = point[order], value[order]
    other = np.r_[True, (owner[1:] != owner[:-1]) | (shown[1:] != shown[:-1]) | mute[order][:-1]]
    kept = np.empty(len(rows), np.bool_)
    kept[order] = other | loud[owner]
    return rows[kept]


def _remember(
    state: State,
    point: npt.NDArray[np.intp],
    time: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
    status: npt.NDArray[np.int32],
    arrival: npt.NDArray[np.int64],
    late: npt.NDArray[np.bool_] | None,
    good: npt.NDArray[np.bool_] | None,
    last: npt.NDArray[np.intp] | None,
) -> None:
    """Keep what each point showed last. None stands for: no row is `late`, every row is `good`, each is the `last` of its point."""
    p = state.p

    def put(rows: npt.NDArray[np.intp] | None, **columns: npt.NDArray[Any]) -> None:
        whose = point if rows is None else point[rows]
        for name, column in columns.items():
            p[name][whose] = column if rows is None else column[rows]

    put(last, arrival=arrival)
    healthy = last if good is None else np.flatnonzero(good)
    put(healthy, good=arrival)
    put(healthy if late is None else np.flatnonzero(~late if good is None else good & ~late), sound=time)
    put(last if late is None else np.flatnonzero(~late), time=time, value=value, status=status)


def _keep_late(
    state: State,
    batch: Batch,
    frames: list[FrameMark],
    sizes: npt.NDArray[np.int64],
    lo: int,
    point: npt.NDArray[np.intp],
    arrival: npt.NDArray[np.int64],
    late: npt.NDArray[np.bool_],
) -> None:
    frame_of = np.repeat(np.arange(len(frames)), sizes)
    for row in np.flatnonzero(late):
        mark = frames[frame_of[row]]
        state.late.append(
            LateRow(
                int(point[row]),
                int(batch.time[lo + row]),
                float(batch.value[lo + row]),
                int(batch.status[lo + row]),
                int(arrival[row]),
                mark.gateway,
                mark.seq,
                int(batch.record[lo + row]),
            )
        )
