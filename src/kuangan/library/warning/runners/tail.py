"""Judged readings that are not in the archive yet: columns by point index, and what late ones turn out to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.warning.batch import LateRow

COLUMNS = ("point", "time", "value", "status", "lag", "rev")
GATHERED = 200_000
Held = tuple[float, int, int]  # value, revision, arrival
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
        bounds = np.array([time.min(), time.max()])
        self.chunks.append(
            {"bounds": bounds, "point": point, "time": time, "value": value, "status": status, "lag": lag, "rev": revs}
        )
        self.size += len(point)

    def add_late(self, rows: Sequence[tuple[LateRow, int]]) -> None:
        """Late rows with their revisions."""
        self.add(
            np.array([r.point for r, _ in rows], np.int32),
            np.array([r.time for r, _ in rows], np.int64),
            np.array([r.value for r, _ in rows], np.float64),
            np.array([r.status for r, _ in rows], np.int32),
            np.array([r.arrival for r, _ in rows], np.int64),
            np.array([rev for _, rev in rows], np.int16),
        )

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
            if chunk["bounds"][0] > end or chunk["bounds"][1] < start:
                continue
            hits = np.flatnonzero((chunk["point"] == point) & (chunk["time"] >= start) & (chunk["time"] <= end))
            if len(hits):
                parts.append({name: chunk[name][hits] for name in COLUMNS})
        return Tail(parts).table()

    def of_many(self, number: npt.NDArray[np.int32], start: int, end: int) -> list[dict[str, npt.NDArray[Any]]]:
        """First revisions of several points, start ≤ time < end, as parts with `owner`: `number[point]`, those below zero not wanted."""
        self._gather()
        parts = []
        for chunk in self.chunks:
            if chunk["bounds"][0] >= end or chunk["bounds"][1] < start:
                continue
            owner = number[chunk["point"]]
            wanted = (owner >= 0) & (chunk["time"] >= start) & (chunk["time"] < end) & (chunk["rev"] == 0)
            hits = np.flatnonzero(wanted)
            if len(hits):
                parts.append({name: chunk[name][hits] for name in ("time", "value", "status")} | {"owner": owner[hits]})
        return parts

    def _gather(self) -> None:
        """Make few chunks of many small ones, in order, so that reading does not pay for each."""
        made: list[list[dict[str, npt.NDArray[Any]]]] = []
        size = GATHERED
        for chunk in self.chunks:
            if size >= GATHERED:
                made.append([])
                size = 0
            made[-1].append(chunk)
            size += len(chunk["point"])
        self.chunks = [group[0] if len(group) == 1 else _together(group) for group in made]

    def clear(self) -> None:
        self.chunks.clear()
        self.size = 0

    def keys(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], list[Held]]:
        """What is already held for the wanted (point, time) keys."""
        found: dict[tuple[int, int], list[Held]] = {}
        points = np.fromiter({p for p, _ in wanted}, np.int32)
        times = np.fromiter({t for _, t in wanted}, np.int64)
        first, last = int(times.min()), int(times.max())
        for chunk in self.chunks:
            if chunk["bounds"][0] > last or chunk["bounds"][1] < first:
                continue
            hits = np.flatnonzero(np.isin(chunk["point"], points) & np.isin(chunk["time"], times))
            for row in hits:
                key = int(chunk["point"][row]), int(chunk["time"][row])
                if key in wanted:
                    arrived = key[1] + int(chunk["lag"][row])
                    found.setdefault(key, []).append((float(chunk["value"][row]), int(chunk["rev"][row]), arrived))
        return found


def _together(group: Sequence[dict[str, npt.NDArray[Any]]]) -> dict[str, npt.NDArray[Any]]:
    merged = {name: np.concatenate([chunk[name] for chunk in group]) for name in COLUMNS}
    merged["bounds"] = np.array([min(c["bounds"][0] for c in group), max(c["bounds"][1] for c in group)])
    return merged


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)  # noqa: PLR0124  NaN is the same bad value again


@dataclass(frozen=True, slots=True)
class Settled:
    """What a late row is: `rev` of its key (0: the key is new), None for a value that is there already; for a revision the first
    value, which stands (None: bad), and when it arrived."""

    rev: int | None
    before: float | None = None
    arrived: int = 0


def settle(rows: Sequence[LateRow], tails: Sequence[Tail], codes: Sequence[str], existing: Existing) -> list[Settled]:
    """What late rows are, in order.

    Rows of revision 0 have their windows judged again; the first value of a key stands, so a later revision changes nothing.
    """
    wanted = {(r.point, r.time) for r in rows}
    held: dict[tuple[int, int], list[Held]] = {}
    for tail in tails:
        for key, found in tail.keys(wanted).items():
            held.setdefault(key, []).extend(found)
    stored = existing([codes[p] for p, _ in wanted], [t for _, t in wanted])
    index = {codes[p]: p for p, _ in wanted}
    for point, time, value, rev, lag in stored.select("point", "time", "value", "rev", "lag").iter_rows():
        held.setdefault((index[point], time), []).append((float("nan") if value is None else value, rev, time + lag))
    settled: list[Settled] = []
    for row in rows:
        known = held.setdefault((row.point, row.time), [])
        if any(same(value, row.value) for value, _, _ in known):
            settled.append(Settled(None))
            continue
        rev = 1 + max((r for _, r, _ in known), default=-1)
        known.append((row.value, rev, row.arrival))
        value, _, arrived = min(known, key=lambda k: k[1])
        settled.append(Settled(rev, None if value != value else value, arrived))  # noqa: PLR0124  NaN is a bad value
    return settled
