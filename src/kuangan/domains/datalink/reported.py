"""Alarms that mines reported themselves, each with a note whether an event of ours stands beside it.

Events belong to another domain; who knows them is installed from above (`install`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from kuangan.base.clock import from_ms
from kuangan.domains.datalink.reading import Place, precedes
from kuangan.library.telemetry.reported import all_reports

TOLERANCE_MS = 600_000
FOREVER = 1 << 62
FILE = ("received_at", "gateway", "seq")
Span = tuple[str, int, int | None]
Judged = Callable[[Collection[str], int], Iterable[Span]]
"""Points and an earliest moment in ms → (point, onset, end) of the events of ours that were open then or later."""


def nobody(points: Collection[str], since: int) -> Iterable[Span]:
    """No events: what holds until a source is installed."""
    return ()


_judged: list[Judged] = [nobody]


def install(judged: Judged) -> None:
    """Say who knows the events."""
    _judged[0] = judged


def reported_alarms(
    home: Path, codes: Collection[str] | None, mine: str, since: int, limit: int, before: Place | None = None
) -> list[dict[str, Any]]:
    """Reports of a scope that arrived since, the youngest first; `matched` tells of an event within ten minutes.

    A page follows `before` and ends with a whole file, so it may hold a few more than `limit`.
    """
    table = all_reports(home).filter(pl.col("received_at") >= since)
    if codes is not None:
        table = table.filter(pl.col("mine").is_in(list(codes)))
    if mine:
        table = table.filter(pl.col("mine") == mine)
    if before is not None:
        table = table.filter(precedes(FILE, before))
    rows = _whole_files(table.sort(*FILE, "code", "start", descending=True).collect(), limit).to_dicts()
    starts = [row["start"] for row in rows if row["start"] is not None]
    spans: dict[str, list[tuple[int, int]]] = {}
    for point, onset, end in _judged[0]({row["code"] for row in rows}, min(starts, default=since) - TOLERANCE_MS):
        spans.setdefault(point, []).append((onset, FOREVER if end is None else end))
    return [_shown(row, spans.get(row["code"], [])) for row in rows]


def _whole_files(rows: pl.DataFrame, limit: int) -> pl.DataFrame:
    """The first `limit` rows, and what else came in the file of the last of them."""
    if rows.height <= limit:
        return rows
    last = rows.row(limit - 1, named=True)
    same = (pl.col("gateway") == last["gateway"]) & (pl.col("seq") == last["seq"])
    return pl.concat([rows.head(limit), rows.slice(limit).filter(same)])


def _shown(row: dict[str, Any], spans: list[tuple[int, int]]) -> dict[str, Any]:
    start = row["start"] if row["start"] is not None else row["received_at"]
    end = row["end"] if row["end"] is not None else row["received_at"]
    matched = any(onset - TOLERANCE_MS <= max(start, end) and start <= until + TOLERANCE_MS for onset, until in spans)
    times = {name: from_ms(row[name]) if row[name] is not None else None for name in ("start", "end", "received_at")}
    return row | times | {"matched": matched, "arrived": row["received_at"]}
