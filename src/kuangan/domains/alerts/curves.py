"""Curves of points beside an alert: from the archive and the hot tail, thinned for the screen, gaps left open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kuangan.library.telemetry.archive import Archive, read_point
from kuangan.library.telemetry.hot import read_hot
from kuangan.library.telemetry.reported import all_reports

MINUTE = 60_000
SPARK_WINDOW = 30 * MINUTE
SPARK_BINS = 60
CURVE_POINTS = 1_500
CALIBRATING = 4  # bit of the wire status mask


@dataclass(frozen=True)
class Window:
    """A stretch of event time, milliseconds."""

    start: int
    end: int


def spark_window(onset: int, end: int | None, clock: int) -> Window:
    """The last 30 minutes while the event lasts, else the 30 minutes that end with it."""
    last = clock if end is None else end + 2 * MINUTE
    return Window(last - SPARK_WINDOW, last)


def sparklines(home: Path, wanted: Iterable[tuple[str, str, Window]]) -> dict[str, list[list[float]]]:
    """`(key, point, window)` → key → [[second of the window, value], …], at most 60 each, the highest of each bin.

    Points that share a window are read together: a page of open alerts costs one read of the archive.
    """
    by_window: dict[Window, list[tuple[str, str]]] = {}
    for key, point, window in wanted:
        by_window.setdefault(window, []).append((key, point))
    lines: dict[str, list[list[float]]] = {}
    for window, keys in by_window.items():
        rows = readings(home, sorted({point for _, point in keys}), window)
        parts = {name[0]: part for name, part in rows.partition_by("point", as_dict=True).items()}
        for key, point in keys:
            part = parts.get(point)
            lines[key] = [] if part is None else _bins(part, window)
    return lines


def readings(home: Path, points: Sequence[str], window: Window) -> pl.DataFrame:
    """Readings of several points (point, time, value, status), the first revision of each moment, in order."""
    columns = ["point", "time", "value", "status", "rev"]
    stored = Archive(home).read(points, window.start, window.end).select(columns)
    tail = read_hot(home, "tail")
    if tail is not None and tail.height:
        inside = pl.col("point").is_in(list(points)) & pl.col("time").is_between(window.start, window.end)
        fresh = tail.filter(inside).select(columns)
        stored = pl.concat([stored, fresh], how="vertical_relaxed")
    return stored.sort("point", "time", "rev").unique(["point", "time"], keep="first", maintain_order=True)


def _bins(rows: pl.DataFrame, window: Window) -> list[list[float]]:
    width = (window.end - window.start) // SPARK_BINS
    good = rows.filter(pl.col("value").is_not_nan() & pl.col("value").is_not_null())
    binned = good.group_by(((pl.col("time") - window.start) // width).alias("bin"), maintain_order=True).agg(
        pl.col("value").max()
    )
    return [[int(number) * width / 1000, round(value, 3)] for number, value in binned.iter_rows()]


def curve(home: Path, point: str, window: Window, known_at: int | None = None) -> dict[str, object]:
    """One point for a chart: `data` = [[ms, value or None], …] with None inside every gap, and calibration stretches."""
    rows = read_point(home, point, window.start, window.end, known_at).sort("time")
    times, values = rows["time"].to_numpy(), rows["value"].to_numpy()
    status = rows["status"].to_numpy()
    keep = _thin(values, CURVE_POINTS)
    data = with_gaps(times[keep], values[keep], gap_of(times))
    return {"point": point, "data": data, "calibrating": spans(times, (status & CALIBRATING) != 0)}


def _thin(values: np.ndarray, limit: int) -> np.ndarray:
    """Indices of at most about `limit` samples that keep each bin's highest and lowest; all when there are few."""
    count = len(values)
    if count <= limit:
        return np.arange(count)
    chosen: set[int] = {0, count - 1}
    for part in np.array_split(np.arange(count), limit // 2):
        held = values[part]
        chosen.add(int(part[int(np.argmax(np.where(np.isnan(held), -np.inf, held)))]))
        chosen.add(int(part[int(np.argmin(np.where(np.isnan(held), np.inf, held)))]))
    return np.array(sorted(chosen))


def gap_of(times: np.ndarray) -> int:
    """How long a silence counts as a gap: three usual intervals, at least a minute (ms)."""
    if len(times) < 3:
        return MINUTE
    return max(MINUTE, int(3 * np.median(np.diff(times))))


def with_gaps(times: np.ndarray, values: np.ndarray, gap: int) -> list[list[float | None]]:
    """Pairs for a line chart with a None wherever the next sample is later than `gap`, or the value is bad."""
    line: list[list[float | None]] = []
    before: int | None = None
    for time, value in zip(times.tolist(), values.tolist(), strict=True):
        if before is not None and time - before > gap:
            line.append([before + 1, None])
        line.append([time, None if isnan(value) else round(value, 4)])
        before = time
    return line


def spans(times: np.ndarray, flags: np.ndarray) -> list[list[int]]:
    """Stretches [from, to] (ms) over which a flag held."""
    found: list[list[int]] = []
    for time, flag in zip(times.tolist(), flags.tolist(), strict=True):
        if flag and found and found[-1][1] == -1:
            continue
        if flag:
            found.append([time, -1])
        elif found and found[-1][1] == -1:
            found[-1][1] = time
    if found and found[-1][1] == -1:
        found[-1][1] = int(times[-1])
    return found


def neighbours(home: Path, point: str, limit: int = 2) -> list[dict[str, str]]:
    """Other points of the same kind at the same sub-station, for comparison: code and location."""
    points = read_hot(home, "points")
    if points is None or points.is_empty():
        return []
    own = points.filter(pl.col("code") == point)
    if own.is_empty():
        return []
    row = own.row(0, named=True)
    same = (pl.col("mine") == row["mine"]) & (pl.col("station") == row["station"]) & (pl.col("code") != point)
    found = points.filter(same & (pl.col("type_name") == row["type_name"]) & (pl.col("unit") == row["unit"]))
    return [{"code": code, "location": where} for code, where in found.select("code", "location").head(limit).rows()]


def reported_alarms(home: Path, point: str, window: Window) -> list[dict[str, Any]]:
    """Alarms the mine itself reported (YCBJ) for this point around this time, by their start. [] when none are known."""
    start = pl.coalesce(pl.col("start"), pl.col("time"), pl.col("received_at"))
    end = pl.coalesce(pl.col("end"), start)
    near = (pl.col("code") == point) & (start <= window.end) & (end >= window.start)
    return all_reports(home).filter(near).with_columns(start.alias("start")).sort("start").collect().to_dicts()
