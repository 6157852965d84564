"""A family of rules beside those of limits and silence: what it is told, and what it remembers.

A family is part of the pure fold: what it puts out follows from its own memory, the state, and what it is told, in the order of the
spool. Its settings are rules of the rule book (`<family>/settings.py`, `data/<family>.yaml`, `family_rules.MODELS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import polars as pl

from kuangan.library.warning.batch import FrameMark, LateRow, TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.events import Event
from kuangan.library.warning.never import FOREVER

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


@dataclass(frozen=True, slots=True)
class Move:
    """A point with a sign goes from one band of its values into another. `time` is event time, `at` the arrival of the record."""

    index: int
    kind: str
    before: int
    band: int
    time: int
    value: float
    at: int
    origin: tuple[str, int, int]


class Readings(NamedTuple):
    """First revisions of readings in order of time: number of the point in the look, time (ms), value (NaN: bad), status."""

    owner: Array
    time: Array
    value: Array
    status: Array

    def span(self, start: int, end: int) -> tuple[Array, Array, Array, Array]:
        """The part with start ≤ time < end."""
        part = slice(*np.searchsorted(self.time, (start, end)))
        return self.owner[part], self.time[part], self.value[part], self.status[part]

    def renamed(self, owner: Array) -> Readings:
        """The same with other numbers of points; those below zero are left out."""
        kept = np.flatnonzero(owner >= 0) if len(owner) and owner.min() < 0 else slice(None)
        return Readings(owner[kept], self.time[kept], self.value[kept], self.status[kept])


class Look(NamedTuple):
    """Readings of points (indices of the state) of one mine that a family wants, in spans [start, end) ms, as they are known at `at`."""

    family: str
    mine: int
    points: list[int]
    spans: list[tuple[int, int]]
    at: int
    gateway: str
    seq: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> Look:
        """From its form in a checkpoint."""
        family, mine, points, spans, at, gateway, seq = row
        return cls(family, mine, points, [(a, b) for a, b in spans], at, gateway, seq)


class Resent(NamedTuple):
    """Readings that a mine had sent for the times of a file, and that lack in the file when it came again: by code (time, value)."""

    mine: int
    lacking: Mapping[str, list[tuple[int, float]]]
    gateway: str
    seq: int


class Family:
    """Hooks, all silent by default. `due` is a lower bound of the next tick of our clock (ms) that the family must see."""

    name: ClassVar[str]
    takes: ClassVar[frozenset[str]] = frozenset()
    """Kept tables (`records.SHAPES`) whose frames are told by `frame`."""

    hears: ClassVar[frozenset[str]] = frozenset()
    """Kinds of signs whose points are told by `leaving` and `entered`."""

    def __init__(self) -> None:
        self.due = FOREVER

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        """An accepted file of a kept table; `rows` are its good records (columns of `Decoded.kept`), perhaps none."""
        return []

    def minds(self, state: State, index: int) -> bool:
        """Whether moves of a point whose kind is heard may say something, as long as nothing is defined anew."""
        return True

    def leaving(self, state: State, move: Move) -> list[Event]:
        """A point is about to leave a band: what held until then may be judged."""
        return []

    def entered(self, state: State, move: Move) -> list[Event]:
        """A point is in another band now (`p["band"]`, since `p["band_at"]`)."""
        return []

    def sample(
        self, state: State, points: Array, time: Array, value: Array, good: Array, now: int, tick: TickMark
    ) -> list[Event]:
        """The samples of one minute of our clock: point indices, event times, values, and whether each may be judged."""
        return []

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        """A tick at or after `due`; sets `due` anew."""
        return []

    def looks(self) -> list[Look]:
        """Looks at the archive that became due; asked for behind the ticks at which late readings are settled."""
        return []

    def looked(self, state: State, look: Look, readings: Readings, now: int) -> list[Event]:
        """The answer to a look, at `now`."""
        return []

    def late(self, state: State, rows: Mapping[int, Sequence[LateRow]], now: int) -> None:
        """First revisions of readings that came behind newer ones of their points, by point; they are archived now."""

    def resent(self, state: State, file: Resent, now: int) -> list[Event]:
        """A file came again without readings that it had."""
        return []

    def defined(self, state: State, mine: int, at: int) -> None:
        """Definitions of a mine came: its points may stand elsewhere, or belong together in another way."""

    def configured(self, state: State) -> None:
        """Rule book or register changed."""

    def table(self) -> Mapping[str, Any]:
        """The memory as JSON-able data, for the checkpoint."""
        return {"due": self.due}

    def restore(self, table: Mapping[str, Any]) -> None:
        """Take up what `table` gave."""
        self.due = int(table["due"])
