"""Readings that are held just below a limit by software: they pile up under it and never cross.

Formal condition, over the window of a methane point: at least `minutes` in [limit − band, limit), `inversion` times those in the
band below it, none at or over the limit; and one more of: a neighbour says the gas was over the limit for `over_minutes`; `history_factor` times as many as in the first half
of the window; another point of the mine has the same highest value. Honest gas thins out towards its peak.
Source: gas_rules.yaml data_quality_terms clipping (inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series, spans
from kuangan.library.warning.deceit.falls import Falls
from kuangan.library.warning.deceit.settings import ClippedRule
from kuangan.library.warning.deceit.verdict import Sign, Verdict, sign, spoke, unknown
from kuangan.library.warning.deceit.window import BIN, HOUR, Window

CLIPPED = "tamper.clipped"
QUIET = 12 * HOUR


def judge(window: Window, falls: Falls, rule: ClippedRule) -> list[Verdict]:
    found = [_judged(window, falls, row, rule) for row in window.gas if np.isfinite(window.tracks[row].limit)]
    return [verdict for verdict in found if verdict is not None]


def held(window: Window, row: int, rule: ClippedRule) -> Array:
    """Minutes in which a point reads just below its limit."""
    track, value = window.tracks[row], window.value[row]
    return np.flatnonzero((value >= track.limit - rule.band - 1e-9) & (value < track.limit - 1e-9))


def _judged(window: Window, falls: Falls, row: int, rule: ClippedRule) -> Verdict | None:
    track, value = window.tracks[row], window.value[row]
    piled = spans.clipped(value, limit=track.limit, band=rule.band, minutes=rule.minutes, inversion=rule.inversion)
    if not piled:
        return None
    at, numbers = held(window, row, rule), piled[0].numbers
    signs = [
        sign("piled_up", True, minutes=numbers["minutes"], below=numbers["below"], limit=track.limit),
        _neighbours(window, falls, row, at, rule),
        _history(window, row, rule),
        _same_peak(window, row, rule),
    ]
    tier = "check" if spoke(signs) >= 2 else "watch"
    if tier not in rule.grades:
        return None
    near = [window.tracks[r].code for r in window.neighbours(row)]
    return Verdict(
        CLIPPED,
        "check" if tier == "check" else "watch",
        "point",
        track.code,
        window.at(int(at[0])),
        signs,
        [track.code],
        near,
        {},
        {"limit": track.limit, "highest": numbers["highest"], "step": track.step},
    )


def _neighbours(window: Window, falls: Falls, row: int, at: Array, rule: ClippedRule) -> Sign:
    """What the neighbours say the gas was, by their usual ratio while the point was well below its limit."""
    near, ratios = falls.ratios(row)
    limit = window.tracks[row].limit
    free = window.levels[row] < limit - 3 * rule.band
    if not near or free.sum() < BIN:
        return unknown("neighbours_over", "no_neighbours" if not near else "own_past")
    usual = series.median(np.where(free[None], ratios, np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        said = window.value[near][:, at] * np.exp(usual)[:, None]
    over = int((series.median(said.T) >= limit).sum())
    return sign("neighbours_over", over >= rule.over_minutes, minutes=over)


def _history(window: Window, row: int, rule: ClippedRule) -> Sign:
    """Share of time just below the limit in the second half of the window against the first."""
    half = window.minutes // 2
    track = window.tracks[row]
    before, now = (
        series.share_between(part, track.limit - rule.band, track.limit) for part in np.split(window.value[row], [half])
    )
    if np.isnan(before) or np.isnan(now):
        return unknown("history", "own_past")
    return sign("history", now > 0 and now >= rule.history_factor * before, before=before, since=now)


def _same_peak(window: Window, row: int, rule: ClippedRule) -> Sign:
    track = window.tracks[row]
    highest = float(np.nanmax(window.value[row]))
    others = [
        r
        for r in window.gas
        if r != row and window.tracks[r].limit == track.limit and len(held(window, r, rule)) >= rule.minutes
    ]
    if not others:
        return unknown("same_peak", "no_other")
    same = sum(abs(float(np.nanmax(window.value[r])) - highest) < track.step / 2 for r in others)
    return sign("same_peak", same > 0, points=same)


def over(window: Window, rule: ClippedRule, code: str, memory: Mapping[str, Any]) -> int | None:
    """When (ms) it read just below its limit last: half a day ago or more, or before it crossed the limit."""
    row = next((r for r, track in enumerate(window.tracks) if track.code == code), None)
    if row is None:
        return None
    at = held(window, row, rule)
    crossed = np.flatnonzero(window.value[row] >= window.tracks[row].limit - 1e-9)
    if len(crossed):
        return window.at(int(crossed[0]))
    last = window.at(int(at[-1]) + 1) if len(at) else window.start
    return last if window.end - last >= QUIET else None
