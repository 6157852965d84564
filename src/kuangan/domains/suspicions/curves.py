"""Curves of the points of a suspicion side by side, drawn by the server: one small picture a point, all over the same span."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from pathlib import Path

import numpy as np

from kuangan.domains.suspicions.models import Suspicion
from kuangan.library.telemetry.archive import read_points
from kuangan.library.telemetry.hot import read_hot

HOUR = 3_600_000
MARGIN = 4 * HOUR
LONGEST = 48 * HOUR
MOST = 8
WIDTH, HEIGHT = 600, 90
COLUMNS = 300


@dataclass(frozen=True, slots=True)
class Picture:
    """`lines`: points of polylines, broken where nothing was sent; `onset`, `end`: where the suspicion lies, in units of the picture."""

    code: str
    location: str
    suspected: bool
    low: float
    high: float
    lines: tuple[str, ...]
    onset: float
    end: float


def span_of(row: Suspicion) -> tuple[int, int]:
    """From some hours before the onset to some hours behind the end, two days at most (ms)."""
    onset = round(row.onset.timestamp() * 1000)
    last = round((row.end or row.changed_at).timestamp() * 1000)
    return onset - MARGIN, min(max(last, onset) + MARGIN, onset - MARGIN + LONGEST)


def pictures(home: Path, row: Suspicion) -> list[Picture]:
    """Pictures of the suspected points and their neighbours; one reading of the archive."""
    suspected = list(row.inputs.get("points", []))
    codes = list(dict.fromkeys([*suspected, *row.inputs.get("neighbours", [])]))[:MOST]
    if not codes:
        return []
    start, end = span_of(row)
    rows = read_points(home, codes, start, end)
    parts = {name[0]: part for name, part in rows.partition_by("point", as_dict=True).items()}
    names = locations(home, codes)
    span = end - start
    onset = (round(row.onset.timestamp() * 1000) - start) * WIDTH / span
    ended = WIDTH if row.end is None else (round(row.end.timestamp() * 1000) - start) * WIDTH / span
    made = []
    for code in codes:
        part = parts.get(code)
        times = np.empty(0) if part is None else part["time"].to_numpy()
        values = np.empty(0) if part is None else part["value"].to_numpy()
        lines, low, high = drawn((times - start) * WIDTH / span, values)
        shown = onset, max(min(ended, WIDTH) - onset, 1.0)
        made.append(Picture(code, names.get(code, ""), code in suspected, low, high, lines, *shown))
    return made


def drawn(x: np.ndarray, values: np.ndarray) -> tuple[tuple[str, ...], float, float]:
    """Polylines in units of the picture with the lowest and highest value; the extremes of each column of it are kept."""
    good = ~np.isnan(values)
    if not good.any():
        return (), 0.0, 0.0
    low, high = float(values[good].min()), float(values[good].max())
    height = high - low or 1.0
    column = np.clip((x * COLUMNS / WIDTH).astype(np.int64), 0, COLUMNS - 1)
    lines: list[list[str]] = [[]]
    before = -1
    for each in np.unique(column[good]).tolist():
        inside = values[(column == each) & good]
        if before >= 0 and each - before > COLUMNS // 60:
            lines.append([])
        for value in dict.fromkeys((float(inside.min()), float(inside.max()))):
            if not isnan(value):
                y = HEIGHT - 5 - (value - low) / height * (HEIGHT - 10)
                lines[-1].append(f"{each * WIDTH / COLUMNS:.1f},{y:.1f}")
        before = each
    return tuple(" ".join(line) for line in lines if line), low, high


def locations(home: Path, codes: list[str]) -> dict[str, str]:
    points = read_hot(home, "points")
    if points is None or points.is_empty():
        return {}
    wanted = points.filter(points["code"].is_in(codes)).select("code", "location")
    return dict(wanted.iter_rows())
