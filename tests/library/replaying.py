"""A home as a replay of simulated mines leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kuangan.library.simulate import Fault, SimulatedMine, uploads
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Replay
from kuangan.library.warning.runners.sink import Collecting


def replay_into(home: Path, mines: Sequence[SimulatedMine], start: int, end: int, fault: Fault) -> None:
    """Everything that the mines send from `start` to `end` with one of them at fault; each file is accepted."""
    files = [file for mine in mines for file in uploads(mine, start, end, 60, [fault], opening=True)]
    files.sort(key=lambda file: file.send_time)
    report = Replay(Pipeline(home, Collecting()), end).run((file.name, file.payload) for file in files)
    assert report.tally.frames == {"accepted": len(files)}
