"""The people of a mine: who they are, when they are below ground and where they walk. Times are Unix s.

A person works one of three shifts, most days; the leader and the first gas inspector of a shift are never missing. After the mouth of the shaft and the haulage roadway comes the own place, and the
same way back. Leaders go from place to place every half hour. A base station is passed about every ten minutes. All of it is a
function of seed, mine, person and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kuangan.library.simulate.catalogue import crew_words, layout
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import Ints, key_of, uniform
from kuangan.library.simulate.physics import BEIJING_S

if TYPE_CHECKING:
    from kuangan.library.simulate.faults import Fault

SNAPSHOT_S = 300
REPEATED_S = 2 * SNAPSHOT_S
"""Who has left is named in the next two snapshots."""
DAY_S, SHIFT_S = 86_400, 28_800
AT_MOUTH_S, ON_THE_WAY_S = 600, 1_500
ROUND_S, PASS_S = 1_800, 600
STATIONS = 3
ATTENDANCE = 0.86
SPECIAL_SHARE = 0.25
LEADERS, INSPECTORS = 3, 3
"""The first of the crew are the leaders of the three shifts, the next their gas inspectors: they never stay away."""
POSTS = 12
"""In an orderly mine nor do these first persons, who hold special posts."""
LEAVING_S = 480
_SURFACE = ("fans", "drainage")


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the positioning system with its base stations (code, name)."""

    code: str
    type: str
    name: str
    approved: int
    stations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One person with a card; `home` is the index of the own area, −1 for a leader who has none."""

    card: str
    name: str
    trade: str
    post: str
    team: str
    birth: str
    education: str
    leader: bool
    special: bool
    shift: int
    home: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person was at a snapshot; `left` is None below ground."""

    person: Person
    entered: int
    left: int | None
    area: str
    area_since: int
    station: str
    station_since: int
    before: tuple[str, int] | None
    distance: float


@lru_cache(maxsize=2048)
def areas(mine: SimulatedMine) -> tuple[Area, ...]:
    """The mouth, the haulage roadway, every place below ground, and a sealed area where nobody may be."""
    words, places = crew_words(), layout().places
    surface = {places[kind].name for kind in _SURFACE}
    faces = {working.name: working.is_face for working in mine.workings}
    roadway = places["belt"].name
    rows = [(words.mouth, "mouth", 0), (roadway, "other", words.approved["roadway"])]
    for _, name in mine.stations:
        if name in faces:
            rows.append((name, "key", words.approved["face" if faces[name] else "heading"]))
        elif name not in surface | {roadway}:
            rows.append((name, "other", words.approved["other"]))
    rows.append((words.sealed, "restricted", 0))
    found = []
    for number, (name, kind, approved) in enumerate(rows, start=1):
        code = f"{mine.code}{number:04d}"
        stations = tuple(
            (f"{code}{no * 10:06d}", words.station.format(place=name, no=no)) for no in range(1, STATIONS + 1)
        )
        found.append(Area(code, words.area_types[kind], name, approved, stations))
    return tuple(found)


@lru_cache(maxsize=2048)
def crew(mine: SimulatedMine) -> tuple[Person, ...]:
    """Everybody with a card; the first of each shift is its leader, the second its gas inspector."""
    return tuple(_person(mine, number) for number in range(mine.crew))


def _person(mine: SimulatedMine, number: int) -> Person:
    words, key = crew_words(), mine.key("person", number)
    weighted = [(trade, team) for trade, team, share in words.trades for _ in range(share)]
    leader, inspector = number < LEADERS, LEADERS <= number < LEADERS + INSPECTORS
    trade, team = words.inspector if inspector else weighted[key % len(weighted)]
    post = words.posts[(key >> 8) % len(words.posts)]
    if leader:
        trade, post, team = words.leader
    kept = mine.orderly and 3 <= number < POSTS
    if kept:
        trade, team = words.special
    given = "".join(words.given[(key >> shift) % len(words.given)] for shift in (12, 17))
    places = len(areas(mine)) - 3
    watched = 2 + (number // 3 - 1) % max(len(mine.workings), 1)
    # Every third at a working: faces and headings come first among the places.
    home = 2 + ((key >> 22) % max(len(mine.workings), 1) if (key >> 30) % 3 else (key >> 32) % places)
    return Person(
        card=f"{mine.code}{number + 1:05d}",
        name=words.surnames[(key >> 4) % len(words.surnames)] + given,
        trade=trade,
        post=post,
        team=team,
        birth=f"{1970 + (key >> 36) % 35}-{1 + (key >> 42) % 12:02d}-01",
        education=words.education[(key >> 46) % len(words.education)],
        leader=leader,
        special=not leader and (trade == words.special[0] or (key >> 48) % 100 < SPECIAL_SHARE * 100),
        shift=number % 3,
        home=-1 if leader else watched if kept else home,
    )


@lru_cache(maxsize=4096)
def _turns(mine: SimulatedMine, day: int) -> tuple[Ints, Ints]:
    """Entry and exit of everybody for the shifts of a Beijing day, shape (crew,); entry −1 for who stays at home."""
    keys = np.array([[mine.key("turn", number)] for number in range(mine.crew)], dtype=np.int64)
    draw = uniform(keys, np.arange(4 * day, 4 * day + 3, dtype=np.int64)[None, :])
    begin = day * DAY_S - BEIJING_S + (np.arange(mine.crew) % 3) * SHIFT_S
    entered = begin - 1_200 + np.floor(draw[:, 1] * 1_500).astype(np.int64)
    left = begin + SHIFT_S - 600 + np.floor(draw[:, 2] * 1_500).astype(np.int64)
    always = POSTS if mine.orderly else LEADERS + INSPECTORS
    present = (draw[:, 0] < ATTENDANCE) | (np.arange(mine.crew) < always)
    return np.where(present, entered, -1), left


def snapshot_times(mine: SimulatedMine, start: int, end: int) -> list[int]:
    """Seconds in [start, end) (ms) at which the mine sends who is below ground: every five minutes at its own phase."""
    if not mine.crew:
        return []
    first = -(-start // 1000)
    return list(range(first + (mine.phase(SNAPSHOT_S) - first) % SNAPSHOT_S, -(-end // 1000), SNAPSHOT_S))


def positions(mine: SimulatedMine, second: int, faults: Sequence[Fault] = ()) -> list[Position]:
    """Everybody whom a snapshot of that second names, in order of card: who is below ground, and who has just left.

    Who passes a base station while it is out is seen by another one of the area.
    """
    out = tuple(f for f in faults if f.kind == "base_station_outage" and f.mine == mine.code)
    day = (second + BEIJING_S) // DAY_S
    found: dict[int, Position] = {}
    for each in (day - 1, day, day + 1):
        entered, left = _turns(mine, each)
        for number in np.flatnonzero((entered >= 0) & (entered <= second) & (second < left + REPEATED_S)).tolist():
            if number not in found or second < left[number]:
                found[number] = _position(mine, number, int(entered[number]), int(left[number]), second, out)
    return [found[number] for number in sorted(found)]


def below(mine: SimulatedMine, second: int) -> list[Position]:
    """Who is below ground at that second."""
    return [position for position in positions(mine, second) if position.left is None]


def person_of(mine: SimulatedMine, number: int) -> Person:
    """The holder of a card; beyond the crew they are visitors."""
    return crew(mine)[number] if number < mine.crew else _person(mine, number)


def position(mine: SimulatedMine, number: int, entered: int, left: int, second: int) -> Position:
    """Where a person would be who entered and leaves at these seconds."""
    return _position(mine, number, entered, left, second, ())


def _until(person: Person, entered: int, left: int, at: int) -> int:
    """When the stay in the present area ends."""
    for edge in (entered + AT_MOUTH_S, entered + ON_THE_WAY_S):
        if at < edge:
            return edge
    if at >= left - ON_THE_WAY_S:
        return left - AT_MOUTH_S if at < left - AT_MOUTH_S else left
    begin = entered + ON_THE_WAY_S
    walk = begin + ((at - begin) // ROUND_S + 1) * ROUND_S
    return left - ON_THE_WAY_S if person.home >= 0 else min(walk, left - ON_THE_WAY_S)


def _position(
    mine: SimulatedMine, number: int, entered: int, left: int, second: int, faults: Sequence[Fault]
) -> Position:
    person = person_of(mine, number)
    out = second >= left
    at = left - 1 if out else second
    index, since = _area(mine, person, number, entered, left, at)
    area = areas(mine)[index]
    passed = (at - since) // PASS_S
    if mine.orderly:
        passed = min(passed, max(_until(person, entered, left, at) - since - LEAVING_S, 0) // PASS_S)
    station = _station(area, number, since, passed, faults)
    return Position(
        person=person,
        entered=entered,
        left=left if out else None,
        area=area.code,
        area_since=since,
        station=station,
        station_since=since + passed * PASS_S,
        before=(_station(area, number, since, passed - 1, faults), since + (passed - 1) * PASS_S) if passed else None,
        distance=(key_of(mine.code, number, second) % 8_000 - 4_000) / 100,
    )


def _area(mine: SimulatedMine, person: Person, number: int, entered: int, left: int, at: int) -> tuple[int, int]:
    """Index of the area and since when."""
    if at < entered + AT_MOUTH_S:
        return 0, entered
    if at >= left - AT_MOUTH_S:
        return 0, left - AT_MOUTH_S
    if at < entered + ON_THE_WAY_S:
        return 1, entered + AT_MOUTH_S
    if at >= left - ON_THE_WAY_S:
        return 1, left - ON_THE_WAY_S
    begin = entered + ON_THE_WAY_S
    if person.home >= 0:
        return person.home, begin
    walk = (at - begin) // ROUND_S
    return 2 + mine.key("walk", number, begin, walk) % (len(areas(mine)) - 3), begin + walk * ROUND_S


def _station(area: Area, number: int, since: int, passed: int, faults: Sequence[Fault]) -> str:
    """The station of that pass; where all of an area are out, it is told as if none were."""
    at = (since + passed * PASS_S) * 1000
    out = {fault.subject for fault in faults if fault.start <= at < fault.end}
    codes = [code for code, _ in area.stations]
    seeing = [code for code in codes if code not in out] or codes
    key = key_of(area.code, number, since, passed)
    usual = codes[key % len(codes)]
    return usual if usual in seeing else seeing[key % len(seeing)]
