"""Files of the past through the whole chain: received, judged, archived and raised in one process, to the end.

A replay is a gateway of its own. It stamps each frame with the time in its header, never earlier than the frame before, takes files
in the order of the time in their names, then of the names, and adds the ticks of its clock between frames, none after the last. A
tick falls before the frames of the next later moment, after those of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from kuangan.library.telemetry.frames import CONFIG, REFUSAL, TICK, UPLOAD, Frame, configuration_files
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.names import parse_name
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.spool_reader import SpoolReader
from kuangan.library.warning.events import Event, newest
from kuangan.library.warning.runners.accounts import Tally
from kuangan.library.warning.runners.allocator import keep_freed_memory
from kuangan.library.warning.runners.pipeline import Pipeline

GATEWAY = "replay"
SECOND = 1000
HEAD = 512
COMMIT_BYTES = 8 << 20
FLUSH_ROWS = 4_000_000
_ANY_TIME = re.compile(rb"(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})")
_DOCUMENTS = (b"{", b"[", b"<")
_HEADER_TIME = re.compile(rb"(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})\s*$")
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A file that no gateway would take; it is not read. Its size in bytes."""

    size: int


Item = tuple[str, bytes | TooLarge]
Progress = Callable[[int, int], None]


@dataclass
class Report:
    """What one run did; `rules` counts alerts raised (not void) per rule."""

    tally: Tally
    rules: dict[str, int]
    events: list[Event]
    refused: list[tuple[str, int]]
    """Names and sizes of files beyond the limit of a single file."""


def header_time(payload: bytes) -> int | None:
    """Upload time in the first segment of a file, of a document the first time in it; ms since the epoch, None without one."""
    opened = payload[:HEAD].lstrip(b'\xef\xbb\xbf"\r\n ')
    document = opened.startswith(_DOCUMENTS)
    found = _ANY_TIME.search(opened) if document else _HEADER_TIME.search(re.split(rb"[~^\r\n]", opened, maxsplit=1)[0])
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = map(int, found.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_BEIJING)
    except ValueError:
        return None
    return int(moment.astimezone(UTC).timestamp() * 1000)


def files_below(path: Path) -> list[Path]:
    """Files to replay, in order: time in the name (those without last), then name."""
    found = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]

    def key(file: Path) -> tuple[bool, int, str, str]:
        name = parse_name(file.name)
        time = name.time if name else None
        return (time is None, time or 0, file.name, str(file))

    return sorted(found, key=key)


def read_files(paths: Iterable[Path], largest: int = Limits().frame_bytes) -> Iterator[Item]:
    """Names and contents; of a file larger than gateways take, its size alone."""
    for path in paths:
        size = path.stat().st_size
        yield path.name, TooLarge(size) if size > largest else path.read_bytes()


class Replay:
    """Feeds items into a home. `now` bounds header times: a header from the future is stamped like its neighbours."""

    def __init__(self, pipeline: Pipeline, now: int, source: str = "replay") -> None:
        self.pipeline = pipeline
        self.now = now
        self.source = source
        self.writer = SpoolWriter(pipeline.home, GATEWAY)
        self.reader = SpoolReader(pipeline.home, GATEWAY, pipeline.positions.get(GATEWAY, -1))
        self.events: list[Event] = []
        self.ticked: int | None = None
        self.refused: list[tuple[str, int]] = []

    def run(self, items: Iterable[Item], total: int = 0, progress: Progress | None = None) -> Report:
        """Everything, to the end."""
        keep_freed_memory()
        self._configure()
        for done, (name, payload) in enumerate(items, start=1):
            self._receive(name, payload)
            if self.writer.pending_bytes >= COMMIT_BYTES:
                self._advance()
                if progress is not None:
                    progress(done, total)
        self.writer.append(
            kind=CONFIG, name="retired", source=self.source, payload=b"{}", received_at=self.writer.last_received_at
        )
        self._advance()
        self.events += self.pipeline.settle_last()
        self.pipeline.flush()
        self.writer.close()
        rules: dict[str, int] = {}
        raised = {event.id for event in self.events if event.rev == 1}
        for event in newest(self.events):
            if event.id in raised and event.status != "void" and event.merged_into is None:
                rules[event.rule] = rules.get(event.rule, 0) + 1
        return Report(self.pipeline.tally, rules, self.events, self.refused)

    def _configure(self) -> None:
        """The register and rule book of the home, so that a replay judges as the live engine does."""
        for path in configuration_files(self.pipeline.home):
            at = self.writer.last_received_at
            self.writer.append(
                kind=CONFIG, name=path.stem, source=self.source, payload=path.read_bytes(), received_at=at
            )

    def _stamp(self, name: str, payload: bytes) -> int:
        parsed = parse_name(name)
        candidates = [header_time(payload), parsed.time if parsed else None]
        known = next((t for t in candidates if t is not None and t <= self.now), self.writer.last_received_at)
        return max(known, self.writer.last_received_at)

    def _receive(self, name: str, content: bytes | TooLarge) -> None:
        payload = b"" if isinstance(content, TooLarge) else content
        at = self._stamp(name, payload)
        if self.ticked is None:
            self.ticked = at - SECOND
        elif at > self.ticked + SECOND:
            since = self.ticked + SECOND
            last = since + (at - 1 - since) // SECOND * SECOND
            self.writer.append(
                kind=TICK, name="tick", source=self.source, payload=str(since).encode(), received_at=last
            )
            self.ticked = last
        if isinstance(content, TooLarge):
            self._refuse(name, content.size, at)
            return
        parsed = parse_name(name)
        self.writer.append(
            kind=UPLOAD,
            name=name,
            source=self.source,
            payload=payload,
            received_at=at,
            mine=parsed.mine if parsed else "",
        )

    def _refuse(self, name: str, size: int, at: int) -> None:
        """Leave a refusal, as a gateway does."""
        told = json.dumps({"reason": "too_large", "size": size, "address": "", "sender": ""}).encode()
        self.writer.append(kind=REFUSAL, name=name, source=self.source, payload=told, received_at=at)
        self.refused.append((name, size))

    def _advance(self) -> None:
        self.writer.commit()
        while frames := self.reader.read():
            self._judge(frames)

    def _judge(self, frames: list[Frame]) -> None:
        pipeline = self.pipeline
        numbered = [(GATEWAY, frame) for frame in frames]
        waiting = pipeline.tail.size + pipeline.records.size
        cut = pipeline.settled(numbered) if waiting >= FLUSH_ROWS else 0
        if cut:
            self.events += pipeline.advance(numbered[:cut])
            if pipeline.may_flush:
                pipeline.flush()
        if cut < len(numbered):
            self.events += pipeline.advance(numbered[cut:])
