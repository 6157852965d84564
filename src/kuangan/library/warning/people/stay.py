"""Who stays below ground for longer than a shift, and whose card has shown the same place for hours while others moved."""

from __future__ import annotations

import numpy as np
import polars as pl

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
    people = snapshot.below.filter(pl.col("in_time").is_not_null())
    limit = pl.lit(rule.hours)
    for row in reversed(rule.systems):
        limit = pl.when(pl.col("labour_system").str.contains(row.pattern)).then(row.hours).otherwise(limit)
    stay = (snapshot.moment - pl.col("in_time")) / HOUR
    timed = people.select("card", stay.alias("hours"), limit.alias("limit"), "in_time")
    over = timed.filter((pl.col("hours") > pl.col("limit")) & (pl.col("hours") <= rule.most_hours))
    if not over.height:
        return Judged(OVERTIME, (), snapshot.whole)
    longest = over.with_columns(beyond=pl.col("hours") - pl.col("limit")).sort(
        "beyond", "card", descending=[True, False]
    )
    first = longest.row(0, named=True)
    told = {"persons": over.height, "limit": first["limit"], "longest": first["card"], **named(over["card"].to_list())}
    since = int(first["in_time"] + first["limit"] * HOUR)
    value = round(first["hours"], 2)
    return Judged(OVERTIME, [Found("mine", mine, first["beyond"], value, told, since)], snapshot.whole)


def no_movement(crew: Crew, snapshot: Snapshot, mine: str, moved: float, rule: NoMovementRule) -> Judged:
    """Cards still for long while at least `others_share` of the others, and `others` of them, moved since the snapshot before.

    `moved` is the share of the cards known before that moved. Measure and value: hours of the stillest card.
    """
    if not snapshot.whole or crew.cards.height <= rule.others or moved < rule.others_share:
        return Judged(NO_MOVEMENT, (), False)
    shortest = min(rung.over for rung in rule.ladder)
    hours = (snapshot.moment - crew.cards["still_since"].to_numpy()) / HOUR
    still = np.flatnonzero(hours > shortest)
    if not len(still):
        return Judged(NO_MOVEMENT, (), True)
    cards, longest = crew.cards["card"].gather(still.tolist()).to_list(), float(hours[still].max())
    since = snapshot.moment - int(longest * HOUR)
    told = {"persons": len(cards), "longest": cards[int(hours[still].argmax())], "moved_share": round(moved, 2)}
    return Judged(NO_MOVEMENT, [Found("mine", mine, longest, round(longest, 2), told | named(cards), since)], True)
