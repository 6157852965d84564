"""The exceptional rows of a block, one by one in spool order: openings, revisions and ends of over-limit events, recoveries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from kuangan.library.warning import silence, transitions, unheard
from kuangan.library.warning.batch import Batch, FrameMark
from kuangan.library.warning.events import Event, Record, event_id
from kuangan.library.warning.frequency import DAY, review
from kuangan.library.warning.masks import calibrating, judged
from kuangan.library.warning.overlimit import Machine, Settings, over
from kuangan.library.warning.rulebook import OVER_LIMIT
from kuangan.library.warning.settings import GRADES, MINUTE
from kuangan.library.warning.state import State

MEMORY = 35 * DAY


def take(
    state: State,
    batch: Batch,
    frames: list[FrameMark],
    sizes: npt.NDArray[np.int64],
    rows: npt.NDArray[np.intp],
    lo: int,
    point: npt.NDArray[np.intp],
    arrival: npt.NDArray[np.int64],
    late: npt.NDArray[np.bool_],
) -> list[Event]:
    """Judge the given rows (offsets from `lo`), in order."""
    if not len(rows):
        return []
    p, whose = state.p, point[rows]
    loud = set(whose[(batch.value[lo + rows] >= p["loud"][whose]) | p["watch"][whose]].tolist())
    apart = unheard.unheard(state, whose)
    if apart.any():
        rows, quiet = _apart(rows, whose, apart, loud)
        quiet = quiet[~late[quiet]]
        own = lo + quiet
        unheard.follow(state, point[quiet], batch.time[own], batch.value[own], batch.status[own])
        if not len(rows):
            return []
    events: list[Event] = []
    frame_of = np.searchsorted(np.cumsum(sizes), rows, side="right")
    settings: dict[int, Settings] = {}
    for row, frame in zip(rows.tolist(), frame_of.tolist(), strict=True):
        index, at = int(point[row]), int(arrival[row])
        if state.p["silent"][index]:
            events += silence.recovered(state, index, at)
        if late[row]:
            continue
        sample = int(batch.time[lo + row]), float(batch.value[lo + row]), int(batch.status[lo + row])
        mark = frames[frame]
        origin = mark.gateway, mark.seq, int(batch.record[lo + row])
        if index in loud:
            if index not in settings:
                settings[index] = state.settings_of(index)
            events += one(state, index, sample, settings[index], at, origin)
        events += transitions.noted(state, index, sample, at, origin)
    return events


def _apart(
    rows: npt.NDArray[np.intp], whose: npt.NDArray[np.intp], apart: npt.NDArray[np.bool_], loud: set[int]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The rows to be taken one by one, and those of points that only move while nobody minds."""
    if loud:
        apart = apart & ~np.isin(whose, list(loud))
    return rows[~apart], rows[apart]


def one(
    state: State,
    index: int,
    sample: tuple[int, float, int],
    settings: Settings,
    at: int,
    origin: tuple[str, int, int],
) -> list[Event]:
    """Judge one sample `(event time, value, status)` of a point."""
    t, value, status = sample
    machine = state.machines.get(index)
    if not judged(value, status):
        if machine is not None and calibrating(value, status):
            machine.calibrating()
        return []
    _track(state, index, t, value)
    if machine is not None and machine.done(t, settings):
        del state.machines[index]
        state.watch(index)
        machine = None
    if machine is not None:
        return _revised(state, index, machine.record, at) if machine.feed(t, value, settings, at) else []
    if not over(value, settings):
        return []
    machine = open_machine(state, index, t, value, at, event_id(*origin))
    machine.feed(t, value, settings, at)
    return _revised(state, index, machine.record, at)


def _revised(state: State, index: int, record: Record, at: int) -> list[Event]:
    """A revision of the event, and of those of its mine that occur more often because of it."""
    others: list[Record] = []
    if state.p["methane"][index] and (record.end is not None or record.rev == 0):
        others = [r for r in review(state, state.points[index].mine, record.onset, at) if r is not record]
    return [r.snapshot(at) for r in (record, *others)]


def open_machine(state: State, index: int, t: int, value: float, at: int, ident: str) -> Machine:
    """A new over-limit event of a point, installed as its living machine."""
    record = new_record(state, index, t, value, at, ident)
    machine = Machine(record)
    state.machines[index] = machine
    state.watch(index)
    kept = [r for r in state.past.get(index, []) if t - (r.end or t) < MEMORY]
    state.past[index] = [*kept, record]
    return machine


def new_record(state: State, index: int, t: int, value: float, at: int, ident: str) -> Record:
    point = state.points[index]
    return Record(
        ident,
        OVER_LIMIT,
        state.book.rule_version(OVER_LIMIT),
        state.mines[point.mine],
        "point",
        point.code,
        t,
        at,
        GRADES[0],
        inputs=inputs_of(state, index) | {"value": value, "seconds_over": 0, "grades": [[GRADES[0], at, "limit"]]},
    )


def inputs_of(state: State, index: int) -> dict[str, Any]:
    """What made the event, for whoever must understand it later."""
    point = state.points[index]
    limit = point.limit
    assert limit is not None
    own = float(state.p["own"][index])
    rule = state.over_limit_of(index)
    ladder = state.book.ladders[limit.quantity]
    return {
        "mine_name": state.mine_names[point.mine],
        "location": point.location,
        "type_name": point.type_name,
        "sensor_type": point.sensor_type,
        "quantity": limit.quantity,
        "unit": point.unit,
        "station": state.stations[point.station] if point.station >= 0 else "",
        "place_class": limit.place,
        "limit": limit.value,
        "limit_source": limit.source,
        "limit_row": limit.row,
        "article": limit.article,
        "statutory": None if math.isnan(limit.statutory) else limit.statutory,
        "own": None if math.isnan(own) else own,
        "notes": list(limit.notes),
        "step": limit.step,
        "tiers": list(ladder.tiers),
        "confidence": rule.confidence,
        "source": rule.source,
        "clauses": list(state.book.clauses[OVER_LIMIT]),
        "book_version": state.book.version,
        "merge_gap_min": rule.merge_gap_min,
    }


def _track(state: State, index: int, t: int, value: float) -> None:
    rule = state.book.sensor_offline.rising_before
    if value > rule.above and state.p["methane"][index]:
        since = t - int(rule.window_min * MINUTE)
        state.high[index] = [(a, v) for a, v in state.high.get(index, []) if a >= since] + [(t, value)]
