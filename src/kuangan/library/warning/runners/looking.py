"""What families read from the archive: the rows judged so far, flushed or not, however the spool was cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.telemetry.archive import Archive
from kuangan.library.warning.family import Look, Readings
from kuangan.library.warning.runners.tail import Tail

COLUMNS = ("owner", "time", "value", "status")
TYPES = {"owner": np.int32, "time": np.int64, "value": np.float64, "status": np.int32}


def read(stored: Archive, tails: Sequence[Tail], codes: Sequence[str], points: int, look: Look) -> Readings:
    """First revisions of the wanted points in the wanted spans, in order of time; `codes` are those of the points of the look.

    `points`: how many points the state has. One query whatever the number of points and spans.
    """
    parts = _parts(stored, tails, codes, points, look)
    if not parts:
        return Readings(*(np.empty(0, TYPES[name]) for name in COLUMNS))
    owner, time, value, status = (np.concatenate([part[name] for part in parts]) for name in COLUMNS)
    order = np.argsort(time, kind="stable")
    return Readings(owner[order], time[order], value[order], status[order])


def _parts(
    stored: Archive, tails: Sequence[Tail], codes: Sequence[str], points: int, look: Look
) -> list[dict[str, npt.NDArray[Any]]]:
    parts = [_archived(stored, codes, look)] if codes else []
    number = np.full(points, -1, np.int32)
    number[look.points] = np.arange(len(look.points), dtype=np.int32)
    for start, end in look.spans:
        parts += [part for tail in tails for part in tail.of_many(number, start, end)]
    return [part for part in parts if len(part["time"])]


def _archived(stored: Archive, codes: Sequence[str], look: Look) -> dict[str, npt.NDArray[Any]]:
    rows = stored.first_values(codes, look.spans)
    if not len(rows):
        return {name: np.empty(0, TYPES[name]) for name in COLUMNS}
    numbers = {code: number for number, code in enumerate(codes)}
    owner = rows["point"].replace_strict(numbers, return_dtype=pl.Int32)
    return {"owner": owner.to_numpy(), **{name: rows[name].to_numpy() for name in COLUMNS[1:]}}
