"""The family of rules on people: what it is told of a mine's personnel system, and when it judges.

Files of one moment are waited for (`settle_s`); a snapshot is judged at the first tick after that, or when a newer one comes. A
snapshot that is not newer than the last judged, or that came later than a snapshot answers, touches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Family
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.people import judging, mismatch, posts, silent
from kuangan.library.warning.people.memory import Area, Crew
from kuangan.library.warning.people.settings import SPECIAL_POST_MISSING, PostRule
from kuangan.library.warning.people.snapshot import Snapshot, moment_of, says_something
from kuangan.library.warning.settings import MINUTE

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

SECOND = 1000


class People(Family):
    """See the module. Mines are known by their index in the state."""

    name: ClassVar[str] = "people"
    takes: ClassVar[frozenset[str]] = frozenset({"positions", "areas", "base_stations", "persons", "camera_counts"})

    def __init__(self) -> None:
        super().__init__()
        self.crews: dict[int, Crew] = {}

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        """A file of definitions or of positions."""
        crew = self.crews.setdefault(mine, Crew())
        if mark.kept == "positions":
            return self._positions(state, mine, crew, mark, rows)
        if mark.kept == "camera_counts":
            if rows.height:
                mismatch.counted(crew, rows, mark.at)
            return []
        moment = moment_of(mark)
        if moment >= crew.defined.get(mark.kept, NEVER):
            crew.defined[mark.kept] = moment
            _define(state, crew, mark, rows)
        return []

    def _positions(self, state: State, mine: int, crew: Crew, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        rule, moment = silent.settings(state), moment_of(mark)
        stale = moment <= crew.moment or mark.at - moment > rule.good_for_min * MINUTE
        waiting = crew.waiting
        if stale or not says_something(mark, rows) or (waiting is not None and moment < waiting.moment):
            return []
        events = silent.heard(crew, mark.at)
        if waiting is not None and moment > waiting.moment:
            events += judging.judge(state, mine, crew, waiting, mark.at)
            waiting = None
        if waiting is None:
            waiting = crew.waiting = Snapshot.opened(mark)
            crew.settles = mark.at + int(rule.settle_s * SECOND)
        waiting.take(mark, rows, len(crew.stations) > 1)
        crew.due = min(crew.due, crew.settles)
        self.due = min(self.due, crew.due)
        return events

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        """Judge the snapshots whose files have come, and the silence of the systems."""
        events: list[Event] = []
        for mine, crew in [each for each in self.crews.items() if each[1].due <= now]:
            events += self._ticked(state, mine, crew, now, tick)
        self.due = min([crew.due for crew in self.crews.values()], default=FOREVER)
        return events

    def _ticked(self, state: State, mine: int, crew: Crew, now: int, tick: TickMark) -> list[Event]:
        events: list[Event] = []
        if crew.waiting is not None and crew.settles <= now:
            waiting, crew.waiting = crew.waiting, None
            events += judging.judge(state, mine, crew, waiting, now)
        quiet = silent.due(state, mine, crew, now)
        if quiet <= now:
            events += silent.judge(state, mine, crew, now, tick)
            quiet = silent.due(state, mine, crew, now)
        crew.due = min(quiet, crew.settles if crew.waiting is not None else FOREVER)
        return events

    def configured(self, state: State) -> None:
        """Clocks may have changed: the next tick works them out anew."""
        for crew in self.crews.values():
            crew.due = NEVER
        self.due = NEVER if self.crews else FOREVER

    def table(self) -> Mapping[str, Any]:
        return {"due": self.due, "crews": {str(mine): crew.table() for mine, crew in self.crews.items()}}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.crews = {int(mine): Crew.restored(row) for mine, row in table["crews"].items()}


def _define(state: State, crew: Crew, mark: FrameMark, rows: pl.DataFrame) -> None:
    """Take definitions: areas with their approved numbers, base stations with coordinates, the list of persons."""
    if mark.kept == "areas" and rows.height:
        told = rows.select("area", "area_type", "name", "approved").iter_rows()
        crew.areas |= {code: Area(kind or "", name or code, approved) for code, kind, name, approved in told if code}
    elif mark.kept == "base_stations" and rows.height:
        surveyed = rows.filter(pl.sum_horizontal(pl.col("x", "y", "z").fill_nan(0).fill_null(0).abs()) > 0)
        crew.stations |= {
            code: (x, y, z) for code, x, y, z in surveyed.select("code", "x", "y", "z").fill_nan(0).iter_rows()
        }
    elif mark.kept == "persons":
        approved = mark.said.get("approved", "")
        if approved.isascii() and approved.isdecimal() and len(approved) < 7:
            crew.approved = int(approved)
        if rows.height:
            posts.listed(crew, rows, state.book.settings(SPECIAL_POST_MISSING, PostRule).posts)
