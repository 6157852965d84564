"""Text of the files about people: areas, base stations, persons, and who is where (MT/T 1201.3)."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from kuangan.library.simulate.catalogue import crew_words
from kuangan.library.simulate.crew import Position, areas, crew, positions
from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.people_faults import disturbed
from kuangan.library.simulate.wire import END
from kuangan.library.simulate.wire import wire_time as written_time

AREA_M, STATION_M = 140, 40
STILL_BELOW = "xxxx-xx-xx xx:xx:xx"
wire_time = lru_cache(maxsize=65_536)(written_time)  # a time stays in every snapshot of a shift


def _file(head: Sequence[str], records: Sequence[str]) -> bytes:
    return "~".join([";".join(head), *records, END]).encode()


def area_definitions(mine: SimulatedMine, second: int) -> bytes:
    """The RYQY file."""
    records = [f"{area.type};{area.code};{area.approved};{area.name}" for area in areas(mine)]
    return _file((mine.code, mine.name, wire_time(second)), records)


def base_stations(mine: SimulatedMine, second: int) -> bytes:
    """The RYJZ file: six fields a station; only an orderly mine has surveyed their coordinates."""
    records = [
        f"{code};{name};{x};{y};{z};{name}"
        for number, area in enumerate(areas(mine))
        for nth, (code, name) in enumerate(area.stations)
        for x, y, z in (_place(mine, number, nth),)
    ]
    return _file((mine.code, mine.name, wire_time(second)), records)


def _place(mine: SimulatedMine, area: int, nth: int) -> tuple[str, str, str]:
    """Coordinates of a station (m): areas lie along the roadway."""
    if not mine.orderly:
        return "0", "0", "0"
    return f"{37_500_000 + AREA_M * area}", f"{3_950_000 + STATION_M * nth}", "620"


def persons(mine: SimulatedMine, second: int) -> bytes:
    """The RYXX file: everybody with a card."""
    system = crew_words().system
    approved = str(-(-mine.crew // 10) * 10)
    head = (mine.code, mine.name, approved, system.model, system.name, system.maker, system.certificate_until)
    records = [
        f"{p.card};{p.name};{p.trade};{p.post};{p.team};{p.birth};{p.education};{p.leader:d};{p.special:d}"
        for p in crew(mine)
    ]
    return _file((*head, wire_time(second)), records)


def snapshot(mine: SimulatedMine, second: int, faults: Sequence[Fault] = ()) -> bytes:
    """The RYSS file of a second: everybody below ground and who has just left."""
    found = disturbed(mine, positions(mine, second, faults), second, faults)
    declared = [f for f in faults if f.kind == "declared" and f.start <= second * 1000 < f.end]
    if declared:
        return _declaring(found, second, sum(int(fault.profile[0][1]) for fault in declared))
    records = [_record(position) for position in found]
    return _file((mine.code, mine.name, wire_time(second)), records)


def _declaring(found: Sequence[Position], second: int, more: int) -> bytes:
    """The RYSS file of the scheme of 2016, whose header declares how many are below, here `more` than it names, and who leads them."""
    below = [position.person for position in found if position.left is None]
    leader = next((f"{person.card}/{person.name}" for person in below if person.leader), "/")
    records = []
    for position in found:
        fields = _record(position).split(";")
        records.append(";".join([*fields[:4], fields[4] or STILL_BELOW, *fields[5:9], fields[-1]]))
    return _file((wire_time(second), str(len(below) + more), leader, ""), records)


def _record(position: Position) -> str:
    person, words = position.person, crew_words()
    passed = [*([position.before] if position.before else []), (position.station, position.station_since)]
    fields = (
        person.card,
        person.name,
        "1" if position.left is None else "2",
        wire_time(position.entered),
        "" if position.left is None else wire_time(position.left),
        position.area,
        wire_time(position.area_since),
        position.station,
        wire_time(position.station_since),
        words.labour_system,
        f"{position.distance:.2f}",
        words.work_state,
        f"{person.leader:d}",
        f"{person.special:d}",
        ",".join(f"{station}&{wire_time(since)}" for station, since in passed),
    )
    return ";".join(fields)


DEFINITIONS: dict[str, Callable[[SimulatedMine, int], bytes]] = {
    "RYQY": area_definitions,
    "RYJZ": base_stations,
    "RYXX": persons,
}
