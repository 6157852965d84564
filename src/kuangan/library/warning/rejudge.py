"""Windows touched by late readings, judged again over the archive by the same machine.

A late reading never touches the live state. Once archived, the window around it is read back (first revisions, event-time order)
and run through the over-limit machine from a quiet moment on. Episodes keep the id of the oldest event they overlap; others that
overlap merge into it; an episode nobody had seen becomes an event marked late, whose response clock starts when the reading came;
an event that the data no longer supports becomes void. When the window reaches the live edge, the machine found there goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from kuangan.library.warning.events import CLEARED, VOID, Event, Record, event_id
from kuangan.library.warning.exceptional import DAY, judged, new_record
from kuangan.library.warning.overlimit import Machine, Settings, steps
from kuangan.library.warning.rulebook import rank
from kuangan.library.warning.state import LateRow, State

HORIZON = 2 * 3_600_000
LONGEST = 7 * DAY
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
        if not np.isnan(settings.limit):
            events += _point(state, index, by_point[index], settings, read, now)
    return events


def _point(state: State, index: int, rows: list[LateRow], settings: Settings, read: Reader, now: int) -> list[Event]:
    gap = settings.merge_gap
    lo, hi = min(r.time for r in rows), max(r.time for r in rows)
    newest = int(state.p["time"][index])
    past = state.past.get(index, [])
    touched = [r for r in past if r.status != VOID and not r.merged_into and _overlap(r.onset, r.end, lo, hi, gap)]
    start = min([lo, *(r.onset for r in touched)])
    stop = max([hi, *(newest if r.end is None else r.end for r in touched)])
    samples = _quiet_window(state.points[index].code, start, stop, newest, settings, read)
    machines = _run(state, index, samples, settings, now)
    live_edge = stop + HORIZON >= newest
    machines = [m for m in machines if _overlap(m.record.onset, m.record.end, lo, hi, gap) or _meets(m.record, touched, gap)]
    events = _match(state, index, machines, touched, rows, settings, now)
    if live_edge:
        _install(state, index, machines, newest, settings)
    return events


def _overlap(onset: int, end: int | None, lo: int, hi: int, gap: int) -> bool:
    return onset <= hi + gap and (end is None or end >= lo - gap)


def _meets(record: Record, others: Sequence[Record], gap: int) -> bool:
    return any(_overlap(o.onset, o.end, record.onset, record.end or record.onset, gap) for o in others)


def _quiet_window(
    code: str, start: int, stop: int, newest: int, settings: Settings, read: Reader
) -> Samples:
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
    limit = steps(settings.limit, settings.step)
    for t, value, status in zip(*(column.tolist() for column in samples), strict=True):
        if not judged(value, status):
            continue
        if machine is not None and machine.done(t, settings):
            machine = None
        if machine is None:
            if steps(value, settings.step) < limit:
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
) -> list[Event]:
    events: list[Event] = []
    left = sorted(touched, key=lambda r: (r.raised_at, r.id))
    for machine in machines:
        found = machine.record
        mine = [r for r in left if _overlap(r.onset, r.end, found.onset, found.end or found.onset, settings.merge_gap)]
        left = [r for r in left if r not in mine]
        if not mine:
            events.append(_new(state, index, machine, rows, now))
            continue
        keeper, *others = mine
        machine.record = keeper
        if _adopt(keeper, found, now):
            events.append(keeper.snapshot(now))
        for other in others:
            other.merged_into, other.status, other.end, other.late = keeper.id, CLEARED, other.end or now, True
            events.append(other.snapshot(now))
    for record in left:
        record.status, record.end, record.late = VOID, record.end or record.onset, True
        state.machines.pop(index, None)
        state.watch(index)
        events.append(record.snapshot(now))
    return events


def _new(state: State, index: int, machine: Machine, rows: list[LateRow], now: int) -> Event:
    record = machine.record
    inside = [r for r in rows if record.onset <= r.time <= (record.end or r.time)] or rows
    cause = min(inside, key=lambda r: (r.time, r.seq, r.record))
    record.id = event_id(cause.gateway, cause.seq, cause.record)
    record.raised_at, record.late = cause.arrival, True
    state.past.setdefault(index, []).append(record)
    return record.snapshot(now)


def _adopt(keeper: Record, found: Record, now: int) -> bool:
    """Take onset, end, peak and duration of the episode found anew; a grade once given is not lowered."""
    before = (keeper.onset, keeper.end, keeper.peak, keeper.peak_at, keeper.grade, keeper.status)
    keeper.onset, keeper.end, keeper.status = found.onset, found.end, found.status
    keeper.peak, keeper.peak_at = found.peak, found.peak_at
    keeper.inputs["seconds_over"] = found.inputs["seconds_over"]
    if rank(found.grade) > rank(keeper.grade):
        keeper.raise_to(found.grade, now, str(found.inputs.get("ladder_row", "")))
    changed = before != (keeper.onset, keeper.end, keeper.peak, keeper.peak_at, keeper.grade, keeper.status)
    keeper.late = keeper.late or changed
    return changed


def _install(state: State, index: int, machines: list[Machine], newest: int, settings: Settings) -> None:
    last = machines[-1] if machines else None
    if last is not None and not last.done(newest, settings):
        state.machines[index] = last
    elif last is not None or index not in state.machines or state.machines[index].done(newest, settings):
        state.machines.pop(index, None)
    state.watch(index)
