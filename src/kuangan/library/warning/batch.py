"""What `step` is fed with: an ordered stretch of the spool, decoded into columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Description = tuple[str, str, str, str, str]
"""Code, type name, location, unit, and the qualified sensor type, "" for coal's own."""


@dataclass(frozen=True, slots=True)
class FrameMark:
    """One accepted upload. Its readings are rows `lo:hi` of the batch; `points` are its definitions; `ahead` is
    how far (ms) its header clock runs before the arrival, 0 within the tolerance. `holds_link` is False for what comes
    at a rhythm of minutes by its nature: it neither starts nor stops the clocks of the mine's link. `kept` is the kept table that
    the file feeds, with its rows under `number` in the batch; of such a file `rejected` records could not be read, and `said` are its
    header fields where they were taken apart."""

    gateway: str
    seq: int
    at: int
    mine: str
    mine_name: str
    feeds: bool
    lo: int
    hi: int
    points: tuple[dict[str, Any], ...] = ()
    header: int | None = None
    ahead: int = 0
    holds_link: bool = True
    kept: str = ""
    number: int = -1
    rejected: int = 0
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TickMark:
    """A run of one-second ticks `since … at` of a gateway's clock."""

    gateway: str
    seq: int
    since: int
    at: int


@dataclass(frozen=True, slots=True)
class ConfigMark:
    gateway: str
    seq: int
    at: int
    name: str
    payload: bytes


Mark = FrameMark | TickMark | ConfigMark


@dataclass(slots=True)
class LateRow:
    """A reading that came after newer ones of its point were judged; waits for its window to be judged again."""

    point: int
    time: int
    value: float
    status: int
    arrival: int
    gateway: str
    seq: int
    record: int


def _no_rows(rows: npt.NDArray[np.int64]) -> list[Description]:
    return []


@dataclass
class Batch:
    """Marks in order of `(received_at, gateway, seq)`; columns of all readings in the same order.

    `code` numbers are stable within the process (a `Lookup` maps them to points); `describe` tells about given rows what only a
    new point needs. `value` NaN is a bad value; times are event times in ms. `step` fills in `point` (index in the state) and `late`.
    """

    marks: list[Mark] = field(default_factory=list)
    code: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    record: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    time: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    value: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64))
    status: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    point: npt.NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    late: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    describe: Callable[[npt.NDArray[np.int64]], list[Description]] = _no_rows
    kept: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def rows_of(self, mark: FrameMark) -> pl.DataFrame:
        """The good records of a file of a kept table, in order; no columns when no file of the batch has any."""
        table = self.kept.get(mark.kept)
        if table is None:
            return pl.DataFrame()
        frames = table["frame"].to_numpy()
        lo, hi = np.searchsorted(frames, np.array([mark.number, mark.number + 1], frames.dtype)).tolist()
        return table.slice(lo, hi - lo)


@dataclass(frozen=True)
class ByPoint:
    """Rows of a block sorted by point, those of one point as they came: `order`, and what they are in that order."""

    order: npt.NDArray[np.intp]
    point: npt.NDArray[np.intp]
    time: npt.NDArray[np.int64]
    starts: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, point: npt.NDArray[np.intp], time: npt.NDArray[np.int64]) -> ByPoint:
        order = np.argsort(point, kind="stable")
        owner = point[order]
        return cls(order, owner, time[order], np.r_[True, owner[1:] != owner[:-1]])

    @property
    def last(self) -> npt.NDArray[np.intp]:
        """The last row of each point."""
        return self.order[np.r_[self.starts[1:], True]]


class Lookup:
    """Process-local table from code numbers to point indices of one state; rebuilt by use, never saved.

    Indices are of NumPy's own width: narrower ones are widened anew by every column they pick from."""

    def __init__(self) -> None:
        self.point = np.full(1024, -1, np.intp)

    def fit(self, highest: int) -> None:
        if highest >= len(self.point):
            wider = np.full(max(highest + 1, 2 * len(self.point)), -1, np.intp)
            wider[: len(self.point)] = self.point
            self.point = wider
