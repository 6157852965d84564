"""Five-minute statistics (TJSJ) against the readings of the same time: a mine that deletes or changes readings forgets the one or the other.

Kept until the next look are only statistics that come near a limit: what lies far below it hides nothing. A slot of which no reading is
known is not compared: what never came is a matter of the link.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from kuangan.library.warning.deceit.settings import DeletedHistoryRule, Tier
from kuangan.library.warning.deceit.stated import DELETED
from kuangan.library.warning.deceit.verdict import Verdict, sign
from kuangan.library.warning.deceit.window import Window
from kuangan.library.warning.family import Readings
from kuangan.library.warning.state import State

Slot = list[float]
"""Index of the point, start and end (ms), highest value; as a list, so that it can be kept as JSON."""
COLUMNS = ("code", "start", "end", "max")


def near_limits(state: State, mine: int, rows: pl.DataFrame, rule: DeletedHistoryRule) -> list[Slot]:
    """The statistics of a file that come near the limit of their point."""
    if rows.is_empty():
        return []
    kept: list[Slot] = []
    limit = state.p["limit"]
    for code, *told in zip(*(rows[name].to_list() for name in COLUMNS), strict=True):
        index = None if code is None else state.point_index.get(state.key_of(mine, code))
        if index is not None and None not in told and told[-1] >= rule.high_share * limit[index]:
            kept.append([index, *told])
    return kept


def judge(window: Window, readings: Readings, slots: Sequence[Slot], rule: DeletedHistoryRule) -> list[Verdict]:
    """Points of which the statistics tell more than the readings, in `slots` of them at least."""
    rows = {track.index: row for row, track in enumerate(window.tracks)}
    found: dict[int, list[tuple[float, float, float, float]]] = {}
    for index, start, end, told in slots:
        row = rows.get(int(index))
        if row is None:
            continue
        owner, _, value, _ = readings.span(int(start), int(end))
        read = value[(owner == row) & ~np.isnan(value)]
        if len(read) and told - read.max() >= rule.extreme_share * window.tracks[row].limit:
            found.setdefault(row, []).append((start, end, told, float(read.max())))
    return [_told(window, row, parts) for row, parts in found.items() if len(parts) >= rule.slots]


def _told(window: Window, row: int, parts: list[tuple[float, float, float, float]]) -> Verdict:
    track = window.tracks[row]
    told, read = max(part[2] for part in parts), max(part[3] for part in parts)
    over = told >= track.limit - 1e-9 > read
    signs = [
        sign("statistics", True, slots=len(parts), told=told, read=read),
        sign("over_in_statistics", over, limit=track.limit),
    ]
    onset, end = int(min(part[0] for part in parts)), int(max(part[1] for part in parts))
    numbers = {"limit": track.limit, "step": track.step}
    tier: Tier = "check" if over else "watch"
    return Verdict(DELETED, tier, "point", track.code, onset, signs, [track.code], numbers=numbers, end=end)
