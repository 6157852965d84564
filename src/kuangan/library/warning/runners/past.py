"""Past days judged again by a rule book of one's choice, in a folder of their own: nothing of the home is changed.

Frames that the spool still holds are judged as they came. Of days that it no longer holds the archived readings are put together to
frames again, those of a mine that arrived at the same moment being one; ticks run between them. What stood in files of other kinds is
not in the archive of readings, so that only the rules of `FROM_READINGS` can be judged from it.
"""

from __future__ import annotations

import bisect
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.telemetry.frames import CONFIG, TICK, UPLOAD, Frame
from kuangan.library.telemetry.results import CODE
from kuangan.library.warning.batch import Batch, Description, FrameMark, TickMark
from kuangan.library.warning.definitions import define
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.rulebook import FLAT, NETWORK_OUTAGE, OVER_LIMIT, SENSOR_OFFLINE, STATION_OFFLINE, TREND
from kuangan.library.warning.runners.accounts import Account
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.sink import Collecting

GATEWAY: Final = "past"
FROM_READINGS: Final = frozenset({OVER_LIMIT, NETWORK_OUTAGE, STATION_OFFLINE, SENSOR_OFFLINE, FLAT, TREND})
FLUSH_ROWS: Final = 2_000_000
SECOND: Final = 1000


class Past(Pipeline):
    """A pipeline over a folder that is its own. `begun` is the arrival clock (ms) before anything it is fed with."""

    def __init__(self, folder: Path, book: bytes, register: bytes, begun: int) -> None:
        for name in ("engine", "archive", "ledger"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.collected = Collecting()
        super().__init__(folder, self.collected)
        self._prepared: Batch | None = None
        if not self.positions:
            given = (("register", register), ("rulebook", book))
            self.advance([(GATEWAY, _config(seq, name, text, begun)) for seq, (name, text) in enumerate(given)])

    def define(self, rows: Iterable[Mapping[str, Any]], at: int) -> None:
        """Take the definitions known at the beginning; rows as those of files, with `mine`."""
        for row in rows:
            define(self.state, self.state.mine_of(str(row["mine"]), "", at), row)
        self.state.changed_points.clear()

    def frame_rows(self) -> list[dict[str, Any]]:
        """The ledger of the home tells of frames; this one stays empty."""
        return []

    def feed(self, frames: Sequence[Numbered]) -> None:
        """Frames in the order of arrival."""
        cut = self.settled(frames) if self.tail.size + self.records.size >= FLUSH_ROWS else 0
        if cut:
            self.advance(frames[:cut])
            if self.may_flush:
                self.flush()
        if cut < len(frames):
            self.advance(frames[cut:])

    def feed_rows(self, rows: pl.DataFrame, until: int, heard: Sequence[int]) -> None:
        """Archived readings (columns of the archive) that arrived by `until`; `heard` as in `marks_of`."""
        self._prepared = self._batch_of(rows, until, heard)
        self.advance([])
        self.arrival = max(self.arrival, until)
        if self.tail.size >= FLUSH_ROWS and self.may_flush:
            self.flush()

    def _batch(self, frames: Sequence[Numbered]) -> Batch:
        prepared, self._prepared = self._prepared, None
        return super()._batch(frames) if prepared is None else prepared

    def _batch_of(self, rows: pl.DataFrame, until: int, heard: Sequence[int]) -> Batch:
        first = rows.filter(pl.col("rev") == 0).with_columns(arrival=pl.col("time") + pl.col("lag"))
        table = first.sort("arrival", "mine", "point", "time")
        groups = table.group_by("arrival", "mine", maintain_order=True).len()
        clock = self.state.clock
        if clock == NEVER:
            clock = (until if groups.is_empty() else int(groups["arrival"][0])) - SECOND
        marks = marks_of(groups, self.positions.get(GATEWAY, 0) + 1, clock, until, heard)
        for mark in marks:
            self.positions[GATEWAY] = mark.seq
            if isinstance(mark, FrameMark):
                frame = Frame(mark.seq, mark.mine, UPLOAD, "", GATEWAY, mark.at, b"", b"")
                account = self.open[GATEWAY, mark.seq] = Account.of(GATEWAY, frame, "accepted", "")
                account.archived = account.repeated = 0
        codes = table["point"].cast(CODE)

        def describe(wanted: npt.NDArray[np.int64]) -> list[Description]:
            return [(point, "", "", "", "") for point in table["point"].gather(wanted).to_list()]

        size = len(table)
        return Batch(
            list(marks),
            codes.to_physical().to_numpy().astype(np.int64),
            np.arange(size, dtype=np.int32),
            table["time"].to_numpy(),
            table["value"].to_numpy(),
            table["status"].to_numpy(),
            np.full(size, -1, np.int32),
            np.zeros(size, np.bool_),
            describe,
        )


def _config(seq: int, name: str, payload: bytes, at: int) -> Frame:
    return Frame(seq, "", CONFIG, name, GATEWAY, at, b"", payload)


def marks_of(
    groups: pl.DataFrame, seq: int, clock: int, until: int, heard: Sequence[int]
) -> list[FrameMark | TickMark]:
    """Frames (rows `arrival, mine, len` in order) with the ticks of one-second clocks between them, up to `until`.

    `heard` are sorted moments (ms) at which some frame of anybody came: a tick runs only within a minute after one, since what
    came from nobody was an outage of ours as far as can be told.
    """
    marks: list[FrameMark | TickMark] = []

    def tick(before: int, ticked: int) -> int:
        for since, last in alive(ticked, before, heard):
            marks.append(TickMark(GATEWAY, seq + len(marks), since, last))
            ticked = last
        return ticked

    lo = 0
    for at, mine, count in groups.iter_rows():
        clock = tick(at, clock)
        marks.append(FrameMark(GATEWAY, seq + len(marks), at, mine, "", True, lo, lo + count))
        lo += count
    tick(until, clock)
    return marks


def alive(clock: int, until: int, heard: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of whole-second ticks after `clock` and before `until` that lie within a minute after something was heard."""
    lo, hi = bisect.bisect_left(heard, clock - 60 * SECOND), bisect.bisect_left(heard, until)
    since = clock // SECOND * SECOND + SECOND
    for at in heard[lo:hi]:
        begin, last = max(since, -(-at // SECOND) * SECOND), min(at + 60 * SECOND, until - 1) // SECOND * SECOND
        if last >= begin:
            yield begin, last
            since = last + SECOND


def chunks(frames: Iterable[Numbered], most: int, largest: int) -> Iterator[list[Numbered]]:
    """Frames in stretches of at most so many and about so many bytes."""
    held: list[Numbered] = []
    size = 0
    for numbered in frames:
        held.append(numbered)
        size += len(numbered[1].payload)
        if len(held) >= most or size >= largest:
            yield held
            held, size = [], 0
    if held:
        yield held


def ticks_joined(frames: Iterable[Numbered]) -> Iterator[Numbered]:
    """Frames with runs of ticks of one gateway taken together, as a replay writes them: judging is the same and much faster."""
    waiting: dict[str, tuple[int, Frame]] = {}
    for gateway, frame in frames:
        if frame.kind != TICK:
            yield from _released(waiting)
            yield gateway, frame
            continue
        since, before = waiting.get(gateway, (0, None))
        own = int(frame.payload) if frame.payload else frame.received_at
        follows = before is not None and own - before.received_at <= SECOND and len(waiting) == 1
        if not follows:
            yield from _released(waiting)
        waiting[gateway] = (since if follows else own, frame)
    yield from _released(waiting)


def _released(waiting: dict[str, tuple[int, Frame]]) -> Iterator[Numbered]:
    for gateway, (since, frame) in waiting.items():
        yield gateway, Frame(frame.seq, "", TICK, frame.name, frame.source, frame.received_at, b"", str(since).encode())
    waiting.clear()


def discard(folder: Path) -> None:
    """Remove what a judgement of the past left behind."""
    shutil.rmtree(folder, ignore_errors=True)


def subjects_of(codes: Collection[str], aliases: Mapping[str, str]) -> frozenset[str]:
    """The codes under which mines send: their own and their aliases."""
    return frozenset(codes) | {alias for alias, code in aliases.items() if code in codes}
