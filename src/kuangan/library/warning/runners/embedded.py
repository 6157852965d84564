"""The live engine: tails the spool of every gateway and judges in the order of arrival.

With several living gateways frames are judged up to the smallest of their last ticks, so that their order is the order of arrival;
a gateway that lives alone is judged at once. A gateway that holds its lock lives; one that ended holds the others back only while
older frames of it are being read. Who lives is asked before reading: what an ended one has left is all there then.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from kuangan.library.telemetry.frames import TICK, Frame
from kuangan.library.telemetry.segments import first_seq
from kuangan.library.telemetry.spool_reader import SpoolReader, gateways
from kuangan.library.telemetry.upkeep import Retention, Upkeep
from kuangan.library.warning.runners.allocator import keep_freed_memory
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.publish import Publisher

FLUSH_EVERY = 15_000
PUBLISH_EVERY = 1_000
PAUSE_S = 0.1
FLUSH_ROWS = 4_000_000
FOREVER = 1 << 62


class Embedded:
    """One engine over one home. `wall()` gives the wall clock in ms (for flushing and publishing only, never for judging)."""

    def __init__(self, pipeline: Pipeline, wall: Callable[[], int], retention: Retention | None = None) -> None:
        self.pipeline = pipeline
        self.wall = wall
        self.publisher = Publisher(pipeline)
        kept = [
            pipeline.archive.kept(),
            *pipeline.ledger.kept(),
            pipeline.reported_alarms.kept(),
            *pipeline.records.kept(),
        ]
        self.upkeep = Upkeep(pipeline.home, kept, retention or Retention())
        self.readers: dict[str, SpoolReader] = {}
        self.held: dict[str, list[Numbered]] = {}
        self.ticks: dict[str, int] = {}
        self.flushed = self.published = 0

    def run(self, stopped: Callable[[], bool], pause: Callable[[float], object]) -> None:
        """Until told to stop; flushes at the end when nothing late waits."""
        keep_freed_memory()
        try:
            while not stopped():
                if not self.poll():
                    pause(PAUSE_S)
        finally:
            self.upkeep.close()
        self._flush()
        self.publisher.publish(self.wall())

    def poll(self) -> bool:
        """One round: read, judge, publish, flush, look after the tables. False when there was nothing to judge."""
        frames = self._next()
        if frames:
            self._judge(frames)
            self.publisher.note(frames, self.wall())
        now = self.wall()
        if now - self.published >= PUBLISH_EVERY:
            self.publisher.publish(now)
            self.published = now
        if self._flush_due():
            self._flush()
        self.upkeep.turn(self.wall())
        return bool(frames)

    def _judge(self, frames: list[Numbered]) -> None:
        cut = self.pipeline.settled(frames) if self._flush_due() else 0
        if cut:
            self.pipeline.advance(frames[:cut])
            self._flush()
        if cut < len(frames):
            self.pipeline.advance(frames[cut:])

    def _flush_due(self) -> bool:
        return self.wall() - self.flushed >= FLUSH_EVERY or self.pipeline.tail.size >= FLUSH_ROWS

    def _flush(self) -> None:
        if self.pipeline.may_flush and self.pipeline.open:
            self.publisher.flushing()
            self.pipeline.flush()
            self.flushed = self.wall()
            self.upkeep.flushed(self.pipeline.positions, self.flushed)

    def _next(self) -> list[Numbered]:
        """Frames that may be judged now, in order of arrival."""
        home = self.pipeline.home
        names = gateways(home)
        living = {name for name in names if lives(home, name)} if len(names) > 1 else set(names)
        bound = FOREVER
        for name in names:
            fresh = self._read(name)
            if name in living and len(living) > 1:
                bound = min(bound, self.ticks[name])
            elif name not in living and fresh:
                bound = min(bound, fresh[-1].received_at)
        ready: list[Numbered] = []
        for name, frames in self.held.items():
            ready += [x for x in frames if x[1].received_at <= bound]
            self.held[name] = [x for x in frames if x[1].received_at > bound]
        return ready if len(names) == 1 else sorted(ready, key=lambda x: (x[1].received_at, x[0], x[1].seq))

    def _read(self, name: str) -> list[Frame]:
        """The next frames of a gateway, put with those held; [] when it has no more at present."""
        if name not in self.readers:
            home = self.pipeline.home
            after = self.pipeline.positions.get(name, first_seq(home, name) - 1)
            self.readers[name] = SpoolReader(home, name, after)
        fresh = self.readers[name].read()
        self.held.setdefault(name, []).extend((name, frame) for frame in fresh)
        self.ticks[name] = max([self.ticks.get(name, 0), *(frame.received_at for frame in fresh if frame.kind == TICK)])
        return fresh


def lives(home: Path, gateway: str) -> bool:
    """True while some process holds the lock of the gateway."""
    path = home / "run" / f"gateway-{gateway}.lock"
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
