"""What people, or those who carry their cards, do wrong: changes to a snapshot of who is where. Times of faults are Unix ms.

`subject` is a card, an area, or empty; the first knot of the profile holds a number of persons where one is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kuangan.library.simulate.crew import REPEATED_S, Position, areas, position
from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.mine import SimulatedMine

VISITOR_EVERY_S = 20
MASS_WITHIN_S = 2
FLIGHT_S = 20
Found = list[Position]


def disturbed(mine: SimulatedMine, found: Found, second: int, faults: Sequence[Fault]) -> Found:
    """A snapshot with the faults of that second in it, in order of card."""
    for fault in faults:
        lasts = fault.end + (REPEATED_S * 1000 if fault.kind in _LINGER else 0)
        if fault.kind in _DEEDS and fault.mine == mine.code and fault.start <= second * 1000 < lasts:
            found = _DEEDS[fault.kind](mine, found, second, fault)
    return sorted(found, key=lambda p: p.person.card)


def _count(fault: Fault) -> int:
    return int(fault.profile[0][1])


def _put(one: Position, area: str, station: str, since: int) -> Position:
    return replace(one, area=area, area_since=since, station=station, station_since=since, before=None)


def _area_over(mine: SimulatedMine, found: Found, second: int, fault: Fault) -> Found:
    """People of other places stand together in one."""
    place = next(area for area in areas(mine) if area.code == fault.subject)
    since = fault.start // 1000
    below = [p for p in found if p.left is None]
    moved = {p.person.card for p in sorted(below, key=lambda p: p.area != place.code)[: place.approved + _count(fault)]}
    return [
        _put(p, place.code, place.stations[n % len(place.stations)][0], since)
        if p.person.card in moved and p.area != place.code
        else p
        for n, p in enumerate(found)
    ]


def _visitors(mine: SimulatedMine, found: Found, second: int, fault: Fault) -> Found:
    """Cards beyond the crew enter one after the other, and leave so."""
    more = []
    for number in range(_count(fault)):
        entered, left = (at // 1000 + number * VISITOR_EVERY_S for at in (fault.start, fault.end))
        if entered <= second < left + REPEATED_S:
            more.append(position(mine, mine.crew + number, entered, left, second))
    return [*found, *more]


def _overtime(mine: SimulatedMine, found: Found, second: int, fault: Fault) -> Found:
    """One person stays below from the first to the last second of the fault."""
    number = int(fault.subject[-5:]) - 1
    stays = position(mine, number, fault.start // 1000, fault.end // 1000, second)
    return [*(p for p in found if p.person.card != fault.subject), stays]


def _restricted(mine: SimulatedMine, found: Found, _second: int, fault: Fault) -> Found:
    sealed = areas(mine)[-1]
    return [
        _put(p, sealed.code, sealed.stations[0][0], fault.start // 1000) if p.person.card == fault.subject else p
        for p in found
    ]


def _no_leader(_mine: SimulatedMine, found: Found, _second: int, _fault: Fault) -> Found:
    return [p for p in found if not p.person.leader]


def _no_special(_mine: SimulatedMine, found: Found, _second: int, _fault: Fault) -> Found:
    return [p for p in found if not p.person.special]


def _no_movement(mine: SimulatedMine, found: Found, _second: int, fault: Fault) -> Found:
    """A card that lies somewhere: one station, one distance, since the fault began."""
    since = fault.start // 1000
    place = areas(mine)[2]
    return [
        replace(_put(p, place.code, place.stations[0][0], since), distance=12.5, left=None)
        if p.person.card == fault.subject
        else p
        for p in found
    ]


def _speed(mine: SimulatedMine, found: Found, second: int, fault: Fault) -> Found:
    """A card that is read at both ends of the mine within seconds."""
    here, there = areas(mine)[1], areas(mine)[-2]
    return [
        replace(
            _put(p, there.code, there.stations[0][0], second - 1), before=(here.stations[0][0], second - 1 - FLIGHT_S)
        )
        if p.person.card == fault.subject and p.left is None
        else p
        for p in found
    ]


def _together(_mine: SimulatedMine, found: Found, _second: int, fault: Fault) -> Found:
    """One person carries the cards of others."""
    below = [p for p in found if p.left is None and p.person.home >= 0]
    if not below:
        return found
    bearer, carried = below[0], {p.person.card for p in below[1 : _count(fault)]}
    return [replace(bearer, person=p.person) if p.person.card in carried else p for p in found]


def _mass_exit(mine: SimulatedMine, found: Found, second: int, fault: Fault) -> Found:
    """Everybody below is read at the mouth within seconds."""
    mouth, out = areas(mine)[0], fault.start // 1000
    kept = []
    for number, p in enumerate(found):
        if p.entered >= out or (p.left is not None and p.left < out):
            kept.append(p)
        elif second < out + REPEATED_S:
            kept.append(replace(_put(p, mouth.code, mouth.stations[0][0], out), left=out + number % MASS_WITHIN_S))
    return kept


_DEEDS: dict[str, Callable[[SimulatedMine, Found, int, Fault], Found]] = {
    "area_over": _area_over,
    "visitors": _visitors,
    "overtime": _overtime,
    "restricted_area": _restricted,
    "no_leader": _no_leader,
    "no_special": _no_special,
    "no_movement": _no_movement,
    "speed": _speed,
    "cards_together": _together,
    "mass_exit": _mass_exit,
}
_LINGER = ("visitors", "overtime")
DEEDS = tuple(_DEEDS)
