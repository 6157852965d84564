"""Alarms that mines reported themselves (YCBJ), kept as they came: one row per report, a Delta table of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from kuangan.library.telemetry.delta import Encoding
from kuangan.library.telemetry.hot import read_hot
from kuangan.library.telemetry.records import RecordTable

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
_ENCODING: Final = Encoding(dictionary=("gateway", "mine", "code", "alarm_type"), named={}, statistics=("received_at",))


class ReportedAlarms(RecordTable):
    """`archive/reported_alarms`; one process writes, any may read."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, "reported_alarms", REPORTED, _ENCODING)


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
