"""A snapshot judged by every rule on people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kuangan.library.warning.events import Event
from kuangan.library.warning.people import cards, counts, mismatch, posts, settings, speed, stay, tracing
from kuangan.library.warning.people.memory import Crew
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Judged, forget_unseen, settle
from kuangan.library.warning.settings import MINUTE

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


def judge(state: State, mine: int, crew: Crew, snapshot: Snapshot, now: int) -> list[Event]:
    """Everything a snapshot changes, in a fixed order of rules; `now` is the arrival clock."""
    forget_unseen(state, crew, snapshot.moment)
    verdicts = [
        *_counted(state, mine, crew, snapshot),
        *(_moved(state, mine, crew, snapshot) if snapshot.whole else ()),
    ]
    events = [event for judged in verdicts for event in settle(state, mine, crew, judged, snapshot, now)]
    crew.moment, crew.arrived = snapshot.moment, snapshot.arrived
    return events


def _counted(state: State, mine: int, crew: Crew, snapshot: Snapshot) -> Iterator[Judged]:
    """Who is below, for how long, in which area."""
    book, code = state.book, state.mines[mine]
    restricted = book.settings(settings.RESTRICTED_AREA, settings.RestrictedRule)
    yield counts.mine_over(crew, snapshot, code)
    yield counts.area_over(crew, snapshot, restricted)
    yield counts.restricted_area(crew, snapshot, restricted)
    stopped = book.settings(settings.STOPPED_MINE, settings.StoppedRule)
    yield counts.stopped_mine(crew, snapshot, code, state.register.mines.get(code), stopped)
    yield stay.overtime(snapshot, code, book.settings(settings.OVERTIME, settings.OvertimeRule))
    yield posts.no_leader(crew, snapshot, code, book.settings(settings.NO_LEADER, settings.LeaderRule))
    required = book.settings(settings.SPECIAL_POST_MISSING, settings.PostRule)
    yield from posts.special_post_missing(crew, snapshot, code, required)
    yield mismatch.entry_mismatch(snapshot, code, book.settings(settings.ENTRY_MISMATCH, settings.MismatchRule))
    yield mismatch.count_mismatch(crew, snapshot, code, book.settings(settings.COUNT_MISMATCH, settings.CameraRule))
    yield cards.mass_exit(crew, snapshot, code, book.settings(settings.MASS_EXIT, settings.MassExitRule))


def _moved(state: State, mine: int, crew: Crew, snapshot: Snapshot) -> Iterator[Judged]:
    """Where the cards went since the snapshot before; one that does not certainly name everybody teaches nothing."""
    book, code = state.book, state.mines[mine]
    still = book.settings(settings.NO_MOVEMENT, settings.NoMovementRule)
    together = book.settings(settings.CARDS_TOGETHER, settings.TogetherRule)
    traced = tracing.trace(crew, snapshot, still, together, int(still.good_for_min * MINUTE))
    yield stay.no_movement(crew, snapshot, code, traced.moved, still)
    yield cards.together(crew, snapshot, together)
    yield speed.speed(crew, snapshot, traced.steps, code, book.settings(settings.SPEED, settings.SpeedRule))
