"""The engine over the spool on disk, from first frame to flush: readings a second with reading the spool."""

from __future__ import annotations

import time
from typing import Any

from kuangan.library.warning.runners.allocator import keep_freed_memory
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import FLUSH_ROWS
from kuangan.library.warning.runners.sink import Collecting
from kuangan.site.bench.inputs import GATEWAY, batches
from kuangan.site.bench.stages import Task


def measure(task: Task) -> dict[str, Any]:
    keep_freed_memory()
    (task.home / "engine").mkdir(exist_ok=True)
    began = time.perf_counter()
    pipeline = Pipeline(task.home, Collecting())
    for frames in batches(task.home):
        pipeline.advance([(GATEWAY, frame) for frame in frames])
        if pipeline.tail.size >= FLUSH_ROWS:
            pipeline.flush()
    pipeline.settle_last()
    pipeline.flush()
    return {"spool_to_archive_readings_per_second": pipeline.tally.archived / (time.perf_counter() - began)}
