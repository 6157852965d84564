"""Labelled deeds of people: where and when each is planted in a mine with a crew, and what must be said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from kuangan.library.simulate.crew import POSTS, areas
from kuangan.library.simulate.faults import Fault, Kind
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, may
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.wire import file_name, wire_time
from kuangan.library.simulate.writer import Upload

MINUTE_MS = 60_000
SHIFT_MS = 8 * HOUR_MS
SLACK_MS = 20 * MINUTE_MS
CREW = 90
CARETAKERS = 8
RULES = (
    "people.area_over",
    "people.mine_over",
    "people.overtime",
    "people.restricted_area",
    "people.no_leader",
    "people.special_post_missing",
    "people.no_movement",
    "people.speed",
    "people.cards_together",
    "people.mass_exit",
    "people.stopped_mine",
    "people.entry_mismatch",
    "people.count_mismatch",
)
Planter = Callable[[SimulatedMine, int, np.random.Generator], Plant]


def _plant(rule: str, mine: SimulatedMine, fault: Fault, *subjects: str) -> Plant:
    """The label of the deed itself; whatever else about people may be said while it lasts."""
    named = tuple(dict.fromkeys([*subjects, mine.code]))
    must = Label(f"people.{rule}", rule, mine.code, named, fault.start, fault.end, slack=SLACK_MS)
    beside = may(mine.code, fault.start, fault.end, *RULES, slack=2 * SLACK_MS)
    return Plant((fault,), (must, *beside))


def _fault(kind: Kind, mine: SimulatedMine, start: int, hours: float, subject: str = "", count: int = 0) -> Fault:
    profile = ((0.0, float(count)),) if count else ()
    return Fault(kind, mine.code, start, start + round(hours * HOUR_MS), subject, profile)


def _card(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> str:
    """A card of somebody of that shift who never stays away and is neither leader nor needed elsewhere."""
    number = 3 + shift + 3 * int(rng.integers(0, (POSTS - 3) // 3))
    return f"{mine.code}{number + 1:05d}"


def _area_over(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    place = min((area for area in areas(mine)[2:-1]), key=lambda area: area.approved)
    fault = _fault("area_over", mine, shift + 2 * HOUR_MS + _minutes(rng, 60), 2, place.code, 4)
    return _plant("area_over", mine, fault, place.code, place.name)


def _mine_over(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    return _plant("mine_over", mine, _fault("visitors", mine, shift + HOUR_MS + _minutes(rng, 60), 4, count=CREW + 5))


def _overtime(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    card = _card(mine, _number(shift), rng)
    return _plant("overtime", mine, _fault("overtime", mine, shift, 15, card), card)


def _restricted(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    card, sealed = _card(mine, _number(shift), rng), areas(mine)[-1]
    fault = _fault("restricted_area", mine, shift + 2 * HOUR_MS + _minutes(rng, 120), 0.7, card)
    return _plant("restricted_area", mine, fault, card, sealed.code, sealed.name)


def _no_leader(mine: SimulatedMine, shift: int, _rng: np.random.Generator) -> Plant:
    fault = _fault("no_leader", mine, shift - HOUR_MS // 2, 9)
    return _plant("no_leader", mine, fault)


def _no_special(mine: SimulatedMine, shift: int, _rng: np.random.Generator) -> Plant:
    fault = _fault("no_special", mine, shift - HOUR_MS // 2, 9)
    return _plant("special_post_missing", mine, fault, f"{mine.code}/gas_inspector")


def _no_movement(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    card = _card(mine, _number(shift), rng)
    return _plant(
        "no_movement", mine, _fault("no_movement", mine, shift + HOUR_MS + _minutes(rng, 30), 5.5, card), card
    )


def _speed(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    card = _card(mine, _number(shift), rng)
    fault = _fault("speed", mine, shift + 2 * HOUR_MS + _minutes(rng, 120), 0.18, card)
    return _plant("speed", mine, fault, card)


def _together(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    fault = _fault("cards_together", mine, shift + 2 * HOUR_MS + _minutes(rng, 30), 3, count=7)
    cards = tuple(f"{mine.code}{number + 1:05d}" for number in range(mine.crew))
    return _plant("cards_together", mine, fault, *cards)


def _mass_exit(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    start = shift + 3 * HOUR_MS + _minutes(rng, 60)
    fault = Fault("mass_exit", mine.code, start, shift + 9 * HOUR_MS, "")
    return _plant("mass_exit", mine, fault)


def _stopped(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    return _plant("stopped_mine", mine, _fault("visitors", mine, shift + _minutes(rng, 60), 5, count=24))


def _silent(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    """The positioning system sends no snapshots while the mine goes on sending."""
    return _plant("system_silent", mine, _fault("people_silent", mine, shift + HOUR_MS + _minutes(rng, 60), 0.8))


def _help(mine: SimulatedMine, shift: int, rng: np.random.Generator) -> Plant:
    """A card calls for help for a quarter of an hour; the file of its beginning comes twice."""
    card, start = _card(mine, _number(shift), rng), shift + HOUR_MS + _minutes(rng, 120)
    end = start + 15 * MINUTE_MS
    sent = ((start + 5_000, None), (start + 65_000, None), (end + 5_000, end))
    files = tuple(_call(mine, card, start, over, at) for at, over in sent)
    return Plant((), (Label("people.help", "help", mine.code, (card,), start, end),), files)


def _call(mine: SimulatedMine, card: str, start: int, end: int | None, at: int) -> Upload:
    record = {"card": card, "place": mine.points[0].location, "start": wire_time(start // 1000)}
    record |= {} if end is None else {"end": wire_time(end // 1000)}
    content = {"mine": mine.code, "mine_name": mine.name, "sent": wire_time(at // 1000), "records": [record]}
    name = file_name(mine.code, "HELP", at // 1000).removesuffix(".txt") + ".json"
    return Upload(mine.code, name, json.dumps(content, ensure_ascii=False).encode(), at)


def _minutes(rng: np.random.Generator, most: int) -> int:
    return int(rng.integers(0, most)) * MINUTE_MS


def _number(shift: int) -> int:
    """Which shift of the Beijing day begins then: 0 at midnight."""
    return (shift + SHIFT_MS) // SHIFT_MS % 3


_DEEDS: dict[str, Planter] = {
    "area_over": _area_over,
    "mine_over": _mine_over,
    "overtime": _overtime,
    "restricted_area": _restricted,
    "no_leader": _no_leader,
    "special_post_missing": _no_special,
    "no_movement": _no_movement,
    "speed": _speed,
    "cards_together": _together,
    "mass_exit": _mass_exit,
    "stopped_mine": _stopped,
    "system_silent": _silent,
    "help": _help,
}
DEEDS = tuple(_DEEDS)


def traits(kind: str) -> dict[str, Any]:
    """What the mine of a kind is built with."""
    if kind == "stopped_mine":
        return {"crew": CARETAKERS, "orderly": True, "points": 30, "activity": "stopped"}
    return {"crew": CREW, "orderly": True, "points": 30}


def plants(kind: str, mine: SimulatedMine, start: int, rng: np.random.Generator) -> list[Plant]:
    """Two deeds of a kind: in the first shift of the day that begins at `start`, and in the second of the next.

    Raises KeyError for an unknown kind.
    """
    return [_DEEDS[kind](mine, start + at, rng) for at in (0, 4 * SHIFT_MS)]
