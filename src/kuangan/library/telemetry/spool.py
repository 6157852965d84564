"""The writer's side of the spool: frames of one gateway, contiguous numbers, durable before they are acknowledged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from kuangan.library.telemetry import frames
from kuangan.library.telemetry.files import TEMPORARY, FileLock, Locked, fsync_path, replace_durably, write_parquet
from kuangan.library.telemetry.frames import SPOOL_SCHEMA, Frame
from kuangan.library.telemetry.segments import Segment, SpoolDamaged, list_segments, live_folder, sealed_folder
from kuangan.library.telemetry.spool_reader import SpoolReader, gateways

__all__ = ["Locked", "SpoolDamaged", "SpoolReader", "SpoolWriter", "gateways"]

_PLAIN: Final = ["payload", "digest", "seq", "received_at"]


class SpoolWriter:
    """The one writer of a gateway's spool; raises `Locked` while another process is it."""

    def __init__(self, home: Path, gateway: str) -> None:
        self.gateway = gateway
        self._live = live_folder(home, gateway)
        self._sealed = sealed_folder(home, gateway)
        for folder in (self._live, self._sealed):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(home / "run" / f"gateway-{gateway}.lock")
        self._pending: list[Frame] = []
        self.pending_bytes = 0
        self._clean()
        self.next_seq, self.last_received_at = self._resume()

    @property
    def pending_frames(self) -> int:
        """Frames appended and not yet durable."""
        return len(self._pending)

    def append(self, *, kind: str, name: str, source: str, payload: bytes, received_at: int, mine: str = "") -> int:
        """Takes a frame into memory and gives its number; it is durable after the next `commit`."""
        at = max(received_at, self.last_received_at)
        frame = Frame(self.next_seq, mine, kind, name, source, at, frames.digest_of(payload), payload)
        self._pending.append(frame)
        self.pending_bytes += len(payload)
        self.next_seq += 1
        self.last_received_at = at
        return frame.seq

    def commit(self) -> int:
        """Makes every appended frame durable and gives the last durable number (-1 when the spool is empty)."""
        if self._pending:
            table = frames.to_table(self._pending)
            path = self._live / f"{self._pending[0].seq:012d}.parquet"
            _write(path, iter([table]))
            self._pending = []
            self.pending_bytes = 0
        return self.next_seq - 1

    def seal(self, before: int) -> None:
        """Rolls live segments whose frames all arrived before `before` (Unix ms) into one sealed segment an hour.

        Touches only durable files, so it may run in a thread beside `append` and `commit`.
        """
        segments = list_segments(self._live)
        sealed = list_segments(self._sealed)
        done = last_seq(sealed[-1].path) if sealed else -1
        hours: dict[str, list[Segment]] = {}
        for segment, following in pairwise(segments):
            if following.first <= done + 1:
                continue
            first, last = arrival_span(segment.path)
            if last >= before:
                break
            hours.setdefault(f"{datetime.fromtimestamp(first / 1000, UTC):%Y%m%d%H}", []).append(segment)
        for hour, group in hours.items():
            _write(self._sealed / f"{hour}-{group[0].first:012d}.parquet", (_load(segment.path) for segment in group))
        self._drop_sealed(segments)

    def retire(self, before: int, upto: int) -> int:
        """Removes sealed segments, oldest first, whose frames all arrived before `before` (Unix ms) and lie within `upto`.

        The newest sealed segment always stays: numbering goes on from it. Returns the number of segments removed.
        Touches only sealed files, so it may run in a thread beside `append` and `commit`, after `seal` has ended.
        """
        removed = 0
        for segment, following in pairwise(list_segments(self._sealed)):
            if following.first - 1 > upto or arrival_span(segment.path)[1] >= before:
                break
            segment.path.unlink()
            removed += 1
        fsync_path(self._sealed)
        return removed

    def _drop_sealed(self, segments: list[Segment]) -> None:
        sealed = list_segments(self._sealed)
        done = last_seq(sealed[-1].path) if sealed else -1
        for segment, following in pairwise(segments):
            if following.first <= done + 1:
                segment.path.unlink()
        fsync_path(self._live)

    def _clean(self) -> None:
        for folder in (self._live, self._sealed):
            for leftover in folder.glob(f"*{TEMPORARY}"):
                with contextlib.suppress(FileNotFoundError):
                    leftover.unlink()

    def _resume(self) -> tuple[int, int]:
        for folder in (self._live, self._sealed):
            segments = list_segments(folder)
            if segments:
                path = segments[-1].path
                return last_seq(path) + 1, arrival_span(path)[1]
        return 0, 0

    def close(self) -> None:
        """Gives the gateway back; frames not committed are forgotten, as nobody was told they were stored."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    replace_durably(path, lambda out: write_parquet(out, tables, SPOOL_SCHEMA, _PLAIN))


def _load(path: Path) -> pa.Table:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read()


def oldest_arrival(home: Path) -> int | None:
    """Arrival (Unix ms) of the oldest frame that any spool of the home holds; None when there is none."""
    found = []
    for gateway in gateways(home):
        folders = (sealed_folder(home, gateway), live_folder(home, gateway))
        segments = [segment for folder in folders for segment in list_segments(folder)[:1]]
        if segments:
            found.append(arrival_span(min(segments).path)[0])
    return min(found, default=None)


def last_seq(path: Path) -> int:
    """The last frame number of a segment."""
    return max(_values(path, "seq"))


def arrival_span(path: Path) -> tuple[int, int]:
    """First and last arrival (Unix ms) of a segment."""
    values = list(_values(path, "received_at"))
    return values[0], values[-1]


def _values(path: Path, column: str) -> Iterator[int]:
    try:
        with pq.ParquetFile(path) as file:
            table = file.read(columns=[column])
    except (OSError, pa.ArrowInvalid) as error:
        raise SpoolDamaged(f"{path.name}: {error}") from error
    yield from table.column(column).to_pylist()
