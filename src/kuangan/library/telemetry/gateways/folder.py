"""The watched folder: complete files are taken; in mirror mode they stay and are remembered."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import watchfiles

from kuangan.library.telemetry.files import put_durably
from kuangan.library.telemetry.gateways.admission import hindrance, is_unfinished
from kuangan.library.telemetry.gateways.intake import Intake
from kuangan.library.telemetry.gateways.senders import Senders

ENDS: Final = (b"||", b"]]]")
OF_A_SENDER: Final = re.compile(r"sender-(?P<id>[0-9A-Za-z]+)")
"""A first folder of this name belongs to one sender: only files of its mines are taken from there."""
BATCH_BYTES: Final = 8 << 20
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """One file that is ready; `reason` says why it is not taken, and `payload` is then None."""

    path: Path
    stamp: Stamp
    payload: bytes | None
    reason: str = ""
    sender: str = ""


class FolderGateway:
    """Takes files of one folder and its sub-folders (one per mine is usual). What is refused stays where it is."""

    def __init__(self, intake: Intake, senders: Senders, root: Path, mirror: bool, index: Path) -> None:
        self._intake = intake
        self._senders = senders
        self._root = root
        self._mirror = mirror
        self._index = index
        self._taken: dict[str, Stamp] = _load(index) if mirror else {}
        self._waiting: dict[str, tuple[Stamp, int]] = {}
        root.mkdir(parents=True, exist_ok=True)

    async def run(self, stop: asyncio.Event) -> None:
        """Looks at every change and, for what no change told, again after `scan_seconds`."""
        pause = int(self._intake.limits.scan_seconds * 1000)
        await self.take_all()
        async for _ in watchfiles.awatch(
            self._root, stop_event=stop, debounce=50, step=20, rust_timeout=pause, yield_on_timeout=True
        ):
            await self.take_all()

    async def take_all(self) -> int:
        """Takes what is ready now, gives how many files; files stay where they are while the disk is full."""
        count = 0
        while not self._intake.disk_full:
            found = await asyncio.to_thread(self._ready, self._intake.clock())
            if not found:
                return count
            for each in found:
                self._append(each)
            await self._intake.durable()
            await asyncio.to_thread(self._settle, found)
            count += len(found)
        return count

    def _append(self, found: Found) -> None:
        relative = str(found.path.relative_to(self._root))
        if found.payload is None:
            self._intake.refuse(found.path.name, found.reason, found.stamp[0], f"folder:{relative}", found.sender)
        else:
            self._intake.upload(found.path.name, f"folder:{relative}", found.payload)

    def _settle(self, found: list[Found]) -> None:
        for each in found:
            if self._mirror or each.payload is None:
                self._taken[str(each.path.relative_to(self._root))] = each.stamp
            elif _stamp(each.path) == each.stamp:
                each.path.unlink()
        if self._mirror:
            put_durably(self._index, json.dumps(self._taken).encode())

    def _ready(self, now: int) -> list[Found]:
        found: list[Found] = []
        seen: set[str] = set()
        size = 0
        for path in self._files():
            key, stamp = str(path.relative_to(self._root)), _stamp(path)
            seen.add(key)
            if stamp is None or self._taken.get(key) == stamp:
                continue
            payload = self._payload(path, key, stamp, now)
            if isinstance(payload, bool):
                continue
            judged = self._judged(path, key, stamp, payload)
            if judged.reason == "token" and self._senders.damaged:
                continue
            found.append(judged)
            size += stamp[0]
            if size >= BATCH_BYTES:
                return found
        self._waiting = {key: value for key, value in self._waiting.items() if key in seen}
        self._taken = {key: value for key, value in self._taken.items() if key in seen}
        return found

    def _judged(self, path: Path, key: str, stamp: Stamp, payload: bytes | None) -> Found:
        """What may be taken with its content; in the folder of a sender, what that sender may send."""
        owned = OF_A_SENDER.fullmatch(Path(key).parts[0])
        if payload is None or owned is None:
            return Found(path, stamp, payload, "" if payload is not None else "too_large")
        sender = self._senders.with_id(owned["id"])
        if sender is None:
            return Found(path, stamp, None, "token")
        reason = hindrance(sender, path.name, stamp[0], self._intake.limits)
        return Found(path, stamp, None if reason else payload, reason, sender.id)

    def _payload(self, path: Path, key: str, stamp: Stamp, now: int) -> bytes | bool | None:
        """Content of a file that is ready, None when it is too large, False while it is still being written.

        A file is ready when it has its end mark; without one when it has stood unchanged for `incomplete_file_minutes`,
        or since the look before when its format has no end mark (not a .txt file).
        """
        known, since = self._waiting.get(key, (None, now))
        if known != stamp:
            self._waiting[key] = (stamp, now)
            since = now
        if stamp[0] > self._intake.limits.frame_bytes:
            return None if known == stamp else False
        try:
            payload = path.read_bytes()
        except FileNotFoundError:
            return False
        patience = self._intake.limits.incomplete_file_minutes * 60_000 if path.suffix.lower() == ".txt" else 0
        complete = payload.rstrip(b' \t\r\n"').endswith(ENDS)
        if (complete or (known == stamp and now - since >= patience)) and _stamp(path) == stamp:
            self._waiting.pop(key, None)
            return payload
        return False

    def _files(self) -> Iterator[Path]:
        for path in sorted(self._root.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self._root).parts)
            if not hidden and not is_unfinished(path.name) and not path.is_symlink() and path.is_file():
                yield path


def _stamp(path: Path) -> Stamp | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns


def _load(index: Path) -> dict[str, Stamp]:
    try:
        entries = json.loads(index.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {key: (size, changed) for key, (size, changed) in entries.items()}
