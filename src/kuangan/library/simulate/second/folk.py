"""People below: crews that arrive as a Poisson stream before their shift, walk a graph of base stations, work, and walk out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from kuangan.library.simulate.second.layout import Layout
from kuangan.library.simulate.second.words import words

HOUR, MINUTE, SECOND = 3_600_000, 60_000, 1000
SNAPSHOT_MS = 5 * MINUTE
SHIFT_MS = 8 * HOUR
REPEATED = 2
"""Snapshots in which a person who left is repeated."""
EARLY_MS = 50 * MINUTE
PACE = (0.9, 1.35)
"""m/s on foot."""


class Antenna(NamedTuple):
    """A base station: where it hangs (m), in which area, and which one lies between it and the mouth (-1: none)."""

    code: str
    area: str
    x: float
    y: float
    towards_mouth: int


AREAS = ("mouth", "haul", "face", "heading", "goaf")
GRAPH = (
    ("mouth", 0, 0, -1),
    ("haul", 420, 0, 0),
    ("haul", 900, 40, 1),
    ("haul", 1380, 60, 2),
    ("face", 1720, 60, 3),
    ("face", 1930, 80, 4),
    ("heading", 900, 430, 2),
    ("heading", 905, 780, 6),
    ("goaf", 1380, 420, 3),
)
HOMES = {"face": (4, 5), "heading": (6, 7), "haul": (2, 3), "goaf": (8,), "mouth": (0,)}
CREW = (
    ("leader", "haul", 1),
    ("gas", "face", 1),
    ("gas", "heading", 1),
    ("safety", "face", 1),
    ("shearer", "face", 2),
    ("worker", "face", 9),
    ("blaster", "heading", 1),
    ("worker", "heading", 7),
    ("worker", "haul", 4),
)


class Pass(NamedTuple):
    """A moment a station hears a card, at a signed distance in metres."""

    time: int
    station: int
    metres: float


@dataclass
class Trip:
    """From the mouth to the mouth: entry, passes in order of time, exit. Unix ms."""

    entry: int
    exit: int
    passes: list[Pass]

    def at(self, moment: int) -> list[Pass]:
        return [one for one in self.passes if one.time <= moment]


@dataclass
class Person:
    card: str
    name: str
    post: str
    home: str
    shift: int
    trips: list[Trip] = field(default_factory=list)


def antennas(layout: Layout) -> list[Antenna]:
    """Base stations of a mine; codes are area (mine + 4) and 6 digits."""
    return [
        Antenna(f"{layout.code}{AREAS.index(area) + 1:04d}{n:06d}", area, float(x), float(y), parent)
        for n, (area, x, y, parent) in enumerate(GRAPH, 1)
    ]


def way(station: int) -> list[int]:
    """Stations from the mouth to one."""
    found = [station]
    while GRAPH[found[0]][3] >= 0:
        found.insert(0, GRAPH[found[0]][3])
    return found


def apart(one: int, other: int) -> float:
    """Metres between two stations as the crow flies."""
    return float(np.hypot(GRAPH[one][1] - GRAPH[other][1], GRAPH[one][2] - GRAPH[other][2]))


def trip(rng: np.random.Generator, entry: int, leave: int, home: Sequence[int], still: bool = False) -> Trip:
    """Walk in, move about between the stations of `home` (never, when `still`), set out at `leave`."""
    pace = rng.uniform(*PACE)
    passes, clock = [], float(entry)
    stations = way(home[0])
    for before, station in zip([stations[0], *stations], stations, strict=False):
        clock += apart(before, station) / pace * SECOND
        passes.append(_heard(rng, clock, station))
    here = home[0]
    while not still:
        clock += rng.exponential(18 * MINUTE) + 2 * MINUTE
        if clock >= leave:
            break
        here = int(rng.choice(home))
        passes.append(_heard(rng, clock, here))
    clock = max(clock if still else leave, leave)
    back = way(here)[::-1]
    for before, station in pairwise(back):
        clock += apart(before, station) / pace * SECOND
        passes.append(_heard(rng, clock, station))
    return Trip(entry, int(clock + rng.uniform(20, 90) * SECOND), passes)


def _heard(rng: np.random.Generator, clock: float, station: int) -> Pass:
    return Pass(int(clock) // SECOND * SECOND, station, round(float(rng.normal(0, 14)), 2))


class Crowd:
    """All people of a mine over days; deeds change `people`, `mine_approved` and `area_approved`."""

    def __init__(self, layout: Layout, rng: np.random.Generator, begin: int, end: int, working: bool = True) -> None:
        self.layout, self.rng, self.begin, self.end = layout, rng, begin, end
        self.antennas = antennas(layout)
        self.cards = 0
        self.people: list[Person] = []
        for shift in range(3):
            for post, home, count in CREW if working else (("worker", "haul", 2),):
                self.people += [self.person(post, home, shift) for _ in range(count)]
        for person in self.people:
            for start in range(begin + person.shift * SHIFT_MS, end, 3 * SHIFT_MS):
                self.shift(person, start)
        peaks = self.counts()
        self.area_approved = {area: max(row.get(area, 0) for row in peaks.values()) + 2 for area in AREAS}
        self.area_approved["goaf"] = 0
        self.mine_approved = max(sum(row.values()) for row in peaks.values()) + 6

    def person(self, post: str, home: str, shift: int) -> Person:
        """A person with the next card."""
        self.cards += 1
        return Person(f"{self.layout.code}{self.cards:05d}", words()["person"].format(n=self.cards), post, home, shift)

    def shift(self, person: Person, start: int) -> None:
        """One shift of a person: early by an exponential wait (arrivals of a crew are a Poisson stream), home at its end."""
        entry = start - EARLY_MS + int(min(self.rng.exponential(9 * MINUTE), EARLY_MS))
        entry = entry // SECOND * SECOND
        leave = start + SHIFT_MS - 30 * MINUTE + int(self.rng.uniform(-12, 12) * MINUTE)
        person.trips.append(trip(self.rng, entry, leave, HOMES[person.home]))

    def snapshots(self) -> range:
        return range(self.begin + SNAPSHOT_MS, self.end, SNAPSHOT_MS)

    def counts(self) -> dict[int, Counter[str]]:
        """People by area at each snapshot."""
        return {
            at: Counter(GRAPH[t.at(at)[-1].station][0] for _, t in self.below(at) if t.at(at))
            for at in self.snapshots()
        }

    def below(self, at: int) -> list[tuple[Person, Trip]]:
        return [(p, t) for p in self.people for t in p.trips if t.entry <= at < t.exit]

    def seen(self, at: int) -> list[tuple[Person, Trip]]:
        """Below, or out for at most REPEATED snapshots."""
        after = REPEATED * SNAPSHOT_MS
        return [(p, t) for p in self.people for t in p.trips if t.entry <= at < t.exit + after]
