"""The one way from carriers into the spool: append, commit together, then tell each carrier that it is durable."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kuangan.library.telemetry.frames import REFUSAL, UPLOAD
from kuangan.library.telemetry.names import parse_name
from kuangan.library.telemetry.spool import SpoolWriter

log = logging.getLogger(__name__)
NAME_LENGTH: Final = 255
KEYS_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gateway takes: bytes, counts, milliseconds, minutes; `spool_days`: how long it keeps frames (0: for ever)."""

    frame_bytes: int = 16 << 20
    request_bytes: int = 64 << 20
    in_flight_bytes: int = 512 << 20
    frames_per_request: int = 5000
    commit_ms: int = 200
    commit_bytes: int = 8 << 20
    reserve_bytes: int = 1 << 30
    refusals_per_minute: int = 30
    incomplete_file_minutes: float = 10
    scan_seconds: float = 5
    spool_days: int = 0


class Intake:
    """Owns the writer within one event loop."""

    def __init__(self, writer: SpoolWriter, limits: Limits, clock: Callable[[], int]) -> None:
        self.writer = writer
        self.limits = limits
        self.clock = clock
        self.disk_full = False
        self.in_flight = 0
        self.committed = writer.next_seq - 1
        self._waiting: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._heavy = asyncio.Event()
        self._refusals: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def append(self, kind: str, name: str, source: str, payload: bytes, mine: str = "") -> int:
        """Takes a frame at the present time; it is durable once `durable` has been awaited."""
        seq = self.writer.append(
            kind=kind, name=name[:NAME_LENGTH], source=source, payload=payload, received_at=self.clock(), mine=mine
        )
        self._wake.set()
        if self.writer.pending_bytes >= self.limits.commit_bytes:
            self._heavy.set()
        return seq

    def upload(self, name: str, source: str, payload: bytes) -> int:
        """Takes an upload; its mine is the one in the name."""
        found = parse_name(name)
        return self.append(UPLOAD, name, source, payload, found.mine if found else "")

    async def take(self, name: str, source: str, payload: bytes) -> bool:
        """Takes an upload and returns when it is durable; False when there is no room, and it must be offered again."""
        if self.disk_full or self.in_flight + len(payload) > self.limits.in_flight_bytes:
            return False
        self.in_flight += len(payload)
        try:
            self.upload(name, source, payload)
            await self.durable()
        except OSError:
            return False
        finally:
            self.in_flight -= len(payload)
        return True

    def refuse(self, name: str, reason: str, size: int, address: str, sender: str) -> None:
        """Leaves a refusal frame, at most so many a minute per sender or address."""
        key = sender or address
        minute = self.clock() // 60_000
        known, count = self._refusals.pop(key, (minute, 0))
        count = count + 1 if known == minute else 1
        self._refusals[key] = (minute, count)
        if len(self._refusals) > KEYS_REMEMBERED:
            self._refusals.popitem(last=False)
        if count <= self.limits.refusals_per_minute and not self.disk_full:
            content = {"reason": reason, "size": size, "address": address, "sender": sender}
            self.append(REFUSAL, name, sender or address, json.dumps(content).encode())

    async def durable(self) -> None:
        """Returns when all that was appended so far is durable; OSError when the disk would not take it."""
        if self.writer.pending_frames:
            done = asyncio.get_running_loop().create_future()
            self._waiting.append(done)
            await done

    async def run(self) -> None:
        """Commits until cancelled: `commit_ms` after the first frame, at once above `commit_bytes`."""
        while True:
            await self._wake.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heavy.wait(), self.limits.commit_ms / 1000)
            self._wake.clear()
            self._heavy.clear()
            if not self.commit():
                self._wake.set()
                await asyncio.sleep(1)

    def commit(self) -> bool:
        """Commits now and tells who waits; False when the disk would not take it (the frames stay pending)."""
        waiting, self._waiting = self._waiting, []
        try:
            self.committed = self.writer.commit()
        except OSError as error:
            log.error("spool commit failed: %s", error)
            for done in waiting:
                if not done.done():
                    done.set_exception(error)
            return False
        for done in waiting:
            if not done.done():
                done.set_result(None)
        return True
