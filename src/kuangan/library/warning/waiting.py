"""Frames that wait to be judged together, and the first tick at which something in them wants to be looked at.

A family looks at its conditions only behind readings that leave the band of their point. Those are found ahead, so that files
in which every point stays where it was are judged together however many looks they span; the answer may be too early, never late.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kuangan.library.warning.batch import Batch, FrameMark, Lookup
from kuangan.library.warning.danger.looks import next_look
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.state import State


@dataclass
class Waiting:
    """`scanned` frames were searched; `look` is the first look behind what was found in them, FOREVER when nothing was."""

    frames: list[FrameMark] = field(default_factory=list)
    scanned: int = 0
    look: int = FOREVER

    def next_look(self, state: State, batch: Batch, lookup: Lookup) -> int:
        """The first tick at which a family may have something to say because of the readings that wait."""
        fresh, self.scanned = self.frames[self.scanned :], len(self.frames)
        if self.look == FOREVER and fresh and fresh[-1].hi > fresh[0].lo:
            leaving = _first_leaving(state, batch, lookup, fresh[0].lo, fresh[-1].hi)
            if leaving is not None:
                self.look = next_look(next(mark.at for mark in fresh if mark.hi > leaving))
        return self.look


def _first_leaving(state: State, batch: Batch, lookup: Lookup, lo: int, hi: int) -> int | None:
    """The first row whose value may lie in another band than its point, None when none does."""
    if state.foreign:
        return lo
    code = batch.code[lo:hi]
    lookup.fit(int(code.max()))
    point = lookup.point[code]
    if int(point.min()) < 0:
        return lo
    value = batch.value[lo:hi]
    outside = (value <= state.p["floor"][point]) | (value >= state.p["ceiling"][point])
    first = int(np.argmax(outside))
    return lo + first if outside[first] else None
