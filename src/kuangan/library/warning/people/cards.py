"""Cards that do not behave like one person each: several that move as one, and many that leave the mine at the same moment."""

from __future__ import annotations

import numpy as np
import polars as pl

from kuangan.library.warning.never import NEVER
from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.settings import CARDS_TOGETHER, MASS_EXIT, MassExitRule, TogetherRule
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged, named

LEAST = 3


def together(crew: Crew, snapshot: Snapshot, rule: TogetherRule) -> Judged:
    """Groups of cards that came to `stations` stations as one. Measure and value: cards; since they were together.

    Formal condition, between consecutive snapshots: the same station, times of coming there within `within_s` of the next card, and
    distances within `distance_m`. How long it must go on (ladder) sets one carrier apart from a ride in one car or cage.
    """
    passed = crew.cards.filter(pl.col("passes") >= rule.stations)
    groups = passed.group_by("group").agg(
        pl.col("card").sort(), pl.len().alias("size"), pl.col("together_since").min(), pl.col("passes").min()
    )
    found = []
    for row in groups.filter(pl.col("size") >= LEAST).sort("group").iter_rows(named=True):
        size, cards = row["size"], row["card"]
        told = {"persons": size, "stations": row["passes"], "station": _station(crew, cards[0])} | named(cards)
        found.append(Found("card", cards[0], size, size, told, row["together_since"]))
    return Judged(CARDS_TOGETHER, found, snapshot.whole)


def _station(crew: Crew, card: str) -> str:
    return str(crew.cards.row(by_predicate=pl.col("card") == card, named=True)["station"])


def mass_exit(crew: Crew, snapshot: Snapshot, mine: str, rule: MassExitRule) -> Judged:
    """The most cards whose times of leaving lie within `within_s`. Measure and value: cards.

    Only times newer than those looked at before: who has left is named in several snapshots. Those of the first snapshot of all are
    left alone: some of them may have been told before.
    """
    left = snapshot.left.filter(pl.col("out_time") > crew.exits).sort("out_time", "card")
    if not left.height:
        return Judged(MASS_EXIT, (), True)
    times = left["out_time"].to_numpy()
    known, crew.exits = crew.exits != NEVER, int(times[-1])
    until = np.searchsorted(times, times + int(rule.within_s * 1000), side="right")
    sizes = until - np.arange(len(times))
    first = int(sizes.argmax())
    cards, since, last = (
        left["card"][first : int(until[first])].to_list(),
        int(times[first]),
        int(times[until[first] - 1]),
    )
    told = {"persons": len(cards), "first": since, "last": last} | named(cards)
    found = [Found("mine", mine, len(cards), len(cards), told, since, over=True)] if known else []
    return Judged(MASS_EXIT, found, True)
