"""One synthetic mine: places, sub-stations and points, with the numbers the physics needs as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from kuangan.library.simulate.catalogue import GasGrade, PlaceSpec, PointSpec, Sensor, layout
from kuangan.library.simulate.noise import Floats, Ints, key_of

Activity = Literal["producing", "maintenance", "stopped"]
STATION_CAPACITY = 16
MAX_POINTS = 300
_FIXED_PLACES = ("main_return", "fans", "district_return", "substation_room", "belt", "bunker", "pump_room", "refuge")


@dataclass(frozen=True, slots=True)
class Point:
    """One sensor as it stands in the definition file; `working` is the index of its face or heading, −1 elsewhere."""

    code: str
    system: str
    station: str
    type: str
    sensor: Sensor
    location: str
    place: str
    working: int
    spec: PointSpec

    @property
    def value_type(self) -> str:
        return "KG" if self.sensor.on_text is not None else "MN"

    @property
    def is_methane(self) -> bool:
        return self.spec.role != "pipe" and self.sensor.unit == "%CH4"


@dataclass(frozen=True, slots=True)
class Working:
    """A coal face or heading with its own cutting cycle."""

    name: str
    is_face: bool
    cycle_min: int
    blasts: bool


@dataclass(frozen=True, eq=False)
class SimulatedMine:
    """A mine that can answer for any moment. `seed` and `code` fix everything it will ever measure.

    `crew` is how many people work below ground; 0 for a mine that sends no positions. With `states` it also sends the states of
    its stations (FZSS, and with a crew JZSS) and five-minute statistics (TJSJ). Producing mines cut coal in two shifts of three,
    those under maintenance in one, stopped ones in none. Of an `orderly` one base stations have
    coordinates, nobody passes two of them faster than on foot, and leaders and special posts never stay away.
    """

    code: str
    name: str
    gas_grade: GasGrade
    seed: int
    points: tuple[Point, ...]
    stations: tuple[tuple[str, str], ...]
    workings: tuple[Working, ...]
    maintenance_shift: int
    crew: int = 0
    states: bool = False
    activity: Activity = "producing"
    orderly: bool = False

    def key(self, *parts: int | str) -> int:
        return key_of(self.seed, self.code, *parts)

    def phase(self, rhythm: int) -> int:
        """Second within the rhythm at which this mine samples (staggered over the fleet)."""
        return self.key("phase") % rhythm

    @cached_property
    def index(self) -> dict[str, int]:
        return {point.code: i for i, point in enumerate(self.points)}

    @cached_property
    def keys(self) -> Ints:
        """One noise key per point, shape (P, 1)."""
        return np.array([[self.key("noise", point.code)] for point in self.points], dtype=np.int64)

    @cached_property
    def decimals(self) -> Ints:
        return np.array([point.sensor.decimals for point in self.points], dtype=np.int64)

    @cached_property
    def station_of(self) -> Ints:
        """Index of the sub-station of each point, shape (P,)."""
        order = {code: i for i, (code, _) in enumerate(self.stations)}
        return np.array([order[point.station] for point in self.points], dtype=np.int64)

    def limit(self, name: str) -> Floats:
        """A limit of every point (`alarm`, `low`, `cut`, `restore`), NaN where it has none."""
        values = [getattr(point.spec, name) for point in self.points]
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    def find(self, role: str, nth: int = 0) -> Point:
        """The nth point with this role, from behind when `nth` is negative. Raises LookupError when there is none."""
        found = [point for point in self.points if point.spec.role == role]
        if not -len(found) <= nth < len(found):
            raise LookupError(f"{self.code} has no point {role}[{nth}]")
        return found[nth]


def _working_name(kind: str, nth: int, key: int) -> str:
    level = 1 + key % 3
    return f"{level}{1 + nth + (key >> 4) % 4}{nth * 2 + 1 + (key >> 8) % 2:02d}" if kind else ""


def _plan(n_points: int, grade: GasGrade, seed_key: int) -> list[tuple[str, str, PlaceSpec]]:
    """(kind, name, spec) of every place the mine has, faces first."""
    catalogue = layout().places
    faces, headings = (1, 2) if n_points < 80 else (2, 3)
    plan: list[tuple[str, str, PlaceSpec]] = []
    for kind, count in (("coal_face", faces), ("heading", headings)):
        for nth in range(count):
            number = _working_name(kind, nth + (4 if kind == "heading" else 0), seed_key)
            plan.append((kind, catalogue[kind].name.format(no=number), catalogue[kind]))
    district = layout().districts[seed_key % len(layout().districts)]
    for kind in _FIXED_PLACES + (("drainage",) if grade != "low" else ()):
        plan.append((kind, catalogue[kind].name.format(district=district), catalogue[kind]))
    missing = n_points - sum(len(_allowed(spec, grade)) for _, _, spec in plan)
    spare = catalogue["spare"]
    for nth in range(-(-max(missing, 0) // len(spare.points))):
        plan.append(("spare", spare.name.format(no=f"3{nth + 1:02d}"), spare))
    return plan


def _allowed(spec: PlaceSpec, grade: GasGrade) -> list[PointSpec]:
    return [point for point in spec.points if grade in point.grades]


def _chosen(plan: list[tuple[str, str, PlaceSpec]], grade: GasGrade, n_points: int) -> list[list[PointSpec]]:
    """The points each place gets: most important ones of every place first, until n_points are used up."""
    wishes = [_allowed(spec, grade) for _, _, spec in plan]
    ranked = sorted((depth, place) for place, points in enumerate(wishes) for depth in range(len(points)))
    taken = [0] * len(plan)
    for _, place in ranked[:n_points]:
        taken[place] += 1
    return [points[:count] for points, count in zip(wishes, taken, strict=True)]


def _point(code: str, spec: PointSpec, name: str, place: PlaceSpec, station: int, channel: int, working: int) -> Point:
    sensor = layout().sensors[spec.type]
    kind, letter = ("KG", "D") if sensor.on_text is not None else ("MN", "A")
    return Point(
        code=f"{code}{place.system}{kind}{spec.type}{station:04d}0{letter}{channel:02d}",
        system=place.system,
        station=f"{code}{station:05d}",
        type=spec.type,
        sensor=sensor,
        location=name + spec.at,
        place=name,
        working=working,
        spec=spec,
    )


def build_mine(
    code: str,
    name: str,
    *,
    seed: int,
    points: int = 55,
    gas_grade: GasGrade = "low",
    crew: int = 0,
    states: bool = False,
    activity: Activity = "producing",
    orderly: bool = False,
    extras: Sequence[str] = (),
) -> SimulatedMine:
    """A mine with 20–300 points, and those of the places in `extras` besides.

    Raises ValueError for another number or a code that is not 12 digits, KeyError for an unknown place.
    """
    if not 20 <= points <= MAX_POINTS:
        raise ValueError(f"points must be 20…{MAX_POINTS}, not {points}")
    if len(code) != 12 or not code.isdigit():
        raise ValueError(f"not a 12-digit mine code: {code}")
    seed_key = key_of(seed, code, "layout")
    plan = _plan(points, gas_grade, seed_key)
    made: list[Point] = []
    stations: list[tuple[str, str]] = []
    workings: list[Working] = []
    chosen = _chosen(plan, gas_grade, points)
    for kind in extras:
        plan.append((kind, layout().extras[kind].name, layout().extras[kind]))
        chosen.append(list(layout().extras[kind].points))
    for (kind, place_name, spec), wanted in zip(plan, chosen, strict=True):
        if not wanted:
            continue
        is_working = kind in ("coal_face", "heading")
        if is_working:
            key = key_of(seed, code, place_name)
            cycle = 75 + key % 30 if kind == "coal_face" else 140 + key % 40
            workings.append(Working(place_name, kind == "coal_face", cycle, kind == "heading"))
        stations.append((f"{code}{len(stations) + 1:05d}", place_name))
        for channel, point in enumerate(wanted, start=1):
            working = len(workings) - 1 if is_working else -1
            made.append(_point(code, point, place_name, spec, len(stations), channel, working))
    shift = 1 if seed_key % 4 else 0
    return SimulatedMine(
        code,
        name,
        gas_grade,
        seed,
        tuple(made),
        tuple(stations),
        tuple(workings),
        shift,
        crew,
        states,
        activity,
        orderly,
    )
