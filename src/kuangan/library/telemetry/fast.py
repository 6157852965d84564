"""The fast path: all plain `readings` frames of a batch as one table, in one pass of the CSV reader.

A frame that shows anything out of the ordinary is left to the careful path; what this path does give is equal to what
the careful path would have given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from kuangan.library.telemetry.careful import ahead_of, ordered
from kuangan.library.telemetry.codes import ACCEPTED
from kuangan.library.telemetry.fields import EARLIEST, MASK_LIMIT, NAN, READING_AHEAD, usable_code, wire_time
from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import FileType
from kuangan.library.telemetry.results import CODE, READINGS, Outcome

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_WANTED: Final = ("code", "value", "status", "time")
# Physical codes stay valid as long as one column of the category set is alive.
_PIN: Final = pl.Series([], dtype=CODE)
_UNSEEN, _USABLE, _BAD = 0, 1, 2
AHEAD: Final = ("header_in_future",)
BOM: Final = b"\xef\xbb\xbf"
"""Passed over by the CSV reader where the text begins."""


@dataclass(slots=True)
class Plain:
    """A frame that passed the look at its header and end; its records, each with its end mark, are `payload[start:stop]`."""

    index: int
    frame: Frame
    payload: bytes
    outcome: Outcome
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def view(self) -> memoryview:
        """The records without a copy."""
        return memoryview(self.payload)[self.start : self.stop]

    @property
    def body(self) -> bytes:
        return self.payload[self.start : self.stop]


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
            fresh = codes.filter(pl.Series(unseen)).drop_nulls().unique()
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
    if grammar.breaks and b"\n" in payload:
        payload = payload.replace(record + b"\r\n", record).replace(record + b"\n", record)
    head = payload.find(record)
    if head < 0 or not payload.endswith(end):
        return None
    try:
        header = payload[:head].decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\n" in header or "\r" in header:
        return None
    fields = header.split(grammar.field)
    if len(fields) != len(kind.header) or fields[0] != mine or fields[1] != fields[1].strip():
        return None
    time = wire_time(fields[-1])
    if time is None or grammar.end in header:
        return None
    ahead = ahead_of(time, frame.received_at)
    outcome = Outcome(ACCEPTED, kind.name, mine, fields[1], time, ahead, marks=AHEAD if ahead else ())
    return Plain(index, frame, payload, outcome, head + 1, len(payload) - len(grammar.end))


def read(plain: Sequence[Plain], kind: FileType) -> tuple[pl.DataFrame, list[Plain]]:
    """Readings of the plain frames of one type, with the frames they come from; outcomes are completed.

    Frames missing in the second result belong to the careful path.
    """
    text = Text(plain, kind)
    odd = text.odd_bytes()
    if odd.any():
        text = Text([each for each, out in zip(plain, odd.tolist(), strict=True) if not out], kind)
    kept, ends = text.plain, text.ends
    table = _parse(text.joined, kind)
    if not kept or table.height != len(ends):
        return _empty(), []
    starts = np.searchsorted(ends, text.bounds)
    counts = np.diff(starts)
    owner = np.repeat(np.arange(len(kept)), counts)
    bad, columns = _judge(table, text, owner)
    for each, count in zip(kept, counts.tolist(), strict=True):
        each.outcome.good = count
    index = np.array([each.index for each in kept], dtype=np.int32)
    record = np.arange(1, len(ends) + 1, dtype=np.int32) - np.repeat(starts[:-1], counts).astype(np.int32)
    readings = pl.DataFrame({"frame": index[owner], "record": record, **columns}).select(*READINGS)
    if bad.any():
        readings = readings.filter(pl.Series(~bad[owner]))
    good = [each for each, out in zip(kept, bad.tolist(), strict=True) if not out]
    return _last_wins(readings, good), good


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema=READINGS)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class Text:
    """The records of many frames end to end, with the places of frames and records in it."""

    def __init__(self, plain: Sequence[Plain], kind: FileType) -> None:
        self.plain = plain
        self.kind = kind
        self.joined = b"".join(each.view for each in plain)
        self.bytes = np.frombuffer(self.joined, np.uint8)
        self.bounds: Ints = np.cumsum([0, *(each.size for each in plain)], dtype=np.int64)
        self.ends: Ints = np.flatnonzero(self.bytes == ord(kind.grammar.record))

    def odd_bytes(self) -> Flags:
        """Per frame whether it is not UTF-8 or holds a line break, an end mark, a byte order mark, or an empty record."""
        odd = self._unreadable()
        grammar = self.kind.grammar
        for mark in (b"\n", b"\r", grammar.end.encode()[:1]):
            if mark in self.joined:
                odd |= [mark in each.body for each in self.plain]
        if (np.diff(self.ends, prepend=-1) == 1).any():
            record = grammar.record.encode()
            odd |= [each.body.startswith(record) or record * 2 in each.body for each in self.plain]
        return odd

    def _unreadable(self) -> Flags:
        """Per frame whether it is not UTF-8 or holds a byte order mark, which Polars finds several times faster than Python does."""
        offsets = pa.py_buffer(self.bounds)
        array = pa.Array.from_buffers(pa.large_binary(), len(self.plain), [None, offsets, pa.py_buffer(self.joined)])
        try:
            texts = pl.Series(pl.from_arrow(array), dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.ComputeError:
            return np.array([not _is_utf8(each.body) or BOM in each.body for each in self.plain], dtype=np.bool_)
        return np.array(texts.str.contains(BOM.decode(), literal=True).to_numpy())

    def wrong_width(self) -> Flags:
        """Per record whether its number of fields differs from the declared one."""
        separators = np.flatnonzero(self.bytes == ord(self.kind.grammar.field))
        seen = np.searchsorted(separators, self.ends)
        return np.asarray(np.diff(seen, prepend=0) != len(self.kind.columns) - 1)

    def separators(self) -> int:
        """How many field separators there are in all."""
        return int(np.count_nonzero(self.bytes == ord(self.kind.grammar.field)))


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
        missing_columns="insert",
        extra_columns="ignore",
    )


def _judge(table: pl.DataFrame, text: Text, owner: Ints) -> tuple[Flags, dict[str, Any]]:
    """Per frame whether any record is out of the ordinary, and the typed columns."""
    kind, codes = text.kind, table["code"]
    physical = codes.to_physical().fill_null(0).to_numpy()
    value = table["value"].fill_null(NAN).to_numpy()
    status = table["status"].fill_null(-1).to_numpy()
    times, time = _times(table["time"])
    ahead = np.array([each.outcome.ahead for each in text.plain])
    arrivals = np.array([each.frame.received_at for each in text.plain]) + ahead
    odd = ~_CODES.usable(codes, physical)
    if not np.isfinite(value).all():
        odd |= ~np.isfinite(value)
    if status.min(initial=0) < 0 or status.max(initial=0) > MASK_LIMIT:
        odd |= (status < 0) | (status > MASK_LIMIT)
    if codes.null_count():
        odd |= codes.is_null().to_numpy()
    if times.size and (times.min() < EARLIEST or times.max() > arrivals.min() + READING_AHEAD):
        odd |= (time < EARLIEST) | (time > arrivals[owner] + READING_AHEAD)
    # The last column is null where a record is short; with none short and the right total, none is long either.
    if table["time"].null_count() or text.separators() != len(owner) * (len(kind.columns) - 1):
        odd |= text.wrong_width()
    bad = np.zeros(len(text.plain), dtype=np.bool_)
    if odd.any():
        bad[owner[odd]] = True
    if ahead.any():
        time = time - ahead[owner]
    faulted = value == kind.grammar.bad_value
    if faulted.any():
        value = np.where(faulted, NAN, value)
    return bad, {"code": codes, "time": time, "value": value, "status": status}


def _times(column: pl.Series) -> tuple[Ints, Ints]:
    """Distinct times and the time of each row, Unix ms; 0 where there is none."""
    distinct = column.unique().drop_nulls()
    slots = distinct.to_physical().to_numpy()
    none = int(slots.max(initial=0)) + 1
    lookup = np.zeros(none + 1, dtype=np.int64)
    lookup[slots] = [wire_time(text.strip()) or 0 for text in distinct.cast(pl.String).to_list()]
    present = lookup[slots] if column.null_count() == 0 else np.append(lookup[slots], 0)
    return present, lookup[column.to_physical().fill_null(none).to_numpy()]


def _last_wins(readings: pl.DataFrame, good: Sequence[Plain]) -> pl.DataFrame:
    """Drops all but the last of the same point and time inside a frame and counts what was dropped."""
    frame = readings["frame"].to_numpy().astype(np.uint64)
    keys = (frame << np.uint64(32)) | readings["code"].to_physical().to_numpy()
    if (keys[1:] > keys[:-1]).all():  # mines list their points in one order, in which codes were numbered
        return readings
    keys.sort()
    if not (keys[1:] == keys[:-1]).any():
        return readings
    unique = readings.unique(["frame", "code", "time"], keep="last", maintain_order=True)
    left = dict(unique.group_by("frame").len().iter_rows())
    for each in good:
        each.outcome.superseded = each.outcome.good - left.get(each.index, 0)
        if each.outcome.superseded:
            each.outcome.marks = ordered({*each.outcome.marks, "superseded"})
    return unique
