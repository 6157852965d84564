"""Alarms that mines reported themselves (YCBJ), kept as they came: one row per report, a Delta table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from kuangan.library.telemetry.delta import Encoding, Kept, PositionedTable, concatenated
from kuangan.library.telemetry.hot import read_hot

REPORTED: Final[dict[str, pl.DataType]] = {
    "gateway": pl.String(),
    "seq": pl.Int64(),
    "received_at": pl.Int64(),
    "mine": pl.String(),
    "code": pl.String(),
    "type_name": pl.String(),
    "location": pl.String(),
    "unit": pl.String(),
    "alarm_type": pl.String(),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "max": pl.Float64(),
    "max_at": pl.Int64(),
    "min": pl.Float64(),
    "min_at": pl.Int64(),
    "average": pl.Float64(),
    "cause": pl.String(),
    "measure": pl.String(),
    "entered_at": pl.Int64(),
    "entered_by": pl.String(),
    "time": pl.Int64(),
}
_SCHEMA: Final = pa.schema(
    [
        ("day", pa.date32()),
        *(
            (name, pa.string() if kind == pl.String() else pa.float64() if kind == pl.Float64() else pa.int64())
            for name, kind in REPORTED.items()
        ),
    ]
)
_ENCODING: Final = Encoding(dictionary=("gateway", "mine", "code", "alarm_type"), named={}, statistics=("received_at",))
_OFFSET: Final = 8 * 3_600_000


class ReportedAlarms:
    """Appends to and reads `archive/reported_alarms`; one process writes, any may read."""

    def __init__(self, home: Path) -> None:
        self._table = PositionedTable(home, home / "archive" / "reported_alarms", _SCHEMA, ["day"])

    def append(self, tables: Sequence[pl.DataFrame], position: Mapping[str, int]) -> None:
        """Add rows (columns of REPORTED) up to a spool position; what the table holds already is not added again."""
        if not tables or self._table.reaches(position):
            return
        held = self._table.position()
        rows = pl.concat(tables)
        rows = rows.filter(pl.col("seq") > pl.col("gateway").replace_strict(held, default=-1, return_dtype=pl.Int64))
        files = []
        version = self._table.table.version() + 1
        day = (pl.col("received_at") + _OFFSET) // 86_400_000
        for (number,), part in rows.with_columns(day.alias("day")).partition_by("day", as_dict=True).items():
            label = datetime.fromtimestamp(int(number) * 86_400, UTC).date().isoformat()
            table = part.select(*REPORTED).to_arrow(compat_level=pl.CompatLevel.oldest())
            cast = table.cast(pa.schema([_SCHEMA.field(name) for name in REPORTED]))
            newest = max(part["received_at"].to_list())
            files.append(self._table.write(f"{version:012d}", {"day": label}, [cast], _ENCODING, newest))
        self._table.commit(files, position)

    def kept(self) -> Kept:
        """The table and how it is compacted."""
        return Kept(self._table, _ENCODING, concatenated, "archive_days")

    def rows(self) -> pl.LazyFrame:
        """All reports, columns of REPORTED."""
        paths = self._table.files([])
        return pl.scan_parquet(paths).select(*REPORTED) if paths else pl.LazyFrame(schema=REPORTED)


def all_reports(home: Path) -> pl.LazyFrame:
    """What mines reported, archived and not yet archived, columns of REPORTED.

    A report is sent again until it ends: of each (point, type, start) the one that came last stands.
    """
    tables = [ReportedAlarms(home).rows()] if (home / "archive" / "reported_alarms").is_dir() else []
    fresh = read_hot(home, "reported")
    if fresh is not None and fresh.height:
        tables.append(fresh.lazy().select(*REPORTED))
    if not tables:
        return pl.LazyFrame(schema=REPORTED)
    return (
        pl.concat(tables).sort("received_at").unique(["code", "alarm_type", "start"], keep="last", maintain_order=True)
    )
