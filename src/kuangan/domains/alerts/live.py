"""Which kinds of data of which mines arrive now, from the engine's hot tables and the newest records. No database.

A check that says that nothing was seen must know that it could have been seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import polars as pl

from kuangan.library.telemetry.hot import engine_clock, read_hot
from kuangan.library.telemetry.records import day_of, read_records
from kuangan.library.telemetry.underground import totals
from kuangan.library.warning.rulebook import shipped

Kind = Literal["methane", "drainage", "feed", "water", "pressure", "slope", "pond", "positions", "cameras"]
MINUTE: Final = 60_000
BEHIND: Final = 15 * MINUTE
"""An engine whose clock is further behind says nothing of now. A default of ours."""
HOUR: Final = 60 * MINUTE
FRESH: Final[Mapping[Kind, int]] = {
    "methane": HOUR // 2,
    "positions": HOUR // 2,
    "drainage": 2 * HOUR,
    "water": 2 * HOUR,
    "pressure": 2 * HOUR,
    "feed": 24 * HOUR,
    "slope": 24 * HOUR,
    "pond": 24 * HOUR,
    "cameras": 26 * HOUR,
}
"""How old the newest reading of a kind may be; switches and cameras tell of changes. Defaults of ours."""
SIGNS: Final[Mapping[str, Kind]] = {
    "drainage": "drainage",
    "feed": "feed",
    "pump": "water",
    "pressure": "pressure",
    "separation": "pressure",
    "slope": "slope",
    "pond": "pond",
}
"""What the rules of danger see in a point → kind of data."""
WATER: Final = ("0007", "0029", "0049", "0053", "noncoal:0022", "noncoal:0023")
WATER_FAMILY: Final = "water:"


@dataclass(frozen=True, slots=True)
class Live:
    """Times in ms. `blind`: the engine does not run; `heard`: the newest reading of a kind by mine, however old; `mines`: first arrival and silence of those that ever sent."""

    blind: bool = True
    mines: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    heard: Mapping[Kind, Mapping[str, int]] = field(default_factory=dict)

    def newest(self, kind: Kind, mine: str) -> int | None:
        return self.heard.get(kind, {}).get(mine)


def live(home: Path, at: int, aliases: Mapping[str, str]) -> Live:
    """What arrives at `at`. The checks of one pass ask with one `at`: what was read for it is kept."""
    stamps = tuple(_stamp(home / "hot" / f"{name}.arrow") for name in ("points", "latest", "mines", "positions"))
    return _read(home, at, tuple(sorted(aliases.items())), stamps, engine_clock(home))


@lru_cache(maxsize=1)
def _read(
    home: Path, at: int, aliases: tuple[tuple[str, str], ...], stamps: tuple[int, ...], clock: int | None
) -> Live:
    known = dict(aliases)
    if clock is None or clock < at - BEHIND:
        return Live(True, _mines(home))
    return Live(False, _mines(home), {**_points(home), **_positions(home, at, known), **_cameras(home, at, known)})


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _mines(home: Path) -> dict[str, tuple[int | None, int | None]]:
    table = read_hot(home, "mines")
    if table is None:
        return {}
    rows = table.filter(pl.col("last_arrival").is_not_null()).select("mine", "first_seen", "silent_since")
    return {mine: (first, silent) for mine, first, silent in rows.iter_rows()}


def _points(home: Path) -> dict[Kind, dict[str, int]]:
    """The newest time of a point of each kind, by mine."""
    points, latest = read_hot(home, "points"), read_hot(home, "latest")
    if points is None or latest is None or points.is_empty():
        return {}
    if "sign" not in points.columns:
        points = points.with_columns(sign=pl.lit(None, pl.String))
    methane = [code for code, row in shipped().quantities.items() if row.quantity == "methane"]
    of_type = pl.col("sensor_type").fill_null("")
    kind = (
        pl.when(of_type.is_in(methane))
        .then(pl.lit("methane"))
        .when(of_type.is_in(WATER) | of_type.str.starts_with(WATER_FAMILY))
        .then(pl.lit("water"))
        .otherwise(pl.col("sign").replace_strict(dict(SIGNS), default=None, return_dtype=pl.String))
    )
    kinds = points.select("code", kind=kind).drop_nulls("kind").unique("code")
    newest = (
        kinds.join(latest.select("code", "mine", "time"), on="code").group_by("kind", "mine").agg(pl.col("time").max())
    )
    found: dict[Kind, dict[str, int]] = {}
    for name, mine, time in newest.iter_rows():
        found.setdefault(name, {})[mine] = time
    return found


def _positions(home: Path, at: int, aliases: Mapping[str, str]) -> dict[Kind, dict[str, int]]:
    """The newest snapshot of persons below ground, by mine."""
    counted = totals(home, at, aliases).select("mine", "snapshot")
    return {"positions": dict(counted.iter_rows())}


def _cameras(home: Path, at: int, aliases: Mapping[str, str]) -> dict[Kind, dict[str, int]]:
    """When states of cameras came last, by mine; a day counts as fresh, they are written when they change."""
    rows = read_records(home, "camera_states", day_of(at - FRESH["cameras"]), day_of(at))
    told = rows.filter(pl.col("received_at").is_between(at - FRESH["cameras"], at))
    found = (
        told.select(pl.col("mine").replace(dict(aliases)), "received_at")
        .group_by("mine")
        .agg(pl.col("received_at").max())
    )
    return {"cameras": dict(found.collect().iter_rows())}
