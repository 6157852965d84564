"""Conditions under which a mine sends: files lost, a clock askew, days held back, points that are sent only when they change.

A condition works on what was measured, before it is written, so that labels can be read off the very values that are sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import uniform
from kuangan.library.simulate.readings import Window
from kuangan.library.simulate.writer import Upload


@dataclass(frozen=True, slots=True)
class Condition:
    """`missing`: share of real-time files that never arrive. `skew_s`: how far the mine's clock is ahead (negative: behind).
    `held_hours`: how long files of its last day are held back. `on_change`: a point is sent when its value or status changes."""

    name: str
    missing: float = 0.0
    skew_s: int = 0
    held_hours: float = 0.0
    on_change: bool = False

    @property
    def plain(self) -> bool:
        """True when what is sent arrives whole and in time."""
        return not (self.missing or self.skew_s or self.held_hours or self.on_change)

    def through(self, mine: SimulatedMine, window: Window) -> Window:
        """What is left of a window, the same for every cut of a longer one except at its first sample on change."""
        if self.missing:
            key = np.array([mine.key("lost")], dtype=np.int64)
            lost = uniform(key, window.times) < self.missing
            window = replace(window, present=window.present & ~lost[None, :])
        return replace(window, present=_changes(window)) if self.on_change else window

    def sent(self, uploads: Iterable[Upload]) -> list[Upload]:
        """Files by the time they leave: a clock that is ahead writes a later time than it is."""
        return [upload._replace(send_time=upload.send_time - self.skew_s * 1000) for upload in uploads]


def _changes(window: Window) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where a point differs from what it last sent; the first sample counts as a change."""
    changed = np.ones_like(window.present)
    changed[:, 1:] = (window.scaled[:, 1:] != window.scaled[:, :-1]) | (window.status[:, 1:] != window.status[:, :-1])
    # After a loss the first reading is sent whatever it is.
    changed[:, 1:] |= ~window.present[:, :-1]
    return np.asarray(changed & window.present)


CONDITIONS = {
    condition.name: condition
    for condition in (
        Condition("plain"),
        Condition("missing20", missing=0.2),
        Condition("missing50", missing=0.5),
        Condition("missing80", missing=0.8),
        Condition("clock_behind", skew_s=-90),
        Condition("clock_askew", skew_s=120),
        Condition("back_fill", held_hours=24),
        Condition("on_change", on_change=True),
    )
}
