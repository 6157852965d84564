"""The stretches that are measured: Beijing months and weeks (Monday to Sunday), the present one up to now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from kuangan.base.clock import BEIJING, beijing_day, to_ms

MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
WEEK: Final = re.compile(r"(20\d\d)-W(0[1-9]|[1-4]\d|5[0-3])")
OFFERED: Final = 6


@dataclass(frozen=True, slots=True)
class Period:
    """`start` to `stop`, `stop` excluded and never later than now; `name` as in the address."""

    name: str
    word: str
    start: datetime
    stop: datetime

    @property
    def hours(self) -> float:
        return (self.stop - self.start).total_seconds() / 3600

    @property
    def span(self) -> tuple[int, int]:
        return to_ms(self.start), to_ms(self.stop)


def parse(text: str, at: datetime) -> Period:
    """The month or week that is named, else the present month. What lies ahead is no period."""
    try:
        found = _month(text, at) or _week(text, at)
    except ValueError:
        found = None
    return found if found is not None and found.start < at else month_of(at, at)


def month_of(day: datetime, at: datetime) -> Period:
    found = _month(f"{day.astimezone(BEIJING):%Y-%m}", at)
    assert found is not None
    return found


def _month(text: str, at: datetime) -> Period | None:
    if not MONTH.fullmatch(text):
        return None
    year, month = int(text[:4]), int(text[5:])
    after = date(year + month // 12, month % 12 + 1, 1)
    return _of(text, f"{year} 年 {month} 月", date(year, month, 1), after, at)


def _week(text: str, at: datetime) -> Period | None:
    if not WEEK.fullmatch(text):
        return None
    monday = date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    word = f"{monday:%Y-%m-%d} 起一周"
    return _of(text, word, monday, monday + timedelta(days=7), at)


def _of(name: str, word: str, first: date, after: date, at: datetime) -> Period:
    start, stop = (datetime(day.year, day.month, day.day, tzinfo=BEIJING) for day in (first, after))
    return Period(name, word, start, min(stop, at))


def offered(at: datetime) -> list[Period]:
    """The last months and weeks, the newest first."""
    today = beijing_day(at)
    months, day = [], today
    for _ in range(OFFERED):
        months.append(f"{day:%Y-%m}")
        day = day.replace(day=1) - timedelta(days=1)
    weeks = [f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in _weeks(today)]
    return [parse(name, at) for name in [*months, *weeks]]


def _weeks(today: date) -> list[date]:
    return [today - timedelta(days=7 * number) for number in range(OFFERED)]
