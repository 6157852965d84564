"""My work: every clock that runs and that the user's organisation owes, by the time it ends. Alerts with their row, other cases plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case
from kuangan.base.case.tasks import clock_ladders, words_of
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import ASKED_STATES, Deadline
from kuangan.base.people.models import User
from kuangan.domains.alerts.clocks import SUBJECT
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.present import Row, rows
from kuangan.domains.alerts.queries import alert_cases, visible
from kuangan.domains.alerts.rules import code_words
from kuangan.domains.alerts.words import left, moment

LIMIT = 200


@dataclass(frozen=True)
class Item:
    """One thing to do: the case, what is asked, until when. `row` is the row of an alert, None for every other case."""

    case: Case
    row: Row | None
    address: str
    asked: str
    due: str
    due_ms: int
    left: str
    overdue: bool

    @property
    def kind_label(self) -> str:
        return flow_of(self.case.kind).label


def waiting(user: User, at: datetime) -> tuple[list[Item], int]:
    """Up to 200 items, the nearest first, and how many there are in all. Only what the user may see."""
    owed = Deadline.objects.filter(subject_kind=SUBJECT, owner=user.organisation_id, state__in=ASKED_STATES)
    owed = owed.exclude(ladder__in=clock_ladders())
    clocks = list(owed.order_by("due", "id")[:LIMIT])
    idents = {int(clock.subject_id) for clock in clocks}
    cases = Case.objects.visible_to(user, at).select_related("mine").in_bulk(idents)
    alerts = list(alert_cases(visible(user).filter(pk__in=idents)))
    lines = {alert.pk: line for alert, line in zip(alerts, rows(alerts, at), strict=True)}
    items = [item for clock in clocks for item in _item(clock, cases, lines, at)]
    return items, len(items) if len(clocks) < LIMIT else owed.count()


def _item(clock: Deadline, cases: Mapping[int, Case], lines: Mapping[int, Row], at: datetime) -> list[Item]:
    """The item of a clock; none for what does not exist for the user, or asks nobody for anything."""
    case, row = cases.get(int(clock.subject_id)), lines.get(int(clock.subject_id))
    if case is None or (case.kind == FLOW.kind and row is None):
        return []
    asked = code_words(clock.code) if row else words_of(case.kind, clock.code)
    if not asked:
        return []
    return [
        Item(
            case=case,
            row=row,
            address=row.address if row else case.address,
            asked=asked,
            due=moment(clock.due, at),
            due_ms=to_ms(clock.due),
            left=left(clock.due, at),
            overdue=clock.due < at,
        )
    ]
