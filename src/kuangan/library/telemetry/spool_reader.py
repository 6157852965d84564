"""The reader's side of the spool: a cursor over contiguous frames that is cheap to poll."""

from __future__ import annotations

import bisect
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kuangan.library.telemetry import frames
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.segments import SpoolDamaged, first_seq, list_segments, live_folder, sealed_folder


class SpoolReader:
    """Reads the frames of one gateway after number `after`, in order and without a gap.

    While a segment moves from live to sealed both exist; the reader takes either.
    """

    def __init__(self, home: Path, gateway: str, after: int = -1) -> None:
        self._home = home
        self._gateway = gateway
        self._live = live_folder(home, gateway)
        self._sealed = sealed_folder(home, gateway)
        self._next = after + 1
        self._ready: list[Frame] = []
        self._open: pq.ParquetFile | None = None
        self._group = 0
        self._seen: tuple[int, int] | None = None

    @property
    def position(self) -> int:
        """Number of the last frame given."""
        return self._next - 1

    def read(self, max_frames: int = 4096, max_bytes: int = 64 << 20) -> list[Frame]:
        """The next frames, at least one when there is any; [] when nothing is new.

        Raises SpoolDamaged on a gap or an unreadable segment.
        """
        taken: list[Frame] = []
        size = 0
        while self._ready or self._refill():
            room = min(max_frames - len(taken), len(self._ready))
            count = 0
            while count < room and (size + len(self._ready[count].payload) <= max_bytes or not (taken or count)):
                size += len(self._ready[count].payload)
                count += 1
            taken += self._ready[:count]
            del self._ready[:count]
            self._next += count
            if self._ready or len(taken) == max_frames:
                break
        return taken

    def frame(self, seq: int) -> Frame:
        """One frame by its number; KeyError when the spool does not hold it, or no longer."""
        for _ in range(2):
            if seq < first_seq(self._home, self._gateway):
                break
            path = self._containing(seq)
            if path is None:
                break
            try:
                return self._pick(path, seq)
            except FileNotFoundError:
                continue
        raise KeyError(seq)

    def _pick(self, path: Path, seq: int) -> Frame:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                if _covers(file, group, seq):
                    found = [row for row in _rows(file, group, path.name) if row.seq == seq]
                    if found:
                        return found[0]
        raise KeyError(seq)

    def _refill(self) -> bool:
        """Loads the next row group; False when the spool holds nothing newer."""
        wanted = self._next
        while True:
            if self._open is None and not self._open_at(wanted):
                return False
            file = self._open
            assert file is not None
            while self._group < file.num_row_groups:
                group, self._group = self._group, self._group + 1
                if _last(file, group) >= wanted:
                    rows = _rows(file, group, "segment")
                    self._ready = rows[bisect.bisect_left([row.seq for row in rows], wanted) :]
                    if self._ready[0].seq != wanted:
                        raise SpoolDamaged(f"frame {wanted} is missing")
                    return True
            file.close()
            self._open = None

    def _open_at(self, seq: int) -> bool:
        """Opens the segment that begins with `seq` or holds it."""
        path = self._live / f"{seq:012d}.parquet"
        for _ in range(3):
            try:
                self._open = pq.ParquetFile(path, page_checksum_verification=True)
            except FileNotFoundError:
                stamp = (_stamp(self._live), _stamp(self._sealed))
                if stamp == self._seen:
                    return False
                found = self._containing(seq)
                if found is None:
                    self._seen = stamp
                    return False
                path = found
            except (OSError, pa.ArrowInvalid) as error:
                raise SpoolDamaged(f"{path.name}: {error}") from error
            else:
                self._group = 0
                self._seen = None
                return True
        raise SpoolDamaged(f"segment of frame {seq} vanished")

    def _containing(self, seq: int) -> Path | None:
        """The segment that holds `seq`; None when the spool ends before it."""
        later = False
        for folder in (self._live, self._sealed):
            segments = list_segments(folder)
            at = bisect.bisect_right([segment.first for segment in segments], seq)
            later = later or at < len(segments)
            if at and _reaches(segments[at - 1].path, seq):
                return segments[at - 1].path
        if later:
            raise SpoolDamaged(f"frame {seq} is missing")
        return None


def gateways(home: Path) -> list[str]:
    """Names of the gateways that have a spool, sorted."""
    roots = [home / "spool" / part for part in ("live", "sealed")]
    return sorted({folder.name for root in roots if root.is_dir() for folder in root.iterdir() if folder.is_dir()})


def _stamp(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _reaches(path: Path, seq: int) -> bool:
    try:
        with pq.ParquetFile(path) as file:
            return _last(file, file.num_row_groups - 1) >= seq
    except FileNotFoundError:
        return True
    except (OSError, pa.ArrowInvalid) as error:
        raise SpoolDamaged(f"{path.name}: {error}") from error


def _covers(file: pq.ParquetFile, group: int, seq: int) -> bool:
    statistics = file.metadata.row_group(group).column(0).statistics
    return bool(statistics.min <= seq <= statistics.max)


def _last(file: pq.ParquetFile, group: int) -> int:
    return int(file.metadata.row_group(group).column(0).statistics.max)


def _rows(file: pq.ParquetFile, group: int, name: str) -> list[Frame]:
    try:
        rows = frames.from_table(file.read_row_group(group))
    except (OSError, pa.ArrowInvalid) as error:
        raise SpoolDamaged(f"{name}: {error}") from error
    if rows and rows[-1].seq - rows[0].seq != len(rows) - 1:
        raise SpoolDamaged(f"{name}: numbers are not contiguous")
    return rows
