"""A point that no longer moves (flat-line), judged against its own past.

Formal condition, at a sample of a periodic analogue point of a type that varies: with `run` the event time since its value last
changed, without a gap longer than `gap_min` and without fault, pause or calibration in it, the event opens when run ≥ hours and
run ≥ factor × the longest finished run of its past days, and the point's usual range of a day is ≥ varies_steps × its resolution,
both learnt from at least `history_days` days. The onset is the last change. It ends with the first reading of another value.
Source: gas_rules.yaml data_quality_terms and warning_levels (inferred).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from kuangan.library.warning.batch import ByPoint, LateRow, TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.events import CLEARED, VOID, Event, Record, event_id
from kuangan.library.warning.opening import about_point
from kuangan.library.warning.rulebook import FLAT
from kuangan.library.warning.settings import MINUTE, Grade
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.state import State

HOUR = 60 * MINUTE
Reader = Callable[[str, int, int], tuple[Array, Array, Array]]


def changes(state: State, point: Array, time: Array, value: Array, late: Array | None) -> None:
    """Note when points took their present values, from a block in which each occurs once; `late` rows are left out.

    Must be called before the values of the block are remembered.
    """
    p = state.p
    moved = value != p["value"].take(point)
    if late is not None:
        moved &= ~late
    rows = np.flatnonzero(moved)
    p["moved"][point.take(rows)] = time.take(rows)


def changes_by_point(state: State, rows: ByPoint, value: Array, late: Array | None) -> None:
    """The same from a block in which points occur more than once."""
    p, owner, time, starts, shown = state.p, rows.point, rows.time, rows.starts, value[rows.order]
    if late is not None:
        kept = ~late[rows.order]
        owner, time, shown = owner[kept], time[kept], shown[kept]
        starts = np.r_[True, owner[1:] != owner[:-1]][: len(owner)]
    before = np.empty_like(shown)
    before[1:] = shown[:-1]
    before[starts] = p["value"][owner[starts]]
    moved = np.flatnonzero(shown != before)
    whose = owner[moved]
    last = np.flatnonzero(np.r_[whose[1:] != whose[:-1], True][: len(whose)])
    p["moved"][whose[last]] = time[moved[last]]


def follow(state: State, points: Array, time: Array, good: Array) -> None:
    """Keep the lengths of runs at one sample of `points`; a run that is over is remembered for the day."""
    p, gap = state.p, int(state.book.flat.gap_min * MINUTE)
    broken = ~good | (time - p["seen"][points] > gap)
    restarted = points[broken]
    p["moved"][restarted] = time[broken]
    run = time - p["moved"][points]
    over = (run < p["run"][points]) & (p["flat"][points] == 0) & ~broken
    ended = points[over]
    p["run_day"][ended] = np.maximum(p["run_day"][ended], p["run"][ended])
    p["run"][points] = run


def judge(state: State, points: Array, now: int, tick: TickMark) -> list[Event]:
    """Open, raise and end events at one sample."""
    p, rule = state.p, state.book.flat
    events = []
    for index, record in [(i, r) for i, r in state.flats.items() if p["moved"][i] > r.onset]:
        events.append(_ended(state, index, record, int(p["moved"][index]), now))
    table = state.book.flat_clocks
    run = p["run"][points]
    some = points[run >= table[0][0]]
    if not len(some):
        return events
    run = p["run"][some]
    varied = p["spread"][some] >= (rule.varies_steps - 1e-6) * p["step"][some]
    usual = run >= rule.factor * p["run_usual"][some]
    judged = p["varies"][some] & p["periodic"][some] & (p["days"][some] >= rule.history_days) & varied & usual
    level = np.searchsorted([t for t, _ in table], run, side="right")
    for at in np.flatnonzero(judged & (level > p["flat"][some])).tolist():
        events.append(_raised(state, int(some[at]), int(level[at]), table, now, tick))
    return events


def _ended(state: State, index: int, record: Record, end: int, now: int) -> Event:
    del state.flats[index]
    state.p["flat"][index] = 0
    record.end, record.status = end, CLEARED
    record.inputs["seconds_unchanged"] = (end - record.onset) // 1000
    return record.snapshot(now)


def _raised(state: State, index: int, level: int, table: list[tuple[int, Grade]], now: int, tick: TickMark) -> Event:
    p, point = state.p, state.points[index]
    span, grade = table[level - 1]
    record = state.flats.get(index)
    if record is None:
        record = state.flats[index] = about_point(
            state,
            FLAT,
            index,
            event_id(tick.gateway, tick.seq, f"{point.code}.flat"),
            int(p["moved"][index]),
            now,
            {
                "value": float(p["value"][index]),
                "step": float(p["step"][index]),
                "usual_range": round(float(p["spread"][index]), 6),
                "usual_run_s": int(p["run_usual"][index]) // 1000,
                "history_days": int(p["days"][index]),
            },
        )
    p["flat"][index] = level
    record.inputs["seconds_unchanged"] = int(p["run"][index]) // 1000
    give_grade(record, grade, now, f"{span / HOUR:g}h")
    return record.snapshot(now)


def reconsider(state: State, rows: Iterable[LateRow], read: Reader, now: int) -> list[Event]:
    """Late readings of another value within a run that goes on: the run began after them. An event that is then too short is void.

    Horizon: the run of the present value. What is over stays as it was told.
    """
    p, events = state.p, []
    newest: dict[int, int] = {}
    for row in rows:
        index = row.point
        if p["varies"][index] and p["moved"][index] < row.time < p["time"][index] and row.value != p["value"][index]:
            newest[index] = max(newest.get(index, row.time), row.time)
    for index in sorted(newest):
        times, _, _ = read(state.points[index].code, newest[index] + 1, int(p["time"][index]))
        p["moved"][index] = int(times[0])
        p["run"][index] = max(0, int(p["seen"][index]) - int(times[0]))
        record = state.flats.get(index)
        if record is not None:
            events.append(_shortened(state, index, record, now))
    return events


def _shortened(state: State, index: int, record: Record, now: int) -> Event:
    record.onset, record.late = int(state.p["moved"][index]), True
    record.inputs["seconds_unchanged"] = int(state.p["run"][index]) // 1000
    if state.p["run"][index] < state.book.flat_clocks[0][0]:
        del state.flats[index]
        state.p["flat"][index] = 0
        record.status, record.end = VOID, int(state.p["time"][index])
    return record.snapshot(now)
