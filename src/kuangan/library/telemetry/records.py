"""What is kept as it came, in Delta tables of its own under `archive/`: one row a record, with where it came from.

`positions` has one row more for each file, record 0 without a card: an empty mine has sent a snapshot too. Persons' names and
particulars are in `persons` alone. Definitions, persons and states are written when they change, and once each day, so that the
days that are kept stand for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from kuangan.library.telemetry.delta import Encoding, Kept, PositionedTable, concatenated
from kuangan.library.telemetry.hot import publish, read_hot
from kuangan.library.telemetry.shapes import LONG, NUMBER, SHAPES, SMALL, TEXT, TINY, Shape

DAY: Final = 86_400_000
OFFSET: Final = 8 * 3_600_000
HASHED: Final = 64
CONTENT: Final = (1 << HASHED) - 1


class RecordTable:
    """Appends to and reads one table of rows that carry gateway, seq and arrival; one process writes, any may read."""

    def __init__(self, home: Path, name: str, columns: Mapping[str, pl.DataType], encoding: Encoding) -> None:
        self.columns = dict(columns)
        self.encoding = encoding
        self.schema = _schema(columns)
        self.table = PositionedTable(home, home / "archive" / name, self.schema, ["day"])

    def append(self, tables: Sequence[pl.DataFrame], position: Mapping[str, int]) -> None:
        """Add rows up to a spool position; what the table holds already is not added again."""
        if not tables or self.table.reaches(position):
            return
        held = self.table.position()
        rows = pl.concat(tables)
        rows = rows.filter(pl.col("seq") > pl.col("gateway").replace_strict(held, default=-1, return_dtype=pl.Int64))
        files = []
        version = self.table.table.version() + 1
        day = (pl.col("received_at") + OFFSET) // DAY
        parts = rows.with_columns(day.alias("day")).partition_by("day", as_dict=True, maintain_order=True)
        for (number,), part in parts.items():
            table = part.select(*self.columns).to_arrow(compat_level=pl.CompatLevel.oldest())
            cast = table.cast(pa.schema([self.schema.field(name) for name in self.columns]))
            newest = max(part["received_at"].to_list())
            label = {"day": day_label(int(str(number)))}
            files.append(self.table.write(f"{version:012d}", label, [cast], self.encoding, newest))
        self.table.commit(files, position)

    def kept(self) -> Kept:
        """The table and how it is compacted."""
        return Kept(self.table, self.encoding, concatenated, "archive_days")

    def rows(self, first: date | None = None, last: date | None = None) -> pl.LazyFrame:
        """Rows that arrived on the Beijing days from `first` to `last`, all without them."""
        filters = [("day", ">=", first.isoformat())] if first else []
        filters += [("day", "<=", last.isoformat())] if last else []
        paths = self.table.files(filters)
        return pl.scan_parquet(paths).select(*self.columns) if paths else pl.LazyFrame(schema=self.columns)


class Changes:
    """Of rows in order of arrival those that say something new: another content of a key than the newest of the same day.

    A row older than that one always passes; it does not become the newest. What is held belongs to one day, so that it can be
    made again from the rows of that day. Keys and contents are held as 64-bit hashes: a table of a province has hundreds of
    thousands. Two keys of one hash cost a row written twice.
    """

    def __init__(self, shape: Shape, rows: pl.DataFrame) -> None:
        self._shape = shape
        self._day = -1
        self._newest: dict[int, int] = {}
        for day, key, moment, content in self._told(
            rows.sort("moment", "received_at", "seq", "record", maintain_order=True)
        ):
            self._day = max(self._day, day)
            self._newest[key] = moment << HASHED | content

    def take(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that pass; from then on they are what later ones are compared with."""
        return rows.filter(pl.Series([self._passes(*row) for row in self._told(rows)], dtype=pl.Boolean))

    def _told(self, rows: pl.DataFrame) -> Iterator[tuple[int, int, int, int]]:
        """Day of arrival, key, moment and content of each row; what is no number is as if it were not there."""
        day = rows.select((pl.col("received_at") + OFFSET) // DAY).to_series()
        content = rows.select(*self._shape.content).with_columns(pl.col(pl.Float64).fill_nan(None))
        hashes = rows.select(*self._shape.key).hash_rows(), content.hash_rows()
        return zip(day.to_list(), hashes[0].to_list(), rows["moment"].to_list(), hashes[1].to_list(), strict=True)

    def _passes(self, day: int, key: int, moment: int, content: int) -> bool:
        if day > self._day:
            self._newest.clear()
            self._day = day
        known = self._newest.get(key)
        if known is not None and (moment < known >> HASHED or content == known & CONTENT):
            return moment < known >> HASHED
        self._newest[key] = moment << HASHED | content
        return True


class Records:
    """The tables of SHAPES in a home: what waits for the next flush, and what is written."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.tables = {name: RecordTable(home, name, shape.columns, shape.encoding) for name, shape in SHAPES.items()}
        self.waiting: dict[str, list[pl.DataFrame]] = {name: [] for name in SHAPES}
        self._held = {name: table.table.position() for name, table in self.tables.items()}
        self._changes = {name: Changes(shape, self._last_day(name)) for name, shape in SHAPES.items() if shape.key}
        self._unpublished = set(SHAPES)

    def take(self, rows: Mapping[str, pl.DataFrame]) -> None:
        """Rows by table, columns of its shape, in order of arrival."""
        for name, table in rows.items():
            fresh = self._changes[name].take(table) if name in self._changes else table
            held = pl.col("gateway").replace_strict(self._held[name], default=-1, return_dtype=pl.Int64)
            fresh = fresh.filter(pl.col("seq") > held)
            if fresh.height:
                self.waiting[name].append(fresh)
                self._unpublished.add(name)

    def append(self, position: Mapping[str, int]) -> None:
        """Write what waits, up to a spool position. What a table holds already is not added again."""
        for name, table in self.tables.items():
            table.append(self.waiting[name], position)
            if self.waiting[name]:
                self.waiting[name] = []
                self._unpublished.add(name)

    def publish(self) -> None:
        """Show what waits in `hot/`, where it has changed."""
        for name in sorted(self._unpublished):
            empty = pl.DataFrame(schema=dict(SHAPES[name].columns))
            publish(self.home, name, pl.concat(self.waiting[name]) if self.waiting[name] else empty)
        self._unpublished.clear()

    @property
    def size(self) -> int:
        """Rows that wait."""
        return sum(table.height for tables in self.waiting.values() for table in tables)

    def kept(self) -> list[Kept]:
        """The tables and how they are compacted."""
        return [table.kept() for table in self.tables.values()]

    def _last_day(self, name: str) -> pl.DataFrame:
        """The rows of the newest day that a table holds."""
        table = self.tables[name]
        folders = {path.rpartition("/")[0].rpartition("day=")[2] for path in table.table.files([])}
        newest = date.fromisoformat(max(folders)) if folders else None
        return table.rows(newest, newest).collect() if newest else pl.DataFrame(schema=table.columns)


def read_records(home: Path, name: str, first: date | None = None, last: date | None = None) -> pl.LazyFrame:
    """Rows of a table, archived or waiting, that arrived on the Beijing days `first` to `last`; each once, in no order.

    What waits is looked at first: what is written meanwhile is then found in the table.
    """
    columns = dict(SHAPES[name].columns)
    hot = read_hot(home, name)
    path = home / "archive" / name
    if not (path / "_delta_log").is_dir():
        return pl.LazyFrame(schema=columns) if hot is None else hot.lazy().select(*columns)
    stored = RecordTable(home, name, columns, SHAPES[name].encoding).rows(first, last)
    if hot is None or not hot.height:
        return stored
    newest = hot.select("gateway", "seq", "record")
    rest = stored.join(newest.lazy(), on=["gateway", "seq", "record"], how="anti")
    return pl.concat([rest, hot.lazy().select(*columns)])


def day_of(time: int) -> date:
    """The Beijing day of a time, Unix ms."""
    return datetime.fromtimestamp((time + OFFSET) // 1000, UTC).date()


def day_label(number: int) -> str:
    """The name of a day counted from the epoch."""
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()


def _schema(columns: Mapping[str, pl.DataType]) -> pa.Schema:
    kinds = {TEXT: pa.string(), LONG: pa.int64(), NUMBER: pa.float64(), SMALL: pa.int32(), TINY: pa.int8()}
    return pa.schema([("day", pa.date32()), *((name, kinds[kind]) for name, kind in columns.items())])
