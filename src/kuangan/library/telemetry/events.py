"""What mines tell of happenings themselves besides alarms of gas: abnormal levels, slopes, cameras, pump runs, too many people.

Files repeat an event until it is over, and some say its end in a file of another type: of one event the last that is said of each
thing stands.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.records import read_records
from kuangan.library.telemetry.shapes import SHAPES

KEY: Final = ("mine", "family", "code", "category", "start")
COLUMNS: Final = tuple(SHAPES["events"].columns)


def events_of(
    home: Path,
    codes: Collection[str] | None = None,
    first: date | None = None,
    last: date | None = None,
    known_at: int | None = None,
) -> pl.LazyFrame:
    """Events of mines (`codes` with their aliases, None: all) told on the Beijing days `first` to `last`, each once.

    Columns of the table `events` and `family`; `type`, `received_at`, `gateway`, `seq` and `record` are those of the newest word about
    it. Times are Unix ms. `known_at` leaves out what arrived later.
    """
    rows = read_records(home, "events", first, last)
    if codes is not None:
        rows = rows.filter(pl.col("mine").is_in(list(codes)))
    if known_at is not None:
        rows = rows.filter(pl.col("received_at") <= known_at)
    family = {name: kind.family for name, kind in file_types().items()}
    rows = rows.with_columns(pl.col("type").replace_strict(family, default="", return_dtype=pl.String).alias("family"))
    said = [name for name in COLUMNS if name not in KEY]
    return (
        rows.sort("received_at", "gateway", "seq", "record")
        .group_by(KEY, maintain_order=True)
        .agg(_last_said(name) for name in said)
        .select(*COLUMNS, "family")
    )


def _last_said(name: str) -> pl.Expr:
    """The last value that is one: not null, no empty text, no missing number."""
    kind = SHAPES["events"].columns[name]
    value = pl.col(name)
    if kind == pl.String():
        return value.filter(value.is_not_null() & (value != "")).last()
    if kind == pl.Float64():
        return value.filter(value.is_not_null() & value.is_not_nan()).last()
    return value.drop_nulls().last()
