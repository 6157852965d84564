"""The engine over the spool of a province, taken as it comes to a live engine: its peak memory, resident."""

from __future__ import annotations

import resource
from typing import Any, Final

from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.library.warning.runners.allocator import keep_freed_memory
from kuangan.library.warning.runners.embedded import FLUSH_EVERY
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Changes
from kuangan.site.bench.inputs import GATEWAY
from kuangan.site.bench.stages import Task

FRAMES_A_TURN: Final = 200
"""Real-time files of two seconds of a province."""


class Handing:
    """Takes changes and keeps none, as a database in another process does."""

    def apply(self, changes: Changes) -> None:
        """Nothing is kept."""


def measure(task: Task) -> dict[str, Any]:
    keep_freed_memory()
    home = task.home / "wide"
    (home / "engine").mkdir()
    pipeline, reader = Pipeline(home, Handing()), SpoolReader(home, GATEWAY)
    flushed = 0
    while frames := reader.read(FRAMES_A_TURN):
        pipeline.advance([(GATEWAY, frame) for frame in frames])
        if pipeline.arrival - flushed >= FLUSH_EVERY:
            pipeline.flush()
            flushed = pipeline.arrival
    pipeline.settle_last()
    pipeline.flush()
    return {
        "memory_points": len(pipeline.state.points),
        "memory_readings": pipeline.tally.archived,
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
