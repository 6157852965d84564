"""Text → decoded → judged → archived and accounted beside a plain read of the same bytes, and judging alone; one core, every rule on.

Measured twice: over real-time text with its definitions, which is what the plain read can read, and over everything a province sends beside
it (`mixed`: people, water, pressure, equipment, slopes, ponds), which is more files of fewer records. Ours gets frames as a gateway hands them on, in memory, digests made. Plain is Polars' CSV reader over the payloads joined in memory
beforehand: seven text columns, no typing, no judging, nothing written. Both in turn in one process; state and archive are new in
every round. The clock starts when the first batch has made the points known, as they are to a running engine; the plain read gets
the same bytes without that batch. The rate from the very first byte is told beside it.
"""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl

from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.warning.batch import Batch, Lookup
from kuangan.library.warning.runners.allocator import keep_freed_memory
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import FLUSH_ROWS
from kuangan.library.warning.runners.sink import Collecting
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from kuangan.site.bench.inputs import GATEWAY, batches, records_in
from kuangan.site.bench.stages import Task

REAL_TIME: Final = ("_CDSS_", "_FZDY_", "_CDDY_")
MIXED_REPEATS: Final = 3
Took = tuple[float, float]


def measure(task: Task) -> dict[str, Any]:
    """Readings a second of both, the ratio of the medians, and readings a second of `step` over decoded columns, for both sets."""
    keep_freed_memory()
    whole = list(batches(task.home))
    whole = whole if len(whole) > 1 else _halves(whole[0])
    parts = [list(filter(_real_time, part)) for part in whole]
    gc.freeze()
    mixed = _beside_plain(task.home, whole, MIXED_REPEATS)
    return {
        **_beside_plain(task.home, parts, task.repeats),
        "judging_readings_per_second": _judging(prepared(task.home, parts), task.repeats),
        **{f"mixed_{name}": value for name, value in mixed.items()},
        "mixed_judging_readings_per_second": _judging(prepared(task.home, whole), MIXED_REPEATS),
    }


def _real_time(frame: Frame) -> bool:
    """Ticks, real-time files and the definitions of their points."""
    return frame.kind != UPLOAD or any(kind in frame.name for kind in REAL_TIME)


def _beside_plain(home: Path, parts: list[list[Frame]], repeats: int) -> dict[str, Any]:
    frames = [frame for part in parts[1:] for frame in part]
    least = records_in(frames)
    joined = b"~".join(frame.payload for frame in frames if frame.kind == UPLOAD)
    plain: list[Took] = []
    ours: list[Took] = []
    entering: list[Took] = []
    counts: set[tuple[int, int]] = set()
    for number in range(repeats):
        plain.append(_timed(partial(_plain, joined)))
        pipeline = _opened(home / f"round-{number}")
        entering.append(_timed(partial(_advance, pipeline, parts[:1])))
        first = pipeline.tally.archived
        ours.append(_timed(partial(_to_the_end, pipeline, parts[1:])))
        counts.add((first, pipeline.tally.archived - first))
        shutil.rmtree(pipeline.home)
    ((first, count),) = counts
    assert count >= least, "every record is archived, or the figures mean nothing"
    wall, of_plain = median(w for w, _ in ours), median(w for w, _ in plain)
    return {
        "readings": count,
        "readings_per_second": count / wall,
        "plain_readings_per_second": count / of_plain,
        "cold_readings_per_second": (count + first) / (wall + median(w for w, _ in entering)),
        "ratio_to_plain_read": of_plain / wall,
        "ratio_of_processor_time": median(c for _, c in plain) / median(c for _, c in ours),
    }


def _timed(work: Callable[[], object]) -> Took:
    """Seconds by the clock and of the processor (all threads)."""
    gc.collect()
    clock, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - used


def _plain(joined: bytes) -> None:
    pl.read_csv(
        joined,
        separator=";",
        eol_char="~",
        quote_char=None,
        has_header=False,
        schema={f"field{number}": pl.String() for number in range(7)},
        truncate_ragged_lines=True,
        missing_columns="insert",
    )


def _opened(home: Path) -> Pipeline:
    (home / "spool" / "live" / GATEWAY).mkdir(parents=True)
    (home / "engine").mkdir()
    return Pipeline(home, Collecting())


def _advance(pipeline: Pipeline, parts: list[list[Frame]]) -> None:
    for part in parts:
        pipeline.advance([(GATEWAY, frame) for frame in part])
        if pipeline.tail.size >= FLUSH_ROWS:
            pipeline.flush()


def _to_the_end(pipeline: Pipeline, parts: list[list[Frame]]) -> None:
    _advance(pipeline, parts)
    pipeline.settle_last()
    pipeline.flush()


def prepared(home: Path, parts: Iterable[list[Frame]] | None = None) -> list[Batch]:
    """The given frames, by default those of the spool, decoded, in batches as `step` takes them; at least two."""
    with TemporaryDirectory(dir=home) as name:
        pipeline = _opened(Path(name))
        halves = [half for part in (batches(home) if parts is None else parts) for half in _halves(part)]
        return [pipeline._batch([(GATEWAY, frame) for frame in half]) for half in halves]


def _judging(prepared: list[Batch], repeats: int) -> float:
    """Readings a second of `step` alone; the first batch, in which every point is new, is judged before the clock starts."""
    seconds = []
    for _ in range(repeats):
        state, lookup = State(), Lookup()
        state, _ = step(state, prepared[0], lookup)
        began = time.perf_counter()
        for batch in prepared[1:]:
            state, _ = step(state, batch, lookup)
        seconds.append(time.perf_counter() - began)
    return sum(len(batch.time) for batch in prepared[1:]) / median(seconds)


def _halves(part: list[Frame]) -> list[list[Frame]]:
    """At least two batches, also of a small spool."""
    middle = len(part) // 2
    return [part[:middle], part[middle:]]
