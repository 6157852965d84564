"""The past of slow points by Beijing days of event time: sums, counts and largest steps of the days behind, one row a point."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from kuangan.library.warning.columns import Array

DAY, HOUR = 86_400_000, 3_600_000
BEIJING = 8 * HOUR


class Past:
    """Rows are entered in the order in which points were first sampled. Ring columns hold `days` days, the youngest last.

    `day`, `hour` number the running day and hour; `total`, `count`, `step` are of the running day, `hour_total`, `hour_count` of
    the running hour, `last` is the newest value. Days without a sample stand as days with count 0.
    """

    ONE = ("day", "hour", "total", "count", "step", "last", "hour_total", "hour_count")
    RING = ("totals", "counts", "steps")

    def __init__(self, days: int) -> None:
        self.days = days
        self.row: dict[int, int] = {}
        self.one: dict[str, Array] = {name: np.zeros(0) for name in self.ONE}
        self.ring: dict[str, Array] = {name: np.zeros((0, days)) for name in self.RING}

    def rows(self, points: Array) -> Array:
        """The rows of points, new ones entered with nothing known."""
        fresh = [index for index in points.tolist() if index not in self.row]
        for index in fresh:
            self.row[index] = len(self.row)
        if fresh:
            for name in self.ONE:
                filler = np.full(len(fresh), np.nan if name in ("day", "hour", "last") else 0.0)
                self.one[name] = np.concatenate([self.one[name], filler])
            for name in self.RING:
                self.ring[name] = np.concatenate([self.ring[name], np.zeros((len(fresh), self.days))])
        return np.array([self.row[index] for index in points.tolist()], np.int64)

    def close_days(self, rows: Array, time: Array) -> Array:
        """Move finished days into the rings; True where a day ended."""
        day = (time + BEIJING) // DAY
        before = self.one["day"][rows]
        over = day > before
        for row, passed in zip(rows[over].tolist(), (day - before)[over].tolist(), strict=True):
            gone = min(int(passed), self.days)
            for name, now in (("totals", "total"), ("counts", "count"), ("steps", "step")):
                ring = self.ring[name][row]
                ring[:-gone] = ring[gone:]
                ring[-gone:] = 0.0
                ring[-gone] = self.one[now][row]
                self.one[now][row] = 0.0
        self.one["day"][rows] = np.where(np.isnan(before) | over, day, before)
        return over

    def add(self, rows: Array, value: Array) -> None:
        """Count one sample of each row in its running day."""
        one = self.one
        before = one["last"][rows]
        moved = np.where(np.isnan(before), 0.0, np.abs(value - before))
        one["step"][rows] = np.maximum(one["step"][rows], moved)
        one["total"][rows] += value
        one["count"][rows] += 1
        one["last"][rows] = value

    def means(self, rows: Array) -> tuple[Array, Array]:
        """The mean over all samples of the days behind, and the number of days that had any."""
        counts = self.ring["counts"][rows]
        total, count = self.ring["totals"][rows].sum(axis=1), counts.sum(axis=1)
        return np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0), (counts > 0).sum(axis=1)

    def day_means(self, rows: Array) -> Array:
        """The mean of the daily means of the days behind."""
        totals, counts = self.ring["totals"][rows], self.ring["counts"][rows]
        known = counts > 0
        each = np.divide(totals, counts, out=np.zeros_like(totals), where=known)
        days = known.sum(axis=1)
        mean: Array = np.divide(each.sum(axis=1), days, out=np.full(len(rows), np.nan), where=days > 0)
        return mean

    def table(self) -> dict[str, Any]:
        packed = {name: _packed(array) for name, array in (*self.one.items(), *self.ring.items())}
        return {"days": self.days, "points": list(self.row), "arrays": packed}

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Past:
        past = cls(int(table["days"]))
        past.row = {index: row for row, index in enumerate(table["points"])}
        for name in cls.ONE:
            past.one[name] = _unpacked(table["arrays"][name])
        for name in cls.RING:
            past.ring[name] = _unpacked(table["arrays"][name]).reshape(-1, past.days)
        return past


def _packed(array: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode("ascii")


def _unpacked(text: str) -> Array:
    return np.frombuffer(base64.b64decode(text), "<f8").copy()
