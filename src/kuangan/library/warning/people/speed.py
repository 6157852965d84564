"""Cards that are seen at two stations sooner than anybody can have gone from one to the other."""

from __future__ import annotations

import polars as pl

from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.settings import SPEED, SpeedRule
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged, named
from kuangan.library.warning.settings import MINUTE

BEIJING = 480 * MINUTE


def speed(crew: Crew, snapshot: Snapshot, before: pl.DataFrame, mine: str, rule: SpeedRule) -> Judged:
    """Cards with (D − 2 reach) / (t + slack) above the ladder, of passes of two stations; D is the straight line between them.

    Passes are those of the track of a snapshot, and the last sighting of the snapshot before (`before`: card, station_before,
    station_since_before) with the present one. A straight line is never longer than the way, and who has come to a station may have been
    `reach_m` from it: what is told is the least speed there can have been. Stations without coordinates are not judged.
    """
    if len(crew.stations) < 2:
        return Judged(SPEED, (), False)
    steps = pl.concat([_between(before), _tracks(snapshot)]).filter(
        pl.col("station") != pl.col("from"), pl.col("time") >= pl.col("since")
    )
    places = pl.DataFrame(
        [(code, *place) for code, place in crew.stations.items()],
        schema={"code": pl.String, "x": pl.Float64, "y": pl.Float64, "z": pl.Float64},
        orient="row",
    )
    known = steps.join(places, left_on="from", right_on="code").join(
        places, left_on="station", right_on="code", suffix="2"
    )
    line = sum((pl.col(f"{axis}2") - pl.col(axis)) ** 2 for axis in "xyz") ** 0.5
    least = (line - 2 * rule.reach_m) / ((pl.col("time") - pl.col("since")) / 1000 + rule.slack_s)
    timed = known.with_columns(line.alias("metres"), least.alias("speed"))
    fast = timed.filter(pl.col("speed") > min(rung.over for rung in rule.ladder)).sort("speed", "card", "time")
    if not fast.height:
        return Judged(SPEED, (), snapshot.whole)
    top = fast.row(-1, named=True)
    cards = fast["card"].unique().to_list()
    told = {
        "persons": len(cards),
        "metres": round(top["metres"], 1),
        "seconds": (top["time"] - top["since"]) // 1000,
        "from": top["from"],
        "station": top["station"],
        "longest": top["card"],
    }
    value = round(top["speed"], 1)
    return Judged(SPEED, [Found("mine", mine, top["speed"], value, told | named(cards), top["since"])], snapshot.whole)


def _between(before: pl.DataFrame) -> pl.DataFrame:
    return before.filter(pl.col("station_before").is_not_null()).select(
        "card",
        pl.col("station_before").alias("from"),
        pl.col("station_since_before").alias("since"),
        "station",
        pl.col("station_since").alias("time"),
    )


def _tracks(snapshot: Snapshot) -> pl.DataFrame:
    """Consecutive passes of the tracks of the cards below: `station&Beijing time`, joined with commas."""
    each = snapshot.below.filter(pl.col("track") != "").select("card", pl.col("track").str.split(","))
    parts = each.explode("track").with_columns(
        pl.col("track").str.strip_chars().str.split_exact("&", 1).struct.unnest()
    )
    wire = pl.col("field_1").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ms", strict=False, exact=True)
    passes = parts.select("card", pl.col("field_0").alias("station"), (wire.cast(pl.Int64) - BEIJING).alias("time"))
    ordered = passes.drop_nulls().sort("card", "time", maintain_order=True)
    previous = [
        pl.col(name).shift().over("card").alias(told) for name, told in (("station", "from"), ("time", "since"))
    ]
    return ordered.with_columns(previous).drop_nulls().select("card", "from", "since", "station", "time")
