"""Windows touched by late readings, judged again over the archive by the same machine.

A late reading never touches the live state. Once archived, the window around it is read back (first revisions, event-time order)
and run through the over-limit machine from a quiet moment on. Episodes keep the id of the oldest event they overlap; others that
overlap merge into it; an episode nobody had seen becomes an event marked late, whose response clock starts when the reading came;
an event that the data no longer supports becomes void. When the window reaches the live edge, the machine found there goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from kuangan.library.warning.batch import LateRow
from kuangan.library.warning.events import CLEARED, VOID, Event, Record, event_id
from kuangan.library.warning.exceptional import new_record
from kuangan.library.warning.frequency import DAY, review
from kuangan.library.warning.masks import calibrating, judged
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.overlimit import Machine, Settings, over
from kuangan.library.warning.settings import rank
from kuangan.library.warning.state import State

HORIZON = 2 * 3_600_000
LONGEST = 7 * DAY
ADOPTED = ("value", "seconds_over", "calibration_samples", "reopened")
Samples = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int32]]
Reader = Callable[[str, int, int], Samples]


def rejudge(state: State, rows: Iterable[LateRow], read: Reader, now: int) -> list[Event]:
    """Judge the windows of newly archived late rows again. `read(code, start, end)` gives time, value, status in time order."""
    by_point: dict[int, list[LateRow]] = {}
    for row in rows:
        by_point.setdefault(row.point, []).append(row)
    events: list[Event] = []
    for index in sorted(by_point):
        settings = state.settings_of(index)
        sign = state.signs.get(index)
        if not np.isnan(settings.limit) and not (sign and sign.grades):
            events += _point(state, index, by_point[index], settings, read, now)
    return events


def _point(state: State, index: int, rows: list[LateRow], settings: Settings, read: Reader, now: int) -> list[Event]:
    gap, newest = settings.merge_gap, int(state.p["time"][index])
    lo, hi = min(r.time for r in rows), max(r.time for r in rows)
    past = [r for r in state.past.get(index, []) if r.status != VOID and not r.merged_into]
    touched = [r for r in past if _overlap(r.onset, r.end, lo, hi, gap)]
    stop = hi
    while True:
        start = min([lo, *(r.onset for r in touched)])
        stop = max([stop, *(newest if r.end is None else r.end for r in touched)])
        machines = _run(
            state, index, _quiet_window(state.points[index].code, start, stop, newest, settings, read), settings, now
        )
        affected = [
            m
            for m in machines
            if _overlap(m.record.onset, m.record.end, lo, hi, gap) or any(_meet(r, m.record, gap) for r in touched)
        ]
        reached = [r for r in past if r in touched or any(_meet(r, m.record, gap) for m in affected)]
        unended = stop + HORIZON < newest and any(m.record.end is None for m in affected)
        if len(reached) == len(touched) and not unended:
            break
        touched, stop = reached, newest if unended else stop
    since = min([lo - gap, *(r.onset for r in touched)])
    changed = _match(state, index, affected, touched, rows, settings, now)
    if affected and affected[-1] is machines[-1] and stop + HORIZON >= newest:
        _install(state, index, affected[-1], newest, settings)
    if changed and state.p["methane"][index]:
        changed += [r for r in review(state, state.points[index].mine, since, now) if all(r is not c for c in changed)]
    return [record.snapshot(now) for record in changed]


def _overlap(onset: int, end: int | None, lo: int, hi: int, gap: int) -> bool:
    return onset <= hi + gap and (end is None or end >= lo - gap)


def _meet(one: Record, other: Record, gap: int) -> bool:
    return _overlap(one.onset, one.end, other.onset, FOREVER if other.end is None else other.end, gap)


def _quiet_window(code: str, start: int, stop: int, newest: int, settings: Settings, read: Reader) -> Samples:
    """Samples from a quiet moment before `start` to past `stop`; the look back doubles until it finds one."""
    back = HORIZON
    while True:
        samples = read(code, start - back, min(stop + HORIZON, newest))
        times, values, _ = samples
        first = times[0] if len(times) else start
        early = times <= first + settings.merge_gap
        loud = bool((values[early] >= settings.limit - settings.step).any())
        if not loud or back >= LONGEST or first > start - back + settings.merge_gap:
            return samples
        back *= 2


def _run(state: State, index: int, samples: Samples, settings: Settings, now: int) -> list[Machine]:
    machines: list[Machine] = []
    machine: Machine | None = None
    for t, value, status in zip(*(column.tolist() for column in samples), strict=True):
        if not judged(value, status):
            if machine is not None and calibrating(value, status):
                machine.calibrating()
            continue
        if machine is not None and machine.done(t, settings):
            machine = None
        if machine is None:
            if not over(value, settings):
                continue
            machine = Machine(new_record(state, index, t, value, now, ""))
            machines.append(machine)
        machine.feed(t, value, settings, now)
    return machines


def _match(
    state: State,
    index: int,
    machines: list[Machine],
    touched: list[Record],
    rows: list[LateRow],
    settings: Settings,
    now: int,
) -> list[Record]:
    """Give the episodes found anew to the events known; returns the records that changed, to be put out."""
    changed: list[Record] = []
    left = sorted(touched, key=lambda r: (r.raised_at, r.id))
    for machine in machines:
        found = machine.record
        mine = [r for r in left if _meet(r, found, settings.merge_gap)]
        left = [r for r in left if all(r is not taken for taken in mine)]
        if not mine:
            _new(state, index, found, rows)
            changed.append(found)
            continue
        keeper, *others = mine
        machine.record = keeper
        if _adopt(keeper, found, now) or others:
            keeper.late = True
            changed.append(keeper)
        for other in others:
            other.merged_into, other.status, other.late = keeper.id, CLEARED, True
            other.end = other.end or int(state.p["time"][index])
            changed.append(other)
    for record in left:
        record.status, record.end, record.late = VOID, record.end or record.onset, True
        if index in state.machines and state.machines[index].record is record:
            del state.machines[index]
            state.watch(index)
        changed.append(record)
    return changed


def _new(state: State, index: int, record: Record, rows: list[LateRow]) -> None:
    """An episode nobody had seen. Its id is that of its first late record; where an older event fell in two, so that none lies in
    it, the onset sets it apart from others of the same cause."""
    inside = [r for r in rows if record.onset <= r.time <= (record.end or r.time)]
    cause = min(inside or rows, key=lambda r: (r.time, r.seq, r.record))
    record.id = event_id(cause.gateway, cause.seq, cause.record if inside else f"{cause.record}.{record.onset}")
    record.raised_at, record.late = cause.arrival, True
    state.past.setdefault(index, []).append(record)


def _figures(record: Record) -> tuple[Any, ...]:
    """What a revision tells besides its grade; times within a running event are told when it changes otherwise."""
    told = [record.inputs.get(name) for name in ADOPTED] if record.end is not None else []
    return record.onset, record.end, record.peak, record.peak_at, record.status, told


def _adopt(keeper: Record, found: Record, now: int) -> bool:
    """Take onset, end, peak and durations of the episode found anew; a grade once given is not lowered. True when it changed."""
    before = _figures(keeper), keeper.grade
    keeper.onset, keeper.end, keeper.status = found.onset, found.end, found.status
    keeper.peak, keeper.peak_at = found.peak, found.peak_at
    for name in ADOPTED:
        keeper.inputs.pop(name, None)
        if name in found.inputs:
            keeper.inputs[name] = found.inputs[name]
    if rank(found.grade) > rank(keeper.grade):
        keeper.raise_to(found.grade, now, str(found.inputs.get("ladder_row", "")))
    return before != (_figures(keeper), keeper.grade)


def _install(state: State, index: int, last: Machine, newest: int, settings: Settings) -> None:
    """The episode at the live edge goes on from here."""
    if last.done(newest, settings):
        state.machines.pop(index, None)
    else:
        state.machines[index] = last
    state.watch(index)
