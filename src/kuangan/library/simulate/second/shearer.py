"""Work at a face or heading: a machine of states with random stays, not a timetable."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
BREAKDOWN_EVERY_MIN = 160.0
TURN_MIN = 9.0
MAINTENANCE_MIN = (110.0, 260.0)


class Work(NamedTuple):
    """By step: `rate` of cutting (0…about 1.3), `position` along the face (0…1), `blasts` true in the step of a blast."""

    rate: Floats
    position: Floats
    blasts: npt.NDArray[np.bool_]


def shifts_of_face(rng: np.random.Generator, steps: int, step_s: float, pass_minutes: float, passes: int) -> Work:
    """Runs to and fro with turns between; now and then a breakdown; maintenance after about `passes` runs."""
    rate, position = np.zeros(steps), np.zeros(steps)
    at, end, forth, done = -int(rng.uniform(0, 3 * 3600 / step_s)), 0.0, True, int(rng.integers(0, passes))
    while at < steps:
        length = max(4, int(pass_minutes * 60 * rng.lognormal(0, 0.15) / step_s))
        run = np.linspace(0, 1, length) if forth else np.linspace(1, 0, length)
        speed = rng.uniform(0.8, 1.25) * (1 + 0.15 * np.sin(np.linspace(0, rng.uniform(6, 14), length)))
        stop = rng.exponential(BREAKDOWN_EVERY_MIN * 60 / step_s)
        if stop < length:
            hold = int(rng.uniform(6, 35) * 60 / step_s)
            cut = int(stop)
            run = np.concatenate([run[:cut], np.full(hold, run[cut]), run[cut:]])
            speed = np.concatenate([speed[:cut], np.zeros(hold), speed[cut:]])
        end = at + len(run)
        _lay(rate, speed, at)
        _lay(position, run, at)
        done += 1
        pause = TURN_MIN * rng.lognormal(0, 0.4)
        if done >= passes + int(rng.integers(-1, 2)):
            pause, done = rng.uniform(*MAINTENANCE_MIN), 0
        at = int(end + pause * 60 / step_s)
        forth = not forth
    return Work(rate, position, np.zeros(steps, np.bool_))


def cycles_of_heading(rng: np.random.Generator, steps: int, step_s: float, blasts: float) -> Work:
    """Cut, bolt, cut, bolt; or drill, blast and muck where `blasts` (share of rounds) is above 0."""
    rate, fired = np.zeros(steps), np.zeros(steps, np.bool_)
    at = -int(rng.uniform(0, 5400 / step_s))
    while at < steps:
        if rng.random() < blasts:
            start = at + int(rng.uniform(90, 150) * 60 / step_s)
            if 0 <= start < steps:
                fired[start] = True
            length = int(rng.uniform(25, 45) * 60 / step_s)
            _lay(rate, 1.2 * np.exp(-np.arange(length) / (0.35 * length)), start)
        else:
            start = at
            length = int(rng.uniform(25, 50) * 60 / step_s)
            _lay(rate, np.full(length, rng.uniform(0.7, 1.15)), start)
        at = start + length + int(rng.uniform(35, 80) * 60 / step_s)
        if rng.random() < 0.12:
            at += int(rng.uniform(100, 220) * 60 / step_s)
    return Work(rate, np.zeros(steps), fired)


def _lay(into: Floats, part: Floats, at: int) -> None:
    low, high = max(at, 0), min(at + len(part), len(into))
    if high > low:
        into[low:high] = part[low - at : high - at]
