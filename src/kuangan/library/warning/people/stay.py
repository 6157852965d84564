"""Who stays below ground for longer than a shift, and whose card has shown the same place for hours while others moved."""

from __future__ import annotations

from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.settings import NO_MOVEMENT, OVERTIME, NoMovementRule, OvertimeRule
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged, named
from kuangan.library.warning.settings import MINUTE

HOUR = 60 * MINUTE


def overtime(snapshot: Snapshot, mine: str, rule: OvertimeRule) -> Judged:
    """Cards for which limit < moment − in_time <= most_hours; the limit is that of their labour system.

    Measure: hours above the limit of who is longest over; the event begins when the first went over. Value: hours below.
    """
    below, moment = snapshot.below, snapshot.moment
    limits = {system: rule.limit(system) for system in set(below.labour_system)}
    stays = [0.0 if entered is None else (moment - entered) / HOUR for entered in below.in_time]
    timed = enumerate(zip(stays, below.labour_system, strict=True))
    over = [at for at, (hours, system) in timed if limits[system] < hours <= rule.most_hours]
    if not over:
        return Judged(OVERTIME, (), snapshot.whole)
    beyond, card, first = min((limits[below.labour_system[at]] - stays[at], below.card[at], at) for at in over)
    limit, entered = limits[below.labour_system[first]], below.in_time[first]
    assert entered is not None
    told = {"persons": len(over), "limit": limit, "longest": card, **named([below.card[at] for at in over])}
    since = int(entered + limit * HOUR)
    found = Found("mine", mine, -beyond, round(stays[first], 2), told, since)
    return Judged(OVERTIME, [found], snapshot.whole)


def no_movement(crew: Crew, snapshot: Snapshot, mine: str, moved: float, rule: NoMovementRule) -> Judged:
    """Cards still for long while at least `others_share` of the others, and `others` of them, moved since the snapshot before, or within
    `others_min`: who works at one place is heard anew only now and then.

    `moved` is the share of the cards known before that moved. Measure and value: hours of the stillest card.
    """
    moment, traces = snapshot.moment, crew.traces
    if traces.still_since:
        lately = sum(moment - since <= rule.others_min * MINUTE for since in traces.still_since)
        moved = max(moved, lately / len(traces.still_since))
    if not snapshot.whole or snapshot.count <= rule.others or moved < rule.others_share:
        return Judged(NO_MOVEMENT, (), False)
    told_still = zip(traces.still_since, traces.card, strict=True)
    still = sorted((since, card) for since, card in told_still if (moment - since) / HOUR > rule.least)
    if not still:
        return Judged(NO_MOVEMENT, (), True)
    since, card = still[0]
    longest = (moment - since) / HOUR
    told = {"persons": len(still), "longest": card, "moved_share": round(moved, 2)} | named([each for _, each in still])
    since = moment - int(longest * HOUR)
    return Judged(NO_MOVEMENT, [Found("mine", mine, longest, round(longest, 2), told, since)], True)
