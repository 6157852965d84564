"""Wire files for measuring, laid into a spool as a gateway would: files of 300 records, a tick run between two moments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from kuangan.library.simulate import bench_frames
from kuangan.library.telemetry.frames import TICK, UPLOAD, Frame
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.site.bench.stages import Task

GATEWAY: Final = "g1"
POINTS: Final = 300
RHYTHM_S: Final = 10
MOST_MINES: Final = 100
RECORDS_A_MINE: Final = 50_000
SECOND: Final = 1000
COMMIT_BYTES: Final = 8 << 20


def mines_for(records: int) -> int:
    return max(1, min(MOST_MINES, records // RECORDS_A_MINE))


def measure(task: Task) -> dict[str, Any]:
    """Makes the spool; says what is in it."""
    mines = mines_for(task.records)
    seconds = -(-task.records // (mines * POINTS)) * RHYTHM_S
    last: int | None = None
    with SpoolWriter(task.home, GATEWAY) as writer:
        for file in bench_frames(mines, POINTS, seconds, RHYTHM_S, seed=task.seed):
            if last is not None and file.send_time > last + SECOND:
                since, at = str(last + SECOND).encode(), file.send_time - SECOND
                writer.append(kind=TICK, name="tick", source="bench", payload=since, received_at=at)
            last = file.send_time
            writer.append(
                kind=UPLOAD, name=file.name, source="bench", payload=file.payload, received_at=last, mine=file.mine
            )
            if writer.pending_bytes >= COMMIT_BYTES:
                writer.commit()
        writer.commit()
    return {"mines": mines, "points": mines * POINTS, "records_a_file": POINTS}


def batches(home: Path) -> Iterator[list[Frame]]:
    """The spool as the engine reads it."""
    reader = SpoolReader(home, GATEWAY)
    while frames := reader.read():
        yield frames


def records_in(frames: list[Frame]) -> int:
    """Records of whole upload files: every record mark but the header's."""
    return sum(frame.payload.count(b"~") - 1 for frame in frames if frame.kind == UPLOAD)
