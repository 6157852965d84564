"""A trial in the making: scene, then traffic, then labels, in the only order that is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from kuangan.library.simulate.labels import Label, Trial, repeated
from kuangan.library.simulate.second import breaks, truths
from kuangan.library.simulate.second.layout import Layout
from kuangan.library.simulate.second.links import LINKS
from kuangan.library.simulate.second.scene import Scene
from kuangan.library.simulate.second.traffic import Traffic

Labels = list[Label]
BEGIN = 1_777_564_800_000
"""2026-05-01 00:00 Beijing time."""
HOUR = 3_600_000


class Making:
    """Hands for a recipe. `physical`, `after` and `sent` are run in that order; each gives labels."""

    def __init__(
        self, key: str, layout: Layout, rng: np.random.Generator, hours: float, rhythm_s: int, link: str
    ) -> None:
        self.key, self.layout, self.rng, self.link = key, layout, rng, link
        self.scene = Scene(layout, rng, BEGIN, BEGIN + int(hours * HOUR), rhythm_s)
        self.labels: Labels = []
        self.spared: list[tuple[int, int]] = []
        self.dark_stations: list[str] = []
        self.traffic: Traffic

    def point(self, role: str, working: int = -1) -> int:
        return self.layout.find(role, working)

    def at(self, hour: float) -> int:
        return self.scene.at(hour)

    def sensed(self, *deeds: Callable[[Scene], Labels]) -> None:
        """Run physics and instruments, then frauds at instruments, then round."""
        self.scene.sense()
        for deed in deeds:
            self.labels += deed(self.scene)
        self.scene.finish()
        self.traffic = Traffic(self.scene, LINKS[self.link], self.rng)

    def sent(self, *deeds: Callable[[Traffic], Labels]) -> None:
        for deed in deeds:
            self.labels += deed(self.traffic)
        self.traffic.close()

    def trial(self) -> Trial:
        limits = [point.limit for point in self.layout.points]
        labels = [*self.labels, *truths.over_limits(self.traffic, limits), *truths.risen(self.traffic)]
        labels += breaks.read_off(self.traffic, self.spared, self.dark_stations)
        labels += repeated(labels, self.scene.end)
        character = {self.layout.code: self.layout.character.name}
        scene = self.scene
        return Trial(
            self.key,
            character,
            self.link,
            scene.begin,
            scene.end,
            self._register(),
            self.traffic.uploads(),
            ordered(labels),
        )

    def _register(self) -> bytes:
        grade = self.layout.character.grade
        mine = {"name": self.layout.name, "kind": "underground_coal", "gas_grade": grade}
        modes = {p.code: "on_change" for p in self.layout.points} if LINKS[self.link].on_change else {}
        return json.dumps({"mines": {self.layout.code: mine}, "upload_mode": modes}, ensure_ascii=False).encode()


def ordered(labels: Sequence[Label]) -> list[Label]:
    return sorted(labels, key=lambda one: (one.onset, one.rule, one.subjects))
