"""A clock of an alert has lapsed: the next level up is told, and the alert shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.base.case.models import Case
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import OPEN_STATES, Deadline
from kuangan.base.notices.models import Notice
from kuangan.base.people.models import Organisation
from kuangan.domains.alerts import clocks
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Acknowledgement, Alert, Change
from kuangan.domains.alerts.routing import Routing, RoutingBook
from kuangan.domains.alerts.rules import (
    LEVEL_WORDS,
    LEVELS,
    ack_code,
    acting,
    code_words,
    grade_rank,
    level_of_code,
    level_rank,
    next_level,
)


def climb(deadlines: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the action `climb`; runs in the transaction that moved the deadlines. A constant number of queries."""
    own = [row for row in deadlines if row.subject_kind == clocks.SUBJECT]
    idents = {int(row.subject_id) for row in own}
    alerts = {
        alert.pk: alert
        for alert in Alert.objects.select_for_update(of=("self",)).select_related("case").filter(pk__in=idents)
    }
    bodies = Organisation.objects.in_bulk({pk for alert in alerts.values() for pk in alert.organisations.values()})
    running = set(
        Deadline.objects.filter(
            subject_kind=clocks.SUBJECT, subject_id__in=[str(pk) for pk in alerts], state__in=OPEN_STATES
        ).values_list("subject_id", "code")
    )
    given: dict[int, set[str]] = {}
    for ack in Acknowledgement.objects.filter(alert__in=list(alerts)):
        if grade_rank(ack.grade) >= grade_rank(alerts[ack.alert_id].grade):
            given.setdefault(ack.alert_id, set()).add(ack.level)
    work = Climb(at, RoutingBook(), bodies, running, given)
    for row in sorted(own, key=lambda row: (row.due, row.pk)):
        alert = alerts.get(int(row.subject_id))
        if alert is not None and alert.case.state not in FLOW.final:
            work.lapse(alert, row)
    work.write()


class Climb:
    """What a batch of lapsed clocks leads to, gathered and then written in bulk."""

    def __init__(
        self,
        at: datetime,
        book: RoutingBook,
        bodies: dict[int, Organisation],
        running: set[tuple[str, str]],
        given: dict[int, set[str]],
    ) -> None:
        self.at, self.book, self.bodies, self.running, self.given = at, book, bodies, running, given
        self.changes: list[Change] = []
        self.started: list[Deadline] = []
        self.notices: list[Notice] = []
        self.moved: dict[int, Alert] = {}

    def lapse(self, alert: Alert, row: Deadline) -> None:
        """One lapsed clock: recorded always; the level above is told, unless the colour's ceiling is reached."""
        level = level_of_code(row.code) or _owing_level(alert, row)
        routing = self.book.on(alert.raised_at)
        above = next_level(level, acting(alert.organisations), routing.ceiling[alert.grade])
        above = self._other_body(alert, level, above, routing)
        kind = "climbed" if above else "lapsed"
        detail = f"{code_words(row.code)}逾期" + (f"，已通知{LEVEL_WORDS[above]}" if above else "")
        self.changes.append(
            Change(alert=alert, rev=alert.rev, kind=kind, level=above or level, detail=detail, at=self.at)
        )
        alert.changed_at = self.at
        self.moved[alert.pk] = alert
        if above is None:
            return
        alert.reach = max(alert.reach, level_rank(above))
        self.notices += clocks.notices(alert, [above], self.bodies, f"climb:{row.pk}", self.at)
        if level_of_code(row.code):
            self._draw_in(alert, above, routing)

    def _other_body(self, alert: Alert, level: str, above: str | None, routing: Routing) -> str | None:
        """Skip levels on which the same organisation stands: it has just failed to answer."""
        stands = acting(alert.organisations)
        while above is not None and stands[above] == stands.get(level):
            above = next_level(above, stands, routing.ceiling[alert.grade])
        return above

    def _draw_in(self, alert: Alert, level: str, routing: Routing) -> None:
        """The level drawn in owes an acknowledgement too, unless it gave one or owes it already."""
        code, owner = ack_code(level), acting(alert.organisations)[level]
        if (str(alert.pk), code) in self.running or level in self.given.get(alert.pk, ()):
            return
        self.running.add((str(alert.pk), code))
        row = clocks.deadline(alert, code, owner, self.at, routing.climb_ack_minutes, clocks.ladder_of(code))
        self.started.append(row)
        alert.case.due = min(filter(None, (alert.case.due, row.due)))

    def write(self) -> None:
        Change.objects.bulk_create(self.changes)
        Deadline.objects.bulk_create(self.started)
        Notice.objects.bulk_create(self.notices, ignore_conflicts=True)
        Alert.objects.bulk_update(self.moved.values(), ["reach", "changed_at"], batch_size=200)
        Case.objects.bulk_update([alert.case for alert in self.moved.values()], ["due"], batch_size=200)


def _owing_level(alert: Alert, row: Deadline) -> str:
    """The lowest level on which the owner of a clock stands; the mine when the owner is nobody's."""
    stands = acting(alert.organisations)
    return next((level for level in LEVELS if row.owner_id is not None and stands.get(level) == row.owner_id), "mine")
