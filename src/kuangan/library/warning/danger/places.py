"""Which points stand at one place, and which belong together because a definition says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kuangan.library.warning.danger.settings import Place

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

RELATION = re.compile(r"(?:^|[◇:])\s*([A-Z])-([0-9A-Za-z]+)")
"""Relation strings: groups joined with a diamond, `REL-point-name:REL-point` (wire formats §1.3)."""
INTERLOCK, DOORS, CONTROL, STANDBY, CUT = "B", "G", "K", "Z", "D"


def name_of(state: State, index: int, place: Place) -> str:
    """The place of a point: the working its location names, else the location without its tail."""
    location = state.points[index].location
    working = state.book.working_of(location)
    if working is not None:
        return working[1]
    known = state.book.stripped.setdefault(place.ordinal, {})
    found = known.get(location)
    if found is None:
        found = known[location] = stripped(location, place)
    return found


def stripped(location: str, place: Place) -> str:
    """A location text without what names a sensor at its end."""
    found, ordinal = location, re.compile(place.ordinal)
    while True:
        shorter = found.rstrip(place.marks)
        tail = next((tail for tail in place.tails if shorter.endswith(tail)), "")
        shorter = ordinal.sub("", shorter.removesuffix(tail))
        if shorter == found or not shorter:
            return found
        found = shorter


def key_of(state: State, index: int, place: Place) -> str:
    """`<mine>/<place>`: conditions of a place are known by it."""
    point = state.points[index]
    return f"{state.mines[point.mine]}/{name_of(state, index, place) or point.code}"


def at_place(state: State, key: str, place: Place, kinds: Iterable[str]) -> list[int]:
    """The points of some kinds of sign at a place, in order of entry."""
    code, _, name = key.partition("/")
    mine = state.mine_index.get(code, -1)
    return sorted(index for kind in kinds for index in _by_name(state, mine, kind, place).get(name, ()))


def _by_name(state: State, mine: int, kind: str, place: Place) -> dict[str, list[int]]:
    """The points of a kind of sign in a mine by place, remembered until a definition or the configuration changes."""
    if state.placed_at != state.layout:
        state.placed.clear()
        state.placed_at = state.layout
    found = state.placed.get((mine, kind))
    if found is None:
        found = state.placed[mine, kind] = {}
        for index in sorted(state.signed.get((mine, kind), ())):
            found.setdefault(name_of(state, index, place) or state.points[index].code, []).append(index)
    return found


def related(state: State, index: int, relations: str) -> Iterator[int]:
    """The points that a definition names under some of the relations, those that are known."""
    point = state.points[index]
    for relation, code in RELATION.findall(point.relation):
        if relation in relations:
            found = state.point_index.get(state.key_of(point.mine, code))
            if found is not None and found != index:
                yield found


def joined(state: State, index: int, relation: str, kind: str) -> list[int]:
    """A point and those joined with it by a relation, whichever end names the other, in order of entry."""
    others = state.signed.get((state.points[index].mine, kind), set())
    links = {each: set(related(state, each, relation)) for each in others if state.points[each].relation}
    found, waiting = {index}, [index] if links else []
    while waiting:
        here = waiting.pop()
        near = links.get(here, set()) | {each for each, named in links.items() if here in named}
        fresh = (near & others) - found
        found |= fresh
        waiting += fresh
    return sorted(found)
