"""A day of readings with jittered times in the archive: bytes a reading as appended and as compacted, and reading one point's day.

Times are whole seconds as on the wire: every point has its own second within the rhythm, moved by up to two from sample to sample.
Every file of a mine has its own delay of up to eight seconds, in ms; values are those of the synthetic mines. One commit for ten
minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

import numpy as np
import polars as pl

from kuangan.library.simulate import SimulatedMine, build_mine
from kuangan.library.simulate import measure as readings_of
from kuangan.library.telemetry.archive import Archive, day_of, read_point
from kuangan.library.telemetry.results import CODE
from kuangan.site.bench.stages import Task

MINES: Final = 4
POINTS: Final = 300
RHYTHM_S: Final = 10
STEPS: Final = 60
DAY_STEPS: Final = 8640
FIRST_SECOND: Final = 1_767_196_800
SECOND: Final = 1000


def measure(task: Task) -> dict[str, Any]:
    home = task.home / "day"
    archive = Archive(home)
    steps = max(STEPS, min(DAY_STEPS, task.records // (MINES * POINTS)))
    mines = [
        build_mine(f"1401059{20000 + number:05d}", f"M{number:04d}", seed=task.seed, points=POINTS)
        for number in range(MINES)
    ]
    rng = np.random.Generator(np.random.Philox(task.seed))
    for number, rows in enumerate(_commits(mines, steps, rng)):
        archive.append(rows, {"g1": number})
    size, count = archive.size()
    fresh_ms = _read(task, mines)
    archive.compact(day_of(FIRST_SECOND * SECOND))
    compacted, _ = archive.size()
    return {
        "archive_readings": count,
        "archive_hours": steps * RHYTHM_S / 3600,
        "bytes_per_reading_fresh": size / count,
        "bytes_per_reading": compacted / count,
        "point_day_fresh_ms": fresh_ms,
        "point_day_ms": _read(task, mines),
    }


def _commits(mines: list[SimulatedMine], steps: int, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    phases = [rng.integers(0, RHYTHM_S // 2, len(mine.points)) for mine in mines]
    for first in range(0, steps, STEPS):
        seconds = FIRST_SECOND + np.arange(first, min(first + STEPS, steps), dtype=np.int64) * RHYTHM_S
        yield pl.concat([_rows(mine, seconds, phase, rng) for mine, phase in zip(mines, phases, strict=True)])


def _rows(
    mine: SimulatedMine, seconds: np.ndarray[Any, Any], phase: np.ndarray[Any, Any], rng: np.random.Generator
) -> pl.DataFrame:
    window = readings_of(mine, seconds)
    shape = len(seconds), len(mine.points)
    times = (seconds[:, None] + phase[None, :] + rng.integers(0, 3, shape)) * SECOND
    arrival = seconds[:, None] * SECOND + RHYTHM_S * SECOND + rng.integers(0, 8 * SECOND, (len(seconds), 1))
    codes = pl.Series([point.code for point in mine.points], dtype=pl.String).cast(CODE)
    return pl.DataFrame(
        {
            "point": codes.gather(np.tile(np.arange(shape[1]), shape[0])),
            "time": times.ravel(),
            "value": window.values.T.ravel(),
            "status": window.status.T.ravel(),
            "lag": (arrival - times).ravel().astype(np.int32),
            "rev": np.zeros(times.size, np.int16),
            "mine": pl.Series([mine.code], dtype=pl.String).cast(CODE).new_from_index(0, times.size),
        }
    )


def _read(task: Task, mines: list[SimulatedMine]) -> float:
    """Median milliseconds for the day of one point, the files in the page cache, another point each time."""
    home, start = task.home / "day", FIRST_SECOND * SECOND
    took = []
    for number in range(task.repeats + 1):
        point = mines[number % len(mines)].points[7 * number % POINTS].code
        began = time.perf_counter()
        rows = read_point(home, point, start, start + 86_400 * SECOND)
        took.append((time.perf_counter() - began) * SECOND)
        assert len(rows), "the day of the point is there"
    return median(took[1:])
