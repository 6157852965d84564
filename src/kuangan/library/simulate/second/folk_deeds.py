"""Deeds of people, and the trials they stand in. Hours run from the beginning; shifts begin at 0, 8 and 16 o'clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from kuangan.library.simulate.labels import Label, may
from kuangan.library.simulate.second.folk import HOMES, HOUR, MINUTE, SECOND, SHIFT_MS, Crowd, Person, Trip, trip

Labels = list[Label]
DAY = 24 * HOUR


class Gate(NamedTuple):
    """What cameras add to the truth within a span: people below, people in; `declared`: what headers of snapshots add to the cards."""

    begin: int = 0
    end: int = 0
    below: int = 0
    inwards: int = 0
    declared: int = 0


def _label(crowd: Crowd, rule: str, subjects: tuple[str, ...], begin: int, end: int, slack: int = 10 * MINUTE) -> Label:
    return Label(rule, rule.rpartition(".")[2], crowd.layout.code, subjects, begin, end, slack=slack)


def _visitors(crowd: Crowd, count: int, home: str, begin: int, hours: float) -> list[Person]:
    made = []
    for n in range(count):
        person = crowd.person("worker", home, 3)
        entry = begin + n * 20 * SECOND
        person.trips.append(trip(crowd.rng, entry, entry + int(hours * HOUR), HOMES[home]))
        crowd.people.append(person)
        made.append(person)
    return made


def area_over(crowd: Crowd) -> Labels:
    begin, area = crowd.begin + 27 * HOUR, crowd.layout.code + "0003"
    _visitors(crowd, crowd.area_approved["face"], "face", begin, 3.0)
    crowd.mine_approved += 2 * crowd.area_approved["face"]
    spans = [at for at, row in crowd.counts().items() if row["face"] > crowd.area_approved["face"]]
    return [_label(crowd, "people.area_over", (area,), spans[0], spans[-1])]


def mine_over(crowd: Crowd) -> Labels:
    begin = crowd.begin + 27 * HOUR
    _visitors(crowd, crowd.mine_approved, "haul", begin, 3.0)
    crowd.area_approved["haul"] += 2 * crowd.mine_approved
    spans = [at for at, row in crowd.counts().items() if sum(row.values()) > crowd.mine_approved]
    return [_label(crowd, "people.mine_over", (), spans[0], spans[-1])]


def overtime(crowd: Crowd) -> Labels:
    person = next(p for p in crowd.people if p.post == "worker" and p.home == "heading" and p.shift == 0)
    old = next(t for t in person.trips if t.entry > crowd.begin + 20 * HOUR)
    long = trip(crowd.rng, old.entry, old.entry + 15 * HOUR, HOMES[person.home])
    person.trips[person.trips.index(old)] = long
    late = old.entry + 10 * HOUR
    return [
        _label(crowd, "people.overtime", (), late, long.exit),
        *may(crowd.layout.code, old.entry + 8 * HOUR, late, "people.overtime"),
    ]


def restricted_area(crowd: Crowd) -> Labels:
    begin = crowd.begin + 29 * HOUR
    (person,) = _visitors(crowd, 1, "goaf", begin, 1.4)
    inside = [one.time for one in person.trips[0].passes if one.station in HOMES["goaf"]]
    over = person.trips[0].exit
    area = crowd.layout.code + "0005"
    return [
        _label(crowd, "people.restricted_area", (), inside[0], inside[-1]),
        *may(crowd.layout.code, inside[0], over, "people.area_over", subjects=(area,), slack=10 * MINUTE),
    ]


def _stay_home(crowd: Crowd, post: str) -> tuple[int, int]:
    begin = crowd.begin + DAY + SHIFT_MS
    for person in crowd.people:
        if person.post == post:
            person.trips = [t for t in person.trips if not begin - HOUR <= t.entry < begin + HOUR]
    return begin + HOUR, begin + SHIFT_MS - HOUR


def no_leader(crowd: Crowd) -> Labels:
    return [_label(crowd, "people.no_leader", (), *_stay_home(crowd, "leader"), slack=2 * HOUR)]


def special_post_missing(crowd: Crowd) -> Labels:
    return [_label(crowd, "people.special_post_missing", (), *_stay_home(crowd, "gas"), slack=2 * HOUR)]


def no_movement(crowd: Crowd) -> Labels:
    person = next(p for p in crowd.people if p.post == "worker" and p.home == "heading" and p.shift == 1)
    old = next(t for t in person.trips if t.entry > crowd.begin + 26 * HOUR)
    still = trip(crowd.rng, old.entry, old.entry + 8 * HOUR, HOMES["heading"], still=True)
    person.trips[person.trips.index(old)] = still
    arrived = next(one.time for one in still.passes if one.station == HOMES["heading"][0])
    return [_label(crowd, "people.no_movement", (), arrived, old.entry + 8 * HOUR)]


def speed(crowd: Crowd) -> Labels:
    """A card is heard a kilometre away half a minute later, and back again."""
    person = next(p for p in crowd.people if p.post == "worker" and p.home == "face" and p.shift == 1)
    old = next(t for t in person.trips if t.entry > crowd.begin + 26 * HOUR)
    middle = len(old.passes) // 2
    here = old.passes[middle]
    jumps = []
    for n, station in enumerate((7, here.station, 7, here.station)):
        jumps.append(here._replace(time=here.time + (n + 1) * 30 * SECOND, station=station))
    kept = [one for one in old.passes if one.time <= here.time or one.time > jumps[-1].time]
    person.trips[person.trips.index(old)] = Trip(old.entry, old.exit, sorted([*kept, *jumps]))
    return [_label(crowd, "people.speed", (), here.time, jumps[-1].time)]


def cards_together(crowd: Crowd) -> Labels:
    """One person carries the cards of five others, which stay outside."""
    crew = [p for p in crowd.people if p.post == "worker" and p.home == "face" and p.shift == 1][:6]
    carrier = next(t for t in crew[0].trips if t.entry > crowd.begin + 26 * HOUR)
    for person in crew[1:]:
        own = next(n for n, t in enumerate(person.trips) if t.entry > crowd.begin + 26 * HOUR)
        late = int(crowd.rng.integers(0, 2)) * SECOND
        passes = [one._replace(time=one.time + late, metres=round(one.metres + 0.1, 2)) for one in carrier.passes]
        person.trips[own] = Trip(carrier.entry + late, carrier.exit + late, passes)
    beside = may(crowd.layout.code, carrier.exit, carrier.exit, "people.mass_exit", slack=10 * MINUTE)
    return [_label(crowd, "people.cards_together", (), carrier.entry, carrier.exit), *beside]


def mass_exit(crowd: Crowd) -> Labels:
    crew = [p for p in crowd.people if p.shift == 1 and p.home in ("face", "heading")][:16]
    trips = [next(t for t in p.trips if t.entry > crowd.begin + 26 * HOUR) for p in crew]
    out = min(t.exit for t in trips)
    for person, old in zip(crew, trips, strict=True):
        passes = [one for one in old.passes if one.time < out]
        person.trips[person.trips.index(old)] = Trip(old.entry, out, passes)
    return [
        _label(crowd, "people.mass_exit", (), out, out),
        *may(crowd.layout.code, out - 10 * MINUTE, out, "people.cards_together", slack=10 * MINUTE),
    ]


def stopped_mine(crowd: Crowd) -> Labels:
    """A mine that is ordered to stop lets a night shift in."""
    begin = crowd.begin + 22 * HOUR
    _visitors(crowd, 26, "face", begin, 6.0)
    crowd.area_approved = {area: count + 40 for area, count in crowd.area_approved.items()}
    crowd.area_approved["goaf"] = 0
    crowd.mine_approved += 40
    spans = [at for at, row in crowd.counts().items() if sum(row.values()) > CARETAKERS]
    return [
        _label(crowd, "people.stopped_mine", (), spans[0], spans[-1]),
        *may(crowd.layout.code, begin, spans[-1], "people.no_leader", "people.special_post_missing", slack=HOUR),
    ]


CARETAKERS = 8


def nothing(crowd: Crowd) -> Labels:
    return []


def entry_mismatch(crowd: Crowd) -> Labels:
    begin = crowd.begin + 30 * HOUR
    return [_label(crowd, "people.entry_mismatch", (), begin, begin + 5 * HOUR, slack=HOUR)]


def count_mismatch(crowd: Crowd) -> Labels:
    begin = crowd.begin + 28 * HOUR
    return [_label(crowd, "people.count_mismatch", (), begin, begin + 4 * HOUR, slack=30 * MINUTE)]


class Play(NamedTuple):
    """A deed and what surrounds it: `gate` what cameras see beyond the cards (None: no cameras), hours from the beginning."""

    deed: Callable[[Crowd], Labels]
    gate: Gate | None = None
    stopped: bool = False


PLAYS: Mapping[str, Play] = {
    "area_over": Play(area_over),
    "mine_over": Play(mine_over),
    "overtime": Play(overtime),
    "restricted_area": Play(restricted_area),
    "no_leader": Play(no_leader),
    "special_post_missing": Play(special_post_missing),
    "no_movement": Play(no_movement),
    "speed": Play(speed),
    "cards_together": Play(cards_together),
    "mass_exit": Play(mass_exit),
    "stopped_mine": Play(stopped_mine, stopped=True),
    "entry_mismatch": Play(entry_mismatch, Gate(30, 35, inwards=14, declared=14)),
    "count_mismatch": Play(count_mismatch, Gate(28, 32, below=17)),
    "ordinary": Play(nothing, Gate()),
}


def declared(crowd: Crowd, gate: Gate, at: int) -> int:
    """How many a snapshot says are below."""
    return len(crowd.below(at)) + gate.declared * (gate.begin <= (at - crowd.begin) / HOUR < gate.end)


def seen_by_cameras(crowd: Crowd, gate: Gate, at: int) -> tuple[int, int, int]:
    """(below, in, out) at a moment as cameras count; in and out since midnight."""
    hour = (at - crowd.begin) / HOUR
    extra = gate.begin <= hour < gate.end
    since = crowd.begin + (at - crowd.begin) // DAY * DAY
    trips = [t for p in crowd.people for t in p.trips]
    entered, left = (
        int(np.sum([since <= t <= at for t in times])) for times in ([t.entry for t in trips], [t.exit for t in trips])
    )
    return (
        len(crowd.below(at)) + gate.below * extra,
        entered + gate.inwards * (hour >= gate.begin > 0 and hour < 48),
        left,
    )
