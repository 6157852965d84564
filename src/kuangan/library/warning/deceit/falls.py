"""Sensors that fell by themselves: their own level at a moment, and what their neighbours say since.

Neighbours are the other methane points of the same working. Work, air and gas move them together, a hand moves one: the logarithm of
the ratio to a neighbour stands still over shifts, changes of fans and falls of output, and steps when one sensor is wrapped, moved
or blown on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series
from kuangan.library.warning.deceit.settings import BlockedRule, FallRule
from kuangan.library.warning.deceit.window import BIN, Window
from kuangan.library.warning.settings import MINUTE

BEFORE, AFTER = 12, 3
"""Bins whose median is the level before a moment (two hours), and after it (half an hour)."""
LEAST_BEFORE = 6
MAD_TO_DEVIATION = 1.4826
OWN_PART = 0.6
"""How much of a gap (in logarithms) must be the point's own fall: the rest may be its neighbours' rise."""
LOWEST_SHARE = 0.1
"""Share of a point's past below its floor."""
MOST = 0.85
"""Share of the bins since a fall that must show it."""
RARE = 0.05
"""Share of the past in which a ratio to the neighbours was lower than what is rare."""
Spans = Mapping[str, Sequence[Sequence[int]]]
NONE: Spans = MappingProxyType({})
"""Point code → spans (ms) of suspicions."""


@dataclass(frozen=True, slots=True)
class Fall:
    """`at`: first bin of the new level. `ratios`: logarithm of the ratio to each neighbour before; `gap` since, as a share.

    `own`: share of its own level it lost; `level` before, `after` since.
    """

    row: int
    at: int
    own: float
    gap: float
    level: float
    after: float
    neighbours: tuple[int, ...]
    ratios: tuple[float, ...]

    @property
    def minute(self) -> int:
        return self.at * BIN


class _Course(NamedTuple):
    """Neighbours, logarithm of the ratio to each, its median before each bin, the step of all, own step, own fall in the unit."""

    near: list[int]
    ratios: Array
    before: Array
    gap: Array
    step: Array
    fell: Array


class Falls:
    """What a window shows of falls; thresholds are those of the rule that asks. `ended`, `living`: suspicions that touch it."""

    def __init__(self, window: Window, ended: Spans = NONE, living: Spans = NONE) -> None:
        self.window, self.ended, self.living = window, ended, living
        self._seen: dict[int, _Course] = {}

    @cached_property
    def logs(self) -> Array:
        """Logarithm of the levels; a level below half a step counts as half a step."""
        steps = np.array([[track.step] for track in self.window.tracks])
        return np.asarray(np.log(np.maximum(self.window.levels, steps / 2)))

    @cached_property
    def own(self) -> Array:
        """The same without the bins of suspicions that are over: what a point is to be compared with is what it was before."""
        return self._without(self.logs, self.ended)

    @cached_property
    def sure(self) -> Array:
        """The same without the bins of any suspicion and of standstills: what others are measured by."""
        return np.where(self.window.standing, np.nan, self._without(self.own, self.living))

    def _without(self, logs: Array, doubted: Spans) -> Array:
        kept = logs.copy()
        for row, track in enumerate(self.window.tracks):
            for start, end in doubted.get(track.code, ()):
                first, last = ((at - self.window.start) // (BIN * MINUTE) for at in (start, end))
                kept[row, max(first - 1, 0) : max(last + 2, 0)] = np.nan
        return kept

    def before_after(self, values: Array, moving: Array) -> tuple[Array, Array]:
        """Medians before and after each bin, shape (..., bins); NaN where too little was seen.

        Only bins in which the point was `moving` tell what was before: one that stood still had no part in what the others did.
        """
        size = values.shape[-1]
        before, after = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
        if size > BEFORE + AFTER:
            parts = series.rolling(np.where(moving, values, np.nan), BEFORE)[..., :-1, :]
            enough = (~np.isnan(parts)).sum(axis=-1) >= LEAST_BEFORE
            before[..., BEFORE:] = np.where(enough, series.median(parts), np.nan)
            after[..., : size - AFTER + 1] = series.median(series.rolling(values, AFTER))
        return before, after

    def ratios(self, row: int) -> tuple[list[int], Array]:
        """Neighbours of a point that were seen, and the logarithm of its ratio to each, shape (neighbours, bins)."""
        near = [r for r in self.window.neighbours(row) if np.isfinite(self.sure[r]).any()]
        return near, self.own[row] - self.sure[near]

    def course(self, row: int) -> _Course | None:
        """What is needed to find a fall, worked out once for all rules; None without neighbours."""
        if row not in self._seen:
            near, ratios = self.ratios(row)
            if not near:
                return None
            moving = ~self.window.standing[row]
            own_before, own_after = self.before_after(self.own[row], moving)
            before, after = self.before_after(ratios, moving)
            step = own_after - np.roll(series_after(self.own[row]), AFTER)
            fell = np.exp(own_before) - np.exp(own_after)
            self._seen[row] = _Course(near, ratios, before, middle(after - before), step, fell)
        return self._seen[row]

    def find(self, row: int, rule: FallRule) -> Fall | None:
        """The fall of a point that still lasts, None when there is none."""
        course = self.course(row)
        if course is None:
            return None
        near, ratios, ratio_before, gap, own_step, fell = course
        deep = (gap <= np.log(1 - rule.gap_share)) & (own_step <= np.log(1 - rule.own_share))
        deep &= own_step <= OWN_PART * gap
        deep &= fell >= rule.fall_steps * self.window.tracks[row].step
        candidates = np.flatnonzero(deep)
        if not len(candidates):
            return None
        for group in reversed(np.split(candidates, np.flatnonzero(np.diff(candidates) > 2) + 1)):
            at = int(group[np.nanargmin(own_step[group])])
            found = self._kept(row, at, near, ratios, ratio_before[:, at], rule)
            if found is not None:
                return found
        return None

    def _kept(self, row: int, at: int, near: list[int], ratios: Array, before: Array, rule: FallRule) -> Fall | None:
        since = middle(ratios[:, at:] - before[:, None])
        seen = np.isfinite(since)
        if seen.sum() * BIN < rule.keep_min or self._disturbed(row, at, rule):
            return None
        if isinstance(rule, BlockedRule) and self._stood(row, at, near, rule):
            # What is enclosed keeps its level; when work stops the neighbours come down to it.
            since = since[:AFTER]
        else:
            low = since <= self._bound(row, at, ratios, before, rule)
            if (low & seen).sum() < MOST * seen.sum() or not low[np.flatnonzero(seen)[-2:]].all():
                return None
        levels = self.window.levels[row]
        level = float(series.median(levels[max(at - BEFORE, 0) : at]))
        after = float(series.median(levels[at:]))
        own = float(1 - after / level) if level > 0 else 0.0
        gap = float(1 - np.exp(series.median(since)))
        if gap < rule.gap_share:
            return None
        return Fall(row, at, own, gap, level, after, tuple(near), tuple(before.tolist()))

    def _bound(self, row: int, at: int, ratios: Array, before: Array, rule: FallRule) -> float:
        """Below which the ratio counts as fallen: never by less than its honest spread and what is rare for it, unless the point is
        far below its own floor; work makes a sensor fall alone too, but to where it has been before."""
        bound = float(np.log(1 - rule.back_share))
        if self.sunk(row, at, rule):
            return bound
        past = middle(ratios[:, :at] - before[:, None])
        past = past[np.isfinite(past)]
        rare = float(np.quantile(past, RARE)) if len(past) else bound
        return min(bound, -rule.spread_factor * self._spread(ratios[:, :at], before), rare)

    def floor(self, row: int, at: int) -> float:
        """The level that a point was seldom below before a bin, NaN when it was not seen."""
        past = self.window.levels[row, :at]
        past = past[~np.isnan(past)]
        return float(np.quantile(past, LOWEST_SHARE)) if len(past) else float("nan")

    def sunk(self, row: int, at: int, rule: FallRule, share: float = MOST) -> bool:
        """Whether `share` of the bins since one is below the floor by the share of a fall, and by its steps."""
        floor, since = self.floor(row, at), self.window.levels[row, at:]
        since = since[~np.isnan(since)]
        most = min((1 - rule.own_share) * floor, floor - rule.fall_steps * self.window.tracks[row].step)
        return len(since) > 0 and bool((since <= most + 1e-9).sum() >= share * len(since))

    def _stood(self, row: int, at: int, near: list[int], rule: BlockedRule) -> bool:
        """Whether a point has stood still since half an hour after a bin while a neighbour moved."""
        shown = self.window.value[[row, *near], (at + AFTER) * BIN :]
        if (~np.isnan(shown[0])).sum() < rule.flat_min / 4 or shown.shape[1] < rule.flat_min / 2:
            return False
        step = self.window.tracks[row].step
        reach = [float(np.nanmax(part) - np.nanmin(part)) for part in shown if not np.isnan(part).all()]
        return reach[0] <= rule.flat_steps * step + 1e-9 and max(reach) >= rule.neighbour_steps * step - 1e-9

    def _spread(self, ratios: Array, before: Array) -> float:
        """How much the ratio honestly varies: the smallest deviation over the neighbours."""
        away = np.abs(ratios - before[:, None])
        usual = series.median(away) * MAD_TO_DEVIATION
        usual = usual[np.isfinite(usual)]
        return float(usual.min()) if len(usual) else 0.0

    def _disturbed(self, row: int, at: int, rule: FallRule) -> bool:
        """True when the sensor was being calibrated around the moment: what changed then has a reason."""
        quiet = int(rule.calibration_min)
        first = max(at * BIN - quiet, 0)
        return bool(self.window.calibrating[row, first : at * BIN + quiet].any())

    def back(self, row: int, ratios: dict[str, float], rule: FallRule) -> int | None:
        """The first bin of the last stretch in which a fallen point is where its neighbours say again, None while it is not."""
        codes = {track.code: r for r, track in enumerate(self.window.tracks)}
        near = [(codes[code], ratio) for code, ratio in ratios.items() if code in codes]
        if not near:
            return None
        rows = [r for r, _ in near]
        gap = middle(self.logs[row] - self.sure[rows] - np.array([[ratio] for _, ratio in near]))
        seen = np.flatnonzero(np.isfinite(gap))
        if len(seen) < AFTER:
            return None
        up = gap[seen] > np.log(1 - rule.back_share)
        if not up[-AFTER:].all():
            return None
        first = len(up) - AFTER
        while first > 0 and up[first - 1]:
            first -= 1
        return int(seen[first])


def series_after(values: Array) -> Array:
    """Medians of half an hour from each bin on."""
    told = np.full(values.shape, np.nan)
    told[..., : values.shape[-1] - AFTER + 1] = series.median(series.rolling(values, AFTER))
    return told


def middle(values: Array) -> Array:
    """Along the first axis: the value that at least half of the neighbours reach; of two the nearer to zero for a fall."""
    ordered = np.sort(values, axis=0)
    count = (~np.isnan(ordered)).sum(axis=0)
    chosen = np.take_along_axis(ordered, np.maximum(count // 2, 0)[None].clip(max=len(ordered) - 1), axis=0)[0]
    return np.asarray(np.where(count > 0, chosen, np.nan))
