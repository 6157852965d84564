"""Text → decoded → judged → archived and accounted beside a plain read of the same bytes, and judging alone; one core.

Ours gets frames as a gateway hands them on, in memory, digests made. Plain is Polars' CSV reader over the payloads joined in memory
beforehand: seven text columns, no typing, no judging, nothing written. Both in turn in one process; state and archive are new in
every round. The clock starts when the first batch has made the points known, as they are to a running engine; the plain read gets
the same bytes without that batch. The rate from the very first byte is told beside it.
"""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.warning.batch import Batch, FrameMark, Lookup, Mark, TickMark
from kuangan.library.warning.runners.allocator import keep_freed_memory
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import FLUSH_ROWS
from kuangan.library.warning.runners.sink import Collecting
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from kuangan.site.bench.inputs import GATEWAY, batches, records_in
from kuangan.site.bench.stages import Task

Took = tuple[float, float]


def measure(task: Task) -> dict[str, Any]:
    """Readings a second of both, the ratio of the medians, and readings a second of `step` over decoded columns."""
    keep_freed_memory()
    parts = list(batches(task.home))
    parts = parts if len(parts) > 1 else _halves(parts[0])
    frames = [frame for part in parts[1:] for frame in part]
    count, first = records_in(frames), records_in(parts[0])
    joined = b"~".join(frame.payload for frame in frames if frame.kind == UPLOAD)
    gc.freeze()
    plain: list[Took] = []
    ours: list[Took] = []
    entering: list[Took] = []
    for number in range(task.repeats):
        plain.append(_timed(partial(_plain, joined)))
        pipeline = _opened(task.home / f"round-{number}")
        entering.append(_timed(partial(_advance, pipeline, parts[:1])))
        ours.append(_timed(partial(_to_the_end, pipeline, parts[1:], count + first)))
        shutil.rmtree(pipeline.home)
    judged = _judging(parts, task.repeats)
    wall, of_plain = median(w for w, _ in ours), median(w for w, _ in plain)
    return {
        "readings": count,
        "readings_per_second": count / wall,
        "plain_readings_per_second": count / of_plain,
        "cold_readings_per_second": (count + first) / (wall + median(w for w, _ in entering)),
        "ratio_to_plain_read": of_plain / wall,
        "ratio_of_processor_time": median(c for _, c in plain) / median(c for _, c in ours),
        "judging_readings_per_second": judged,
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


def _to_the_end(pipeline: Pipeline, parts: list[list[Frame]], expected: int) -> None:
    _advance(pipeline, parts)
    pipeline.settle_last()
    pipeline.flush()
    assert pipeline.tally.archived == expected, "every record is archived, or the figures mean nothing"


def _judging(parts: list[list[Frame]], repeats: int) -> float:
    """Readings a second of `step` alone; the first batch, in which every point is new, is judged before the clock starts."""
    prepared = [_batch(part) for part in parts for part in _halves(part)]
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


def _batch(part: list[Frame]) -> Batch:
    uploads = [frame for frame in part if frame.kind == UPLOAD]
    decoded = decode(uploads)
    table = decoded.readings
    bounds = np.searchsorted(table["frame"].to_numpy(), np.arange(len(uploads) + 1))
    marks: list[Mark] = []
    number = 0
    for frame in part:
        if frame.kind == UPLOAD:
            said = decoded.outcomes[number]
            lo, hi = int(bounds[number]), int(bounds[number + 1])
            marks.append(FrameMark(GATEWAY, frame.seq, frame.received_at, said.mine, said.mine_name, True, lo, hi))
            number += 1
        else:
            marks.append(TickMark(GATEWAY, frame.seq, int(frame.payload or frame.received_at), frame.received_at))
    return Batch(
        marks,
        table["code"].to_physical().to_numpy().astype(np.int64),
        table["record"].to_numpy(),
        table["time"].to_numpy(),
        table["value"].to_numpy(),
        table["status"].to_numpy(),
        np.full(len(table), -1, np.int32),
        np.zeros(len(table), np.bool_),
        lambda rows: list(decoded.describe(rows).cast(pl.String).iter_rows()),
    )
