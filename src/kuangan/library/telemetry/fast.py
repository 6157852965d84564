"""The fast path: all plain `readings` frames of a batch as one table, in one pass of the CSV reader.

A frame that shows anything out of the ordinary is left to the careful path; what this path does give is equal to what
the careful path would have given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.telemetry.careful import HEADER_AHEAD, ordered
from kuangan.library.telemetry.codes import ACCEPTED
from kuangan.library.telemetry.fields import DAY, EARLIEST, MASK_LIMIT, NAN, usable_code, wire_time
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import FileType
from kuangan.library.telemetry.results import CODE, READINGS, Outcome

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_WANTED: Final = ("code", "value", "status", "time")
# Physical codes stay valid as long as one column of the category set is alive.
_PIN: Final = pl.Series([], dtype=CODE)
_UNSEEN, _USABLE, _BAD = 0, 1, 2


@dataclass(slots=True)
class Plain:
    """A frame that passed the look at its header and end; `body` is its records, each with its end mark."""

    index: int
    frame: Frame
    outcome: Outcome
    body: bytes


class KnownCodes:
    """Remembers, per physical code of the process, whether its text is a usable code."""

    def __init__(self) -> None:
        self._state = np.zeros(1024, dtype=np.uint8)

    def usable(self, codes: pl.Series, physical: npt.NDArray[np.uint32]) -> Flags:
        """For each row whether its code can be used. Only texts never seen before are looked at."""
        if not len(physical):
            return np.zeros(0, dtype=np.bool_)
        highest = int(physical.max())
        if highest >= len(self._state):
            self._state = np.concatenate([self._state, np.zeros(highest + 1, dtype=np.uint8)])
        states = self._state[physical]
        unseen = states == _UNSEEN
        if unseen.any():
            fresh = codes.filter(pl.Series(unseen)).unique()
            texts = fresh.cast(pl.String).to_list()
            marks = [_USABLE if text is not None and usable_code(text) else _BAD for text in texts]
            self._state[fresh.to_physical().to_numpy()] = marks
            states = self._state[physical]
        return np.asarray(states == _USABLE)


_CODES: Final = KnownCodes()


def look(frame: Frame, index: int, mine: str, kind: FileType) -> Plain | None:
    """Header and end of a frame; None when the careful path must take it."""
    grammar = kind.grammar
    record, end = grammar.record.encode(), (grammar.record + grammar.end).encode()
    payload = frame.payload
    head = payload.find(record)
    if head < 0 or not payload.endswith(end) or payload.isspace():
        return None
    try:
        fields = payload[:head].decode("utf-8").split(grammar.field)
    except UnicodeDecodeError:
        return None
    if len(fields) != len(kind.header) or fields[0] != mine or fields[1] != fields[1].strip():
        return None
    time = wire_time(fields[-1])
    if time is None or grammar.end in fields[1]:
        return None
    marks = {"header_in_future"} if time > frame.received_at + HEADER_AHEAD else set()
    outcome = Outcome(ACCEPTED, kind.name, mine, fields[1], time, marks=ordered(marks))
    return Plain(index, frame, outcome, payload[head + 1 : len(payload) - len(grammar.end)])


def read(plain: Sequence[Plain], kind: FileType) -> tuple[pl.DataFrame, list[Plain]]:
    """Readings of the plain frames of one type, with the frames they come from; outcomes are completed.

    Frames missing in the second result belong to the careful path.
    """
    kept = _without_odd_bytes(plain, kind)
    if not kept:
        return _empty(), []
    joined = b"".join(each.body for each in kept)
    bounds = np.concatenate([[0], np.cumsum([len(each.body) for each in kept])])
    ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == ord(kind.grammar.record))
    table = _parse(joined, kind)
    if table.height != len(ends):
        return _empty(), []
    starts = np.searchsorted(ends, bounds)
    counts = np.diff(starts)
    owner = np.repeat(np.arange(len(kept)), counts)
    bad, readings = _judge(table, joined, ends, owner, kept, kind)
    first = np.repeat(starts[:-1], counts)
    readings = readings.with_columns(
        frame=pl.Series(np.array([each.index for each in kept], dtype=np.int32)[owner]),
        record=pl.Series((np.arange(len(ends)) - first + 1).astype(np.int32)),
    )
    if bad.any():
        readings = readings.filter(pl.Series(~bad[owner]))
    for each, count in zip(kept, counts.tolist(), strict=True):
        each.outcome.good = count
    good = [each for each, odd in zip(kept, bad.tolist(), strict=True) if not odd]
    return _last_wins(readings.select(*READINGS), good), good


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema=READINGS)


def _without_odd_bytes(plain: Sequence[Plain], kind: FileType) -> list[Plain]:
    """Leaves out frames that are not UTF-8, hold line breaks, an end mark inside, or an empty record."""
    texts = pl.Series([each.body for each in plain], dtype=pl.Binary).cast(pl.String, strict=False)
    valid = texts.is_not_null().to_list()
    odd = [b"\n", b"\r", kind.grammar.end.encode()[:1]]
    empty = (kind.grammar.record * 2).encode()
    joined = b"".join(each.body for each in plain)
    look_for = [mark for mark in odd if mark in joined]
    ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == ord(kind.grammar.record))
    if (np.diff(ends, prepend=-1) == 1).any():
        look_for.append(empty)
    record = kind.grammar.record.encode()
    return [
        each
        for each, fine in zip(plain, valid, strict=True)
        if fine and not (look_for and (each.body.startswith(record) or any(mark in each.body for mark in look_for)))
    ]


def _parse(joined: bytes, kind: FileType) -> pl.DataFrame:
    """The wanted columns of all records; what cannot be read is null."""
    schema: dict[str, pl.DataType] = {column.name: pl.String() for column in kind.columns}
    schema.update(code=CODE, value=pl.Float64(), status=pl.Int32(), time=pl.Categorical(pl.Categories.random()))
    if not joined:
        return pl.DataFrame(schema={name: schema[name] for name in _WANTED})
    return pl.read_csv(
        joined,
        schema=schema,
        columns=[kind.index(name) for name in _WANTED],
        separator=kind.grammar.field,
        eol_char=kind.grammar.record,
        has_header=False,
        quote_char=None,
        ignore_errors=True,
        truncate_ragged_lines=True,
    )


def _judge(
    table: pl.DataFrame, joined: bytes, ends: Ints, owner: Ints, kept: Sequence[Plain], kind: FileType
) -> tuple[Flags, pl.DataFrame]:
    """Per frame whether any record is out of the ordinary, and the typed columns."""
    codes = table["code"]
    physical = codes.to_physical().fill_null(0).to_numpy()
    value = table["value"].fill_null(NAN).to_numpy()
    status = table["status"].fill_null(-1).to_numpy()
    times, time = _times(table["time"])
    arrivals = np.array([each.frame.received_at for each in kept])
    odd = ~_CODES.usable(codes, physical) | ~np.isfinite(value) | (status < 0) | (status > MASK_LIMIT)
    odd |= codes.is_null().to_numpy()
    if times.size and (times.min() < EARLIEST or times.max() > arrivals.min() + DAY):
        odd |= (time < EARLIEST) | (time > arrivals[owner] + DAY)
    odd |= _wrong_width(joined, ends, kind)
    bad = np.zeros(len(kept), dtype=np.bool_)
    bad[owner[odd]] = True
    value = np.where(value == kind.grammar.bad_value, NAN, value)
    columns = {"code": codes, "time": time, "value": value, "status": status}
    return bad, pl.DataFrame(columns)


def _times(column: pl.Series) -> tuple[Ints, Ints]:
    """Distinct times and the time of each row, Unix ms; 0 where there is none."""
    distinct = column.unique().drop_nulls()
    slots = distinct.to_physical().to_numpy()
    none = int(slots.max(initial=0)) + 1
    lookup = np.zeros(none + 1, dtype=np.int64)
    lookup[slots] = [wire_time(text.strip()) or 0 for text in distinct.cast(pl.String).to_list()]
    present = lookup[slots] if column.null_count() == 0 else np.append(lookup[slots], 0)
    return present, lookup[column.to_physical().fill_null(none).to_numpy()]


def _wrong_width(joined: bytes, ends: Ints, kind: FileType) -> Flags:
    """Per record whether its number of fields differs from the declared one."""
    marks = np.frombuffer(joined, np.uint8) == ord(kind.grammar.field)
    seen = np.searchsorted(np.flatnonzero(marks), ends)
    return np.asarray(np.diff(seen, prepend=0) != len(kind.columns) - 1)


def _last_wins(readings: pl.DataFrame, good: Sequence[Plain]) -> pl.DataFrame:
    """Drops all but the last of the same point and time inside a frame and counts what was dropped."""
    frame = readings["frame"].to_numpy().astype(np.uint64)
    keys = np.sort((frame << np.uint64(32)) | readings["code"].to_physical().to_numpy())
    if not (keys[1:] == keys[:-1]).any():
        return readings
    unique = readings.unique(["frame", "code", "time"], keep="last", maintain_order=True)
    left = dict(unique.group_by("frame").len().iter_rows())
    for each in good:
        each.outcome.superseded = each.outcome.good - left.get(each.index, 0)
        if each.outcome.superseded:
            each.outcome.marks = ordered({*each.outcome.marks, "superseded"})
    return unique
