"""Working days are counted as the notices say, and the counting holds together on every calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.workdays import CALENDAR, WorkCalendar, due_after, in_force, load, moved

DAY = timedelta(days=1)
days = some.dates(date(2024, 1, 1), date(2026, 12, 31))
counts = some.integers(-200, 200)
EMPTY = WorkCalendar({})
calendars = some.sampled_from([CALENDAR, EMPTY])


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2024-02-04", True),
        ("2024-02-09", True),
        ("2024-02-10", False),
        ("2024-02-18", True),
        ("2024-05-11", True),
        ("2024-09-16", False),
        ("2024-10-12", True),
        ("2025-01-26", True),
        ("2025-02-04", False),
        ("2025-02-05", True),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_days_are_worked_as_the_notices_say(day: str, worked: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(("year", "worked"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_notice_leaves(year: int, worked: int) -> None:
    """Weekdays of the year, less the holidays on them, and the weekends worked instead: counted by hand from the notices."""
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == worked


def test_the_day_of_the_event_does_not_count_and_the_last_day_is_whole() -> None:
    friday = datetime(2026, 9, 18, 10, 30, tzinfo=BEIJING)
    assert due_after(CALENDAR, friday, 1) == datetime(2026, 9, 20, 23, 59, 59, tzinfo=BEIJING)
    assert due_after(CALENDAR, friday, 5) == datetime(2026, 9, 24, 23, 59, 59, tzinfo=BEIJING)
    assert due_after(CALENDAR, friday, 6) == datetime(2026, 9, 28, 23, 59, 59, tzinfo=BEIJING)


def test_days_are_those_of_beijing() -> None:
    late_thursday_in_utc = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
    assert due_after(CALENDAR, late_thursday_in_utc, 1).date() == date(2026, 11, 23)


def test_a_period_of_calendar_days_that_ends_on_a_holiday_ends_with_the_first_working_day_after() -> None:
    assert CALENDAR.end_of_days(date(2026, 9, 25), 10) == date(2026, 10, 8)
    assert CALENDAR.end_of_days(date(2026, 9, 13), 7) == date(2026, 9, 20)


def test_a_year_without_notice_is_counted_by_the_week_and_said_to_be() -> None:
    assert CALENDAR.is_working_day(date(2027, 1, 1))
    assert CALENDAR.guessed(date(2026, 12, 30), date(2027, 1, 4))
    assert not CALENDAR.guessed(date(2024, 1, 1), date(2026, 12, 31))


@given(calendars, days, counts.filter(bool))
def test_counting_forth_and_back_agree(calendar: WorkCalendar, start: date, count: int) -> None:
    end = calendar.add_working_days(start, count)
    assert calendar.working_days_between(start, end) == count
    assert calendar.is_working_day(end)
    assert end > start if count > 0 else end < start


@given(calendars, days, counts, counts)
def test_more_working_days_end_later(calendar: WorkCalendar, start: date, one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert calendar.add_working_days(start, first) <= calendar.add_working_days(start, second)


@given(calendars, days, days, counts)
def test_a_later_start_ends_no_earlier(calendar: WorkCalendar, one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert calendar.add_working_days(first, count) <= calendar.add_working_days(second, count)


@given(calendars, days, days)
def test_a_span_has_as_many_working_days_as_one_counts_on_the_fingers(
    calendar: WorkCalendar, start: date, end: date
) -> None:
    first, last = sorted((start, end))
    walked = sum(calendar.is_working_day(first + n * DAY) for n in range(1, (last - first).days + 1))
    assert calendar.working_days_between(first, last) == walked


@given(calendars, days, some.integers(0, 60))
def test_a_period_of_calendar_days_never_ends_on_a_day_off_nor_early(
    calendar: WorkCalendar, start: date, count: int
) -> None:
    end = calendar.end_of_days(start, count)
    assert calendar.is_working_day(end)
    assert end >= start + count * DAY
    assert not any(
        calendar.is_working_day(start + n * DAY) for n in range(count, (end - start).days) if start + n * DAY < end
    )


@given(some.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=some.just(UTC)), counts)
def test_what_moves_by_working_days_keeps_its_time_of_day(at: datetime, count: int) -> None:
    later = moved(CALENDAR, at, count)
    assert later.astimezone(BEIJING).time() == at.astimezone(BEIJING).time()
    assert later == at if count == 0 else CALENDAR.is_working_day(later.astimezone(BEIJING).date())


def test_a_count_that_never_ends_is_an_error() -> None:
    with pytest.raises(OverflowError):
        CALENDAR.add_working_days(date(2026, 1, 1), 100_000)


OWN = """version: 1
years:
  2027:
    notice: 示例放假通知
    number: 示例〔2026〕1号
    issued: 2026-11-20
    confidence: S
    number_confidence: S
    days_off: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]
    worked: [{name: 元旦, day: 2027-01-09}]
"""


def test_an_installation_adds_years_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "workdays.yaml"
    path.write_text(OWN, encoding="utf-8")
    own = in_force(path)
    assert not own.guessed(date(2026, 1, 1), date(2027, 12, 31))
    assert not own.is_working_day(date(2027, 1, 1))
    assert own.is_working_day(date(2027, 1, 9))
    assert own.off.keys() > CALENDAR.off.keys()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("day: 2027-01-09", "day: 2027-01-08"),
        ("day: 2027-01-09", "day: 2027-01-02"),
        ("to: 2027-01-03", "to: 2026-12-31"),
        ("to: 2027-01-03", "to: 2028-01-03"),
        ("number: 示例〔2026〕1号", "number: ''"),
        ("confidence: S\n", "confidence: Q\n"),
    ],
    ids=[
        "shifted to a weekday",
        "both off and worked",
        "ends before it begins",
        "another year",
        "no number",
        "no mark",
    ],
)
def test_a_calendar_that_cannot_be_is_refused(old: str, new: str) -> None:
    load(OWN)
    with pytest.raises(ValidationError):
        load(OWN.replace(old, new, 1))
