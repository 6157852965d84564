"""A deadline in words: what it asks for, how long there is, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kuangan.base.case.models import Case
from kuangan.base.case.tasks import words_of
from kuangan.base.case.terms import clauses_of
from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.deadlines.models import (
    AnswerState,
    Counting,
    Deadline,
    DeadlineState,
    ExtensionRequest,
    Suspension,
)
from kuangan.base.deadlines.workdays import CALENDAR, GUESSED

CHIPS = {DeadlineState.LAPSED: "ka-chip-bad", DeadlineState.SUSPENDED: "ka-chip-warn"}
NO_TIME = "—"


def asks(kind: str, clock: Deadline) -> str:
    """What has to be done by then."""
    ladder = LADDERS.get(clock.ladder)
    return words_of(kind, clock.code) or (ladder.label if ladder else clock.code)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a deadline: days of the calendar and working days, negative when it has passed."""

    days: int
    working_days: int
    guessed: bool

    @property
    def word(self) -> str:
        if self.days == 0:
            return "今日到期"
        return f"还有 {self.days} 天" if self.days > 0 else f"已过 {-self.days} 天"

    @property
    def working_word(self) -> str:
        return f"{abs(self.working_days)} 个工作日"


def left(clock: Deadline, at: datetime) -> Left | None:
    """None while it is suspended."""
    if clock.state == DeadlineState.SUSPENDED:
        return None
    today, day = beijing_day(at), beijing_day(clock.due)
    between = CALENDAR.working_days_between(today, day) if day >= today else -CALENDAR.working_days_between(day, today)
    return Left((day - today).days, between, CALENDAR.guessed(today, day))


def state_word(clock: Deadline, at: datetime) -> str:
    """The state, which is overdue from the moment on, also before the clock has noted it."""
    overdue = clock.state == DeadlineState.RUNNING and clock.due < at
    return str(DeadlineState.LAPSED.label if overdue else DeadlineState(clock.state).label)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a deadline."""

    at: datetime
    what: str
    who: str
    note: str


def history(clocks: Sequence[Deadline]) -> dict[int, list[Event]]:
    """Open deadline → what happened to it and to those it extends, oldest first. Three queries and one for each round of extensions."""
    chain = {clock.pk: clock.pk for clock in clocks}
    rows = list(clocks)
    before = [clock for clock in clocks if clock.extends_id]
    while before:
        owners = {row.extends_id: chain[row.pk] for row in before}
        before = list(Deadline.objects.filter(pk__in=list(owners)))
        chain |= {row.pk: owners[row.pk] for row in before}
        rows += before
        before = [row for row in before if row.extends_id]
    events: dict[int, list[Event]] = {clock.pk: [] for clock in clocks}
    for suspension in Suspension.objects.filter(deadline__in=list(chain)).select_related("by", "resumed_by"):
        events[chain[suspension.deadline_id]] += _suspended(suspension)
    for asked in ExtensionRequest.objects.filter(deadline__in=list(chain)).select_related("by", "answered_by"):
        events[chain[asked.deadline_id]] += _asked(asked)
    for row in rows:
        events[chain[row.pk]].append(_set(row))
    return {pk: sorted(found, key=lambda event: event.at) for pk, found in events.items()}


def _set(row: Deadline) -> Event:
    if row.extends_id is None:
        return Event(row.started_at, "起算", "", f"计算方式：{Counting(row.counting).label}")
    who = "、".join(str(person) for person in (row.requested_by, row.agreed_by) if person)
    before = row.extends.ended_at if row.extends else None
    return Event(before or row.started_at, f"延至 {moment(row.due)}", who, row.reason)


def _suspended(row: Suspension) -> list[Event]:
    found = [Event(row.started_at, "中止", str(row.by), f"{row.reason}（依据：{row.basis}）")]
    if row.resumed_at and row.due_after:
        found.append(
            Event(row.resumed_at, f"恢复，到期改为 {moment(row.due_after)}", str(row.resumed_by), row.resumed_reason)
        )
    return found


def _asked(row: ExtensionRequest) -> list[Event]:
    found = [Event(row.at, f"申请延至 {moment(row.due)}", str(row.by), row.reason)]
    if row.answered_at and row.state != AnswerState.AGREED:
        found.append(Event(row.answered_at, str(AnswerState(row.state).label), str(row.answered_by or ""), row.answer))
    return found


def moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Line:
    """A deadline as the pages show it."""

    clock: Deadline
    what: str
    clauses: tuple[str, ...]
    state: str
    chip: str
    left: Left | None
    events: tuple[Event, ...] = ()

    @property
    def guessed(self) -> str:
        counted = self.clock.counting == Counting.WORKING_DAYS
        return GUESSED if self.left and self.left.guessed and counted else ""


def line(case: Case, clock: Deadline, at: datetime, events: Sequence[Event] = ()) -> Line:
    word = state_word(clock, at)
    chip = (
        CHIPS[DeadlineState.LAPSED] if word == DeadlineState.LAPSED.label else CHIPS.get(DeadlineState(clock.state), "")
    )
    what, clauses = asks(case.kind, clock), clauses_of(case.kind, clock.code)
    return Line(clock, what, clauses, word, chip, left(clock, at), tuple(events))
