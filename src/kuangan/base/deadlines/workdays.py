"""Working days as the authorities count them: days off and shifted working days as data, the counting as pure functions.

The day of the event does not count; a period in working days ends with its last working day; a period in calendar days whose
last day is a day off ends with the first working day after it (Civil Code 201 and 203; that administrative periods follow the
same rule is our reading, mark M). Days are days in Beijing. A year without notice is counted by the week: `guessed` says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, Self

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.base.clock import BEIJING, beijing_day
from kuangan.library.shipped import read_yaml

GUESSED: Final = "按周末推算，未取得放假通知"
BASIS: Final = "民法典第二百零一条至第二百零三条；行政期间比照计算为系统判读，待核"
DAY: Final = timedelta(days=1)
LAST_SECOND: Final = time(23, 59, 59)
LONGEST: Final = 3660
"""Days that a count may walk at most: ten years."""

Mark = Literal["S", "M"]


class Off(BaseModel):
    """A holiday with everything that is off around it, first and last day."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @property
    def days(self) -> Iterator[date]:
        return (self.first + n * DAY for n in range((self.last - self.first).days + 1))


class Worked(BaseModel):
    """A day of a weekend that is worked, and for which holiday."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    day: date


class Year(BaseModel):
    """What one notice says of one year."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    notice: str = Field(min_length=1)
    number: str = Field(min_length=1)
    issued: date
    confidence: Mark
    number_confidence: Mark
    days_off: tuple[Off, ...] = Field(min_length=1)
    worked: tuple[Worked, ...] = ()

    @model_validator(mode="after")
    def possible(self) -> Self:
        off = [day for row in self.days_off for day in row.days]
        worked = [row.day for row in self.worked]
        if any(row.last < row.first for row in self.days_off) or len({*off, *worked}) < len(off) + len(worked):
            raise ValueError("days must be in order, and each stand once")
        if any(day.weekday() < SATURDAY for day in worked):
            raise ValueError("only a day of a weekend can be shifted to work")
        return self


SATURDAY: Final = 5


class CalendarFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Literal[1]
    source: Literal["default", "official"] = "official"
    in_force_from: date | None = None
    years: dict[int, Year]

    @model_validator(mode="after")
    def own_days(self) -> Self:
        for number, year in self.years.items():
            days = [*(day for row in year.days_off for day in row.days), *(row.day for row in year.worked)]
            if any(day.year != number for day in days):
                raise ValueError(f"{number}: a day of another year")
        return self


@dataclass(frozen=True)
class WorkCalendar:
    """Years with a notice; every other day follows the week."""

    years: Mapping[int, Year]

    @cached_property
    def off(self) -> Mapping[date, str]:
        return {day: row.name for year in self.years.values() for row in year.days_off for day in row.days}

    @cached_property
    def worked(self) -> Mapping[date, str]:
        return {row.day: row.name for year in self.years.values() for row in year.worked}

    def is_working_day(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)

    def guessed(self, first: date, last: date) -> bool:
        """Whether a count between two days meets a year without notice."""
        return any(year not in self.years for year in range(min(first, last).year, max(first, last).year + 1))

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start` (before it, where negative); `start` itself never counts.

        0 is `start`, or the first working day after it where that is off. OverflowError beyond ten years of days.
        """
        if count == 0:
            return start if self.is_working_day(start) else self.add_working_days(start, 1)
        step, day, left = (DAY if count > 0 else -DAY), start, abs(count)
        for _ in range(LONGEST):
            day += step
            left -= self.is_working_day(day)
            if not left:
                return day
        raise OverflowError(f"{count} working days lie beyond {LONGEST} days")

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days follow `start` up to and with `end`; negative where `end` lies before."""
        if end < start:
            return -self._count(end - DAY, start - DAY)
        return self._count(start, end)

    def end_of_days(self, start: date, count: int) -> date:
        """The last day of a period of calendar days: where that is a day off, the first working day after it."""
        return self.add_working_days(start + count * DAY, 0)

    def _count(self, after: date, until: date) -> int:
        """Working days in (after, until], without walking: whole weeks, then what the notices change."""
        weekdays = _weekdays(until) - _weekdays(after)
        return weekdays - _within(self._taken, after, until) + _within(self._given, after, until)

    @cached_property
    def _taken(self) -> list[date]:
        return sorted(day for day in self.off if day.weekday() < SATURDAY)

    @cached_property
    def _given(self) -> list[date]:
        return sorted(self.worked)


def _weekdays(until: date) -> int:
    """Mondays to Fridays from the first day of the calendar, a Monday, up to and with `until`."""
    weeks, rest = divmod(until.toordinal(), 7)
    return weeks * SATURDAY + min(rest, SATURDAY)


def _within(days: list[date], after: date, until: date) -> int:
    return bisect_right(days, until) - bisect_right(days, after)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A length in working days, for clocks; `basis` is the provision that gives it."""

    count: int
    basis: str = ""


def end_of(day: date) -> datetime:
    """The last second of a day in Beijing."""
    return datetime.combine(day, LAST_SECOND, BEIJING)


def due_after(calendar: WorkCalendar, at: datetime, count: int) -> datetime:
    """When a period of working days ends that an event at `at` begins."""
    return end_of(calendar.add_working_days(beijing_day(at), count))


def moved(calendar: WorkCalendar, at: datetime, count: int) -> datetime:
    """The same time of day so many working days later (earlier); 0 is `at` itself, on whatever day."""
    local = at.astimezone(BEIJING)
    return at if count == 0 else datetime.combine(calendar.add_working_days(local.date(), count), local.time(), BEIJING)


def load(text: str) -> dict[int, Year]:
    """The years of a file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return CalendarFile.model_validate(read_yaml(text)).years


def in_force(own: Path | None) -> WorkCalendar:
    """The shipped years, those that `own` describes in their place or beside them. Raises OSError, ValueError."""
    years = load((files("kuangan.base.deadlines") / "workdays.yaml").read_text(encoding="utf-8"))
    return WorkCalendar(years | (load(own.read_text(encoding="utf-8")) if own else {}))


def whole_day(at: datetime) -> datetime:
    """The end of the day of `at`, where that is a day off of the first working day after it."""
    return end_of(CALENDAR.add_working_days(beijing_day(at), 0))


CALENDAR: Final = in_force(settings.KUANGAN.calendar)
