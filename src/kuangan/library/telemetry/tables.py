"""Rows of the careful path as tables with fixed columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from kuangan.library.telemetry.careful import Parsed
from kuangan.library.telemetry.grammar import FileType, file_types
from kuangan.library.telemetry.results import READINGS

_KINDS: Final[dict[str, pl.DataType]] = {
    "code": pl.String(),
    "text": pl.String(),
    "number": pl.Float64(),
    "limit": pl.Float64(),
    "value": pl.Float64(),
    "mask": pl.Int32(),
    "count": pl.Int32(),
    "digit": pl.Int8(),
    "open_digit": pl.Int8(),
    "time": pl.Int64(),
    "open_time": pl.Int64(),
    "track": pl.String(),
}
_KEYS: Final[dict[str, pl.DataType]] = {"frame": pl.Int32(), "record": pl.Int32()}
HEADER_OF_POINTS: Final = ("system_model", "system_name", "maker")


def readings_of(parsed: Sequence[tuple[int, Parsed, FileType]]) -> pl.DataFrame:
    """Rows of `readings` frames with the columns of READINGS."""
    raw = _table("readings", parsed)
    return raw.select(pl.col(name).cast(kind) for name, kind in READINGS.items())


def points_of(parsed: Sequence[tuple[int, Parsed, FileType]]) -> pl.DataFrame:
    """Point definitions, one row a record, with what the header says of the system."""
    table = _table("points", parsed)
    heads = pl.DataFrame(
        [[index, *(each.header.get(name, "") for name in HEADER_OF_POINTS)] for index, each, _ in parsed],
        schema={"frame": pl.Int32(), **dict.fromkeys(HEADER_OF_POINTS, pl.String())},
        orient="row",
    )
    return table.join(heads, on="frame", how="left", maintain_order="left")


def definitions_of(feeds: str, parsed: Sequence[tuple[int, Parsed, FileType]]) -> pl.DataFrame:
    """Rows of a feed with the columns of its types."""
    return _table(feeds, parsed)


def _schema(feeds: str) -> dict[str, pl.DataType]:
    kind = next(each for each in file_types().values() if each.feeds == feeds)
    return {**_KEYS, **{column.name: _KINDS[column.kind] for column in kind.fields}}


def _table(feeds: str, parsed: Sequence[tuple[int, Parsed, FileType]]) -> pl.DataFrame:
    schema = _schema(feeds)
    rows = [(index, *row) for index, each, kind in parsed if kind.feeds == feeds for row in each.rows]
    return pl.DataFrame(rows, schema=schema, orient="row")
