"""What arrays of readings show by themselves: pure functions, without points, mines or clocks.

Arrays are float64, NaN where nothing usable was read. `grid` turns readings into one value a minute; all others expect an even
rhythm and say their lengths in samples. Where a result cannot be told it is NaN (or −1 for an index).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kuangan.library.warning.columns import Array

ENOUGH = 10
"""Pairs of values below which a correlation is not told."""


class Likeness(NamedTuple):
    """How far two equally long series are the same: share of equal values, correlation, and how many pairs were compared."""

    equal: float
    correlation: float
    pairs: int


def grid(time: Array, value: Array, start: int, end: int, width: int) -> Array:
    """The last value of each `width` ms in [start, end); readings in order of time (ms). Shape ((end − start) // width,)."""
    cells = np.full((end - start) // width, np.nan)
    inside = (time >= start) & (time < start + len(cells) * width)
    cells[(time[inside] - start) // width] = value[inside]
    return cells


def median(values: Array) -> Array:
    """The lower median along the last axis, NaN left out."""
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    ordered = np.sort(values, axis=-1)
    count = (~np.isnan(ordered)).sum(axis=-1)
    middle = np.maximum(count - 1, 0) // 2
    return np.asarray(np.take_along_axis(ordered, middle[..., None], axis=-1)[..., 0])


def bins(values: Array, width: int) -> Array:
    """Medians of every `width` samples along the last axis; a rest at the end is left out."""
    whole = values.shape[-1] // width * width
    return median(values[..., :whole].reshape(*values.shape[:-1], -1, width))


def quantisation(value: Array) -> float:
    """The step in which values are told: the smallest difference between two of them, NaN when there are fewer than two."""
    told = np.unique(value[~np.isnan(value)])
    gaps = np.diff(told)
    gaps = gaps[gaps > 1e-9]
    return float(gaps.min()) if len(gaps) else float("nan")


def flat_runs(value: Array, spread: float = 0.0) -> tuple[Array, Array]:
    """First and last index of maximal runs in which values stay within `spread` of the first of the run. NaN neither moves nor ends one."""
    seen = np.flatnonzero(~np.isnan(value))
    if not len(seen):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    told = value[seen]
    starts = [0]
    if spread <= 0:
        starts += (np.flatnonzero(np.diff(told)) + 1).tolist()
    else:
        anchor = 0
        while anchor < len(told):
            away = np.abs(told[anchor:] - told[anchor]) > spread + 1e-9
            step = int(np.argmax(away)) if away.any() else 0
            if not step:
                break
            anchor += step
            starts.append(anchor)
    first = np.array(starts)
    last = np.r_[first[1:] - 1, len(told) - 1]
    return seen[first], seen[last]


def rolling(value: Array, width: int) -> Array:
    """Views of every `width` samples in a row, shape (..., n − width + 1, width)."""
    return np.lib.stride_tricks.sliding_window_view(value, width, axis=-1)


def deviation(value: Array) -> Array:
    """Standard deviation along the last axis, NaN left out; NaN below two values."""
    seen = ~np.isnan(value)
    count = seen.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(seen, value, 0).sum(axis=-1) / count
        square = np.where(seen, (value - mean[..., None]) ** 2, 0).sum(axis=-1) / count
    return np.where(count > 1, np.sqrt(square), np.nan)


def roughness(value: Array) -> Array:
    """How much values change from sample to sample: deviation of the differences along the last axis."""
    return deviation(np.diff(value, axis=-1))


def correlation(one: Array, other: Array) -> float:
    """Pearson's correlation of the pairs that both have; NaN below `ENOUGH` pairs or when one of them does not vary."""
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < ENOUGH:
        return float("nan")
    a, b = one[both] - one[both].mean(), other[both] - other[both].mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size > 1e-12 else float("nan")


def rolling_correlation(one: Array, other: Array, width: int) -> Array:
    """Correlation of the last `width` samples at each sample; NaN before there are so many."""
    told = np.full(len(one), np.nan)
    if len(one) >= width:
        pairs = zip(rolling(one, width), rolling(other, width), strict=True)
        told[width - 1 :] = [correlation(a, b) for a, b in pairs]
    return told


def lag(one: Array, other: Array, most: int) -> tuple[int, float]:
    """By how many samples `other` comes after `one` (negative: before), and the correlation there; the smallest such lag."""
    best, height = 0, float("nan")
    for shift in sorted(range(-most, most + 1), key=abs):
        a = one[: len(one) - shift] if shift >= 0 else one[-shift:]
        b = other[shift:] if shift >= 0 else other[: len(other) + shift]
        found = correlation(a, b)
        if not np.isnan(found) and (np.isnan(height) or found > height + 1e-9):
            best, height = shift, found
    return best, height


def likeness(one: Array, other: Array, step: float) -> Likeness:
    """How far two series are the same, values within half a step being equal."""
    both = ~np.isnan(one) & ~np.isnan(other)
    pairs = int(both.sum())
    if not pairs:
        return Likeness(float("nan"), float("nan"), 0)
    equal = float((np.abs(one[both] - other[both]) < step / 2 + 1e-9).mean())
    return Likeness(equal, correlation(one, other), pairs)


def shift_ratio(value: Array, producing: Array) -> float:
    """Mean while producing over mean while not; NaN when one of the two was not seen."""
    seen = ~np.isnan(value)
    at_work, at_rest = value[seen & producing], value[seen & ~producing]
    if not len(at_work) or not len(at_rest) or at_rest.mean() <= 0:
        return float("nan")
    return float(at_work.mean() / at_rest.mean())


def share_between(value: Array, low: float, high: float) -> float:
    """Share of values in [low, high); NaN without values."""
    seen = value[~np.isnan(value)]
    return float(((seen >= low - 1e-9) & (seen < high - 1e-9)).mean()) if len(seen) else float("nan")
