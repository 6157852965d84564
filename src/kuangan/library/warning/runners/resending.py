"""Files that come again: what a mine had sent for the same moments and leaves out the second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from kuangan.library.warning.batch import LateRow
from kuangan.library.warning.family import Look, Readings, Resent
from kuangan.library.warning.state import State

Read = Callable[[Look], Readings]
KNOWN_SHARE = 0.5
"""Share of a late file's readings that were known before: below it the file fills a gap and is no repetition."""


def resent(state: State, rows: Sequence[LateRow], revisions: Sequence[int | None], read: Read) -> Iterator[Resent]:
    """Mines whose late files repeat what they sent, with the readings of those moments that the files lack.

    `revisions`: what each row turned out to be (`tail.Settled.rev`). One reading of the archive for each mine that repeats itself; what other late files of the same turn hold is not lacking.
    """
    files: dict[tuple[str, int], list[int]] = {}
    for number, row in enumerate(rows):
        files.setdefault((row.gateway, row.seq), []).append(number)
    again: dict[int, list[LateRow]] = {}
    for members in files.values():
        if sum(revisions[n] != 0 for n in members) >= KNOWN_SHARE * len(members):
            again.setdefault(state.points[rows[members[0]].point].mine, []).extend(rows[n] for n in members)
    for mine, told in again.items():
        yield from _lacking(state, mine, told, read)


def _lacking(state: State, mine: int, told: Sequence[LateRow], read: Read) -> Iterator[Resent]:
    points = np.flatnonzero((state.p["mine"] == mine) & state.p["samples"]).tolist()
    first, last = told[0], max(told, key=lambda r: (r.arrival, r.seq))
    times = np.unique([row.time for row in told])
    span = (int(times[0]), int(times[-1]) + 1)
    look = Look("", mine, points, [span], last.arrival, first.gateway, first.seq)
    readings = read(look)
    held = {(row.point, row.time) for row in told}
    lacking: dict[str, list[tuple[int, float]]] = {}
    wanted = np.isin(readings.time, times) & ~np.isnan(readings.value)
    for number, time, value in zip(
        readings.owner[wanted].tolist(), readings.time[wanted].tolist(), readings.value[wanted].tolist(), strict=True
    ):
        if (points[number], time) not in held:
            lacking.setdefault(state.points[points[number]].code, []).append((time, value))
    if lacking:
        yield Resent(mine, lacking, last.gateway, last.seq)
