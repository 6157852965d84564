"""Pure decisions: what state a day, a target, a ledger is in. No clock, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Final

from kuangan.base.clock import BEIJING

COMPARE: Final[Mapping[str, Callable[[Decimal, Decimal], bool]]] = {"<": lt, "<=": le, "==": eq, ">=": ge, ">": gt}
OPEN: Final = frozenset({"overdue", "near", "ahead"})
HUNDRED: Final = Decimal(100)


def end_of(day: date) -> datetime:
    """The moment at which a day of Beijing is over: what is due on it is overdue from then on."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def due_state(due: date, done_on: date | None, today: date, *, near: int, loaded_on: date, since: bool = False) -> str:
    """A key of DUE_STATES.

    What was due before this system kept the programme is history: without an entry it is asked for, never called overdue.
    """
    if since:
        return "since" if due <= today else "ahead"
    if done_on is not None and done_on <= today:
        return "met" if done_on <= due else "late"
    if due < today:
        return "unrecorded" if due < loaded_on else "overdue"
    return "near" if (due - today).days <= near else "ahead"


def days_late(due: date, done_on: date | None) -> int:
    """How many days after its day something was done; 0 when in time or not done."""
    return max(0, (done_on - due).days) if done_on is not None else 0


def compared(measure: str, value: Decimal, baseline: Decimal | None) -> Decimal | None:
    """The number that the text's number is held against, None where the baseline that it needs is missing or zero."""
    if measure == "value":
        return value
    if baseline is None or (measure != "rise_points" and not baseline):
        return None
    if measure == "rise_points":
        return value - baseline
    change = (value - baseline) / baseline * HUNDRED
    return -change if measure == "reduction" else change


def target_state(
    measure: str, op: str, wanted: Decimal | None, value: Decimal | None, baseline: Decimal | None
) -> tuple[str, Decimal | None]:
    """(a key of TARGET_STATES, the compared number). An undefined baseline leaves the judgement open, whatever the values."""
    if measure == "words" or wanted is None:
        return "no_number", None
    if measure != "value" and baseline is None:
        return "no_baseline", None
    if value is None:
        return "no_value", None
    number = compared(measure, value, baseline)
    if number is None:
        return "no_baseline", None
    return ("reached" if COMPARE[op](number, wanted) else "not_reached"), number


@dataclass(frozen=True, slots=True)
class Count:
    """How far a ledger is: `entered` rows, `excluded` of them by approval, the rest is the denominator of the share."""

    entered: int
    excluded: int
    final: int

    @property
    def counted(self) -> int:
        return self.entered - self.excluded

    @property
    def share(self) -> Decimal | None:
        """Percent, to a tenth; None of nothing."""
        if not self.counted:
            return None
        return (Decimal(self.final) / self.counted * HUNDRED).quantize(Decimal("0.1"))


def project_state(
    final: str, started: date | None, accepted: date | None, connected: date | None, excluded: str, today: date
) -> str:
    """A key of PROJECT_STATES on a day."""
    if excluded:
        return "excluded"
    ended = connected if final == "connected" else accepted
    if ended is not None and ended <= today:
        return "final"
    if accepted is not None and accepted <= today:
        return "accepted"
    return "started" if started is not None and started <= today else "planned"


def months(since: date, until: date) -> list[date]:
    """The first day of every month that the span touches."""
    found, month = [], since.replace(day=1)
    while month <= until:
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def tally(states: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in states:
        found[state] = found.get(state, 0) + 1
    return found
