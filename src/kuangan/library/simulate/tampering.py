"""Where and when each deed is planted in a mine: every deed two or three times over the last three days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kuangan.library.simulate import plants as deed
from kuangan.library.simulate.faults import Kind
from kuangan.library.simulate.labels import HOUR_MS, Plant
from kuangan.library.simulate.mine import Point, SimulatedMine

Planted = tuple[list[Plant], dict[str, Any]]
_ROLES = ("face", "corner", "face_return", "heading", "heading_return")


def _workings(mine: SimulatedMine) -> list[list[Point]]:
    """Methane points of each working, of those that have two at least."""
    found = [
        [p for p in mine.points if p.working == number and p.spec.role in _ROLES]
        for number in range(len(mine.workings))
    ]
    return [points for points in found if len(points) > 1]


def _hour(rng: np.random.Generator, first: int, last: int) -> int:
    return int(rng.integers(first * 60, last * 60)) * 60_000


def _single(kind: Kind, role: int, hours: float, setting: float | None = None) -> Callable[..., Planted]:
    def plant(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
        places = _workings(mine)[:3]
        chosen = [points[min(role, len(points) - 1)] for points in places]
        begins = [start + 24 * n * HOUR_MS + _hour(rng, 1, 22 - int(min(hours, 20))) for n in range(len(chosen))]
        made = [deed.tampered(kind, mine, p, at, hours, setting) for p, at in zip(chosen, begins, strict=True)]
        return made, {}

    return plant


def _group(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
    gas = [p for points in _workings(mine) for p in points]
    first = deed.wrapped_together(mine, gas[:4], start + _hour(rng, 2, 8), 10)
    return [first, deed.wrapped_together(mine, gas[-4:], start + 40 * HOUR_MS + _hour(rng, 1, 6), 12)], {}


def _clipped(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
    surge = deed.SURGE * (1.8 if mine.gas_grade == "low" else 1.15 if mine.gas_grade == "high" else 1.0)
    places = _workings(mine)[:1]
    return [deed.clipped(mine, points, start + _hour(rng, 1, 6), 60, surge) for points in places], {}


def _calibration(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
    face, heading = _workings(mine)[:2]
    often = [start - (4 - n) * 24 * HOUR_MS + (12 * HOUR_MS) for n in range(6)]
    return [
        deed.calibrated_long(mine, face[0], start + _hour(rng, 2, 9)),
        deed.calibrated_while_high(mine, heading[0], heading[1], start + 36 * HOUR_MS + _hour(rng, 1, 9)),
        deed.calibrated_often(mine, face[-1], often),
    ], {}


def _limits(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
    points = [p for place in _workings(mine)[:2] for p in place[:1]]
    return [
        deed.limit_raised(mine, p, start + n * 30 * HOUR_MS + _hour(rng, 1, 9), 20) for n, p in enumerate(points)
    ], {}


def _history(plant: Callable[[SimulatedMine, Point, int], Plant]) -> Callable[..., Planted]:
    def planted(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
        points = [place[0] for place in _workings(mine)[:3]]
        return [plant(mine, p, start + 24 * n * HOUR_MS + _hour(rng, 2, 18)) for n, p in enumerate(points)], {}

    return planted


def _inspected(mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
    visits = [start + 24 * n * HOUR_MS + _hour(rng, 8, 16) for n in range(3)]
    known = [{"mine": mine.code, "from": at, "to": at + 3 * HOUR_MS} for at in visits]
    return [deed.cut_before(mine, at) for at in visits[:2]], {"inspections": known}


_DEEDS: dict[str, Callable[..., Planted]] = {
    "blocked": _single("blocked", 0, 9),
    "group": _group,
    "moved": _single("moved", 0, 14),
    "blown": _single("blown", 1, 14),
    "clipped": _clipped,
    "replayed": _single("replayed", 0, 18, 2),
    "calibration": _calibration,
    "limits": _limits,
    "edited": _history(deed.history_edited),
    "deleted": _history(deed.history_deleted),
    "inspected": _inspected,
}
DEEDS = tuple(_DEEDS)


def deeds(kind: str, mine: SimulatedMine, start: int, rng: np.random.Generator) -> Planted:
    """Plants of one kind from `start` on, within three days, and what the register must say for them.

    Raises KeyError for an unknown kind.
    """
    return _DEEDS[kind](mine, start, rng)
