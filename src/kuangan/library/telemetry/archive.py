"""The archive of readings: a Delta table by event day and shard, sorted by point and time.

The key of a reading is (point, time); a second value for a key is kept as a revision, the first stands. Every row
carries its lag (arrival minus event time, ms), so what was known at any time is exact. Files hold the arrival instead:
all points of a frame share it, so it packs to almost nothing where jittered lags do not.
"""

from __future__ import annotations

import bisect
import zlib
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, starmap
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kuangan.library.telemetry.compaction import WHOLE, Merge
from kuangan.library.telemetry.delta import Encoding, Kept, PositionedTable
from kuangan.library.telemetry.hot import read_hot
from kuangan.library.telemetry.results import CODE

SHARDS: Final = 4
DAY: Final = 86_400_000
BEIJING_OFFSET: Final = 8 * 3_600_000
CHUNK_ROWS: Final = 500_000
ROWS: Final[dict[str, pl.DataType]] = {
    "point": pl.String(),
    "time": pl.Int64(),
    "value": pl.Float64(),
    "status": pl.Int32(),
    "lag": pl.Int32(),
    "rev": pl.Int16(),
    "mine": pl.String(),
}
CURVE: Final = ("time", "value", "status", "lag", "rev")
_SCHEMA: Final = pa.schema(
    [
        ("day", pa.date32()),
        ("shard", pa.int32()),
        ("point", pa.string()),
        ("time", pa.int64()),
        ("value", pa.float64()),
        ("status", pa.int32()),
        ("arrival", pa.int64()),
        ("rev", pa.int16()),
        ("mine", pa.string()),
    ]
)
_STORED: Final = tuple(field.name for field in _SCHEMA)[2:]
_ENCODING: Final = Encoding(
    dictionary=("point", "value", "status", "rev", "mine"),
    named={"time": "DELTA_BINARY_PACKED"},
    statistics=("point", "time"),
)


class Archive:
    """Appends and reads the table `archive/readings` of a home; one process writes, any may read."""

    def __init__(self, home: Path) -> None:
        self._delta = PositionedTable(home, home / "archive" / "readings", _SCHEMA, ["day", "shard"])
        self._places = _Places()

    def append(self, rows: pl.DataFrame, position: Mapping[str, int]) -> None:
        """Adds rows (columns of ROWS; `point` and `mine` may be categorical) and the spool position in one commit.

        Does nothing when the archive already holds everything up to `position`.
        """
        if not position or self._delta.reaches(position):
            return
        version = self._delta.table.version() + 1
        files = []
        for number, (part, groups, at) in enumerate(_parts(rows, self._places)):
            files.append(self._delta.write(f"{version:012d}-{number}", _partition(part), groups, _ENCODING, at))
        self._delta.commit(files, position)

    def version(self) -> int:
        """Number of the last commit."""
        return self._delta.table.version()

    def as_of(self, version: int) -> Archive:
        """The archive as commit `version` left it, for reading."""
        past = copy(self)
        past._delta = self._delta.as_of(version)
        return past

    def position(self) -> dict[str, int]:
        """Last archived frame number per gateway."""
        return self._delta.position()

    def existing(self, points: Sequence[str], times: Sequence[int]) -> pl.DataFrame:
        """Rows stored for the keys (points[i], times[i]), every revision, columns of ROWS."""
        keys = pl.DataFrame({"point": list(points), "time": list(times)}, schema={"point": pl.String, "time": pl.Int64})
        if keys.is_empty():
            return pl.DataFrame(schema=ROWS)
        days = sorted({day_of(time) for time in times})
        rows = self._scan(points, days).filter(pl.col("time").is_in(keys["time"].unique().to_list()))
        return rows.collect().join(keys.unique(), on=["point", "time"], how="semi").sort("point", "time", "rev")

    def read(self, points: Sequence[str], start: int, end: int, known_at: int | None = None) -> pl.DataFrame:
        """Readings with start <= time < end in order of point and time; of each key the first revision known."""
        days = list(_days(start, end))
        rows = self._scan(points, days).filter(pl.col("time") >= start, pl.col("time") < end).collect()
        return first_known(rows, known_at)

    def first_values(self, points: Sequence[str], spans: Sequence[tuple[int, int]]) -> pl.DataFrame:
        """point, time, value, status of the first revisions with start <= time < end of one of the spans, in no order."""
        days = sorted({day for start, end in spans for day in _days(start, end)})
        inside = pl.any_horizontal([(pl.col("time") >= start) & (pl.col("time") < end) for start, end in spans])
        rows = self._scan(points, days).filter(inside & (pl.col("rev") == 0))
        return rows.select("point", "time", "value", "status").collect()

    def refresh(self) -> None:
        """Sees what the writing process has committed since."""
        self._delta.refresh()

    def compact(self, day: date) -> None:
        """Rewrites a day as one file per shard, sorted by point and time."""
        at = _midnight(day) + DAY
        for shard in range(SHARDS):
            partition = {"day": day.isoformat(), "shard": str(shard)}
            paths = self._delta.files([("day", "=", partition["day"]), ("shard", "=", partition["shard"])])
            if len(paths) > 1:
                merge = Merge(self.kept(), partition, tuple(paths), WHOLE)
                merge.commit(merge.write(at), at)

    def kept(self) -> Kept:
        """The table and how it is compacted."""
        return Kept(self._delta, _ENCODING, _sorted_chunks, "archive_days")

    def files(self) -> list[str]:
        """Paths of all files in the table, for DuckDB or Spark."""
        return self._delta.files([])

    def size(self) -> tuple[int, int]:
        """Bytes of the files in the table and rows in them."""
        paths = self.files()
        rows = sum(pq.read_metadata(path).num_rows for path in paths)
        return sum(Path(path).stat().st_size for path in paths), rows

    def _scan(self, points: Sequence[str], days: Sequence[date]) -> pl.LazyFrame:
        shards = sorted({str(shard_of(point)) for point in points})
        names = [day.isoformat() for day in days]
        paths = self._delta.files([("day", "in", names), ("shard", "in", shards)]) if shards and names else []
        if not paths:
            return pl.LazyFrame(schema=ROWS)
        wanted = list(points)
        chosen = pl.col("point") == wanted[0] if len(wanted) == 1 else pl.col("point").is_in(wanted)
        lag = (pl.col("arrival") - pl.col("time")).cast(pl.Int32).alias("lag")
        return pl.scan_parquet(paths).filter(chosen).with_columns(lag).select(*ROWS)


def read_point(home: Path, point: str, start: int, end: int, known_at: int | None = None) -> pl.DataFrame:
    """One point's curve from archive and unflushed tail: time, value, status, lag, rev; start <= time < end."""
    return read_points(home, [point], start, end, known_at).select(*CURVE)


def read_points(home: Path, points: Sequence[str], start: int, end: int, known_at: int | None = None) -> pl.DataFrame:
    """The curves of several points at once, in order of point and time: point and the columns of `read_point`."""
    names = ["point", *CURVE]
    tail = read_hot(home, "tail")
    rows = Archive(home).read(points, start, end, known_at).select(names)
    if tail is None or tail.is_empty():
        return rows
    fresh = tail.filter(pl.col("point").is_in(list(points)), pl.col("time") >= start, pl.col("time") < end)
    kept = fresh.select(pl.col(name).cast(ROWS[name]) for name in names)
    return first_known(pl.concat([rows, kept]), known_at)


def first_known(rows: pl.DataFrame, known_at: int | None) -> pl.DataFrame:
    """Of each key the lowest revision that had arrived by `known_at` (Unix ms; None: by now), in order."""
    if known_at is not None:
        rows = rows.filter(pl.col("time") + pl.col("lag") <= known_at)
    keys = [name for name in ("point", "time") if name in rows.columns]
    return rows.sort(*keys, "rev").unique(keys, keep="first", maintain_order=True)


def shard_of(point: str) -> int:
    """The shard of a point: the same in every process."""
    return zlib.crc32(point.encode()) % SHARDS


def day_of(time: int) -> date:
    """The Beijing day of an event time."""
    return datetime.fromtimestamp((time + BEIJING_OFFSET) // 1000, UTC).date()


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY - BEIJING_OFFSET


def _days(start: int, end: int) -> Iterator[date]:
    if end > start:
        first, last = day_of(start), day_of(end - 1)
        yield from (first + timedelta(days=number) for number in range((last - first).days + 1))


def _partition(part: int) -> dict[str, str]:
    day, shard = divmod(part, SHARDS)
    return {"day": (date(1970, 1, 1) + timedelta(days=day)).isoformat(), "shard": str(shard)}


def _parts(rows: pl.DataFrame, places: _Places) -> Iterator[tuple[int, list[pa.Table], int]]:
    """Rows by day and shard, each part sorted by point and time, with the newest arrival of the part.

    A part comes as its row groups, each with no more than its own points in its dictionary, which is written out whole.
    """
    if rows.is_empty():
        return
    texts, shards, rank, first_row = _ranked(rows["point"], places)
    mines = rows["mine"].gather(first_row).cast(pl.String).to_list()
    names = sorted(set(mines))
    mine_of = np.array([bisect.bisect_left(names, mine) for mine in mines], dtype=np.int32)
    points = pa.array(texts, pa.string())
    order, ranks, times = _order(rank, rows["time"].to_numpy())
    part = (times + BEIJING_OFFSET) // DAY * SHARDS + shards.take(ranks)
    arrival = times + _taken(rows["lag"], order)
    table = pa.table(
        {
            "time": times,
            "arrival": arrival,
            **{name: _taken(rows[name], order) for name in ("value", "status", "rev")},
            "mine": pa.DictionaryArray.from_arrays(mine_of.take(ranks), pa.array(names, pa.string())),
        }
    )

    def group(first: int, last: int) -> pa.Table:
        low, high = int(ranks[first]), int(ranks[last - 1])
        own = pa.DictionaryArray.from_arrays(ranks[first:last] - low, points.slice(low, high - low + 1))
        return table.slice(first, last - first).append_column("point", own).select(list(_STORED))

    cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
    for first, last in pairwise(cuts):
        bounds = [*range(first, last, _ENCODING.row_group), last]
        yield int(part[first]), list(starmap(group, pairwise(bounds))), int(arrival[first:last].max())


def _taken(column: pl.Series, order: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """The column in a new order; one that holds a single value, as states and lags mostly do, need not be moved."""
    values = column.to_numpy()
    return values if values[0] == values[-1] and (values == values[0]).all() else values.take(order)


class _Places:
    """Where points stand in a file, by shard and text; remembered, since the next rows are mostly of the same points."""

    def __init__(self) -> None:
        self._physical = np.empty(0, dtype=np.int64)
        self._kept: pl.Series | None = None  # physical codes are valid as long as a column holds their categories
        self.texts: list[str] = []
        self.order = self.shards = self._physical

    def of(self, physical: npt.NDArray[np.int64], codes: pl.Series) -> None:
        """Sets `texts` and `shards` in their order, and `order`, which of the distinct codes given stands where."""
        if self._kept is not None and np.array_equal(physical, self._physical):
            return
        texts = codes.cast(pl.String).to_list()
        keys = sorted((shard_of(text), text, number) for number, text in enumerate(texts))
        self._physical, self._kept = physical, codes
        self.texts = [text for _, text, _ in keys]
        self.shards = np.array([shard for shard, _, _ in keys], dtype=np.int64)
        self.order = np.array([number for _, _, number in keys], dtype=np.int64)


def _ranked(
    column: pl.Series, places: _Places
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Distinct texts by shard and text, and their shards; per row the place of its text; per text a row that has it."""
    codes = column.cast(CODE) if column.dtype == pl.String else column
    physical = codes.to_physical().to_numpy()
    last = np.full(int(physical.max()) + 1, -1, dtype=np.int64)
    last[physical] = np.arange(len(physical))
    slots = np.flatnonzero(last >= 0)
    places.of(slots, codes.gather(last[slots]))
    slots = slots[places.order]
    rows = last[slots]
    last[slots] = np.arange(len(slots))
    return places.texts, places.shards, last.astype(np.int32).take(physical), rows


def _order(
    rank: npt.NDArray[np.int32], time: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The order by day, rank of the point, time (ties in any order), and ranks and times in it."""
    day = (time + BEIJING_OFFSET) // DAY
    first = int(day.min())
    group = rank.astype(np.int64)
    if int(day.max()) != first:
        group += (day - first) * (int(rank.max()) + 1)
    if not int(group.max()) >> 32:
        order = _stable(group)
        times = time.take(order)
        falls = np.flatnonzero(times[1:] < times[:-1])
        if not (group[order[falls]] == group[order[falls + 1]]).any():
            return order, rank.take(order), times
    order = np.lexsort((time, group))
    return order, rank.take(order), time.take(order)


def _stable(group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The stable order of numbers below 2³²: sixteen bits at a time, which NumPy sorts without comparing.

    Rows come in the order of their times, so that a stable order by group is nearly always the whole order.
    """
    order = np.argsort(group.astype(np.uint16), kind="stable")
    if int(group.max()) >> 16:
        order = order.take(np.argsort((group >> 16).astype(np.uint16).take(order), kind="stable"))
    return order


def _sorted_chunks(paths: Sequence[str]) -> Iterator[pa.Table]:
    """All rows of the files by point, time and revision, a bounded number of rows at a time."""
    scan = pl.scan_parquet(list(paths)).select(*_STORED)
    counts = scan.group_by("point").len().sort("point").collect()
    group = (counts["len"].cum_sum() // CHUNK_ROWS).alias("group")
    for points in counts.with_columns(group).partition_by("group", maintain_order=True):
        first, last = points["point"][0], points["point"][-1]
        rows = (
            scan.filter(pl.col("point").is_between(pl.lit(first), pl.lit(last))).collect().sort("point", "time", "rev")
        )
        yield rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_file_schema())


def _file_schema() -> pa.Schema:
    return pa.schema([_SCHEMA.field(name) for name in _STORED])
