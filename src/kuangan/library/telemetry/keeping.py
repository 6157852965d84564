"""From decoded batches to the rows of the kept tables: where a record came from, and names apart from positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import polars as pl

from kuangan.library.telemetry.codes import ACCEPTED, PARTIAL
from kuangan.library.telemetry.grammar import FileType, file_types
from kuangan.library.telemetry.results import Decoded, Outcome
from kuangan.library.telemetry.shapes import ORIGIN, SHAPES

_FROM_FRAME: Final = ("gateway", "seq", "received_at", "mine", "type", "moment")


class Origin(NamedTuple):
    """One frame of a batch: where it stands in the spool and what became of it."""

    gateway: str
    seq: int
    received_at: int
    outcome: Outcome


def kept_rows(decoded: Decoded, origins: Sequence[Origin]) -> dict[str, pl.DataFrame]:
    """The rows of a batch by table, columns of SHAPES, in order of arrival; `origins` has one entry a frame, in its order."""
    tables = {name: table for name, table in decoded.kept.items() if table.height}
    fed = {name for origin in origins if (name := _feeds(origin.outcome))}
    if not fed and not tables:
        return {}
    frames = _frames(origins)
    rows = {name: table.join(frames, on="frame", how="left", maintain_order="left") for name, table in tables.items()}
    if "positions" in fed:
        positions = rows.get("positions", pl.DataFrame(schema={"frame": pl.Int32(), "record": pl.Int32()}))
        rows["positions"] = pl.concat([positions, _marks(frames)], how="diagonal")
    if "positions" in tables:
        named = rows["positions"].filter(pl.col("name") != "")
        rows["persons"] = pl.concat([*([rows["persons"]] if "persons" in rows else []), named], how="diagonal")
    if (whole := _approved_below_ground(decoded, frames)).height:
        rows["areas"] = pl.concat([*([rows["areas"]] if "areas" in rows else []), whole], how="diagonal")
    shaped = {name: _shaped(name, table) for name, table in rows.items()}
    return {name: table for name, table in shaped.items() if table.height}


def _feeds(outcome: Outcome) -> str:
    """The kept table that a frame feeds, also when it has no record; empty for others."""
    kind = file_types().get(outcome.type) if outcome.status in (ACCEPTED, PARTIAL) else None
    if kind is None:
        return ""
    return next((feeds for feeds in (kind.feeds, *kind.also, "definitions") if _keeps(kind, feeds)), "")


def _keeps(kind: FileType, feeds: str) -> bool:
    """Whether a kept table takes rows of a type: its own, one of those it feeds besides, what definitions say more."""
    return feeds in SHAPES if feeds != "definitions" else kind.feeds in ("points", "definitions")


def _frames(origins: Sequence[Origin]) -> pl.DataFrame:
    """One row for each frame that feeds a kept table."""

    def rows() -> Iterator[tuple[object, ...]]:
        for index, (gateway, seq, received_at, outcome) in enumerate(origins):
            feeds = _feeds(outcome)
            if feeds:
                header = received_at if outcome.header_time is None else outcome.header_time - outcome.ahead
                yield index, feeds, outcome.rejected, gateway, seq, received_at, outcome.mine, outcome.type, header

    schema = {"frame": pl.Int32(), "feeds": pl.String(), "rejected": pl.Int32()}
    return pl.DataFrame(list(rows()), schema=schema | {name: ORIGIN[name] for name in _FROM_FRAME}, orient="row")


def _marks(frames: pl.DataFrame) -> pl.DataFrame:
    """Record 0 of each snapshot."""
    return frames.filter(pl.col("feeds") == "positions").with_columns(record=pl.lit(0, pl.Int32))


def _approved_below_ground(decoded: Decoded, frames: pl.DataFrame) -> pl.DataFrame:
    """What a list of persons says of the mine as a whole, as an area without a code."""
    found = [
        (index, int(header["approved"]))
        for index, header in decoded.headers.items()
        if header.get("approved", "").isascii() and header.get("approved", "").isdecimal()
    ]
    table = pl.DataFrame(
        [row for row in found if row[1] < 1_000_000], schema={"frame": pl.Int32(), "approved": pl.Int32()}, orient="row"
    )
    said = {"area": pl.lit(""), "area_type": pl.lit(""), "name": pl.lit(""), "record": pl.lit(0, pl.Int32)}
    return table.join(frames, on="frame", how="inner", maintain_order="left").with_columns(**said)


def _shaped(name: str, table: pl.DataFrame) -> pl.DataFrame:
    """The columns of a table's shape, null where the type has none, in order of frame and record."""
    columns: Mapping[str, pl.DataType] = SHAPES[name].columns
    return table.sort("frame", "record", maintain_order=True).select(
        (pl.col(column).cast(kind) if column in table.columns else pl.lit(None, kind)).alias(column)
        for column, kind in columns.items()
    )
