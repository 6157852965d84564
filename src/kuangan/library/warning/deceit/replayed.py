"""Readings of an earlier day sent again as those of today, to the digit.

Formal condition, over the last `hours` of the window against the same time of each of the last `days` days: the longest stretch at its
end, of `least_min` or more, in which at least `equal` of the values are the same, with a correlation of `correlation` and more, `distinct`
values and a range of `range_steps` of resolution. Noise does not repeat itself.
Source: gas_rules.yaml data_quality_terms replay (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series
from kuangan.library.warning.deceit.settings import ReplayedRule
from kuangan.library.warning.deceit.verdict import Sign, Verdict, sign, spoke, unknown
from kuangan.library.warning.deceit.window import GASES, HOUR, Window
from kuangan.library.warning.settings import MINUTE

REPLAYED = "tamper.replayed"
SURE = 8
Earlier = Mapping[int, Array]
"""Days back → raw values of the same points and time of day, shape (points, minutes of the slot)."""


def slot(window: Window, rule: ReplayedRule) -> tuple[int, int]:
    """The span (ms) that is compared."""
    return window.end - int(rule.hours * HOUR), window.end


def judge(window: Window, earlier: Earlier, rule: ReplayedRule) -> list[Verdict]:
    first = (slot(window, rule)[0] - window.start) // MINUTE
    found: list[Verdict] = []
    for row, track in enumerate(window.tracks):
        if track.quantity in GASES:
            verdict = _judged(window, row, first, earlier, rule)
            found += [verdict] if verdict is not None else []
    return found


def _judged(window: Window, row: int, first: int, earlier: Earlier, rule: ReplayedRule) -> Verdict | None:
    today, step = window.raw[row, first:], window.tracks[row].step
    best: tuple[int, int, series.Likeness] | None = None
    for days, values in earlier.items():
        length = same_tail(today, values[row], step, rule.equal)
        if length < rule.least_min or (best is not None and length <= best[1]):
            continue
        best = days, length, series.likeness(today[-length:], values[row][-length:], step)
    if best is None:
        return None
    days, length, likeness = best
    part = today[-length:]
    part = part[~np.isnan(part)]
    distinct, reach = len(np.unique(part)), float(part.max() - part.min())
    if distinct < rule.distinct or reach < rule.range_steps * step - 1e-9 or likeness.pairs < rule.least_min / 4:
        return None
    signs = [
        sign("equal", likeness.equal >= rule.equal, share=likeness.equal, days_before=days, pairs=likeness.pairs),
        sign("course", likeness.correlation >= rule.correlation, correlation=likeness.correlation),
        sign("varied", True, distinct=distinct, range=reach),
        _neighbours(window, row, earlier[days], length, rule),
    ]
    if spoke(signs, "equal", "course") < 2:
        return None
    code = window.tracks[row].code
    near = [window.tracks[r].code for r in window.neighbours(row)]
    onset = window.end - length * MINUTE
    return Verdict(
        REPLAYED,
        "check",
        "point",
        code,
        onset,
        signs,
        [code],
        near,
        {"days": days},
        {"days_before": days, "step": step},
    )


def same_tail(today: Array, before: Array, step: float, equal: float) -> int:
    """Length of the longest stretch at the end in which at least `equal` of the pairs are the same, begun with `SURE` that are."""
    seen = np.flatnonzero((~np.isnan(today) & ~np.isnan(before))[::-1])
    same = (np.abs(today - before) < step / 2 + 1e-9)[::-1][seen]
    if len(same) < SURE:
        return 0
    begun = np.r_[np.zeros(SURE - 1, np.bool_), series.rolling(same, SURE).all(axis=-1)]
    good = np.flatnonzero(begun & (np.cumsum(same) >= equal * np.arange(1, len(same) + 1)))
    return int(seen[good[-1]]) + 1 if len(good) else 0


def _neighbours(window: Window, row: int, before: Array, length: int, rule: ReplayedRule) -> Sign:
    """Whether the neighbours lived through another day than this point shows."""
    near = window.neighbours(row)
    if not near:
        return unknown("neighbours_differ", "no_neighbours")
    pairs = [series.likeness(window.raw[r, -length:], before[r, -length:], window.tracks[r].step).equal for r in near]
    told = [share for share in pairs if not np.isnan(share)]
    if not told:
        return unknown("neighbours_differ", "no_data")
    return sign("neighbours_differ", min(told) <= rule.neighbour_equal, equal=min(told))


def over(window: Window, earlier: Earlier, rule: ReplayedRule, code: str, days: int) -> int | None:
    """When (ms) a replay ended, None while the last `least_min` are still those of that day."""
    row = next((r for r, track in enumerate(window.tracks) if track.code == code), None)
    if row is None or days not in earlier:
        return None
    first = (slot(window, rule)[0] - window.start) // MINUTE
    today, before = window.raw[row, first:], earlier[days][row]
    both = ~np.isnan(today) & ~np.isnan(before)
    same = both & (np.abs(today - before) < window.tracks[row].step / 2 + 1e-9)
    tail = both[-rule.least_min :].sum()
    if not tail or same[-rule.least_min :].sum() >= rule.equal * tail / 2:
        return None
    padded = np.flatnonzero(np.convolve(same, np.ones(10), "full")[9:] >= 5)
    last = int(padded[-1]) + 10 if len(padded) else 0
    return window.at(first + min(last, len(today)))
