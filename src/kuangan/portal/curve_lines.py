"""Readings → lines for charts: extremes survive thinning, gaps stay gaps, bad values and calibration are stretches of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.domains.alerts.curves import gap_of, spans

SHOWN: Final = 1_600
"""Readings of one point up to which every one is shown; beyond, each bucket shows its lowest and highest."""
FAULTS: Final = 16 | 32 | 128
PAUSED: Final = 64
CALIBRATING: Final = 4
Times = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """One point's curve. `data`: [ms, value or None]; the rest: [from, to] in ms; `thinned` when not every reading shows."""

    data: list[list[float | None]]
    gaps: list[list[int]]
    bad: list[list[int]]
    calibrating: list[list[int]]
    count: int
    thinned: bool


def line_of(rows: pl.DataFrame, start: int, end: int, *, on_change: bool = False) -> Line:
    """The line of one point's readings (time, value, status in order of time) within [start, end).

    A point that is sent only when it changes has no gaps. Bad is what has no number or comes from a faulty sensor.
    """
    times = rows["time"].to_numpy()
    values = rows["value"].to_numpy()
    status = rows["status"].to_numpy()
    bad: Flags = np.isnan(values) | ((status & (FAULTS | PAUSED)) != 0)
    width = max(1, (end - start) // (SHOWN // 2))
    near = width if len(times) > SHOWN else 0
    gaps = [] if on_change else _gaps(times)
    faulty = _joined(spans(times, bad), near)
    keep = kept(times, values, ~bad, start, width)
    return Line(
        data=_drawn(times[keep], values[keep], [*(span[0] for span in gaps), *_breaks(times, bad, near)]),
        gaps=gaps,
        bad=faulty,
        calibrating=_joined(spans(times, (status & CALIBRATING) != 0), near),
        count=len(times),
        thinned=len(times) > SHOWN,
    )


def kept(times: Times, values: npt.NDArray[np.float64], good: Flags, start: int, width: int) -> npt.NDArray[np.int64]:
    """Places of the readings to draw, in order: all good ones while there are few, else the extremes of each bucket."""
    places = np.flatnonzero(good)
    if len(places) <= SHOWN:
        return places
    bucket = (times[places] - start) // width
    order = np.lexsort((values[places], bucket))
    first = np.flatnonzero(np.r_[True, np.diff(bucket[order]) != 0])
    last = np.r_[first[1:] - 1, len(order) - 1]
    extremes = np.r_[order[first], order[last], 0, len(places) - 1]
    drawn: npt.NDArray[np.int64] = places[np.unique(extremes)]
    return drawn


def _gaps(times: Times) -> list[list[int]]:
    if len(times) < 2:
        return []
    wide = np.flatnonzero(np.diff(times) > gap_of(times))
    return [[int(times[at]), int(times[at + 1])] for at in wide.tolist()]


def _breaks(times: Times, bad: Flags, near: int) -> list[int]:
    """Where the line is cut for bad readings; of those within one bucket only the first cuts."""
    found: list[int] = []
    for time in times[bad].tolist():
        if not found or time - found[-1] > near:
            found.append(time)
    return found


def _joined(found: list[list[int]], near: int) -> list[list[int]]:
    """Stretches closer than `near` as one: a screen cannot tell them apart."""
    joined: list[list[int]] = []
    for start, end in found:
        if joined and start - joined[-1][1] <= near:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return joined


def _drawn(times: Times, values: npt.NDArray[np.float64], breaks: list[int]) -> list[list[float | None]]:
    pairs: list[list[float | None]] = [
        [time, round(value, 4)] for time, value in zip(times.tolist(), values.tolist(), strict=True)
    ]
    known = set(times.tolist())
    pairs += [[time + 1 if time in known else time, None] for time in breaks]
    return sorted(pairs, key=lambda pair: pair[0] or 0)
