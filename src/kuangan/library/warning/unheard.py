"""Switches whose moves nobody minds – a door that stands alone –: their bands are followed by arrays, without telling anyone.

They are many and move often. What is remembered of them is what would be if each move were told, so that a second door that is
defined later finds the first in the band it is in, since when it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kuangan.library.warning import families
from kuangan.library.warning.masks import CALIBRATION, FAULTS, PAUSED
from kuangan.library.warning.signs import switch_bands, switch_quiet
from kuangan.library.warning.state import State

UNASKED, MINDED, UNHEARD = 0, 1, 2


def unheard(state: State, point: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Per given point whether a move of it says nothing to any family, as the points are defined now."""
    if state.minded_at != state.layout or len(state.minded) < len(state.p):
        state.minded, state.minded_at = np.zeros(len(state.p), np.int8), state.layout
    known = state.minded.take(point)
    if (known == UNASKED).any():
        for index in set(point[known == UNASKED].tolist()):
            sign = state.signs.get(index)
            silent = sign is not None and sign.is_switch and not families.minded(state, index, sign.kind)
            state.minded[index] = UNHEARD if silent else MINDED
        known = state.minded.take(point)
    return np.equal(known, UNHEARD)


def follow(
    state: State,
    point: npt.NDArray[np.intp],
    time: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
    status: npt.NDArray[np.int32],
) -> None:
    """Take samples in time of unheard points, those of one point in order: the band of each, since when, and its screen."""
    judged = np.flatnonzero(((status & (FAULTS | PAUSED | CALIBRATION)) == 0) & ~np.isnan(value))
    judged = judged[np.argsort(point[judged], kind="stable")]
    owner, p = point[judged], state.p
    if not len(owner):
        return
    band = switch_bands(value[judged], p["step"][owner])
    before = np.empty_like(band)
    before[1:] = band[:-1]
    first = np.r_[True, owner[1:] != owner[:-1]]
    before[first] = p["band"][owner[first]]
    moved = np.flatnonzero(band != before)
    whose = owner[moved]
    last = moved[np.r_[whose[1:] != whose[:-1], True][: len(whose)]]
    whose = owner[last]
    p["band"][whose], p["band_at"][whose] = band[last], time[judged[last]]
    p["band_value"][whose] = value[judged[last]]
    p["floor"][whose], p["ceiling"][whose] = switch_quiet(band[last], p["step"][whose])
    p["screen"][whose] = np.where(p["watch"][whose], -np.inf, np.minimum(p["ceiling"][whose], p["loud"][whose]))
