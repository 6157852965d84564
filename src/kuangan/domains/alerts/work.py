"""My work: every open clock that the user's organisation owes, by the time it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import OPEN_STATES, Deadline
from kuangan.base.people.models import User
from kuangan.domains.alerts.clocks import SUBJECT
from kuangan.domains.alerts.present import Row, rows
from kuangan.domains.alerts.queries import alert_cases, visible
from kuangan.domains.alerts.rules import code_words
from kuangan.domains.alerts.words import left, moment

LIMIT = 200


@dataclass(frozen=True)
class Item:
    """One thing to do: the alert, what is asked, until when."""

    row: Row
    asked: str
    due: str
    due_ms: int
    left: str
    overdue: bool


def waiting(user: User, at: datetime) -> tuple[list[Item], int]:
    """Up to 200 items, the nearest first, and how many there are in all. Only what the user may see."""
    owed = Deadline.objects.filter(subject_kind=SUBJECT, owner=user.organisation_id, state__in=OPEN_STATES)
    clocks = list(owed.order_by("due", "id")[:LIMIT])
    alerts = list(alert_cases(visible(user).filter(pk__in={int(clock.subject_id) for clock in clocks})))
    lines = {str(alert.pk): line for alert, line in zip(alerts, rows(alerts, at), strict=True)}
    items = [_item(clock, lines[clock.subject_id], at) for clock in clocks if clock.subject_id in lines]
    return items, len(items) if len(clocks) < LIMIT else owed.count()


def _item(clock: Deadline, row: Row, at: datetime) -> Item:
    return Item(
        row=row,
        asked=code_words(clock.code),
        due=moment(clock.due, at),
        due_ms=to_ms(clock.due),
        left=left(clock.due, at),
        overdue=clock.due < at,
    )
