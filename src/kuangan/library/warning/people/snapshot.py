"""A snapshot: who is below ground in a mine at one moment, from the files of that moment.

The files of one mine with one time (on our clock) are one snapshot; of a card that occurs twice the last record stands. A file none
of whose records could be read says nothing. A snapshot is `whole` when every record of it could be read and says in or out.

Records are lists of plain values, one a column: a snapshot of a hundred cards is judged in less time than a table takes for one call.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import Any, Final, NamedTuple

import polars as pl

from kuangan.library.warning.batch import FrameMark

IN, OUT = 1, 2
AHEAD: Final = 3_600_000
"""How far the clock of a card reader may run before the file that tells of it, ms."""


class Records(NamedTuple):
    """What of records is judged, a name is not: lists of one length. A missing text is an empty one, times are ms, distances m: NaN
    where it was left out, None in a form of the file that has none."""

    card: list[str]
    flag: list[int | None]
    in_time: list[int | None]
    out_time: list[int | None]
    area: list[str]
    area_since: list[int | None]
    station: list[str]
    station_since: list[int | None]
    distance: list[float | None]
    labour_system: list[str]
    leader: list[int | None]
    track: list[str]

    @classmethod
    def of(cls, rows: pl.DataFrame, tracks: bool) -> Records:
        """From a table that need not have all columns; without `tracks` those are left out."""
        given = dict(zip(rows.columns, rows.get_columns(), strict=True))
        if not tracks:
            given.pop("track", None)
        columns: list[Any] = [_values(given.get(name), name in TEXTS, rows.height) for name in cls._fields]
        return cls(*columns)

    @classmethod
    def none(cls) -> Records:
        columns: list[Any] = [[] for _ in cls._fields]
        return cls(*columns)

    def kept(self, wanted: Sequence[bool]) -> Records:
        """Those that are wanted."""
        columns: list[Any] = [list(compress(column, wanted)) for column in self._columns]
        return Records(*columns)

    def joined(self, more: Records) -> Records:
        """These and more."""
        columns: list[Any] = [one + other for one, other in zip(self._columns, more._columns, strict=True)]
        return Records(*columns)

    @property
    def _columns(self) -> tuple[list[Any], ...]:
        return self


TEXTS = frozenset({"card", "area", "station", "labour_system", "track"})


def _values(column: pl.Series | None, text: bool, size: int) -> list[Any]:
    if column is None:
        return ["" if text else None] * size
    values = column.to_list()
    return ["" if value is None else value for value in values] if text and column.null_count() else values


def moment_of(mark: FrameMark) -> int:
    """The time of a file on our clock, ms: a header that runs ahead counts as its arrival."""
    return mark.at if mark.header is None else mark.header - mark.ahead


def says_something(mark: FrameMark, rows: pl.DataFrame) -> bool:
    """Whether a file of positions tells who is below: some record could be read, or none was there."""
    return rows.height > 0 or mark.rejected == 0


@dataclass
class Snapshot:
    """Files of one moment. `arrived` is when the last of them came; `declared` the head-count of the header, −1 without one;
    `led` whether the header names a leader below ground."""

    moment: int
    arrived: int
    gateway: str
    seq: int
    records: Records = field(default_factory=Records.none)
    rejected: int = 0
    declared: int = -1
    led: bool = False

    @classmethod
    def opened(cls, mark: FrameMark) -> Snapshot:
        return cls(moment_of(mark), mark.at, mark.gateway, mark.seq)

    def take(self, mark: FrameMark, rows: pl.DataFrame, tracks: bool) -> None:
        """Add a file of the same moment; tracks are kept only where somebody will look at them."""
        self.arrived, self.gateway, self.seq = max(self.arrived, mark.at), mark.gateway, mark.seq
        self.rejected += mark.rejected
        declared = mark.said.get("persons", "")
        if declared.isascii() and declared.isdecimal() and len(declared) < 7:
            self.declared = max(self.declared, 0) + int(declared)
        self.led = self.led or bool(mark.said.get("leader", "").strip("/ "))
        if rows.height:
            part = Records.of(rows, tracks)
            self.records = self.records.joined(part) if self.records.card else part

    @cached_property
    def cards(self) -> Records:
        """One record a card, the last of each. This and what follows is asked for once all files are there."""
        cards = self.records.card
        last = dict(zip(cards, range(len(cards)), strict=True))
        if len(last) == len(cards):
            return self.records
        return self.records.kept([last[card] == at for at, card in enumerate(cards)])

    @cached_property
    def below(self) -> Records:
        """Cards below ground."""
        flags = self.cards.flag
        return self.cards if flags.count(IN) == len(flags) else self.cards.kept([flag == IN for flag in flags])

    def left(self, after: int) -> list[tuple[int, str]]:
        """Cards that have left later than `after`, with the time of it, in order; a time far ahead of the file is none."""
        if OUT not in self.cards.flag:
            return []
        told = zip(self.cards.flag, self.cards.out_time, self.cards.card, strict=True)
        until = max(self.moment, self.arrived) + AHEAD
        return sorted((t, card) for flag, t, card in told if flag == OUT and t is not None and after < t <= until)

    @property
    def count(self) -> int:
        """Cards below ground: at least so many persons."""
        return len(self.below.card)

    @cached_property
    def unclear(self) -> int:
        """Cards that are neither in nor out."""
        flags = self.cards.flag
        return len(flags) - flags.count(IN) - flags.count(OUT)

    @property
    def whole(self) -> bool:
        """Whether whoever is not named is not below."""
        return self.rejected == 0 and self.unclear == 0

    @cached_property
    def by_area(self) -> dict[str, int]:
        """Persons by area, in order of code; those of whom no area is told stand under an empty one."""
        return dict(sorted(Counter(self.below.area).items()))

    @property
    def placed(self) -> bool:
        """Whether whoever is not named in an area is not there."""
        return self.whole and not self.by_area.get("")

    def table(self) -> dict[str, Any]:
        """JSON-able."""
        own = (self.moment, self.arrived, self.gateway, self.seq, self.rejected, self.declared, self.led)
        return {"own": list(own), "records": packed(self.records)}

    @classmethod
    def restored(cls, table: Mapping[str, Any]) -> Snapshot:
        moment, arrived, gateway, seq, rejected, declared, led = table["own"]
        records = Records(*unpacked(table["records"]))
        return cls(moment, arrived, gateway, seq, records, rejected, declared, led)


def packed(columns: Iterable[Sequence[Any]]) -> str:
    """Lists of plain values as text for the checkpoint: the same for the same values."""
    written = json.dumps(list(columns), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(written.encode(), 1)).decode()


def unpacked(text: str) -> list[list[Any]]:
    """What `packed` was given."""
    columns: list[list[Any]] = json.loads(zlib.decompress(base64.b64decode(text)))
    return columns
