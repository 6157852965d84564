"""Pure decisions of the room: days and months, intervals, rhythms, who took the chair, how often a team changed.

Days are days of Beijing's calendar; an interval is [first, until), `until` None while it lasts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from kuangan.base.clock import BEIJING

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days [first, until)."""

    first: date
    until: date | None = None

    def meets(self, other: Span) -> bool:
        """Whether a day lies in both."""
        return (self.until is None or other.first < self.until) and (other.until is None or self.first < other.until)

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)


def in_the_way(standing: Iterable[Span], wanted: Span) -> Span | None:
    """A standing interval that `wanted` would overlap, once open ones that began earlier end where `wanted` begins."""
    for span in standing:
        ends = span.until is None and span.first < wanted.first
        if not ends and span.meets(wanted):
            return span
    return None


def disjoint(spans: Sequence[Span]) -> bool:
    """Whether no day lies in two of them."""
    ordered = sorted(spans, key=lambda span: span.first)
    return all(not earlier.meets(later) for earlier, later in pairwise(ordered))


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def month_span(month: str) -> Span:
    """The days of a month written as 2026-10. Raises ValueError."""
    first = date.fromisoformat(f"{month}-01")
    return Span(first, (first.replace(day=28) + 4 * DAY).replace(day=1))


def months_before(month: str, count: int) -> str:
    """The month `count` months earlier."""
    first = month_span(month).first
    number = first.year * 12 + first.month - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def year_before(day: date, months: int) -> date:
    """The day `months` months earlier; the last of a shorter month."""
    span = month_span(months_before(month_of(day), months))
    assert span.until is not None
    return min(span.first.replace(day=1) + (day.day - 1) * DAY, span.until - DAY)


def day_start(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def due_on(begun: date, last: date | None, every: int) -> date:
    """The last day on which the next visit or log is in time."""
    return (last if last is not None and last > begun else begun) + every * DAY


def days_without(begun: date, logged: Collection[date], every: int, today: date, back: int) -> list[date]:
    """Days of the last `back` whole days before `today` on which nothing had been written for `every` days.

    Formally: day d with begun + every <= d + 1 and no entry in (d - every, d].
    """
    found = []
    for number in range(back, 0, -1):
        day = today - number * DAY
        window = {day - step * DAY for step in range(every)}
        if begun + (every - 1) * DAY <= day and not window & set(logged):
            found.append(day)
    return found


@dataclass(frozen=True, slots=True)
class Term:
    """A person in a post over an interval."""

    post: str
    name: str
    span: Span


def changes(terms: Iterable[Term], since: date, until: date) -> list[Term]:
    """Terms that began in [since, until] after somebody else had held the same post: first entries are no changes."""
    found = []
    by_post: dict[str, list[Term]] = {}
    for term in sorted(terms, key=lambda one: one.span.first):
        before = by_post.setdefault(term.post, [])
        if before and before[-1].name != term.name and since <= term.span.first <= until:
            found.append(term)
        before.append(term)
    return found


def vacant_days(terms: Iterable[Term], post: str, since: date, until: date) -> int:
    """Days in [since, until) on which nobody held the post; 0 for a post that was never filled: that is not a vacancy but unknown."""
    spans = [term.span for term in terms if term.post == post]
    if not spans:
        return 0
    first = max(since, min(span.first for span in spans))
    return sum(not any(span.covers(first + n * DAY) for span in spans) for n in range((until - first).days))
