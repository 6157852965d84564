"""Deadlines of a place as days: which have passed, which comes next. No day is made up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kuangan.library.policy.schema import Deadline


@dataclass(frozen=True, slots=True)
class Due:
    """One day of a deadline; `left` counts days until then, negative when it has passed."""

    day: date
    what: str
    said: str
    since: bool
    left: int

    @property
    def passed(self) -> bool:
        return self.left < 0

    @property
    def word(self) -> str:
        if self.since:
            return "已起算" if self.left <= 0 else "未起算"
        return "已到期" if self.passed else "今日到期" if not self.left else f"还有 {self.left} 天"

    @property
    def chip(self) -> str:
        return "ka-chip-warn" if self.passed and not self.since else ""


def dues(deadlines: Iterable[Deadline], today: date) -> list[Due]:
    """Every day up to the end of this year, and of later years where the text names a last one; in order of time."""
    found = [
        Due(day, deadline.what, deadline.said, deadline.sense == "since", (day - today).days)
        for deadline in deadlines
        for day in deadline.days(max(today.year, _last_year(deadline)))
    ]
    return sorted(found, key=lambda due: (due.day, due.what))


def next_of(found: list[Due]) -> Due | None:
    """The day that comes next, else the last one that passed."""
    ahead = [due for due in found if not due.passed]
    return ahead[0] if ahead else found[-1] if found else None


def _last_year(deadline: Deadline) -> int:
    return deadline.on.year if deadline.on else deadline.last or 0
