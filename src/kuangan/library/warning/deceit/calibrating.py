"""Calibrations that are longer, more frequent or better timed than a calibration need be.

Judged once a session is over, or while it lasts longer than it may. A session is minutes with the calibration bit; pauses of ten minutes
do not part it. Signs: longer than `minutes`; more than `month` in thirty days; a neighbour over its limit for `neighbour_min` meanwhile.
Source: gas_rules.yaml tamper_detection calibration_abuse.
"""

from __future__ import annotations

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit.settings import CalibrationRule
from kuangan.library.warning.deceit.verdict import Sign, Verdict, sign, spoke, unknown
from kuangan.library.warning.deceit.window import DAY, Window
from kuangan.library.warning.settings import MINUTE

ABUSE = "tamper.calibration_abuse"
APART = 10
MONTH = 30 * DAY
Session = list[int]
"""First moment and last (ms) of a calibration, and 1 when it is over; as a list, so that it can be kept as JSON."""


def sessions(window: Window, row: int) -> list[Session]:
    """Calibrations seen in the window, in order."""
    at = np.flatnonzero(window.calibrating[row])
    if not len(at):
        return []
    groups: list[Array] = np.split(at, np.flatnonzero(np.diff(at) > APART) + 1)
    found = [[window.at(int(g[0])), window.at(int(g[-1]) + 1)] for g in groups]
    return [[start, end, int(window.end - end > APART * MINUTE)] for start, end in found]


def judge(window: Window, known: dict[str, list[Session]], rule: CalibrationRule) -> list[Verdict]:
    """New verdicts; `known` takes up the sessions that were judged, by code, and forgets those older than a month."""
    found: list[Verdict] = []
    for row in np.flatnonzero(window.calibrating.any(axis=1)).tolist():
        track = window.tracks[row]
        past = [s for s in known.get(track.code, []) if s[1] > window.end - MONTH]
        for session in sessions(window, row):
            start, end, ended = session
            same = next((s for s in past if s[0] <= end and start <= s[1] + APART * MINUTE), None)
            if same is not None and same[2]:
                continue
            if same is not None:
                same[1], same[2] = end, ended
            elif ended or end - start > rule.minutes * MINUTE:
                past.append([*session])
            else:
                continue
            found += _said(window, row, same or past[-1], past, rule)
        if past:
            known[track.code] = past
    return found


def _said(window: Window, row: int, session: Session, past: list[Session], rule: CalibrationRule) -> list[Verdict]:
    track = window.tracks[row]
    start, end, over = session
    lasted = (end - start) // MINUTE
    recent = sum(s[0] > start - MONTH and s[0] <= start for s in past)
    signs = [
        sign("long", lasted > rule.minutes, minutes=lasted),
        sign("often", recent > rule.month, times=recent),
        _neighbour(window, row, start, end, rule),
    ]
    count = spoke(signs)
    tier = "check" if count >= 2 else "watch"
    if not count or tier not in rule.grades:
        return []
    near = [window.tracks[r].code for r in window.neighbours(row)]
    return [
        Verdict(
            ABUSE,
            "check" if tier == "check" else "watch",
            "point",
            track.code,
            start,
            signs,
            [track.code],
            near,
            {"start": start},
            {"minutes": lasted, "step": track.step},
            end if over else None,
        )
    ]


def _neighbour(window: Window, row: int, start: int, end: int, rule: CalibrationRule) -> Sign:
    near = [r for r in window.neighbours(row) if np.isfinite(window.tracks[r].limit)]
    if not near:
        return unknown("neighbour_high", "no_neighbours")
    span = slice(max((start - window.start) // MINUTE, 0), (end - window.start) // MINUTE)
    high = [int((window.value[r, span] >= window.tracks[r].limit - 1e-9).sum()) for r in near]
    return sign("neighbour_high", max(high) >= rule.neighbour_min, minutes=max(high))
