"""From February 2024 to December 2026: every rung fires once, in order, on its day, also when the clock stood still or the deadline did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from kuangan.base import deadlines
from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.ladders import LADDERS, Rung
from kuangan.base.deadlines.models import Counting, Deadline, DeadlineState
from kuangan.base.deadlines.workdays import CALENDAR, due_after

FIRST, LAST = date(2024, 2, 1), date(2026, 12, 31)
DAY = timedelta(days=1)
EVENING = time(23, 59, 59)
LADDER = {Counting.CLOCK: "supervision", Counting.WORKING_DAYS: "supervision_workdays"}
pytestmark = pytest.mark.django_db


def evening(day: date) -> datetime:
    return datetime.combine(day, EVENING, BEIJING)


def travel(stops: Sequence[tuple[int, int]] = ()) -> Iterator[datetime]:
    """A tick each evening, but for the days in which the clock stands: (first day, how many)."""
    still = {FIRST + (first + n) * DAY for first, length in stops for n in range(length)}
    days = (FIRST + n * DAY for n in range((LAST - FIRST).days + 1))
    return (evening(day) for day in days if day not in still)


@dataclass
class Plan:
    """A deadline that begins on a day, runs so long, and is suspended and resumed perhaps."""

    begins: int
    length: int
    counting: Counting
    suspended: int = 0
    span: int = 0
    pk: int = 0
    fired: list[tuple[str, date]] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        return datetime.combine(FIRST + self.begins * DAY, time(9), BEIJING)

    def set(self, ident: int) -> None:
        if self.counting == Counting.WORKING_DAYS:
            due = due_after(CALENDAR, self.start, self.length)
        else:
            due = evening(self.start.date() + self.length * DAY)
        row = deadlines.set_deadline(
            subject_kind="thing",
            subject_id=str(ident),
            code="do",
            due=due,
            ladder=LADDER[self.counting],
            at=self.start,
            counting=self.counting,
        )
        self.pk = row.pk


class Diary:
    """Notes for every deadline which rung fired in which evening."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = {plan.pk: plan for plan in plans}

    def __call__(self, rows: Sequence[Deadline], rung: Rung, at: datetime) -> None:
        for row in rows:
            self.plans[row.pk].fired.append((rung.code, at.astimezone(BEIJING).date()))


def run(plans: Sequence[Plan], ticks: Sequence[datetime], by: object) -> None:
    """All plans together through the years; acts happen at nine in the morning, before the tick of the evening."""
    for number, plan in enumerate(plans):
        plan.set(number)
    diary = Diary(plans)
    handlers = dict.fromkeys(("remind", "overdue", "propose"), diary)
    acts = sorted(_acts(plans), key=lambda act: act[0])
    for at in ticks:
        while acts and acts[0][0] < at:
            _take(*acts.pop(0), by=by)
        deadlines.tick(at, handlers)
        assert deadlines.tick(at, handlers) == 0


def _acts(plans: Sequence[Plan]) -> Iterator[tuple[datetime, Plan, str]]:
    for plan in plans:
        if plan.span:
            day = plan.start + plan.suspended * DAY
            yield day, plan, "suspend"
            yield day + plan.span * DAY, plan, "resume"


def _take(at: datetime, plan: Plan, name: str, by: object) -> None:
    row = Deadline.objects.get(pk=plan.pk)
    if name == "suspend":
        deadlines.suspend(row, reason="等待鉴定", basis="示例依据", by=by, at=at)
    else:
        deadlines.resume(row, reason="鉴定完成", by=by, at=at)


# --- what must have happened, counted apart from the code under test: days are walked one by one


def worked(day: date) -> bool:
    return day in CALENDAR.worked or (day.isoweekday() <= 5 and day not in CALENDAR.off)


def walked(day: date, count: int) -> date:
    step = DAY if count > 0 else -DAY
    while count:
        day += step
        count -= (1 if step > timedelta(0) else -1) * worked(day)
    return day


def left(since: date, until: date) -> int:
    return sum(worked(since + n * DAY) for n in range(1, (until - since).days + 1))


RUNGS = {
    Counting.CLOCK: (
        ("remind", -3),
        ("overdue", 0),
        ("letter", 3),
        ("circular", 10),
        ("interview", 20),
        ("exposure", 30),
    ),
    Counting.WORKING_DAYS: (
        ("remind", -3),
        ("overdue", 0),
        ("letter", 3),
        ("circular", 7),
        ("interview", 15),
        ("exposure", 22),
    ),
}


def shifted(counting: Counting, day: date, count: int) -> date:
    return day + count * DAY if counting == Counting.CLOCK else walked(day, count)


def expected(plan: Plan, evenings: Sequence[date]) -> list[tuple[str, date]]:
    """(rung, evening) up to the end of the years."""
    counting, begins = plan.counting, plan.start.date()
    due = shifted(counting, begins, plan.length)
    away, back = begins + plan.suspended * DAY, begins + (plan.suspended + plan.span) * DAY
    rungs = [(code, n) for code, n in RUNGS[counting] if n >= 0 or _not_past(counting, due, n, begins)]
    told: list[tuple[str, date]] = []
    if plan.span:
        told = [found for code, n in rungs if (found := _first(evenings, code, shifted(counting, due, n), away))]
        remaining = due + plan.span * DAY if counting == Counting.CLOCK else _resumed(due, away, back)
        due = max(due, remaining)
    rest = rungs[len(told) :]
    later = [day for day in evenings if not plan.span or day >= back]
    told += [found for code, n in rest if (found := _first(later, code, shifted(counting, due, n), LAST + DAY))]
    return told


def _resumed(due: date, away: date, back: date) -> date:
    remaining = left(away, due)
    day = walked(back, remaining)
    while not worked(day):
        day += DAY
    return day


def _not_past(counting: Counting, due: date, count: int, begins: date) -> bool:
    """The reminder in working days comes at eight, before deadlines begin at nine; that by the clock in the evening."""
    day = shifted(counting, due, count)
    return day >= begins if counting == Counting.CLOCK else day > begins


def _first(evenings: Sequence[date], code: str, day: date, before: date) -> tuple[str, date] | None:
    """The first evening from `day` on, where it comes before another day."""
    return next(((code, one) for one in evenings if one >= day and one < before), None)


@some.composite
def plans(draw: some.DrawFn) -> Plan:
    counting = draw(some.sampled_from(list(Counting)))
    plan = Plan(begins=draw(some.integers(0, 950)), length=draw(some.integers(1, 40)), counting=counting)
    if draw(some.booleans()):
        plan.suspended = draw(some.integers(0, plan.length - 1))
        plan.span = draw(some.integers(1, 60))
    return plan


def stops() -> some.SearchStrategy[list[tuple[int, int]]]:
    return some.lists(some.tuples(some.integers(0, 1060), some.integers(1, 40)), max_size=6)


WEEK = [(400, 7)]
NEW_YEAR = Plan(begins=732, length=10, counting=Counting.WORKING_DAYS, suspended=3, span=20)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example([Plan(5, 10, Counting.CLOCK), Plan(5, 10, Counting.WORKING_DAYS), NEW_YEAR], [])
@example([Plan(395, 10, Counting.CLOCK), Plan(395, 8, Counting.WORKING_DAYS, 2, 9)], WEEK)
@given(some.lists(plans(), min_size=1, max_size=8), stops())
def test_every_rung_fires_once_in_order_and_on_its_day(
    county_leader: object, planned: list[Plan], still: list[tuple[int, int]]
) -> None:
    ticks = list(travel(still))
    evenings = [at.date() for at in ticks]
    for plan in planned:
        plan.fired = []
    with transaction.atomic():
        run(planned, ticks, county_leader)
        for plan in planned:
            assert plan.fired == expected(plan, evenings), plan
        transaction.set_rollback(True)


def test_a_suspended_deadline_stays_silent_until_it_is_resumed(county_leader: object) -> None:
    plan = Plan(begins=0, length=5, counting=Counting.CLOCK, suspended=1, span=300)
    run([plan], list(travel())[:299], county_leader)
    assert plan.fired == []
    assert Deadline.objects.get(pk=plan.pk).state == DeadlineState.SUSPENDED


def test_the_ladders_in_the_test_are_those_in_force() -> None:
    for counting, rungs in RUNGS.items():
        shipped = LADDERS[LADDER[counting]].rungs
        offsets = [rung.after.days if counting == Counting.CLOCK else rung.working_days for rung in shipped]
        assert [(rung.code, n) for rung, n in zip(shipped, offsets, strict=True)] == list(rungs)
