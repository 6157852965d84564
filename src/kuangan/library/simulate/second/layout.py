"""What a mine has: workings, sub-stations and points, from its code and character."""

from __future__ import annotations

from typing import NamedTuple

from kuangan.library.simulate.second.words import Character, words

METHANE, CO, HEAT, WIND, PRESSURE, SWITCH = "methane", "co", "heat", "wind", "pressure", "switch"
STEP = {METHANE: 0.01, CO: 1.0, HEAT: 0.1, WIND: 0.1, PRESSURE: 1.0, SWITCH: 1.0}
CO_LIMIT = 24.0


class Point(NamedTuple):
    """One sensor. `role` is its place within working number `working` (-1: of the whole mine); `limit` 0 when it has none by law."""

    code: str
    kind: str
    type: str
    unit: str
    range: float
    limit: float
    cut: float
    role: str
    working: int
    station: str
    place: str

    @property
    def value_type(self) -> str:
        return "KG" if self.kind == SWITCH else "MN"

    @property
    def decimals(self) -> int:
        return {METHANE: 2, HEAT: 1, WIND: 1}.get(self.kind, 0)


class Layout(NamedTuple):
    """A mine. `workings`: numbers of faces and headings in order, the face first."""

    code: str
    name: str
    character: Character
    workings: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def stations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(point.station for point in self.points))

    def find(self, role: str, working: int = -1) -> int:
        """Where a point stands. Raises KeyError when the mine has none."""
        for number, point in enumerate(self.points):
            if point.role == role and point.working == working:
                return number
        raise KeyError(role)

    def of_kind(self, *kinds: str) -> list[int]:
        return [n for n, point in enumerate(self.points) if point.kind in kinds]


# role: kind, alarm limit, cut limit (reference table of methane sensors; CO 24 ppm; temperature 30)
FACE = {
    "face_t1": (METHANE, 1.0, 1.5),
    "face_t0": (METHANE, 1.0, 1.5),
    "face_t2": (METHANE, 1.0, 1.0),
    "face_co": (CO, CO_LIMIT, 0.0),
    "face_heat": (HEAT, 30.0, 0.0),
    "face_wind": (WIND, 4.0, 0.0),
    "face_feed": (SWITCH, 0.0, 0.0),
}
HEADING = {
    "head_t1": (METHANE, 1.0, 1.5),
    "head_t2": (METHANE, 1.0, 1.0),
    "head_co": (CO, CO_LIMIT, 0.0),
    "head_fan": (SWITCH, 0.0, 0.0),
    "head_duct": (SWITCH, 0.0, 0.0),
    "head_feed": (SWITCH, 0.0, 0.0),
}
WHOLE = {
    "district": (METHANE, 1.0, 1.0),
    "main": (METHANE, 0.75, 0.0),
    "main_wind": (WIND, 8.0, 0.0),
    "bunker": (METHANE, 1.5, 1.5),
    "haul_co": (CO, CO_LIMIT, 0.0),
    "pressure": (PRESSURE, 0.0, 0.0),
    "main_fan": (SWITCH, 0.0, 0.0),
    "door": (SWITCH, 0.0, 0.0),
}
OUTBURST_FACE = {"face_t3": (METHANE, 0.5, 0.5)}
SWITCHES = {"feed": "1011", "fan": "1001", "duct": "1003", "main_fan": "1010", "door": "1002"}
ANALOGUE = {
    CO: ("0004", "ppm", 1000.0),
    HEAT: ("0003", "℃", 100.0),
    WIND: ("0002", "m/s", 15.0),
    PRESSURE: ("0006", "Pa", 5000.0),
}


def lay_out(code: str, number: int, character: Character) -> Layout:
    """A mine of a character; the same arguments give the same mine."""
    workings = tuple(str(1101 + 100 * (number % 7) + n) for n in range(1 + character.headings))
    face = FACE | (OUTBURST_FACE if character.grade == "outburst" else {})
    roles = [(role, 0, row) for role, row in face.items()]
    roles += [(role, n, row) for n in range(1, len(workings)) for role, row in HEADING.items()]
    roles += [(role, -1, row) for role, row in WHOLE.items()]
    points = tuple(
        _point(code, serial, role, working, row, workings, character)
        for serial, (role, working, row) in enumerate(roles, 1)
    )
    return Layout(code, words()["mine"].format(n=number), character, workings, points)


def _point(
    code: str,
    serial: int,
    role: str,
    working: int,
    row: tuple[str, float, float],
    workings: tuple[str, ...],
    c: Character,
) -> Point:
    kind, limit, cut = row
    if kind == METHANE:
        type_, unit, reach = c.type, "%CH4", 10.0 if c.type == "0043" else 4.0
    elif kind == SWITCH:
        type_, unit, reach = SWITCHES.get(role, SWITCHES.get(role.rpartition("_")[2], "")), "", 1.0
    else:
        type_, unit, reach = ANALOGUE[kind]
    station = f"{code}{working + 2:05d}"
    letters = "KG" if kind == SWITCH else "MN"
    place = words()["places"][role].format(n=workings[working] if working >= 0 else "")
    return Point(
        f"{code}01{letters}{type_}{working + 2:03d}B{serial:02d}",
        kind,
        type_,
        unit,
        reach,
        limit,
        cut,
        role,
        working,
        station,
        place,
    )
