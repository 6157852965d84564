"""Frames of a span of the past, of some mines only, in the order of arrival; segments outside the span are not opened."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kuangan.library.telemetry.frames import TICK, UPLOAD, Frame, from_table
from kuangan.library.telemetry.segments import list_segments, live_folder, sealed_folder
from kuangan.library.telemetry.spool_reader import gateways

Numbered = tuple[str, Frame]


def frames_between(home: Path, start: int, end: int, mines: Collection[str]) -> Iterator[Numbered]:
    """(gateway, frame) with start <= received_at < end: uploads of the mines, and every tick. Times in ms."""
    return heapq.merge(
        *(_of_gateway(home, name, start, end, mines) for name in gateways(home)),
        key=lambda row: (row[1].received_at, row[0], row[1].seq),
    )


def held_from(home: Path) -> int | None:
    """When the oldest upload or tick that the spool still holds was received, ms; None when it holds none.

    Configuration does not count: what a replay begins with is stamped before all its files.
    """
    found = []
    for name in gateways(home):
        for path in _segments(home, name):
            table = pq.read_table(path, columns=["kind", "received_at"])
            counted = pc.is_in(table.column("kind"), value_set=pa.array([UPLOAD, TICK]))
            at = table.filter(counted).column("received_at")
            if len(at):
                found.append(int(pc.min(at).as_py()))
                break
    return min(found, default=None)


def _of_gateway(home: Path, gateway: str, start: int, end: int, mines: Collection[str]) -> Iterator[Numbered]:
    wanted, last, moved = pa.array(sorted(mines), pa.string()), -1, True
    while moved:
        moved = False
        for path in _segments(home, gateway):
            try:
                for frame in _of_segment(path, start, end, wanted):
                    if frame.seq > last:
                        last = frame.seq
                        yield gateway, frame
            except FileNotFoundError:
                moved = True
                break


def _of_segment(path: Path, start: int, end: int, wanted: pa.Array) -> Iterator[Frame]:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(file.num_row_groups):
            first, last = _received(file, group)
            if last >= start and first < end:
                yield from _picked(file.read_row_group(group), start, end, wanted)


def _picked(table: pa.Table, start: int, end: int, wanted: pa.Array) -> list[Frame]:
    kind, at = table.column("kind"), table.column("received_at")
    told = pc.and_(pc.equal(kind, UPLOAD), pc.is_in(table.column("mine"), value_set=wanted))
    within = pc.and_(pc.greater_equal(at, start), pc.less(at, end))
    return from_table(table.filter(pc.and_(pc.or_(told, pc.equal(kind, TICK)), within)))


def _segments(home: Path, gateway: str) -> list[Path]:
    """Sealed and live segments by their first frame; while one moves both exist, and its frames come once."""
    found = [*list_segments(sealed_folder(home, gateway)), *list_segments(live_folder(home, gateway))]
    return [segment.path for segment in sorted(found, key=lambda each: each.first)]


def _received(file: pq.ParquetFile, group: int) -> tuple[int, int]:
    """When the first and the last frame of a row group were received."""
    held = file.metadata.row_group(group).column(file.schema_arrow.get_field_index("received_at")).statistics
    return int(held.min), int(held.max)
