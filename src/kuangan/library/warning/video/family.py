"""The family of rules on video: what it is told of a mine's cameras, and when it judges: files as they come, clocks each whole minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import polars as pl

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Family
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.video import activity, coverage, passage, pictures, seals, states, where
from kuangan.library.warning.video.memory import Memory

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


CAMERAS: Final = ("cameras", "camera_states")


class Video(Family):
    """See the module."""

    name: ClassVar[str] = "video"
    takes: ClassVar[frozenset[str]] = frozenset(
        {"cameras", "camera_states", "camera_counts", "events", "areas", "positions", "production", "advance"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory()

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        """A file of cameras, or one that tells which workings are active."""
        if not rows.height:
            return []
        events = self._taken(state, mine, mark, rows)
        if self.due == FOREVER and self.memory.codes:
            self.due = _minute_from(mark.at)
        return events

    def _taken(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        memory = self.memory
        if mark.kept in CAMERAS and not memory.site(mine).cameras:
            where.enter(state, memory, mine)
        if mark.kept == "camera_states":
            return states.take(state, memory, mine, mark, rows)
        if mark.kept == "events":
            told = pictures.take(state, memory, mine, mark, rows)
            return told + passage.take(state, memory, mine, mark, rows)
        if mark.kept == "camera_counts":
            return passage.counters(state, memory, mine, mark, rows)
        if mark.kept == "cameras":
            self._defined(state, mine, rows)
        elif mark.kept == "areas":
            activity.areas(state, memory.site(mine), rows)
        elif mark.kept == "positions":
            activity.persons(state, memory, mine, mark, rows)
        else:
            activity.output(state, memory, mine, mark, rows)
        return []

    def _defined(self, state: State, mine: int, rows: pl.DataFrame) -> None:
        """What the mine itself says of its cameras."""
        for code, position in rows.select("camera", "position").iter_rows():
            if code:
                at = where.camera(state, self.memory, mine, code)
                self.memory.site(mine).places[self.memory.codes[at]] = position or ""
                where.refresh(state, self.memory, at)

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        """Everything that a clock may change, once a minute."""
        self.due = _minute_from(now + 1)
        memory = self.memory
        return [
            *pictures.judge(state, memory, now, tick),
            *states.systems(state, memory, now, tick),
            *coverage.judge(state, memory, now, tick),
            *states.judge(state, memory, now, tick),
            *seals.judge(state, memory, now, tick),
            *passage.judge(state, memory, now),
        ]

    def configured(self, state: State) -> None:
        """Places, duties and seals may have changed; what follows is told at the next tick."""
        where.refresh_all(state, self.memory)
        if self.memory.codes:
            self.due = NEVER

    def table(self) -> Mapping[str, Any]:
        return {"due": self.due, **self.memory.table()}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.memory = Memory.restored(table)


def _minute_from(at: int) -> int:
    """The first whole minute at or behind a moment."""
    return -(-at // MINUTE) * MINUTE
