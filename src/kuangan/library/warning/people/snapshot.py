"""A snapshot: who is below ground in a mine at one moment, from the files of that moment.

The files of one mine with one time (on our clock) are one snapshot; of a card that occurs twice the last record stands. A file none
of whose records could be read says nothing. A snapshot is `whole` when every record of it could be read and says in or out.
"""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import polars as pl

from kuangan.library.warning.batch import FrameMark

IN, OUT = 1, 2
COLUMNS: Final[Mapping[str, pl.DataType]] = {
    "card": pl.String(),
    "flag": pl.Int8(),
    "in_time": pl.Int64(),
    "out_time": pl.Int64(),
    "area": pl.String(),
    "area_since": pl.Int64(),
    "station": pl.String(),
    "station_since": pl.Int64(),
    "distance": pl.Float64(),
    "labour_system": pl.String(),
    "leader": pl.Int8(),
    "track": pl.String(),
}
"""What of a record is judged; a name is not."""


def moment_of(mark: FrameMark) -> int:
    """The time of a file on our clock, ms: a header that runs ahead counts as its arrival."""
    return mark.at if mark.header is None else mark.header - mark.ahead


def _clean(rows: pl.DataFrame, name: str, kind: pl.DataType) -> pl.Expr:
    """A column as it is judged; a missing text is an empty one."""
    if name not in rows.columns:
        return pl.lit("" if kind == pl.String else None, kind).alias(name)
    column = pl.col(name).cast(kind)
    return column.fill_null("") if kind == pl.String else column


def says_something(mark: FrameMark, rows: pl.DataFrame) -> bool:
    """Whether a file of positions tells who is below: some record could be read, or none was there."""
    return rows.height > 0 or mark.rejected == 0


@dataclass
class Snapshot:
    """Files of one moment. `arrived` is when the last of them came; `declared` the head-count of the header, −1 without one;
    `led` whether the header names a leader below ground."""

    moment: int
    arrived: int
    gateway: str
    seq: int
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(COLUMNS)))
    rejected: int = 0
    declared: int = -1
    led: bool = False

    @classmethod
    def opened(cls, mark: FrameMark) -> Snapshot:
        return cls(moment_of(mark), mark.at, mark.gateway, mark.seq)

    def take(self, mark: FrameMark, rows: pl.DataFrame, tracks: bool) -> None:
        """Add a file of the same moment; tracks are kept only where somebody will look at them."""
        self.arrived, self.gateway, self.seq = max(self.arrived, mark.at), mark.gateway, mark.seq
        self.rejected += mark.rejected
        declared = mark.said.get("persons", "")
        if declared.isascii() and declared.isdecimal() and len(declared) < 7:
            self.declared = max(self.declared, 0) + int(declared)
        self.led = self.led or bool(mark.said.get("leader", "").strip("/ "))
        if rows.height:
            part = rows.select(_clean(rows, name, kind) for name, kind in COLUMNS.items())
            part = part if tracks else part.with_columns(track=pl.lit(""))
            self.rows = pl.concat([self.rows, part]) if self.rows.height else part
            self.__dict__.pop("cards", None)

    @cached_property
    def cards(self) -> pl.DataFrame:
        """One row a card, the last record of each."""
        if self.rows["card"].is_duplicated().any():
            return self.rows.unique("card", keep="last", maintain_order=True)
        return self.rows

    @cached_property
    def below(self) -> pl.DataFrame:
        """Cards below ground."""
        return self.cards.filter(pl.col("flag") == IN)

    @cached_property
    def left(self) -> pl.DataFrame:
        """Cards that have left, with the time of it."""
        return self.cards.filter((pl.col("flag") == OUT) & pl.col("out_time").is_not_null())

    @property
    def count(self) -> int:
        """Cards below ground: at least so many persons."""
        return self.below.height

    @cached_property
    def unclear(self) -> int:
        """Cards that are neither in nor out."""
        return self.cards.height - int(self.cards["flag"].is_in([IN, OUT]).sum())

    @property
    def whole(self) -> bool:
        """Whether whoever is not named is not below."""
        return self.rejected == 0 and self.unclear == 0

    @cached_property
    def by_area(self) -> dict[str, int]:
        """Persons by area; those of whom no area is told stand under an empty code."""
        counted = self.below.group_by("area").agg(pl.len())
        return dict(counted.iter_rows())

    @property
    def placed(self) -> bool:
        """Whether whoever is not named in an area is not there."""
        return self.whole and not self.by_area.get("")

    def table(self) -> dict[str, Any]:
        """JSON-able."""
        own = (self.moment, self.arrived, self.gateway, self.seq, self.rejected, self.declared, self.led)
        return {"own": list(own), "rows": packed(self.rows)}

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Snapshot:
        moment, arrived, gateway, seq, rejected, declared, led = table["own"]
        return cls(moment, arrived, gateway, seq, unpacked(table["rows"], COLUMNS), rejected, declared, led)


def packed(table: pl.DataFrame) -> str:
    """A table without empty texts told apart from missing ones, as text for the checkpoint: the same for the same rows."""
    return base64.b64encode(zlib.compress(table.write_csv(include_header=False).encode(), 1)).decode()


def unpacked(text: str, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """What `packed` gave of a table with these columns."""
    content = zlib.decompress(base64.b64decode(text))
    if not content:
        return pl.DataFrame(schema=dict(columns))
    read = pl.read_csv(io.BytesIO(content), has_header=False, schema=dict(columns))
    return read.with_columns(pl.col(pl.String).fill_null(""))
