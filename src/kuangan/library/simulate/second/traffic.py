"""A scene on its way: which file arrives when, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kuangan.library.simulate.second import links, text
from kuangan.library.simulate.second.links import Link
from kuangan.library.simulate.second.scene import Scene
from kuangan.library.simulate.writer import Upload

DAY_MS, BEIJING_MS = 86_400_000, 8 * 3_600_000
STATES_EVERY_MS = 300_000
FILL_MS = 120


class Traffic:
    """Made from a finished scene. Deeds set `lost` (never arrives), `held` (arrives at that time instead, Unix ms), `ahead` (ms the clock
    of the mine is wrong in a file), `silent_stations`, `alarms` (from when which alarm limit is declared), `absent`, and add to `again`."""

    def __init__(self, scene: Scene, link: Link, rng: np.random.Generator) -> None:
        self.scene, self.link = scene, link
        count = len(scene.times)
        self.lost = links.gilbert_elliott(rng, count, link.lost, link.burst)
        self.held = np.zeros(count, np.int64)
        self.ahead = np.zeros(count, np.int64)
        self.delay = links.latency(rng, count)
        self.silent_stations: list[tuple[int, int, str]] = []
        self.alarms: list[tuple[int, dict[int, float]]] = []
        self.absent: set[int] = set()
        self.again: list[Upload] = []
        self.writer = text.RealTime(scene.layout)

    def close(self) -> None:
        """Fix what is sent: after the last deed, before labels are read off."""
        scene = self.scene
        if self.link.on_change:
            scene.sent &= links.on_change(scene.values, scene.status)

    @property
    def clocks(self) -> npt.NDArray[np.int64]:
        """What the mine writes as time of each sample, Unix ms."""
        return np.asarray(self.scene.times + self.link.skew_s * 1000 + self.ahead)

    @property
    def arrivals(self) -> npt.NDArray[np.int64]:
        """When each sample's file arrives, Unix ms; lost ones too."""
        return np.asarray(np.where(self.held > 0, self.held, self.scene.times) + self.delay)

    def uploads(self) -> list[Upload]:
        """All files by time of sending."""
        scene, clocks, arrivals = self.scene, self.clocks, self.arrivals
        made = [*self._definitions(), *self._states(clocks, arrivals), *self.again]
        for k in np.flatnonzero(~self.lost).tolist():
            which = np.flatnonzero(scene.sent[k])
            if len(which):
                made.append(self.writer.file(scene.values[k], scene.status[k], which, int(clocks[k]), int(arrivals[k])))
        return sorted(made, key=lambda one: one.send_time)

    def resend(self, values: npt.NDArray[np.float64], rows: Iterable[int], at: int, without: int | None = None) -> None:
        """Send old samples again at `at`, with `values` (samples, points) and, when asked, without one point."""
        scene = self.scene
        for number, k in enumerate(rows):
            if not self.lost[k]:
                which = np.flatnonzero(scene.sent[k])
                which = which[which != without] if without is not None else which
                file = self.writer.file(values[k], scene.status[k], which, int(self.clocks[k]), at + number * FILL_MS)
                self.again.append(file)

    def _definitions(self) -> Iterable[Upload]:
        scene, layout = self.scene, self.scene.layout
        first = scene.begin - 2000
        days = range((scene.begin + BEIJING_MS) // DAY_MS + 1, (scene.end + BEIJING_MS) // DAY_MS + 1)
        moments = [first, *(day * DAY_MS - BEIJING_MS + 4000 for day in days), *(at for at, _ in self.alarms)]
        for at in moments:
            alarms: dict[int, float] = {}
            for since, changed in self.alarms:
                alarms |= changed if since <= at else {}
            written = at + self.link.skew_s * 1000
            if at == first:
                yield text.sub_stations(layout, written, at)
            if not self._down(at):
                yield text.definitions(layout, written, at + 500, alarms, self.absent)

    def _states(self, clocks: npt.NDArray[np.int64], arrivals: npt.NDArray[np.int64]) -> Iterable[Upload]:
        scene = self.scene
        every = max(1, STATES_EVERY_MS // (scene.rhythm_s * 1000))
        for k in range(0, len(scene.times), every):
            if not self.lost[k]:
                at = int(scene.times[k])
                gone = [code for low, high, code in self.silent_stations if low <= at < high]
                yield text.station_states(scene.layout, int(clocks[k]), int(arrivals[k]) + 50, gone)

    def _down(self, at: int) -> bool:
        k = min(int(np.searchsorted(self.scene.times, at)), len(self.lost) - 1)
        return bool(self.lost[k] or self.held[k])
