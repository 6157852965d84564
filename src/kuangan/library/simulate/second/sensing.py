"""From what is in the air to what an instrument shows: first-order lag, drift since calibration, noise, range and step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def lagged(truth: Floats, seconds: Floats | float, step_s: float) -> Floats:
    """First-order answer along axis 0 with time constants `seconds` (by column or one)."""
    share = 1 - np.exp(-step_s / np.asarray(seconds))
    shown = np.empty_like(truth)
    state = truth[0].copy() if truth.ndim > 1 else truth[0]
    for k in range(len(truth)):
        state = state + (truth[k] - state) * share
        shown[k] = state
    return shown


def wander(rng: np.random.Generator, steps: int, columns: int, size: float, memory: float) -> Floats:
    """Noise with memory (steps, columns): stationary, standard deviation `size`, `memory` steps."""
    keep = np.exp(-1 / memory)
    drive = rng.normal(0, size * np.sqrt(1 - keep**2), (steps, columns))
    found = np.empty_like(drive)
    state = rng.normal(0, size, columns)
    for k in range(steps):
        state = state * keep + drive[k]
        found[k] = state
    return found


def drift(rng: np.random.Generator, hours: Floats, calibrated: Floats, per_day: float) -> Floats:
    """Zero drift (times, columns): grows since the calibration before, `calibrated` hours of one calibration by column."""
    rates = rng.normal(0, per_day / 24, len(calibrated))
    since = np.where(hours[:, None] >= calibrated, hours[:, None] - calibrated, hours[:, None] - calibrated + 15 * 24)
    return np.asarray(rates * since)


def shown(values: Floats, step: Floats, reach: Floats) -> Floats:
    """Cut to the range and rounded to the step of each column."""
    return np.asarray(np.round(np.clip(values, 0, reach) / step) * step)
