"""What a point is to the rules of danger: its kind, and the edges between the bands of its values.

A point is quiet while its value stays within its band; only the first value of another band is looked at one by one. A switch
has two bands, a point with a lower and an upper limit three. Bands are counted from 0 at the lowest values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kuangan.library.warning.overlimit import steps
from kuangan.library.warning.settings import Grade

UNKNOWN = -1
HALF: Final = 0.5
"""The edge of a switch, between its states 0 and 1."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a band begins, in the unit of the point, and which limit that is."""

    value: float
    source: str  # own | table | statutory | switch
    row: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """`edges` rise; a value in whole steps of resolution on an edge belongs to the band above it. `grades` has one more entry
    than `edges`: the grade of each band, "" where nothing is wrong."""

    kind: str
    edges: tuple[Edge, ...]
    grades: tuple[Grade | str, ...] = ()
    rule: str = ""
    confidence: str = "I"
    article: str = ""
    hold_s: float = 0.0

    @property
    def is_switch(self) -> bool:
        return len(self.edges) == 1 and self.edges[0].source == "switch"

    def band(self, value: float, step: float) -> int:
        reached = steps(value, step)
        return sum(reached >= steps(edge.value, step) for edge in self.edges)

    def bands(self, value: npt.NDArray[np.float64], step: float) -> npt.NDArray[np.int64]:
        """`band` of many values of one point."""
        edges = np.array([steps(edge.value, step) for edge in self.edges])
        return np.searchsorted(edges, np.floor(value / step + 0.5 + 1e-9), side="right")

    def quiet(self, band: int, step: float) -> tuple[float, float]:
        """Values of a band lie strictly between these two; every value is outside while the band is not known."""
        if band == UNKNOWN:
            return math.inf, -math.inf
        low = -math.inf if band == 0 else (steps(self.edges[band - 1].value, step) - 0.49) * step
        high = math.inf if band == len(self.edges) else (steps(self.edges[band].value, step) - 0.51) * step
        return low, high

    def grade(self, band: int) -> str:
        return self.grades[band] if 0 <= band < len(self.grades) else ""

    def crossed(self, band: int) -> Edge | None:
        """The edge between a graded band and the sound one next to it, seen from the sound one."""
        sound = [number for number, grade in enumerate(self.grades) if not grade]
        if not sound or band in sound:
            return None
        return self.edges[band] if band < sound[0] else self.edges[band - 1]


def switch(kind: str) -> Sign:
    """Band 0 is the state 0 of the wire, band 1 the state 1."""
    return Sign(kind, (Edge(HALF, "switch"),))


def switch_bands(value: npt.NDArray[np.float64], step: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """`Sign.band` of many samples of switches."""
    return (_steps(value, step) >= _steps(HALF, step)).astype(np.int8)


def switch_quiet(
    band: npt.NDArray[np.int8], step: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """`Sign.quiet` of many switches whose band is known."""
    edge = _steps(HALF, step)
    return np.where(band == 0, -np.inf, (edge - 0.49) * step), np.where(band == 0, (edge - 0.51) * step, np.inf)


def _steps(value: npt.NDArray[np.float64] | float, step: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`overlimit.steps` of many values."""
    return np.floor(value / step + 0.5 + 1e-9)
