"""Wire files for measuring, laid into a spool as a gateway would: real-time files of 300 records, what mines send beside them in the
shares of a province, and a tick run between two moments."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from kuangan.library.simulate import Upload, bench_frames, bench_mines, besides
from kuangan.library.telemetry.frames import TICK, UPLOAD, Frame
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.site.bench.stages import Task

GATEWAY: Final = "g1"
POINTS: Final = 300
CREW: Final = 100
RHYTHM_S: Final = 10
MOST_MINES: Final = 100
RECORDS_A_MINE: Final = 50_000
SECOND: Final = 1000
COMMIT_BYTES: Final = 8 << 20
DATA_SET: Final = (
    "synthetic: MT/T 1201.1 real-time files of 300 records every 10 s with their definitions; mixed: beside them who is below ground (100 "
    "cards a mine, every 5 min), water and pressure (10 min), equipment (1 min), one open pit and one tailings pond to 20 mines; no faults"
)


def mines_for(records: int) -> int:
    return max(1, min(MOST_MINES, records // RECORDS_A_MINE))


def measure(task: Task) -> dict[str, Any]:
    """Makes the spool; says what is in it."""
    mines = mines_for(task.records)
    lay(task.home, mines, -(-task.records // (mines * POINTS)), task.seed)
    return {"data_set": DATA_SET, "mines": mines, "points": mines * POINTS, "records_a_file": POINTS}


def lay(home: Path, mines: int, rounds: int, seed: int) -> None:
    """Lay so many rounds of real-time files, and what comes beside them, into the spool of a home."""
    last: int | None = None
    with SpoolWriter(home, GATEWAY) as writer:
        for file in _files(mines, rounds * RHYTHM_S, seed):
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


def _files(mines: int, seconds: int, seed: int) -> Iterator[Upload]:
    real_time = bench_frames(mines, POINTS, seconds, RHYTHM_S, seed=seed)
    start = real_time[0].send_time // SECOND
    others = besides(bench_mines(mines, POINTS, seed=seed, crew=CREW), start, seconds)
    return merge(others, real_time, key=attrgetter("send_time"))


def batches(home: Path) -> Iterator[list[Frame]]:
    """The spool as the engine reads it."""
    reader = SpoolReader(home, GATEWAY)
    while frames := reader.read():
        yield frames


def real_time_files(frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if frame.kind == UPLOAD and "_CDSS_" in frame.name]


def records_in(frames: list[Frame]) -> int:
    """Readings of the real-time files: every record mark but the header's."""
    return sum(frame.payload.count(b"~") - 1 for frame in real_time_files(frames))
