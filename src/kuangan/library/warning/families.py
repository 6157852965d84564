"""The families of rules that the stream is judged by, and how `step` tells them what happens."""

from __future__ import annotations

from typing import Final

from kuangan.library.warning.batch import Batch, FrameMark, TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Family
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.state import State

FAMILIES: Final[tuple[type[Family], ...]] = ()


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


def wanted(state: State, table: str) -> bool:
    """Whether files of a kept table are told to a family."""
    return any(table in family.takes for family in of(state))


def frame(state: State, batch: Batch, mine: int, mark: FrameMark) -> list[Event]:
    """Tell of a file of a kept table."""
    takers = [family for family in of(state) if mark.kept in family.takes]
    if not takers:
        return []
    rows = batch.rows_of(mark)
    return [event for family in takers for event in family.frame(state, mine, mark, rows)]


def sample(
    state: State, points: Array, time: Array, value: Array, good: Array, now: int, tick: TickMark
) -> list[Event]:
    """Tell of the samples of a minute."""
    return [event for family in of(state) for event in family.sample(state, points, time, value, good, now, tick)]


def tick(state: State, now: int, mark: TickMark) -> list[Event]:
    """Tell of a tick those that wait for it."""
    return [event for family in of(state) if family.due <= now for event in family.tick(state, now, mark)]


def configured(state: State) -> None:
    """Tell of another rule book or register."""
    for family in of(state):
        family.configured(state)
