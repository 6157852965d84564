"""`make fuzz`: every family's readers against mutated files, by the clock; what breaks one is kept in `corpus/`.

A test runs the corpus and a fixed number of mutations, always the same ones.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np

from kuangan.library.telemetry.decode import decode, decode_carefully
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.keeping import Origin, kept_rows
from tests.library.telemetry.mutations import mutated
from tests.library.telemetry.specimen import ALL, offered, specimen

CORPUS = Path(__file__).parent / "corpus"
BATCH = 50
LANES = 2


def families() -> list[str]:
    return sorted({kind.family for kind in file_types().values()})


def seeds(family: str) -> list[tuple[str, bytes]]:
    """Good files of a family, and what is kept of it in the corpus."""
    good = [specimen(name, extension, 3) for name, extension in ALL if file_types()[name].family == family]
    return good + [(path.name, path.read_bytes()) for path in sorted((CORPUS / family).glob("*"))]


def batches(family: str, seed: int) -> Iterator[list[Frame]]:
    """Frames without end, the same ones for a seed."""
    chance, known = random.Random(f"{family}/{seed}"), seeds(family)
    while True:
        chosen = [(chance.choice(known), chance.choice(known)) for _ in range(BATCH)]
        yield [
            offered(name, mutated(chance, data, other), seq) for seq, ((name, data), (_, other)) in enumerate(chosen)
        ]


def tried(frames: Sequence[Frame]) -> None:
    """Reads a batch both ways. Raises AssertionError, or what a reader should not have raised."""
    quick, slow = decode(frames), decode_carefully(frames)
    assert quick.outcomes == slow.outcomes
    assert quick.rejects == slow.rejects
    assert quick.readings.equals(slow.readings)
    for frame, outcome in zip(frames, quick.outcomes, strict=True):
        assert outcome.status in ("accepted", "partial", "quarantined", "unknown"), frame.name
        assert outcome.good >= 0 and outcome.rejected >= 0
    quick.describe(np.arange(quick.readings.height)[:BATCH])
    origins = [
        Origin("g", frame.seq, frame.received_at, each) for frame, each in zip(frames, quick.outcomes, strict=True)
    ]
    kept_rows(quick, origins)


def main(arguments: Sequence[str]) -> int:
    """Seconds a family, then a seed; prints how many files each family took. Two families side by side."""
    seconds, seed = float(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    with ProcessPoolExecutor(LANES, multiprocessing.get_context("spawn")) as pool:
        failed = sum(pool.map(_for_a_while, families(), repeat(seconds), repeat(seed)))
    return 1 if failed else 0


def _for_a_while(family: str, seconds: float, seed: int) -> int:
    """How many batches of a family broke a reader."""
    until, count, failed = time.monotonic() + seconds, 0, 0
    for frames in batches(family, seed):
        try:
            tried(frames)
        except Exception as fault:
            failed += 1
            _keep(family, frames)
            print(f"{family}: {fault!r}", file=sys.stderr)
        count += len(frames)
        if time.monotonic() >= until:
            break
    print(f"{family}: {count} files, {failed} failures", flush=True)
    return failed


def _keep(family: str, frames: Sequence[Frame]) -> None:
    """Puts the files that break a reader into the corpus, each that does alone; a batch that breaks only together is told of."""
    guilty = [frame for frame in frames if _breaks(frame)]
    if not guilty:
        print(f"{family}: only together: {[frame.name for frame in frames]}", file=sys.stderr)
    (CORPUS / family).mkdir(parents=True, exist_ok=True)
    for frame in guilty:
        stem, _, ending = frame.name.rpartition(".")
        (CORPUS / family / f"{stem}{frame.digest.hex()[:8]}.{ending}").write_bytes(frame.payload)


def _breaks(frame: Frame) -> bool:
    try:
        tried([frame])
    except Exception:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
