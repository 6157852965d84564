"""Both air doors of a pair open at once: the air takes the short way.

A pair are doors that definitions join (relation G), of which two must be open, else the doors at one place, of which all must be:
since the last of those that must opened. Doors that stand alone are not judged. Source: Coal Mine Safety Regulations on ventilation structures; clocks are defaults of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kuangan.library.warning.danger import places
from kuangan.library.warning.danger.again import Replayed
from kuangan.library.warning.danger.settings import DOORS_OPEN, DoorRule
from kuangan.library.warning.danger.watching import Finding
from kuangan.library.warning.family import Move

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

OPEN = 1


class Doors(Replayed):
    name: ClassVar[str] = DOORS_OPEN
    rule = DOORS_OPEN
    hears = frozenset({"door"})

    def keys(self, state: State, index: int) -> Iterable[str]:
        rule = state.book.settings(DOORS_OPEN, DoorRule)
        pair = places.joined(state, index, places.DOORS, "door")
        place = places.key_of(state, pair[0], rule.place)
        if len(pair) > 1:
            return (f"{place}|{pair[0]}",)
        return (f"{place}|",) if len(places.at_place(state, place, rule.place, {"door"})) > 1 else ()

    def minds(self, state: State, index: int) -> bool:
        return bool(self.known_keys(state, index))

    def alarming(self, state: State, move: Move) -> bool:
        return move.band == OPEN

    def find(self, state: State, key: str) -> Finding | None:
        rule, p = state.book.settings(DOORS_OPEN, DoorRule), state.p
        place, _, anchor = key.rpartition("|")
        if anchor:
            doors = places.joined(state, int(anchor), places.DOORS, "door")
            doors = [door for door in doors if p["band"][door] == OPEN]
        else:
            doors = places.at_place(state, place, rule.place, {"door"})
            doors = [door for door in doors if len(places.joined(state, door, places.DOORS, "door")) == 1]
            if any(p["band"][door] != OPEN for door in doors):
                return None
        if len(doors) < 2:
            return None
        about = state.points[doors[0]]
        opened = sorted(int(p["band_at"][door]) for door in doors)
        return Finding(
            opened[1] if anchor else opened[-1],
            min(self.seen(state, door) for door in doors),
            sorted((int(seconds * 1000), grade, f"{seconds:g}s") for grade, seconds in rule.seconds.items()),
            about.mine,
            doors[0],
            "place",
            place.partition("/")[2],
            place.partition("/")[2],
            {"doors": len(doors), "related": [self.told(state, door, "door") for door in doors]},
        )
