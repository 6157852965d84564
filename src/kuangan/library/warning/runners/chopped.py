"""The runner of the tests: one spool, cut anywhere, with the state saved and loaded at every cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.sink import Collecting


def frames_of(home: Path, gateway: str) -> list[Numbered]:
    """All frames of one gateway's spool."""
    reader, found = SpoolReader(home, gateway), []
    while frames := reader.read():
        found += [(gateway, frame) for frame in frames]
    return found


def run(home: Path, frames: Sequence[Numbered], cuts: Iterable[int], crash: bool = False) -> list[Event]:
    """Judge `frames` in a fresh home, stopping at every cut.

    At a cut the pipeline is thrown away and opened again from its checkpoint: after a flush, or (`crash`) without one, so that it
    reads the frames since the last flush again. Returns the last revision of every event, by id.
    """
    sink = Collecting()
    edges = [0, *sorted(set(cuts)), len(frames)]
    pipeline = Pipeline(home, sink)
    start = 0
    for edge in edges[1:]:
        pipeline.advance(frames[start:edge])
        start = edge
        if edge == len(frames):
            break
        if pipeline.may_flush and not crash:
            pipeline.flush()
        pipeline = Pipeline(home, sink)
        position = max(pipeline.positions.values(), default=-1)
        start = next((i for i, (_, frame) in enumerate(frames) if frame.seq > position), len(frames))
        pipeline.advance(frames[start:edge])
        start = edge
    pipeline.settle_last()
    return sorted(sink.events.values(), key=lambda e: e.id)
