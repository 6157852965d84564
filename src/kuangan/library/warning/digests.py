"""Which content was received before, and in which frame: exact at any age, in memory only around the hours in use.

Digests are kept in buckets by the hour in the file name, each an append-only file of fixed-size entries. An entry holds the spool
position of the first frame with this content, so that reading the spool again after a crash finds every frame to be itself.
"""

from __future__ import annotations

import os
import struct
from collections import OrderedDict
from pathlib import Path

from kuangan.library.telemetry.files import put_durably

ENTRY = struct.Struct("<16sIq")
HOUR = 3_600_000
HELD = 3


class Digests:
    """`first(...)` answers duplicate or not; `flush()` makes what was learnt durable."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        names = folder / "gateways"
        self._names_path = names
        self._gateways = names.read_text("utf-8").split() if names.exists() else []
        self._buckets: OrderedDict[int, dict[bytes, tuple[int, int]]] = OrderedDict()
        self._fresh: dict[int, list[bytes]] = {}

    def first(self, digest: bytes, time: int | None, gateway: str, seq: int) -> bool:
        """True when this frame is the first with its content (or is that first frame, read again)."""
        bucket_number = -1 if time is None else time // HOUR
        bucket = self._bucket(bucket_number)
        key, position = digest[:16], (self._gateway(gateway), seq)
        known = bucket.get(key)
        if known is not None:
            return known == position
        bucket[key] = position
        self._fresh.setdefault(bucket_number, []).append(ENTRY.pack(key, *position))
        return True

    def flush(self) -> None:
        for number, entries in self._fresh.items():
            with self._path(number).open("ab") as out:
                torn = out.tell() % ENTRY.size
                if torn:
                    out.truncate(out.tell() - torn)
                out.write(b"".join(entries))
                out.flush()
                os.fsync(out.fileno())
        self._fresh.clear()
        while len(self._buckets) > HELD:
            self._buckets.popitem(last=False)

    def _gateway(self, name: str) -> int:
        if name not in self._gateways:
            self._gateways.append(name)
            content = "\n".join(self._gateways).encode()
            put_durably(self._names_path, content)
        return self._gateways.index(name)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.bin"

    def _bucket(self, number: int) -> dict[bytes, tuple[int, int]]:
        found = self._buckets.get(number)
        if found is None:
            path = self._path(number)
            data = path.read_bytes() if path.exists() else b""
            data = data[: len(data) - len(data) % ENTRY.size]
            found = self._buckets[number] = {}
            for key, gateway, seq in ENTRY.iter_unpack(data):
                found.setdefault(key, (gateway, seq))
        self._buckets.move_to_end(number)
        return found
