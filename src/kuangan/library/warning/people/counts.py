"""More people than there may be: in the mine, in an area, in an area where nobody may be, in a stopped mine.

A count is always at least what the snapshot names, so that too many are too many even where some records could not be read; that
there are no longer too many needs a whole snapshot. Without an approved number nothing is judged. 0 is an approved number of a
restricted area alone: elsewhere it means that none was set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kuangan.library.warning.people.memory import Area, Crew
from kuangan.library.warning.people.settings import (
    AREA_OVER,
    MINE_OVER,
    RESTRICTED_AREA,
    STOPPED_MINE,
    RestrictedRule,
    StoppedRule,
    matches,
)
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged, named
from kuangan.library.warning.register import RegisteredMine
from kuangan.library.warning.settings import MINUTE


def mine_over(crew: Crew, snapshot: Snapshot, mine: str) -> Judged:
    """persons > approved, of the mine as a whole; measure (persons − approved) / approved in per cent."""
    if not crew.approved:
        return Judged(MINE_OVER, (), False)
    persons, approved = snapshot.count, crew.approved
    found = [Found("mine", mine, _share(persons, approved), persons, _numbers(persons, approved))]
    return Judged(MINE_OVER, found if persons > approved else (), snapshot.whole)


def area_over(crew: Crew, snapshot: Snapshot, restricted: RestrictedRule) -> Judged:
    """persons > approved, of each area with a number that is not restricted; measure as `mine_over`."""
    found = [
        Found("area", code, _share(persons, area.approved), persons, _numbers(persons, area.approved) | place(area))
        for code, area, persons in _staffed(crew, snapshot)
        if area.approved and persons > area.approved and not restricted_kind(area, restricted)
    ]
    return Judged(AREA_OVER, found, snapshot.placed)


def restricted_area(crew: Crew, snapshot: Snapshot, rule: RestrictedRule) -> Judged:
    """persons > approved, mostly 0, of each area of a restricted kind; measure persons − approved."""
    found = []
    for code, area, persons in _staffed(crew, snapshot):
        kind, approved = restricted_kind(area, rule), area.approved or 0
        if kind and persons > approved:
            told = _numbers(persons, approved) | place(area) | {"kind": kind} | named(_cards_in(snapshot, code))
            found.append(Found("area", code, persons - approved, persons, told))
    return Judged(RESTRICTED_AREA, found, snapshot.placed)


def restricted_kind(area: Area, rule: RestrictedRule) -> str:
    """Which kind of restricted area one is by its type, empty for others."""
    return next((row.kind for row in rule.kinds if matches(row.pattern, area.type)), "")


def beyond_caretakers(persons: int, most: int | None) -> int:
    """Persons beyond the approved caretakers of a stopped mine: all of them where no list holds."""
    return max(persons - (most or 0), 0)


def stopped_mine(
    crew: Crew, snapshot: Snapshot, mine: str, register: RegisteredMine | None, rule: StoppedRule
) -> Judged:
    """Persons beyond the approved caretakers, in a mine whose state of production is a stopped one.

    Measure: the largest of persons above their number, cards that are not on the list (where it names cards), and persons for longer
    than `outside_min` in an area of another name (where every area of the list has the name of one that the mine defines).
    """
    if register is None or not register.stopped:
        return Judged(STOPPED_MINE, (), True)
    list_ = register.caretakers
    above = beyond_caretakers(snapshot.count, list_.most if list_ else None)
    unlisted = _unlisted(snapshot, list_.cards) if list_ and list_.cards else []
    outside = _outside(crew, snapshot, list_.areas, int(rule.outside_min * MINUTE)) if list_ else []
    measure = max(above, len(unlisted), len(outside))
    told = {
        "persons": snapshot.count,
        "limit": list_.most if list_ else 0,
        "listed": list_ is not None,
        "state": register.state,
        "above": above,
        "unlisted": len(unlisted),
        "outside": len(outside),
    }
    cards = named(sorted({*unlisted, *outside}) or snapshot.below.card)
    found = [Found("mine", mine, measure, snapshot.count, told | cards)] if measure else []
    return Judged(STOPPED_MINE, found, snapshot.whole)


def place(area: Area) -> dict[str, Any]:
    """Where an event about an area is."""
    return {"location": area.name, "area_type": area.type}


def _share(persons: int, approved: int) -> float:
    return round(100 * (persons - approved) / approved, 1)


def _numbers(persons: int, approved: int) -> dict[str, Any]:
    return {"persons": persons, "limit": approved}


def _staffed(crew: Crew, snapshot: Snapshot) -> Iterator[tuple[str, Area, int]]:
    """Areas that are defined and have somebody in them."""
    for code, persons in snapshot.by_area.items():
        if code in crew.areas:
            yield code, crew.areas[code], persons


def _cards_in(snapshot: Snapshot, area: str) -> list[str]:
    below = snapshot.below
    return [card for card, place in zip(below.card, below.area, strict=True) if place == area]


def _unlisted(snapshot: Snapshot, cards: list[str]) -> list[str]:
    listed = frozenset(cards)
    return [card for card in snapshot.below.card if card not in listed]


def _outside(crew: Crew, snapshot: Snapshot, names: list[str], longest: int) -> list[str]:
    """Cards for long in an area that is none of `names`; nothing where a name is none of the mine's areas."""
    known: Mapping[str, str] = {area.name: code for code, area in crew.areas.items()}
    if not names or any(name not in known for name in names):
        return []
    at_home, latest, below = {"", *(known[name] for name in names)}, snapshot.moment - longest, snapshot.below
    told = zip(below.card, below.area, below.area_since, strict=True)
    return [card for card, area, since in told if area not in at_home and since is not None and since < latest]
