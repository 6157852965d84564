"""One trial through the real chain: wire bytes into a spool, frames out of it, judged by the embedded pipeline into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from kuangan.library.simulate.labels import Trial
from kuangan.library.telemetry.frames import CONFIG, TICK, UPLOAD
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting

GATEWAY = "proof"
SECOND = 1000
COMMIT_BYTES = 8 << 20


def spool(home: Path, trial: Trial, rulebook: bytes = b"") -> None:
    """Write configuration, files and the ticks of every second between them, as a gateway stores them.

    While the gateway of a trial is down it stores nothing and does not tick.
    """
    with SpoolWriter(home, GATEWAY) as writer:
        at = min([trial.begin, *(upload.send_time for upload in trial.uploads[:1])])
        for name, payload in (("register", trial.register), ("rulebook", rulebook)):
            if payload:
                writer.append(kind=CONFIG, name=name, source=GATEWAY, payload=payload, received_at=at)
        ticked = at // SECOND * SECOND - SECOND
        down = sorted(trial.down)
        for name, payload, send_time in ((u.name, u.payload, u.send_time) for u in trial.uploads):
            while down and down[0][1] <= send_time:
                gone, back = down.pop(0)
                _tick(writer, ticked, gone)
                ticked = back // SECOND * SECOND - SECOND
            if down and down[0][0] < send_time:
                continue
            ticked = _tick(writer, ticked, send_time - 1)
            writer.append(kind=UPLOAD, name=name, source=f"http:{GATEWAY}", payload=payload, received_at=send_time)
            if writer.pending_bytes > COMMIT_BYTES:
                writer.commit()
        _tick(writer, ticked, max([trial.end, *(upload.send_time for upload in trial.uploads[-1:])]))
        writer.commit()


def _tick(writer: SpoolWriter, ticked: int, until: int) -> int:
    last = until // SECOND * SECOND
    if last <= ticked:
        return ticked
    payload = str(ticked + SECOND).encode()
    writer.append(kind=TICK, name="tick", source=GATEWAY, payload=payload, received_at=last)
    return last


def judge(trial: Trial, rulebook: bytes = b"") -> list[Event]:
    """The last revision of every event of a trial, by id; `rulebook` is judged by instead of the shipped one."""
    with tempfile.TemporaryDirectory(prefix="kuangan-proof-") as folder:
        home = Path(folder)
        spool(home, trial, rulebook)
        return judged(home)


def judged(home: Path) -> list[Event]:
    sink = Collecting()
    pipeline = Pipeline(home, sink)
    reader = SpoolReader(home, GATEWAY)
    while frames := reader.read():
        pipeline.advance([(GATEWAY, frame) for frame in frames])
    pipeline.settle_last()
    return sorted(sink.events.values(), key=lambda event: event.id)


def of_rules(events: Sequence[Event], rule: str) -> list[Event]:
    return [event for event in events if event.rule == rule]
