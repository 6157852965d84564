"""`step(state, batch)`: the whole judgement of a stretch of the spool, the same whichever way the spool is cut.

Rows are screened by array operations (a wave: every point at most once between two barriers; where a point occurs more often its
order is kept by a segmented running maximum); only the exceptional ones – at or over a limit, of a point with a living event, of
a point that was out – run through their small machines, in spool order. Ticks are judged where something may be due.
"""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

from kuangan.library.warning import edited, families, flat, mine_clock, missing, own_outage, silence, ticks
from kuangan.library.warning.batch import Batch, ByPoint, ConfigMark, FrameMark, Lookup, Mark, TickMark
from kuangan.library.warning.columns import Columns
from kuangan.library.warning.definitions import define_all, note_changes
from kuangan.library.warning.events import Event
from kuangan.library.warning.exceptional import take
from kuangan.library.warning.masks import FAULTS
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.register import Register
from kuangan.library.warning.rulebook import parse
from kuangan.library.warning.sampling import first_sample_after, next_minute
from kuangan.library.warning.state import LateRow, State
from kuangan.library.warning.waiting import Waiting


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
    return _frames(state, batch, [mark], lookup)


def configure(state: State, mark: ConfigMark) -> None:
    """Take a configuration into force. Unknown names are none of the engine's business; malformed content was refused at its door."""
    if mark.name == "rulebook":
        state.book = parse(mark.payload)
    elif mark.name == "register":
        state.register = Register.model_validate(json.loads(mark.payload))
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
    if not frames or frames[-1].hi == frames[0].lo:
        return []
    lo, hi = frames[0].lo, frames[-1].hi
    return _rows(state, batch, frames, np.array(owners, np.int32), lo, hi, lookup)


def _resolve(
    state: State, batch: Batch, owner: npt.NDArray[np.int32], lo: int, hi: int, lookup: Lookup
) -> npt.NDArray[np.int32]:
    """Point index of every row; new points are entered in row order with what their first record tells."""
    code = batch.code[lo:hi]
    lookup.fit(int(code.max()))
    point = lookup.point[code]
    odd = point < 0
    if not odd.all():
        known = ~odd
        odd[known] = state.p["mine"][point[known]] != owner[known]
    strange = np.flatnonzero(odd)
    if not len(strange):
        return point
    described = batch.describe(strange + lo)
    for at, (text, type_name, location, unit, sensor_type) in zip(strange, described, strict=True):
        mine = int(owner[at])
        index = state.enter_point(mine, text, type_name, location, unit, sensor_type)
        point[at] = lookup.point[code[at]] = index
        state.name_type(index, type_name)
    return point


def _rows(
    state: State,
    batch: Batch,
    frames: list[FrameMark],
    owners: npt.NDArray[np.int32],
    lo: int,
    hi: int,
    lookup: Lookup,
) -> list[Event]:
    sizes = np.array([f.hi - f.lo for f in frames])
    arrivals = np.array([f.at for f in frames], np.int64)
    arrival = np.repeat(arrivals, sizes)
    point = _resolve(state, batch, np.repeat(owners, sizes), lo, hi, lookup)
    time, value, status = batch.time[lo:hi], batch.value[lo:hi], batch.status[lo:hi]
    p = state.p
    count = len(point)
    order = np.arange(count, dtype=np.int32)
    last_row = np.empty(len(p), np.int32)
    last_row[point] = order
    single = bool((last_row[point] == order).all())
    newest = p["time"][point]
    by_point = None if single else ByPoint.of(point, time)
    late = time <= (newest if by_point is None else _running(by_point, time, newest))
    some_late = bool(late.any())
    if by_point is None:
        flat.changes(state, point, time, value, late if some_late else None)
    else:
        flat.changes_by_point(state, by_point, value, late if some_late else None)
    first_sample_after(state, int(arrivals[np.argmax(sizes > 0)]))
    good = ((status & FAULTS) == 0) & ~np.isnan(value)
    flagged = good & ((value >= p["screen"][point]) | (value <= p["floor"][point]) | p["watch"][point])
    watched = flagged if single else _whole_points(point, flagged, good, len(p))
    rows = np.flatnonzero(watched)
    if not single and len(rows):
        rows = _changing(p, rows, point[rows], value[rows])
    once = point if by_point is None else by_point.point[by_point.starts]
    if (p["first"][once] == NEVER).any():
        fresh = np.flatnonzero(p["first"][point] == NEVER)[::-1]
        p["first"][point[fresh]] = p["good"][point[fresh]] = arrival[fresh]
        state.next_point = min(state.next_point, int(arrival[fresh].min()) + silence.sensor_clock(state))
    last = slice(None) if by_point is None else by_point.last
    _remember(state, point, time, value, status, arrival, late if some_late else None, good, last)
    batch.point[lo:hi], batch.late[lo:hi] = point, late
    if some_late:
        _keep_late(state, batch, frames, sizes, lo, point, arrival, late)
    return take(state, batch, frames, sizes, rows, lo, point, arrival, late)


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
    point: npt.NDArray[np.int32], flagged: npt.NDArray[np.bool_], good: npt.NDArray[np.bool_], size: int
) -> npt.NDArray[np.bool_]:
    """Every good row of a point of which one row is exceptional: the rows after it belong to its event."""
    mark = np.zeros(size, np.bool_)
    mark[point[flagged]] = True
    return mark[point] & good


def _changing(
    p: Columns, rows: npt.NDArray[np.intp], point: npt.NDArray[np.int32], value: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Of the rows of points that only leave a band, those that show another value than the row of their point before."""
    wanted = (value >= p["loud"][point]) | p["watch"][point]
    loud = np.zeros(len(p), np.bool_)
    loud[point[wanted]] = True
    order = np.argsort(point, kind="stable")
    owner, shown = point[order], value[order]
    other = np.r_[True, (owner[1:] != owner[:-1]) | (shown[1:] != shown[:-1])]
    kept = np.empty(len(rows), np.bool_)
    kept[order] = other | loud[owner]
    return rows[kept]


def _remember(
    state: State,
    point: npt.NDArray[np.int32],
    time: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
    status: npt.NDArray[np.int32],
    arrival: npt.NDArray[np.int64],
    late: npt.NDArray[np.bool_] | None,
    good: npt.NDArray[np.bool_],
    last: npt.NDArray[np.intp] | slice,
) -> None:
    """Keep what each point showed last; `last` are the last rows of the points, `late` is None when no row is."""
    p = state.p
    p["arrival"][point[last]] = arrival[last]
    healthy = last if good.all() else np.flatnonzero(good)
    p["good"][point[healthy]] = arrival[healthy]
    kept = last if late is None else np.flatnonzero(~late)
    sound = healthy if late is None else np.flatnonzero(good & ~late)
    p["sound"][point[sound]] = time[sound]
    shown = point[kept]
    p["time"][shown] = time[kept]
    p["value"][shown] = value[kept]
    p["status"][shown] = status[kept]


def _keep_late(
    state: State,
    batch: Batch,
    frames: list[FrameMark],
    sizes: npt.NDArray[np.int64],
    lo: int,
    point: npt.NDArray[np.int32],
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
