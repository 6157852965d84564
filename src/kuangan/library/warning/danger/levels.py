"""Values of one point outside their limits: air speed, oxygen, drainage, pressure, roof separation, slopes, items of ponds.

Formal condition: with value and limits in whole steps of resolution, the event opens when the value was in bands with a grade for
`hold_s` of event time, rises when it was in a graver band for as long, and ends with the first value in the sound band.
Sources: the rows of each rule, with article and confidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from kuangan.library.warning.danger import settings as law
from kuangan.library.warning.danger.again import Replayed
from kuangan.library.warning.danger.choosing import LEVELS
from kuangan.library.warning.danger.watching import Finding, Ladder
from kuangan.library.warning.family import Move
from kuangan.library.warning.settings import GRADES, rank

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


class Level(Replayed):
    """One rule on points of one kind; the key of a condition is the code of its point."""

    def keys(self, state: State, index: int) -> Iterable[str]:
        return (state.points[index].code,)

    def members(self, state: State, mine: int, points: Iterable[int]) -> list[int]:
        return sorted(points)

    def alarming(self, state: State, move: Move) -> bool:
        return bool(state.signs[move.index].grade(move.band))

    def find(self, state: State, key: str) -> Finding | None:
        index = state.point_index[key]
        sign, p = state.signs.get(index), state.p
        grade = sign.grade(int(p["band"][index])) if sign is not None and sign.rule == self.rule else ""
        if sign is None or not grade:
            return None
        band, value = int(p["band"][index]), self.value(state, index)
        edge = sign.crossed(band)
        assert edge is not None
        low = edge is sign.edges[band] if band < len(sign.edges) else False
        since = self.pending.get(key, int(p["band_at"][index]))
        point, hold = state.points[index], int(sign.hold_s * 1000)
        given = sorted((each for each in set(sign.grades) if each), key=rank)
        mildest = given[0]
        ladder: Ladder = [(hold, GRADES[rank(mildest)], "level")]
        if grade != mildest:
            ladder.append((hold + int(p["band_at"][index]) - since, GRADES[rank(grade)], edge.row or edge.source))
        return Finding(
            since,
            self.seen(state, index),
            ladder,
            point.mine,
            index,
            "point",
            key,
            point.location,
            self.inputs(state, index) | {"value": value, "limit": edge.value, "low": low, "hold_s": sign.hold_s},
            value,
            self.when(state, index),
            low,
        )

    def inputs(self, state: State, index: int) -> dict[str, Any]:
        """What the event says of its point and of the limits it is held against."""
        point, sign = state.points[index], state.signs[index]
        limit = point.limit
        edge = sign.crossed(int(state.p["band"][index]))
        assert edge is not None
        return {
            "type_name": point.type_name,
            "sensor_type": point.sensor_type,
            "unit": point.unit,
            "kind": sign.kind,
            "place_class": limit.place if limit is not None else "",
            "limit_source": "own" if edge.source == "own" else "system_default",
            "limit_row": edge.row,
            "article": sign.article,
            "row_confidence": sign.confidence,
            "levels": [[grade, each.value] for grade, each in _levels(sign)],
        }


def _levels(sign: Any) -> list[tuple[str, Any]]:
    """Each graded band with the edge that leads into it."""
    return [(grade, sign.crossed(band)) for band, grade in enumerate(sign.grades) if grade]


class AirSpeed(Level):
    name: ClassVar[str] = law.AIR_SPEED
    rule = law.AIR_SPEED
    hears = frozenset({LEVELS[law.AIR_SPEED]})


class OxygenLow(Level):
    name: ClassVar[str] = law.OXYGEN_LOW
    rule = law.OXYGEN_LOW
    hears = frozenset({LEVELS[law.OXYGEN_LOW]})


class Drainage(Level):
    name: ClassVar[str] = law.DRAINAGE
    rule = law.DRAINAGE
    hears = frozenset({LEVELS[law.DRAINAGE]})


class GasLevel(Level):
    name: ClassVar[str] = law.GAS_LEVEL
    rule = law.GAS_LEVEL
    hears = frozenset({LEVELS[law.GAS_LEVEL], "carbon_monoxide"})


class Pressure(Level):
    name: ClassVar[str] = law.PRESSURE
    rule = law.PRESSURE
    hears = frozenset({LEVELS[law.PRESSURE]})


class RoofSeparation(Level):
    name: ClassVar[str] = law.ROOF_SEPARATION
    rule = law.ROOF_SEPARATION
    hears = frozenset({LEVELS[law.ROOF_SEPARATION]})


class Slope(Level):
    name: ClassVar[str] = law.SLOPE
    rule = law.SLOPE
    hears = frozenset({LEVELS[law.SLOPE]})
