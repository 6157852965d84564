"""Spans of one series that look made: the rules of `kuangan detect`, and a plain library for whoever has arrays.

Each takes one value a minute (`series.grid`) and its settings, and gives the spans found, indices inclusive, with the numbers that
made them. None knows neighbours, work or weather: what a mine's window is judged by stands in the rules `tamper.*`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series

DAY = 1440
SAME_DAY = 0.999


class Span(NamedTuple):
    first: int
    last: int
    numbers: Mapping[str, float]


def flat_line(value: Array, *, minutes: int, spread: float, factor: float) -> list[Span]:
    """Runs within `spread` of `minutes` or longer, and `factor` times the longest other run of the series.

    A series that never moves has no other run to compare with and is told too.
    """
    first, last = series.flat_runs(value, spread)
    long = last - first + 1
    found = []
    for at in np.flatnonzero(long >= minutes):
        others = np.delete(long, at)
        usual = int(others[others < minutes].max(initial=0))
        if long[at] >= factor * usual:
            numbers = {"minutes": float(long[at]), "usual_minutes": float(usual), "value": float(value[first[at]])}
            found.append(Span(int(first[at]), int(last[at]), numbers))
    return found


def clipped(value: Array, *, limit: float, band: float, minutes: int, inversion: float) -> list[Span]:
    """Values piled up in [limit − band, limit) and none above: at least `minutes` there, `inversion` times those in the band below."""
    held = (value >= limit - band - 1e-9) & (value < limit - 1e-9)
    below = (value >= limit - 2 * band - 1e-9) & (value < limit - band - 1e-9)
    if (value >= limit - 1e-9).any() or held.sum() < minutes or held.sum() < inversion * max(int(below.sum()), 1):
        return []
    at = np.flatnonzero(held)
    numbers = {"minutes": float(held.sum()), "below": float(below.sum()), "highest": float(np.nanmax(value))}
    return [Span(int(at[0]), int(at[-1]), numbers)]


def replayed(
    value: Array, *, days: int, minutes: int, equal: float, distinct: int, step: float, day: int = DAY
) -> list[Span]:
    """Stretches of `minutes` or more that repeat the same time of one of the last `days` days to the digit.

    Formal condition: in every stretch, less the edges that unequal values may make up, the share of equal values is at least `equal`,
    the correlation at least 0.999, and there are `distinct` values at least, so that a series that hardly moves is not told.
    """
    found: list[Span] = []
    for back in range(1, days + 1):
        shift = back * day
        if shift >= len(value):
            break
        same = np.abs(value[shift:] - value[:-shift]) < step / 2 + 1e-9
        seen = ~np.isnan(value[shift:]) & ~np.isnan(value[:-shift])
        edge = int(minutes * (1 - equal)) + 1
        for begin, end in _stretches(same, seen, minutes, equal):
            first, last = begin + edge, end - edge
            part = value[shift + first : shift + last + 1]
            before = value[first : last + 1]
            likeness = series.likeness(before, part, step)
            if len(np.unique(part[~np.isnan(part)])) >= distinct and likeness.correlation >= SAME_DAY:
                numbers = {"days_before": float(back), "equal": likeness.equal, "correlation": likeness.correlation}
                found.append(Span(shift + first, shift + last, numbers))
    return found


def _stretches(same: Array, seen: Array, minutes: int, equal: float) -> list[tuple[int, int]]:
    """Maximal unions of windows of `minutes` in which enough of what was seen is the same."""
    if len(same) < minutes:
        return []
    hits = series.rolling(same & seen, minutes).sum(axis=-1)
    known = series.rolling(seen, minutes).sum(axis=-1)
    good = (known >= minutes / 4) & (hits >= equal * known)
    edges = np.flatnonzero(np.diff(np.r_[False, good, False].astype(np.int8)))
    return [(int(a), int(b) - 1 + minutes - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def sudden_drop(value: Array, *, share: float, within: int, keep: int) -> list[Span]:
    """Falls by `share` of the level before, within `within` samples, that last for `keep` samples."""
    found: list[Span] = []
    if len(value) < 2 * keep + within:
        return found
    level = series.median(series.rolling(value, keep))
    before, after = level[: -keep - within], level[keep + within :]
    with np.errstate(invalid="ignore", divide="ignore"):
        fell = np.where(before > 0, 1 - after / before, np.nan)
    at = np.flatnonzero(fell >= share)
    for group in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(at) else []:
        deepest = int(group[np.argmax(fell[group])])
        first = deepest + keep
        numbers = {"before": float(before[deepest]), "after": float(after[deepest]), "share": float(fell[deepest])}
        found.append(Span(first, first + within + keep - 1, numbers))
    return found


def blown(value: Array, *, width: int, mean_share: float, rough_factor: float) -> list[Span]:
    """Windows of `width` samples with a lower mean and rougher changes than what came before them."""
    found: list[Span] = []
    count = len(value) // width
    parts = value[: count * width].reshape(count, width)
    level, rough = series.median(parts), series.roughness(parts)
    for at in range(2, count):
        usual = float(series.median(level[:at])), float(series.median(rough[:at]))
        factor = float(rough[at]) / max(usual[1], 1e-9)
        if level[at] <= mean_share * usual[0] and factor >= rough_factor:
            numbers = {"level": float(level[at]), "usual_level": usual[0], "roughness": factor}
            found.append(Span(at * width, (at + 1) * width - 1, numbers))
    return _joined(found)


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.first == joined[-1].last + 1:
            joined[-1] = Span(joined[-1].first, span.last, joined[-1].numbers)
        else:
            joined.append(span)
    return joined


def spikes(value: Array, *, height: float, factor: float) -> list[Span]:
    """Single samples of at least `height` that are `factor` times both neighbours in time."""
    inner, left, right = value[1:-1], value[:-2], value[2:]
    hit = (inner >= height) & (inner >= factor * np.fmax(left, right))
    return [Span(int(i) + 1, int(i) + 1, {"value": float(value[i + 1])}) for i in np.flatnonzero(hit)]
