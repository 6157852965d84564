"""A personnel system that sends nothing usable: layered under the mine's link, on the arrival clock.

Judged of a mine that has sent snapshots before: none that may count came for the first of the clocks since the last one, since the
mine's link came back, and since we ourselves came back. While the link itself is out, that is the one alert. A snapshot that was
already too old when it came, or none of whose records could be read, is not a usable one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.events import CLEARED, Event, event_id
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.opening import about_mine
from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.settings import SYSTEM_SILENT, SilentRule
from kuangan.library.warning.settings import MINUTE, clocks
from kuangan.library.warning.silence import give_grade

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


def settings(state: State) -> SilentRule:
    return state.book.settings(SYSTEM_SILENT, SilentRule)


def due(state: State, mine: int, crew: Crew, now: int) -> int:
    """The next tick at which the silence of a mine's personnel system may change, a lower bound."""
    if crew.usable == NEVER:
        return FOREVER
    if state.m["silent"][mine]:
        return now + MINUTE
    steps = clocks(settings(state).minutes)
    return FOREVER if crew.silent >= len(steps) else _base(state, mine, crew) + steps[crew.silent][0]


def _base(state: State, mine: int, crew: Crew) -> int:
    return max(crew.usable, int(state.m["up_since"][mine]), state.resumed)


def judge(state: State, mine: int, crew: Crew, now: int, tick: TickMark) -> list[Event]:
    """Open or raise the event of a personnel system that is silent."""
    if crew.usable == NEVER or state.m["silent"][mine]:
        return []
    base, steps = _base(state, mine, crew), clocks(settings(state).minutes)
    level = sum(now - base >= after for after, _ in steps)
    if level <= crew.silent:
        return []
    minutes, grade = steps[level - 1]
    crew.silent = level
    record = crew.silence
    if record is None:
        ident = event_id(tick.gateway, tick.seq, f"{state.mines[mine]}.people")
        told = {"last_arrival": crew.usable, "last_snapshot": crew.moment}
        record = crew.silence = about_mine(state, SYSTEM_SILENT, mine, ident, base, now, told, grade)
    record.inputs["silent_minutes"] = minutes // MINUTE
    return [record.snapshot(now)] if give_grade(record, grade, now, f"{minutes // MINUTE}min") else []


def heard(crew: Crew, at: int) -> list[Event]:
    """A usable snapshot came."""
    crew.usable, crew.silent = max(crew.usable, at), 0
    record, crew.silence = crew.silence, None
    if record is None:
        return []
    record.end, record.status = at, CLEARED
    return [record.snapshot(at)]
