"""Cards that are seen at two stations sooner than anybody can have gone from one to the other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, pairwise
from operator import itemgetter
from typing import Final

from kuangan.library.telemetry.fields import wire_time
from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.settings import SPEED, SpeedRule
from kuangan.library.warning.people.snapshot import Records, Snapshot
from kuangan.library.warning.people.spells import Found, Judged, named
from kuangan.library.warning.people.tracing import Step

_TIME: Final = itemgetter(1)
Place = tuple[float, float, float]


def speed(crew: Crew, snapshot: Snapshot, before: Iterable[Step], mine: str, rule: SpeedRule) -> Judged:
    """Cards with (D − 2 reach) / (t + slack) above the ladder, of passes of two stations; D is the straight line between them.

    Passes are those of the track of a snapshot, and the last sighting of the snapshot before with the present one (`before`). A
    straight line is never longer than the way, and who has come to a station may have been `reach_m` from it: what is told is the least
    speed there can have been. Stations without coordinates are not judged.
    """
    if len(crew.stations) < 2:
        return Judged(SPEED, (), False)
    fast: list[tuple[float, str, int, float, Step]] = []
    nearest = 2 * rule.reach_m + rule.least * rule.slack_s if rule.least >= 0 else 0.0
    for step in chain(before, _tracks(snapshot.below, crew.stations, nearest)):
        here, there = crew.stations.get(step.origin), crew.stations.get(step.station)
        if here is not None and there is not None and step.time >= step.since:
            metres = math.dist(here, there)
            least = _least(metres - 2 * rule.reach_m, (step.time - step.since) / 1000 + rule.slack_s)
            if least > rule.least:
                fast.append((least, step.card, step.time, metres, step))
    if not fast:
        return Judged(SPEED, (), snapshot.whole)
    least, card, time, metres, top = max(fast)
    cards = list({each[1] for each in fast})
    told = {
        "persons": len(cards),
        "metres": round(metres, 1),
        "seconds": (time - top.since) // 1000,
        "from": top.origin,
        "station": top.station,
        "longest": card,
    }
    found = Found("mine", mine, least, round(least, 1), told | named(cards), top.since)
    return Judged(SPEED, [found], snapshot.whole)


def _least(metres: float, seconds: float) -> float:
    """m/s; of no time at all without bound."""
    return metres / seconds if seconds else math.copysign(math.inf, metres)


def _tracks(below: Records, places: Mapping[str, Place], nearest: float) -> Iterator[Step]:
    """Steps to another station in the tracks of the cards: `station&Beijing time`, joined with commas.

    Tracks with all stations within half of `nearest` (m) of one of them are left out: nobody is too fast there.
    """
    for card, track in zip(below.card, below.track, strict=True):
        if "," in track:
            first: Place | None = None
            for part in track.split(","):
                place = places.get(part.strip().partition("&")[0])
                if first is None:
                    first = place
                elif place is not None and place is not first and 2 * math.dist(first, place) >= nearest:
                    yield from _all(card, track)
                    break


def _all(card: str, track: str) -> Iterator[Step]:
    passes = [part.strip().partition("&") for part in track.split(",")]
    timed = [(station, time) for station, _, told in passes if (time := wire_time(told)) is not None]
    for (origin, since), (station, time) in pairwise(sorted(timed, key=_TIME)):
        if origin != station:
            yield Step(card, origin, since, station, time)
