"""Who is below ground: the last snapshot of a mine that was known at a moment, and head-counts over a span.

A snapshot is the union of the files of one mine with one time; of a card that occurs twice the last record stands. Nothing is
said where no snapshot is young enough: no number is not zero. A file none of whose records could be read is no snapshot.
Times are Unix ms; `codes` are the code of a mine and its alias codes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import polars as pl

from kuangan.library.telemetry.records import day_of, read_records

EARLIER: Final = timedelta(days=1)
IN: Final = 1
OUT: Final = 2
GOOD_FOR: Final = 15 * 60_000
"""How long a snapshot answers for a mine: three files of five minutes. A default of ours."""
DEFINED_WITHIN: Final = timedelta(days=31)
"""How far back a definition is looked for; mines send them daily."""
_COUNTED: Final = ("gateway", "seq", "received_at", "mine", "record", "moment", "card", "flag", "rejected")
PEOPLE: Final = (
    "card",
    "area",
    "area_since",
    "station",
    "station_since",
    "in_time",
    "distance",
    "work_state",
    "leader",
    "special",
)


@dataclass(frozen=True, slots=True)
class Below:
    """Who was below ground in a mine. All but `at` is None where that is unknown.

    `people` has the columns of PEOPLE, one row a card, those of whom the mine says that they are in. `unclear` counts cards
    that are neither in nor out, `rejected` records that could not be read: both may be persons below ground.
    """

    at: int
    snapshot: int | None = None
    received_at: int | None = None
    people: pl.DataFrame | None = None
    unclear: int | None = None
    rejected: int | None = None

    @property
    def known(self) -> bool:
        """Whether anything can be said."""
        return self.people is not None

    @property
    def count(self) -> int | None:
        """Persons below ground, None where that is unknown."""
        return None if self.people is None else self.people.height

    @property
    def age(self) -> int | None:
        """How old the snapshot was at the moment asked for, ms."""
        return None if self.snapshot is None else self.at - self.snapshot


def below(home: Path, codes: Collection[str], at: int, known_at: int | None = None, within: int = GOOD_FOR) -> Below:
    """Who was below ground at `at`, by what had arrived at `known_at` (default: `at` itself)."""
    known = at if known_at is None else known_at
    rows = _positions(home, codes, at - within, at, known).collect()
    usable = _usable(rows)
    if not usable.height:
        return Below(at)
    snapshot = usable["moment"].max()
    assert isinstance(snapshot, int)
    last = rows.filter(pl.col("moment") == snapshot)
    cards = _last_of_card(last, ["card"])
    inside = cards.filter(pl.col("flag") == IN).sort("area", "area_since", "card", nulls_last=True)
    files = last.filter(pl.col("record") == 0)
    return Below(
        at,
        snapshot,
        int(files["received_at"].to_list()[-1]),
        inside.select(PEOPLE),
        cards.filter(~pl.col("flag").is_in([IN, OUT])).height,
        int(files["rejected"].sum()),
    )


def totals(home: Path, at: int, aliases: Mapping[str, str] | None = None, within: int = GOOD_FOR) -> pl.DataFrame:
    """What `below` says at `at` of every mine that can be counted: mine, snapshot, persons, unclear, rejected.

    `aliases` gives the code of a mine for another one it sends under. A mine without a row is unknown.
    """
    recent = _recent(home, at - within, at).filter(pl.col("received_at") <= at)
    rows = recent.filter(pl.col("moment").is_between(at - within, at)).sort("received_at", "gateway", "seq", "record")
    known = rows.with_columns(pl.col("mine").replace(dict(aliases or {}))).collect()
    newest = _usable(known).group_by("mine").agg(pl.col("moment").max().alias("snapshot"))
    last = known.join(newest, on="mine").filter(pl.col("moment") == pl.col("snapshot"))
    cards, files = _last_of_card(last, ["mine", "card"]), last.filter(pl.col("record") == 0)
    counted = cards.group_by("mine").agg(
        (pl.col("flag") == IN).sum().cast(pl.Int64).alias("persons"),
        (~pl.col("flag").is_in([IN, OUT])).sum().cast(pl.Int64).alias("unclear"),
    )
    rejected = files.group_by("mine").agg(pl.col("rejected").sum().cast(pl.Int64))
    found = newest.join(counted, on="mine", how="left").join(rejected, on="mine", how="left")
    return found.with_columns(pl.col("persons", "unclear", "rejected").fill_null(0)).sort("mine")


def head_counts(home: Path, codes: Collection[str], start: int, end: int, known_at: int | None = None) -> pl.DataFrame:
    """Persons below ground at each snapshot with a time in [start, end]: moment, area, persons.

    Each snapshot has one row with area null for the whole mine, 0 when it names nobody, and one for each area with persons.
    Persons of whom no area is told count for the mine alone. A span without rows is unknown.
    """
    rows = _positions(home, codes, start, end, known_at).collect()
    moments = _usable(rows).select("moment").unique()
    inside = _last_of_card(rows, ["moment", "card"]).filter(pl.col("flag") == IN)
    placed = inside.filter(pl.col("area").fill_null("") != "")
    by_area = placed.group_by("moment", "area").agg(pl.len().alias("persons"))
    whole = inside.group_by("moment").agg(pl.len().alias("persons"))
    total = moments.join(whole, on="moment", how="left").with_columns(pl.col("persons").fill_null(0))
    return (
        pl.concat([total.with_columns(area=pl.lit(None, pl.String)), by_area], how="diagonal")
        .select("moment", "area", pl.col("persons").cast(pl.Int64))
        .sort("moment", "area", nulls_last=False)
    )


def counts_of(
    home: Path, mine_of: Mapping[str, str], start: int, end: int, known_at: int | None = None
) -> pl.DataFrame:
    """Persons below ground of many mines at each snapshot with a time in [start, end], in one reading: mine, moment, persons.

    `mine_of` leads each code under which a mine sends to the mine. What has no row is unknown.
    """
    rows = _of_mine(home, "positions", list(mine_of), start, known_at).filter(pl.col("moment").is_between(start, end))
    found = rows.select(*_COUNTED).collect()
    if any(code != mine for code, mine in mine_of.items()):
        found = found.with_columns(pl.col("mine").replace_strict(dict(mine_of), return_dtype=pl.String))
    moments = _usable(found).select("mine", "moment").unique()
    inside = _once_a_card(found.filter(pl.col("record") > 0)).filter(pl.col("flag") == IN)
    whole = inside.group_by("mine", "moment").agg(pl.len().cast(pl.Int64).alias("persons"))
    counted = moments.join(whole, on=["mine", "moment"], how="left").with_columns(pl.col("persons").fill_null(0))
    return counted.select("mine", "moment", "persons").sort("mine", "moment")


def _once_a_card(people: pl.DataFrame) -> pl.DataFrame:
    """Of a card that occurs twice in a snapshot the last record. Few do: only what shares a hash is sorted."""
    key = ["mine", "moment", "card"]
    shared = people.select(key).hash_rows().is_duplicated()
    doubled = people.filter(shared).sort("received_at", "gateway", "seq", "record")
    return pl.concat([people.filter(~shared), doubled.unique(key, keep="last", maintain_order=True)])


def areas(home: Path, codes: Collection[str], at: int) -> pl.DataFrame:
    """Areas as defined at `at`: area, area_type, name, approved; the one without a code is the mine as a whole."""
    return _defined(home, "areas", codes, at, ["area"]).select("area", "area_type", "name", "approved").sort("area")


def approved(home: Path, at: int, aliases: Mapping[str, str] | None = None) -> dict[str, int]:
    """Persons that each mine says are approved below ground at once, by what had arrived at `at`, in one reading.

    `aliases` gives the code of a mine for another one it sends under. A mine that told no number is not in it.
    """
    rows = read_records(home, "areas", day_of(at) - DEFINED_WITHIN, day_of(at)).filter(
        (pl.col("area") == "")
        & pl.col("approved").is_not_null()
        & (pl.col("received_at") <= at)
        & (pl.col("moment") <= at)
    )
    ordered = rows.sort("moment", "received_at", "gateway", "seq").with_columns(
        pl.col("mine").replace(dict(aliases or {}))
    )
    return dict(
        ordered.unique("mine", keep="last", maintain_order=True).select("mine", "approved").collect().iter_rows()
    )


def base_stations(home: Path, codes: Collection[str], at: int) -> pl.DataFrame:
    """Base stations as defined at `at`: code, name, description, area_type, x, y, z."""
    wanted = ("code", "name", "description", "area_type", "x", "y", "z")
    return _defined(home, "base_stations", codes, at, ["code"]).select(wanted).sort("code")


def persons(home: Path, codes: Collection[str], cards: Collection[str], at: int) -> pl.DataFrame:
    """Names and particulars of cards as told by `at`: card, name, trade, post, team. Whoever asks must record that they did.

    The list of persons stands above the name in a snapshot, which stands where there is no list.
    """
    rows = _defined(home, "persons", codes, at, ["type", "card"]).filter(pl.col("card").is_in(list(cards)))
    ranked = rows.sort(pl.col("type") == "RYXX", descending=True).unique("card", keep="first", maintain_order=True)
    return ranked.select("card", "name", "trade", "post", "team").sort("card")


def station_states(home: Path, codes: Collection[str], at: int) -> pl.DataFrame:
    """The last state of each sub-station (FZSS) and base station (JZSS) by `at`: type, code, run, power, time."""
    rows = _defined(home, "station_states", codes, at, ["type", "code"])
    return rows.select("type", "code", "run", "power", "time").sort("type", "code")


def statistics(
    home: Path, codes: Collection[str], points: Collection[str], start: int, end: int, known_at: int | None = None
) -> pl.DataFrame:
    """Five-minute statistics of points that begin in [start, end), by point in order of time; of one interval the last sent
    stands.
    """
    asked = pl.col("code").is_in(list(points)) & (pl.col("start") >= start) & (pl.col("start") < end)
    rows = _of_mine(home, "statistics", codes, start, known_at).filter(asked)
    wanted = ("code", "start", "end", "max", "max_at", "min", "min_at", "average", "unit")
    found = rows.sort("received_at", "seq", "record").unique(["code", "start"], keep="last", maintain_order=True)
    return found.select(wanted).sort("code", "start").collect()


def _positions(home: Path, codes: Collection[str], start: int, end: int, known_at: int | None) -> pl.LazyFrame:
    rows = _of_mine(home, "positions", codes, start, known_at)
    return rows.filter(pl.col("moment").is_between(start, end)).sort("received_at", "gateway", "seq", "record")


def _of_mine(home: Path, name: str, codes: Collection[str], start: int, known_at: int | None) -> pl.LazyFrame:
    """Rows of a mine that arrived since shortly before `start`: nothing arrives before its time by more than our tolerance."""
    last = None if known_at is None else day_of(known_at)
    rows = read_records(home, name, day_of(start) - EARLIER, last).filter(pl.col("mine").is_in(list(codes)))
    return rows if known_at is None else rows.filter(pl.col("received_at") <= known_at)


def _recent(home: Path, start: int, end: int) -> pl.LazyFrame:
    """Positions of every mine that arrived on the days of a span and shortly before."""
    return read_records(home, "positions", day_of(start) - EARLIER, day_of(end))


def _usable(rows: pl.DataFrame) -> pl.DataFrame:
    """Record 0 of the files that say something: some record could be read, or none was there."""
    readable = rows.filter(pl.col("record") > 0).select("gateway", "seq").unique()
    files = rows.filter(pl.col("record") == 0)
    spoken = files.join(readable, on=["gateway", "seq"], how="semi")
    return pl.concat([spoken, files.filter(pl.col("rejected") == 0)])


def _last_of_card(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return rows.filter(pl.col("record") > 0).unique(key, keep="last", maintain_order=True)


def _defined(home: Path, name: str, codes: Collection[str], at: int, key: list[str]) -> pl.DataFrame:
    """Of each key the row with the newest moment by `at`, among what had arrived then."""
    rows = read_records(home, name, day_of(at) - DEFINED_WITHIN, day_of(at)).filter(
        pl.col("mine").is_in(list(codes)) & (pl.col("received_at") <= at) & (pl.col("moment") <= at)
    )
    ordered = rows.sort("moment", "received_at", "gateway", "seq", "record")
    return ordered.unique(key, keep="last", maintain_order=True).collect()
