"""Cards that do not behave like one person each: several that move as one, and many that leave the mine at the same moment."""

from __future__ import annotations

from bisect import bisect_right

from kuangan.library.warning.never import NEVER
from kuangan.library.warning.people.memory import ALONE, Crew
from kuangan.library.warning.people.settings import CARDS_TOGETHER, MASS_EXIT, MassExitRule, TogetherRule
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged, named

LEAST = 3


def together(crew: Crew, snapshot: Snapshot, rule: TogetherRule) -> Judged:
    """Groups of cards that came to `stations` stations as one. Measure and value: cards; since they were together.

    Formal condition, between consecutive snapshots: the same station, times of coming there within `within_s` of the next card, and
    distances within `distance_m`. How long it must go on (ladder) sets one carrier apart from a ride in one car or cage.
    """
    traces, groups = crew.traces, dict[int, list[tuple[str, int]]]()
    for at, (group, passes) in enumerate(zip(traces.group, traces.passes, strict=True)):
        if group != ALONE and passes >= rule.stations:
            groups.setdefault(group, []).append((traces.card[at], at))
    found = []
    for _, members in sorted(groups.items()):
        if len(members) >= LEAST:
            first, size = min(members), len(members)
            stations = min(traces.passes[at] for _, at in members)
            told = {"persons": size, "stations": stations, "station": traces.station[first[1]]}
            since = min(traces.together_since[at] for _, at in members)
            found.append(Found("card", first[0], size, size, told | named([card for card, _ in members]), since))
    return Judged(CARDS_TOGETHER, found, snapshot.whole)


def mass_exit(crew: Crew, snapshot: Snapshot, mine: str, rule: MassExitRule) -> Judged:
    """The most cards whose times of leaving lie within `within_s`. Measure and value: cards.

    Only times newer than those looked at before: who has left is named in several snapshots. Those of the first snapshot of all are
    left alone: some of them may have been told before.
    """
    left = snapshot.left(crew.exits)
    if not left:
        return Judged(MASS_EXIT, (), True)
    times = [time for time, _ in left]
    known, crew.exits = crew.exits != NEVER, times[-1]
    within = int(rule.within_s * 1000)
    sizes = [bisect_right(times, time + within) - at for at, time in enumerate(times)]
    first = sizes.index(max(sizes))
    leavers = left[first : first + sizes[first]]
    cards, since = [card for _, card in leavers], leavers[0][0]
    told = {"persons": len(cards), "first": since, "last": leavers[-1][0]} | named(cards)
    found = [Found("mine", mine, len(cards), len(cards), told, since, over=True)] if known else []
    return Judged(MASS_EXIT, found, True)
