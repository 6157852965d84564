"""Labelled dangers that a mine's own sensors show: fans, doors, air, fire, electricity, drainage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kuangan.library.simulate.faults import Fault, Profile, fan_stop, ramp
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, may
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.states import SLOT_S, on_battery

MINUTE_MS = 60_000
SLACK_MS = 10 * MINUTE_MS
Planter = Callable[[SimulatedMine, int, np.random.Generator], list[Plant]]


def _must(rule: str, mine: SimulatedMine, points: Sequence[Point], start: int, end: int, variant: str = "") -> Label:
    names = [*(p.code for p in points), *(p.place for p in points), *(p.location for p in points), mine.code]
    subjects = tuple(dict.fromkeys(names))
    return Label(f"danger.{rule}", rule, mine.code, subjects, start, end, variant=variant, slack=SLACK_MS)


def _forced(mine: SimulatedMine, point: Point, start: int, minutes: float, *values: float) -> Fault:
    """A point held at values spread evenly over the time."""
    step = minutes * 60 / max(len(values) - 1, 1)
    profile: Profile = tuple((n * step, value) for n, value in enumerate(values))
    if len(values) == 1:
        profile = ((0.0, values[0]), (minutes * 60, values[0]))
    return Fault("forced", mine.code, start, start + int(minutes * MINUTE_MS), point.code, profile)


def _at(start: int, hour: float, rng: np.random.Generator) -> int:
    return start + round(hour * HOUR_MS) + int(rng.integers(0, 60)) * MINUTE_MS


def _fan_stopped(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """A local fan stands and gas rises behind it."""
    plants = []
    for heading in range(2):
        fault = fan_stop(mine, _at(start, 2 + 9 * heading, rng), peak=1.3, minutes=20, heading=heading)
        place = mine.points[mine.index[fault.subject]].place
        fans = [p for p in mine.points if p.place == place and p.spec.role in ("fan", "duct")]
        if fans:
            plants.append(Plant((fault,), (_must("fan_stopped", mine, fans, fault.start, fault.end),)))
    return plants


def _doors_open(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """Both doors of an air lock stand open; one alone, before, is no danger."""
    doors = [p for p in mine.points if p.spec.role == "door"]
    alone = _forced(mine, doors[0], _at(start, 2, rng), 20, 1.0)
    plants = [Plant((alone,), ())]
    for hour in (6, 14):
        both = tuple(_forced(mine, door, _at(start, hour, rng), 15, 1.0) for door in doors[:1])
        both += tuple(_forced(mine, door, both[0].start, 15, 1.0) for door in doors[1:])
        plants.append(Plant(both, (_must("doors_open", mine, doors, both[0].start, both[0].end),)))
    return plants


def _air_speed(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    winds = [p for p in mine.points if p.spec.role == "wind" and p.working >= 0]
    plants = []
    for n, (value, variant) in enumerate(((0.1, "low"), (4.6, "high"))):
        fault = _forced(mine, winds[n % len(winds)], _at(start, 3 + 8 * n, rng), 25, value)
        must = _must("air_speed", mine, [winds[n % len(winds)]], fault.start, fault.end, variant)
        plants.append(Plant((fault,), (must,)))
    return plants


def _fire(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """A cable smoulders: carbon monoxide, then smoke and heat."""
    room = [p for p in mine.points if p.spec.role in ("smoke", "fire_co", "fire_temperature")]
    plants = []
    for hour in (3, 13):
        begin = _at(start, hour, rng)
        levels = {"smoke": (1.0,), "fire_co": (5.0, 60.0, 140.0, 30.0), "fire_temperature": (23.0, 36.0, 55.0, 30.0)}
        faults = tuple(_forced(mine, p, begin, 40, *levels[p.spec.role]) for p in room)
        beside = may(mine.code, begin, faults[0].end, "gas.trend", slack=SLACK_MS)
        plants.append(Plant(faults, (_must("fire", mine, room, begin, faults[0].end), *beside)))
    return plants


def _feed_live(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """Gas passes the cut value and the electricity stays on; where it is cut, nothing is said."""
    plants = []
    for n, hour in enumerate((2, 8, 14)):
        gas = mine.find("face" if n != 1 else "corner")
        feed = next(p for p in mine.points if p.place == gas.place and p.type == "1015")
        high = ramp(mine, gas, _at(start, hour, rng), peak=1.9, rise_s=300, hold_s=600)
        if n == 0:
            plants.append(Plant((high,), ()))
            continue
        failed = Fault("interlock_failed", mine.code, high.start, high.end, feed.code)
        plants.append(Plant((high, failed), (_must("feed_live", mine, [feed, gas], high.start, high.end),)))
    return plants


def _oxygen_low(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """Old air comes out of the goaf at the return corner."""
    corner = mine.find("oxygen")
    fault = _forced(mine, corner, _at(start, 5, rng), 40, 20.2, 17.4, 16.8, 17.2, 20.0)
    return [Plant((fault,), (_must("oxygen_low", mine, [corner], fault.start, fault.end),))]


def _gas_level(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """Gases of a charging room: carbon dioxide once, hydrogen sulphide once."""
    plants = []
    for hour, role, levels in (
        (3, "carbon_dioxide", (0.3, 1.9, 1.8, 0.3)),
        (12, "hydrogen_sulphide", (1.2, 9.0, 24.0, 1.2)),
    ):
        point = mine.find(role)
        fault = _forced(mine, point, _at(start, hour, rng), 45, *levels)
        plants.append(Plant((fault,), (_must("gas_level", mine, [point], fault.start, fault.end, role),)))
    return plants


def _on_battery(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    plants = []
    for n in range(2):
        code, place = mine.stations[n]
        begin = _at(start, 3 + 8 * n, rng)
        fault = Fault("station_battery", mine.code, begin, begin + 3 * HOUR_MS, code)
        subjects = (code, place, mine.code)
        must = Label("danger.on_battery", "on_battery", mine.code, subjects, begin, fault.end, slack=SLACK_MS)
        plants.append(Plant((fault,), (must,)))
    return plants


def _power_lost(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """Every station runs on its battery and the main fans stand."""
    begin = _at(start, 5, rng)
    fans = [p for p in mine.points if p.type == "1010"]
    faults = tuple(Fault("station_battery", mine.code, begin, begin + HOUR_MS, code) for code, _ in mine.stations)
    faults += tuple(_forced(mine, p, begin, 60, 0.0) for p in fans)
    beside = may(mine.code, begin, begin + HOUR_MS, "danger.on_battery", "danger.fan_stopped", slack=SLACK_MS)
    return [Plant(faults, (_must("power_lost", mine, fans, begin, begin + HOUR_MS), *beside))]


def _drainage(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """The drained gas thins out."""
    pipe = next(p for p in mine.points if p.type == "0022")
    fault = _forced(mine, pipe, _at(start, 4, rng), 300, 18.0, 6.0, 2.0, 2.0, 6.0, 18.0)
    return [Plant((fault,), (_must("drainage", mine, [pipe], fault.start, fault.end),))]


def _pump(mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """All pumps of a room stand and its sump fills; one that stands alone, before, is no danger."""
    pumps, sump = [p for p in mine.points if p.spec.role == "pump"], mine.find("sump")
    alone = _forced(mine, pumps[0], _at(start, 2, rng), 60, 0.0)
    begin = _at(start, 6, rng)
    faults = tuple(_forced(mine, p, begin, 150, 0.0) for p in pumps)
    rising = _forced(mine, sump, begin, 150, 2.1, 2.6, 3.1, 3.6, 4.1)
    return [Plant((alone,), ()), Plant((*faults, rising), (_must("pump", mine, [*pumps, sump], begin, rising.end),))]


_DEEDS: dict[str, Planter] = {
    "fan_stopped": _fan_stopped,
    "doors_open": _doors_open,
    "air_speed": _air_speed,
    "fire": _fire,
    "feed_live": _feed_live,
    "oxygen_low": _oxygen_low,
    "gas_level": _gas_level,
    "on_battery": _on_battery,
    "power_lost": _power_lost,
    "drainage": _drainage,
    "pump": _pump,
}
DEEDS = tuple(_DEEDS)


def traits(kind: str) -> dict[str, Any]:
    """What the mine of a kind is built with."""
    places = {"doors_open": "air_lock", "fire": "cable_room", "pump": "sump", "gas_level": "charging_room"}
    extras = (places[kind],) if kind in places else ()
    return {"points": 140, "extras": extras, "states": kind in ("on_battery", "power_lost")}


def plants(kind: str, mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """The dangers of a kind within the day that begins at `start`. Raises KeyError for an unknown kind."""
    return _DEEDS[kind](mine, start, rng)


def battery_labels(mine: SimulatedMine, begin: int, end: int) -> list[Label]:
    """Stations that lose their mains by chance: it may be said, and need not be."""
    codes = [code for code, _ in mine.stations]
    found = []
    for second in range(begin // 1000, end // 1000, SLOT_S) if mine.states else ():
        for code in on_battery(mine, codes, second):
            at = second * 1000
            found += may(mine.code, at, at + SLOT_S * 1000, "danger.on_battery", subjects=(code,), slack=SLACK_MS)
    return found


def fan_labels(mine: SimulatedMine, faults: Sequence[Fault]) -> list[Label]:
    """Stopped fans in trials about something else may be said."""
    return [
        label
        for fault in faults
        if fault.kind == "fan_stop"
        for label in may(mine.code, fault.start, fault.end, "danger.fan_stopped", slack=SLACK_MS)
    ]
