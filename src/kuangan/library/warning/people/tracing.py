"""Where the cards below ground were at the last snapshots: which have not moved, and which move together.

A gap longer than a snapshot answers, or a card that was not below at the snapshot before, begins anew.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from kuangan.library.warning.never import NEVER
from kuangan.library.warning.people.memory import ALONE, Crew, Traces
from kuangan.library.warning.people.settings import NoMovementRule, TogetherRule
from kuangan.library.warning.people.snapshot import Records, Snapshot

Known = tuple[str | None, int | None, float | None, int, int, int, int]
"""What was known of a card at the snapshot before: a row of `Traces` without the card."""
ANCHOR: Final = 2
STILL: Final = 3
GROUP: Final = 4


class Step(NamedTuple):
    """Two sightings of a card, one after the other."""

    card: str
    origin: str
    since: int
    station: str
    time: int


class Traced(NamedTuple):
    """Cards that were sighted at another station than at the snapshot before, and the share of the known ones that moved."""

    steps: list[Step]
    moved: float


UNKNOWN: Final[Known] = (None, None, None, NEVER, ALONE, 0, NEVER)


def trace(crew: Crew, snapshot: Snapshot, still: NoMovementRule, together: TogetherRule, longest: int) -> Traced:
    """Take the cards of a snapshot into the memory of a mine; `longest` is the gap over which nothing is carried, ms."""
    below, moment = snapshot.below, snapshot.moment
    known: dict[str, Known] = {}
    if moment - crew.moment <= longest:
        known = dict(zip(crew.traces.card, zip(*crew.traces[1:], strict=True), strict=True))
    before = [known.get(card, UNKNOWN) for card in below.card]
    stayed = _stayed(below, before, still.distance_m)
    seen = len(before) - before.count(UNKNOWN)
    moved = 1.0 - sum(stayed) / seen if seen else 0.0
    rest = list(zip(stayed, before, below.distance, strict=True))
    anchor = [was[ANCHOR] if stays else distance for stays, was, distance in rest]
    still_since = [was[STILL] if stays else moment for stays, was, _ in rest]
    grouped = _grouped(below, before, together, moment)
    crew.trace(Traces(below.card, below.station, below.station_since, anchor, still_since, *grouped))
    return Traced(_steps(below, before), moved)


def _stayed(below: Records, before: Sequence[Known], distance_m: float) -> list[bool]:
    """The same pass of the same station, and a distance (m) within `distance_m` of that at which the card came to rest.

    A card of whom no distance is told cannot be said to stay.
    """
    told = zip(before, below.station, below.station_since, below.distance, strict=True)
    return [
        place == station
        and came == since
        and distance is not None
        and anchor is not None
        and abs(distance - anchor) <= distance_m
        for (place, came, anchor, _, _, _, _), station, since, distance in told
    ]


def _steps(below: Records, before: Sequence[Known]) -> list[Step]:
    told = zip(below.card, before, below.station, below.station_since, strict=True)
    return [
        Step(card, was[0], was[1], station, time)
        for card, was, station, time in told
        if was[0] != station and was[0] is not None and was[1] is not None and time is not None
    ]


def _grouped(
    below: Records, before: Sequence[Known], rule: TogetherRule, moment: int
) -> tuple[list[int], list[int], list[int]]:
    """Group, passes and since when of each card: the groups of the snapshot before, split by where their cards are now; who was alone may
    find a group again.

    Cards are at one place when they came to the same station within `within_s` of the one before and stand within `distance_m`.
    """
    size = len(before)
    group, passes, since = [ALONE] * size, [0] * size, [moment] * size
    groups = [was[GROUP] for was in before]
    left = Counter(groups)
    keys = zip([old if left[old] > 1 else ALONE for old in groups], below.station, strict=True)
    split: dict[tuple[int, str], list[tuple[float, int]]] = {}
    for key, came, at in zip(keys, below.station_since, range(size), strict=True):
        if came is not None:
            split.setdefault(key, []).append((came, at))
    number = 0
    for (old, station), cards in sorted(each for each in split.items() if len(each[1]) > 1):
        for place in _chains(cards, rule.within_s * 1000):
            for one in _chains(_distances(below, place), rule.distance_m):
                for _, at in one:
                    group[at], passes[at] = number, 1
                    if old != ALONE:
                        place_before, came_before, _, _, _, passed, since[at] = before[at]
                        there = place_before == station and came_before == below.station_since[at]
                        passes[at] = passed if there else passed + 1
                number += 1
    return group, passes, since


def _distances(below: Records, place: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """The distances (m) of cards: without one where a system tells them the card stands alone, where it never does with the nearest."""
    told = [(below.distance[at], at) for _, at in place]
    known = [(distance, at) for distance, at in told if distance is not None and not math.isnan(distance)]
    nearest = min(known)[0] if known else 0.0
    return known + [(nearest, at) for distance, at in told if distance is None]


def _chains(cards: Iterable[tuple[float, int]], gap: float) -> list[list[tuple[float, int]]]:
    """Of (measure, card) the runs of two and more in which each is within `gap` of the one before."""
    ordered = sorted(cards)
    runs = [ordered[:1]]
    for (last, _), each in pairwise(ordered):
        if each[0] - last > gap:
            runs.append([each])
        else:
            runs[-1].append(each)
    return [run for run in runs if len(run) > 1]
