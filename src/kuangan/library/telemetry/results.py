"""What decoding gives: one outcome per frame, rejected records, and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

POINTS: Final = pl.Categories("points", namespace="kuangan")
CODE: Final = pl.Categorical(POINTS)

READINGS: Final[dict[str, pl.DataType]] = {
    "frame": pl.Int32(),
    "record": pl.Int32(),
    "code": CODE,
    "time": pl.Int64(),
    "value": pl.Float64(),
    "status": pl.Int32(),
}


@dataclass(slots=True)
class Outcome:
    """What became of one frame. `good` counts the good records read, superseded ones included.

    `ahead` is how far, in ms, the header clock runs before the arrival, 0 within five minutes; the times of such readings have been
    moved back by it, so that they are judged on arrival time.
    """

    status: str
    type: str
    mine: str
    mine_name: str = ""
    header_time: int | None = None
    ahead: int = 0
    good: int = 0
    rejected: int = 0
    superseded: int = 0
    marks: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Reject:
    """One rejected record (`record` counts from 1), or why a frame was quarantined (record 0)."""

    frame: int
    record: int
    column: str
    reason: str
    excerpt: str


@dataclass(slots=True)
class Decoded:
    """A decoded batch; `frame` in every table is the index into the frames given, times are Unix ms, NaN is no value."""

    outcomes: list[Outcome]
    rejects: list[Reject]
    readings: pl.DataFrame
    points: pl.DataFrame
    stations: pl.DataFrame
    reported_alarms: pl.DataFrame
    kept: Mapping[str, pl.DataFrame]
    """What is kept as it came, by feed: frame, record and the columns of its types."""
    headers: Mapping[int, Mapping[str, str]]
    """Header fields by frame, of the frames that took the careful path and have the declared number of them."""
    describe: Callable[[npt.NDArray[np.integer]], pl.DataFrame]
