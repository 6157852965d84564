"""Sensors that stand still or fall to nothing together, and come back together: covers put on by hand (balloons, bags).

Formal condition: `together` points that used to move stand within `flat_steps` of resolution for `keep_min`, begun within
`within_min` of each other. It is for a check when half of them fell as they came to a stand, most points of the mine go on, and they hang on
several sub-stations or stand at levels of their own above zero: what one sub-station or the whole system may do by itself is only watched.
Source: gas_rules.yaml tamper_detection group_event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series
from kuangan.library.warning.deceit.fallen import BLOCKED
from kuangan.library.warning.deceit.falls import AFTER, BEFORE
from kuangan.library.warning.deceit.settings import GroupRule
from kuangan.library.warning.deceit.verdict import Sign, Verdict, sign, spoke, unknown
from kuangan.library.warning.deceit.window import BIN, GASES, Window, ranges

GROUP = "tamper.group_event"
WHOLE_SHARE = 0.8
DROP_SHARE = 0.25


def judge(window: Window, rule: GroupRule) -> list[Verdict]:
    """The group that stands still at the end of the window, and each of its points as one that was covered."""
    first = still_since(window, rule)
    rows = np.flatnonzero(first >= 0)
    if len(rows) < rule.together:
        return []
    width = max(1, round(rule.within_min / BIN))
    begins = np.sort(first[rows])
    counts = np.searchsorted(begins, begins + width, side="right") - np.arange(len(begins))
    at = int(np.argmax(counts))
    if counts[at] < rule.together:
        return []
    members = [int(r) for r in rows if begins[at] <= first[r] <= begins[at] + width]
    return _told(window, members, int(begins[at]), rule)


def still_since(window: Window, rule: GroupRule) -> Array:
    """First bin of the standstill in which each point is at the end of the window, −1 when it moves, is not known or never moved."""
    high, low = window.extremes
    step = np.array([track.step for track in window.tracks])
    since = np.full(len(window.tracks), -1)
    width = int(rule.keep_min // BIN)
    if window.levels.shape[1] <= width + BEFORE:
        return since
    upper = np.fmax.accumulate(high[:, ::-1], axis=1)[:, ::-1]
    lower = np.fmin.accumulate(low[:, ::-1], axis=1)[:, ::-1]
    within = (upper - lower) <= (rule.flat_steps * step + 1e-9)[:, None]
    seen = ~np.isnan(high)
    length = within.sum(axis=1)
    usual = series.median(ranges(high, low, width))
    gases = np.array([track.quantity in GASES for track in window.tracks])
    for row in np.flatnonzero((length >= width) & gases).tolist():
        at = window.levels.shape[1] - int(length[row])
        if at < BEFORE or not seen[row, at:].sum() >= width / 2:
            continue
        past = ranges(high[row : row + 1, :at], low[row : row + 1, :at], width)[0]
        known = past[~np.isnan(past)]
        moved = len(known) > 0 and float(np.median(known)) >= rule.varied_steps * step[row] - 1e-9
        if moved and np.isfinite(usual[row]) and not _usual_rest(window, row, at, past, rule):
            since[row] = at
    return since


def _usual_rest(window: Window, row: int, at: int, past: Array, rule: GroupRule) -> bool:
    """Whether a point that stands still from bin `at` on stood still before at that level, as a working does between shifts; `past` is
    its range over each stretch before."""
    step, levels, width = window.tracks[row].step, window.levels[row], int(rule.keep_min // BIN)
    rests = np.flatnonzero(past <= rule.flat_steps * step + 1e-9)
    if not len(rests):
        return False
    before = series.median(series.rolling(levels[:at], width)[rests])
    return bool((np.abs(before - series.median(levels[at:])) <= rule.flat_steps * step + 1e-9).any())


def _told(window: Window, members: list[int], begin: int, rule: GroupRule) -> list[Verdict]:
    tracks = [window.tracks[r] for r in members]
    codes = [track.code for track in tracks]
    onset = window.at(max(begin - 1, 0) * BIN)
    movable = int((_ever_moved(window, begin, rule)).sum())
    stations = len({track.station for track in tracks if track.station >= 0})
    dropped = [_share(window, r, begin) for r in members]
    fell = sum(share >= DROP_SHARE for share in dropped)
    signs = [
        sign("together", True, points=len(members), within_min=rule.within_min),
        sign("several_stations", stations > 1, stations=stations)
        if stations
        else unknown("several_stations", "stations_unknown"),
        sign("part_only", len(members) < WHOLE_SHARE * movable or movable <= rule.together, of=movable),
        sign("drops", fell * 2 >= len(members), points=fell),
        _own_levels(window, members, begin),
        unknown("back_together", "still_on"),
    ]
    sure = spoke(signs, "part_only", "drops") == 2 and spoke(signs, "several_stations", "own_levels") > 0
    if not sure and not spoke(signs, "drops") and spoke(signs, "part_only"):
        return []
    tier = "check" if sure else "watch"
    where = sorted({track.working or track.location for track in tracks})
    told = [
        Verdict(
            GROUP,
            "check" if tier == "check" else "watch",
            "mine",
            window.code,
            onset,
            signs,
            codes,
            (),
            {"points": codes},
            {"places": where[:20]},
        )
    ]
    for row, share in zip(members, dropped, strict=True):
        if tier == "check" and share >= DROP_SHARE:
            told.append(_covered(window, row, share, onset, codes, signs[0]))
    return told


def _own_levels(window: Window, members: list[int], begin: int) -> Sign:
    """Each stands where its own cover left it; a sub-station that fails gives nothing, zero or what was last."""
    levels = series.median(window.levels[members, begin:])
    above = int((levels > [window.tracks[r].step for r in members]).sum())
    return sign("own_levels", above * 2 > len(members), points=above)


def _covered(window: Window, row: int, share: float, onset: int, codes: list[str], together: Sign) -> Verdict:
    track = window.tracks[row]
    signs = [sign("drop", True, share=share), sign("flat", True), unknown("neighbours", "neighbours_still"), together]
    others = [code for code in codes if code != track.code]
    memory = {"still": float(np.nanmedian(window.value[row, -BIN * AFTER :]))}
    return Verdict(
        BLOCKED, "check", "point", track.code, onset, signs, [track.code], others, memory, {"step": track.step}
    )


def _ever_moved(window: Window, begin: int, rule: GroupRule) -> Array:
    high, low = window.extremes
    width = int(rule.keep_min // BIN)
    step = np.array([track.step for track in window.tracks])
    return np.asarray(series.median(ranges(high[:, :begin], low[:, :begin], width)) >= rule.varied_steps * step - 1e-9)


def _share(window: Window, row: int, begin: int) -> float:
    """How much of its level a point lost when it came to a stand: the usual one of half an hour, or that of the last minutes, which may
    have been on its way up."""
    levels = window.levels[row]
    usual = float(series.median(levels[max(begin - AFTER - 2, 0) : max(begin - 1, 1)]))
    before = float(np.nanmax([usual, *levels[max(begin - 2, 0) : begin]]))
    after = float(series.median(levels[begin + 1 : begin + 1 + AFTER]))
    return 1 - after / before if before > 0 else 0.0


def over(window: Window, rule: GroupRule, memory: Mapping[str, Any]) -> tuple[int, Sign] | None:
    """When (ms) the first of the group moved again, and whether half of them did within `back_min` of each other."""
    high, low = window.extremes
    wanted = set(memory["points"])
    moved = [
        _moved_again(window, row, high[row], low[row], rule)
        for row, track in enumerate(window.tracks)
        if track.code in wanted
    ]
    back = sorted(at for at in moved if at is not None)
    if len(back) * 2 < len(moved) or not moved:
        return None
    span = (back[(len(moved) - 1) // 2] - back[0]) * BIN
    return window.at(back[0] * BIN), sign("back_together", span <= rule.back_min, points=len(back), within_min=span)


def _moved_again(window: Window, row: int, high: Array, low: Array, rule: GroupRule) -> int | None:
    """First bin of the stretch at the end of the window in which a point moves; None while its last hour stands still."""
    step = window.tracks[row].step
    reach = ranges(high[None], low[None], 2)[0]
    moving = np.flatnonzero(reach > rule.flat_steps * step + 1e-9)
    recent = moving[moving >= len(high) - 6]
    if not len(recent):
        return None
    breaks = np.flatnonzero(np.diff(moving) > 6)
    return int(moving[breaks[-1] + 1] if len(breaks) else moving[0]) + 1


def still_over(window: Window, rule: GroupRule, code: str) -> int | None:
    """When (ms) a covered point moved again, None while it stands."""
    row = next((r for r, track in enumerate(window.tracks) if track.code == code), None)
    if row is None:
        return None
    high, low = window.extremes
    at = _moved_again(window, row, high[row], low[row], rule)
    return None if at is None else window.at(at * BIN)
