"""A point goes over into another of its bands: the families that listen to its kind are told, before and after."""

from __future__ import annotations

from kuangan.library.warning import families
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Move
from kuangan.library.warning.masks import judged
from kuangan.library.warning.state import State


def noted(
    state: State, index: int, sample: tuple[int, float, int], at: int, origin: tuple[str, int, int]
) -> list[Event]:
    """Take one exceptional sample `(event time, value, status)`; only one that may be judged leads into another band."""
    sign = state.signs.get(index)
    time, value, status = sample
    if sign is None or not judged(value, status):
        return []
    p = state.p
    band = sign.band(value, float(p["step"][index]))
    before = int(p["band"][index])
    if band == before:
        return []
    move = Move(index, sign.kind, before, band, time, value, at, origin)
    events = families.leaving(state, move)
    p["band"][index], p["band_at"][index], p["band_value"][index] = band, time, value
    state.screen(index)
    return events + families.entered(state, move)
