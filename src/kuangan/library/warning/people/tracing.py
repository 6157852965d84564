"""Where the cards below ground were at the last snapshots: which have not moved, and which move together.

Everything is a join of two snapshots and arithmetic on columns; a gap longer than a snapshot answers, or a card that was not below at
the snapshot before, begins anew.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from kuangan.library.warning.people.memory import TRACED, Crew
from kuangan.library.warning.people.settings import NoMovementRule, TogetherRule
from kuangan.library.warning.people.snapshot import Snapshot

SEEN: Final = ("card", "station", "station_since", "distance")


class Traced(NamedTuple):
    """The cards below with what was known of them at the snapshot before (`…_before`, null for those that are new), and the share of
    the known ones that moved."""

    cards: pl.DataFrame
    moved: float


def trace(crew: Crew, snapshot: Snapshot, still: NoMovementRule, together: TogetherRule, longest: int) -> Traced:
    """Take the cards of a snapshot into the memory of a mine; `longest` is the gap over which nothing is carried, ms."""
    known = crew.cards if snapshot.moment - crew.moment <= longest else crew.cards.clear()
    now = snapshot.below.select(SEEN).sort("card")
    cards = now.join(known, on="card", how="left", suffix="_before", maintain_order="left")
    stayed = _stayed(still.distance_m)
    cards = cards.with_columns(stayed.alias("stayed"), pl.col("station_before").is_not_null().alias("known"))
    seen = int(cards["known"].sum())
    moved = 1.0 - int((cards["stayed"] & cards["known"]).sum()) / seen if seen else 0.0
    cards = cards.with_columns(
        pl.when("stayed").then("still_since").otherwise(snapshot.moment).alias("still_since"),
        pl.when("stayed").then("anchor").otherwise("distance").alias("anchor"),
    )
    cards = _grouped(cards, together, snapshot.moment)
    crew.trace(cards.select(*TRACED))
    return Traced(cards, moved)


def _stayed(distance_m: float) -> pl.Expr:
    """The same pass of the same station, and a distance (m) within `distance_m` of that at which the card came to rest.

    A card of whom no distance is told cannot be said to stay.
    """
    near = ((pl.col("distance") - pl.col("anchor")).abs() <= distance_m).fill_null(False)
    same = (pl.col("station") == pl.col("station_before")).fill_null(False)
    return same & near & pl.col("station_since").eq_missing(pl.col("station_since_before"))


def _grouped(cards: pl.DataFrame, rule: TogetherRule, moment: int) -> pl.DataFrame:
    """Split the groups of the snapshot before by where their cards are now; who was alone may find a group again.

    Cards are at one place when they came to the same station within `within_s` of the one before and stand within `distance_m`.
    """
    alone = pl.len().over("group") == 1
    cards = cards.with_columns(pl.when(alone).then(None).otherwise(pl.col("group")).fill_null(-1).alias("group"))
    passed = ~(
        (pl.col("station") == pl.col("station_before")) & (pl.col("station_since") == pl.col("station_since_before"))
    ).fill_null(False)
    ordered = cards.with_columns(passed.alias("passed")).sort("group", "station", "station_since", "card")
    other = pl.col("group").ne_missing(pl.col("group").shift()) | pl.col("station").ne_missing(
        pl.col("station").shift()
    )
    later = (pl.col("station_since") - pl.col("station_since").shift() > rule.within_s * 1000).fill_null(True)
    ordered = ordered.with_columns((other | later).cum_sum().alias("place")).sort("place", "distance", "card")
    apart = pl.col("place") != pl.col("place").shift()
    far = (pl.col("distance") - pl.col("distance").shift() > rule.distance_m).fill_null(False)
    ordered = ordered.with_columns((apart | far).fill_null(True).cum_sum().cast(pl.Int64).alias("now"))
    fresh = pl.col("group") < 0
    passes = pl.when(fresh).then(1).otherwise(pl.col("passes") + pl.col("passed")).cast(pl.Int64)
    since = pl.when(fresh).then(moment).otherwise(pl.col("together_since")).cast(pl.Int64)
    return ordered.with_columns(passes.alias("passes"), since.alias("together_since"), group=pl.col("now")).sort("card")
