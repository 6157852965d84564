"""What every analogue point showed at each whole minute of our clock: its history by days, and the rules that live on it.

A sample is the newest reading in time of a point, taken at the first tick of a minute in which something came; a point that sent
nothing new gives none. Days are Beijing days of event time. All of it is array work on the points sampled, once a minute.
"""

from __future__ import annotations

import numpy as np

from kuangan.library.warning import edited, families, flat, trend
from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.events import Event
from kuangan.library.warning.masks import CALIBRATION, FAULTS, PAUSED
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State

DAY = 86_400_000
BEIJING = 8 * 3_600_000
FADE = 0.9


def next_minute(at: int) -> int:
    """The whole minute at which what arrives at `at` is sampled: the tick of a minute comes behind the files of that moment."""
    return -(-at // MINUTE) * MINUTE


def sample(state: State, now: int, tick: TickMark) -> list[Event]:
    """Take the samples of one minute; the next is due when something has come."""
    state.next_sample = FOREVER
    return edited.judge(state, now) + _points(state, now, tick)


def _points(state: State, now: int, tick: TickMark) -> list[Event]:
    p = state.p
    fresh = np.flatnonzero(p["samples"] & (p["time"] > p["seen"]))
    if not len(fresh):
        return []
    time, value, status = p["time"][fresh], p["value"][fresh], p["status"][fresh]
    good = ((status & (FAULTS | PAUSED | CALIBRATION)) == 0) & ~np.isnan(value)
    day = ((time + BEIJING) // DAY).astype(np.int32)
    over = day > p["day"][fresh]
    if over.any():
        _close(state, fresh[over], day[over])
    flat.follow(state, fresh, time, good)
    p["seen"][fresh] = time
    usable, seen = fresh[good], value[good]
    p["count"][usable] += 1
    p["total"][usable] += seen
    p["low"][usable] = np.minimum(p["low"][usable], seen)
    p["high"][usable] = np.maximum(p["high"][usable], seen)
    events = flat.judge(state, fresh, now, tick) + trend.judge(state, fresh, time, value, good, now, tick)
    return events + families.sample(state, fresh, time, value, good, now, tick)


def _close(state: State, points: Array, day: Array) -> None:
    """Learn from the days that are over, and begin new ones. Days of which too little was seen teach nothing."""
    p, rule = state.p, state.book.flat
    full = points[(p["count"][points] >= rule.day_samples) & (p["flat"][points] == 0)]
    p["run_usual"][full] = np.maximum(p["run_day"][full], (p["run_usual"][full] * FADE).astype(np.int64))
    ranged = p["high"][full] - p["low"][full]
    before = p["spread"][full]
    p["spread"][full] = np.where(np.isnan(before), ranged, (before + ranged) / 2)
    p["days"][full] += 1
    trend.learn(state, points)
    p["total"][points] = 0.0
    p["held"][points] = np.nan
    p["day"][points] = day
    p["count"][points] = p["run_day"][points] = 0
    p["low"][points], p["high"][points] = np.inf, -np.inf


def first_sample_after(state: State, arrival: int) -> None:
    """Readings came: they are sampled at the next whole minute."""
    state.next_sample = min(state.next_sample, next_minute(arrival))
