"""Judged readings that are not in the archive yet: columns by point index, and what late ones turn out to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.warning.state import LateRow

COLUMNS = ("point", "time", "value", "status", "lag", "rev")
Existing = Callable[[Sequence[str], Sequence[int]], pl.DataFrame]


@dataclass
class Tail:
    """Rows waiting for the next flush, as lists of equal-length arrays."""

    chunks: list[dict[str, npt.NDArray[Any]]] = field(default_factory=list)
    size: int = 0

    def add(
        self,
        point: npt.NDArray[np.int32],
        time: npt.NDArray[np.int64],
        value: npt.NDArray[np.float64],
        status: npt.NDArray[np.int32],
        arrival: npt.NDArray[np.int64],
        rev: npt.NDArray[np.int16] | None = None,
    ) -> None:
        if not len(point):
            return
        revs = np.zeros(len(point), np.int16) if rev is None else rev
        lag = np.clip(arrival - time, -(1 << 31), (1 << 31) - 1).astype(np.int32)
        self.chunks.append({"point": point, "time": time, "value": value, "status": status, "lag": lag, "rev": revs})
        self.size += len(point)

    def table(self) -> pl.DataFrame:
        """All rows, `point` still the index in the state."""
        if not self.chunks:
            return pl.DataFrame(
                schema={
                    "point": pl.Int32,
                    "time": pl.Int64,
                    "value": pl.Float64,
                    "status": pl.Int32,
                    "lag": pl.Int32,
                    "rev": pl.Int16,
                }
            )
        return pl.DataFrame({name: np.concatenate([c[name] for c in self.chunks]) for name in COLUMNS})

    def of(self, point: int, start: int, end: int) -> pl.DataFrame:
        """Rows of one point, `start` to `end` inclusive."""
        parts = []
        for chunk in self.chunks:
            hits = np.flatnonzero((chunk["point"] == point) & (chunk["time"] >= start) & (chunk["time"] <= end))
            if len(hits):
                parts.append({name: chunk[name][hits] for name in COLUMNS})
        return Tail(parts).table()

    def clear(self) -> None:
        self.chunks.clear()
        self.size = 0

    def keys(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], list[tuple[float, int]]]:
        """(value, rev) already held for the wanted (point, time) keys."""
        found: dict[tuple[int, int], list[tuple[float, int]]] = {}
        points = np.fromiter({p for p, _ in wanted}, np.int32)
        times = np.fromiter({t for _, t in wanted}, np.int64)
        for chunk in self.chunks:
            hits = np.flatnonzero(np.isin(chunk["point"], points) & np.isin(chunk["time"], times))
            for row in hits:
                key = int(chunk["point"][row]), int(chunk["time"][row])
                if key in wanted:
                    found.setdefault(key, []).append((float(chunk["value"][row]), int(chunk["rev"][row])))
        return found


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)  # noqa: PLR0124  NaN is the same bad value again


def settle(
    rows: Sequence[LateRow],
    tail: Tail,
    codes: Sequence[str],
    existing: Existing,
    stored_before: Callable[[str, int], bool],
) -> tuple[list[LateRow], list[bool]]:
    """Sort late rows into new ones and repetitions, and put the new ones and true revisions into the tail.

    Returns the rows that are new keys (their windows are judged again; the first value of a key stands, so a revision changes
    nothing) and, for every row given, whether it was archived (False: the same value again). A row whose frame the archive took
    before a crash finds itself there by its arrival, and is not put out a second time.
    """
    wanted = {(r.point, r.time) for r in rows}
    held = tail.keys(wanted)
    stored = existing([codes[p] for p, _ in wanted], [t for _, t in wanted])
    index = {codes[p]: p for p, _ in wanted}
    itself: dict[tuple[int, int, int], list[tuple[float, int]]] = {}
    for point, time, value, rev, lag in stored.select("point", "time", "value", "rev", "lag").iter_rows():
        entry = float("nan") if value is None else value, rev
        held.setdefault((index[point], time), []).append(entry)
        itself.setdefault((index[point], time, time + lag), []).append(entry)
    fresh: list[LateRow] = []
    archived: list[bool] = []
    kept: list[tuple[LateRow, int]] = []
    for row in rows:
        known = held.setdefault((row.point, row.time), [])
        if stored_before(row.gateway, row.seq):
            candidates = itself.get((row.point, row.time, row.arrival), [])
            own = next((x for x in candidates if same(x[0], row.value)), None)
            archived.append(own is not None)
            if own is not None:
                candidates.remove(own)
                fresh += [row] if own[1] == 0 else []
            continue
        if any(same(value, row.value) for value, _ in known):
            archived.append(False)
            continue
        rev = 1 + max((r for _, r in known), default=-1)
        known.append((row.value, rev))
        kept.append((row, rev))
        archived.append(True)
        if rev == 0:
            fresh.append(row)
    if kept:
        tail.add(
            np.array([r.point for r, _ in kept], np.int32),
            np.array([r.time for r, _ in kept], np.int64),
            np.array([r.value for r, _ in kept], np.float64),
            np.array([r.status for r, _ in kept], np.int32),
            np.array([r.arrival for r, _ in kept], np.int64),
            np.array([rev for _, rev in kept], np.int16),
        )
    return fresh, archived
