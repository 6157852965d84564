"""The spool of a province: as many mines as it has, for a few minutes."""

from __future__ import annotations

from typing import Any, Final

from kuangan.site.bench.inputs import lay
from kuangan.site.bench.stages import Task

MINES: Final = 720
"""With what comes beside real-time files, these have 270,000 points."""
ROUNDS: Final = 12
RECORDS_A_MINE: Final = 5_000


def measure(task: Task) -> dict[str, Any]:
    mines = max(1, min(MINES, task.records // RECORDS_A_MINE))
    lay(task.home / "wide", mines, ROUNDS, task.seed)
    return {"memory_mines": mines}
