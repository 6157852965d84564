"""The families of rules that the stream is judged by, and how `step` tells them what happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kuangan.library.warning.batch import Batch, FrameMark, LateRow, TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.danger.parts import PARTS
from kuangan.library.warning.deceit.family import Deceit
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Family, Look, Move, Readings, Resent
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.people.calls import Calls
from kuangan.library.warning.people.family import People
from kuangan.library.warning.state import State
from kuangan.library.warning.video.family import Video

FAMILIES: Final[tuple[type[Family], ...]] = (*PARTS, People, Calls, Deceit, Video)
KINDS: Final = frozenset(kind for family in FAMILIES for kind in family.hears)
HEARING: Final = {kind: tuple(f.name for f in FAMILIES if kind in f.hears) for kind in KINDS}
TABLES: Final = frozenset(table for family in FAMILIES for table in family.takes)
TAKING: Final = {table: tuple(f.name for f in FAMILIES if table in f.takes) for table in TABLES}


def of(state: State) -> list[Family]:
    """The families of a state, made or taken up from a checkpoint when they are asked for first."""
    if len(state.families) < len(FAMILIES):
        for kind in FAMILIES:
            family = kind()
            if kind.name in state.family_tables:
                family.restore(state.family_tables[kind.name])
            state.families[kind.name] = family
    return list(state.families.values())


def next_due(state: State) -> int:
    """A lower bound of the next tick at which a family may have something to say."""
    return min((family.due for family in of(state)), default=FOREVER)


def wanted(table: str) -> bool:
    """Whether files of a kept table are told to a family."""
    return table in TAKING


def frame(state: State, batch: Batch, mine: int, mark: FrameMark) -> list[Event]:
    """Tell of a file of a kept table."""
    if mark.kept not in TAKING:
        return []
    of(state)
    rows = batch.rows_of(mark)
    takers = [state.families[name] for name in TAKING[mark.kept]]
    return [event for family in takers for event in family.frame(state, mine, mark, rows)]


def minded(state: State, index: int, kind: str) -> bool:
    """Whether a family may have something to say about moves of a point whose sign is of a kind."""
    of(state)
    return any(state.families[name].minds(state, index) for name in HEARING.get(kind, ()))


def leaving(state: State, move: Move) -> list[Event]:
    """Tell that a point is about to leave a band."""
    of(state)
    heard = (state.families[name] for name in HEARING.get(move.kind, ()))
    return [event for family in heard for event in family.leaving(state, move)]


def entered(state: State, move: Move) -> list[Event]:
    """Tell that a point is in another band."""
    heard = (state.families[name] for name in HEARING.get(move.kind, ()))
    return [event for family in heard for event in family.entered(state, move)]


def sample(
    state: State, points: Array, time: Array, value: Array, good: Array, now: int, tick: TickMark
) -> list[Event]:
    """Tell of the samples of a minute."""
    return [event for family in of(state) for event in family.sample(state, points, time, value, good, now, tick)]


def tick(state: State, now: int, mark: TickMark) -> list[Event]:
    """Tell of a tick those that wait for it."""
    return [event for family in of(state) if family.due <= now for event in family.tick(state, now, mark)]


def looks(state: State) -> list[Look]:
    """What the families want to read from the archive."""
    return [look for family in of(state) for look in family.looks()]


def looked(state: State, look: Look, readings: Readings, now: int) -> list[Event]:
    """Give a family what it wanted to read."""
    return [e for family in of(state) if family.name == look.family for e in family.looked(state, look, readings, now)]


def late(state: State, rows: Sequence[LateRow], now: int) -> None:
    """Tell of readings that came late."""
    by_point: dict[int, list[LateRow]] = {}
    for row in rows:
        by_point.setdefault(row.point, []).append(row)
    for family in of(state) if by_point else ():
        family.late(state, by_point, now)


def resent(state: State, file: Resent, now: int) -> list[Event]:
    """Tell of a file that came again without readings it had."""
    return [event for family in of(state) for event in family.resent(state, file, now)]


def defined(state: State, mine: int, at: int) -> None:
    """Tell of definitions of a mine."""
    for family in of(state):
        family.defined(state, mine, at)


def configured(state: State) -> None:
    """Tell of another rule book or register."""
    for family in of(state):
        family.configured(state)
