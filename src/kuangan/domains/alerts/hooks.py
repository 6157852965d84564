"""What the flow of alerts adds to every step: which level may take it, what the alert keeps of it, which clocks stop."""

from __future__ import annotations

from datetime import timedelta

from kuangan.base.case.flow import Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.deadlines.clocks import meet, next_due, set_deadline
from kuangan.base.people.models import User
from kuangan.domains.alerts.clocks import LADDER, SUBJECT, clock_of
from kuangan.domains.alerts.models import Acknowledgement, Alert, Shelving
from kuangan.domains.alerts.routing import RoutingBook
from kuangan.domains.alerts.rules import (
    ACTORS,
    ASKED_AGAIN,
    END_DRILL,
    MEETS,
    acting,
    closing_waits_for,
    levels_of,
    missing_acknowledgements,
    required,
)
from kuangan.domains.alerts.shelving import end_for


def may_perform(case: Case, user: User, transition: Transition) -> bool:
    """Whether the user's organisation stands on a level that may take the step; a drill is ended by whoever sees it. A void alert only waits to be confirmed."""
    alert = Alert.objects.get(case=case)
    if transition.name == END_DRILL:
        return alert.drill
    levels = levels_of(alert.organisations, user.organisation_id)
    allowed = ACTORS.get(transition.name, ("mine",))
    return bool(set(levels) & set(allowed)) and alert.void == (transition.name == "confirm_void")


def hindrance(case: Case, transition: Transition) -> str:
    """A red alert is not closed before each level that the table names has acknowledged red; a merged one stays closed."""
    if transition.name not in ("close", "reopen"):
        return ""
    alert = Alert.objects.get(case=case)
    if transition.name == "reopen":
        return "该告警已并入另一告警，请重办并入的告警" if alert.merged_into else ""
    given = Acknowledgement.objects.filter(alert=alert).values_list("level", "grade")
    told = required(RoutingBook().on(alert.raised_at).told(alert.grade), alert.organisations)
    return closing_waits_for(alert.grade, missing_acknowledgements(alert.grade, told, given))


def after(case: Case, step: Step) -> None:
    """Keep cause and withdrawal, stop the clocks the step meets, start feedback again when it is sent back."""
    alert = Alert.objects.get(case=case)
    _keep(alert, step)
    ident = str(case.pk)
    for code in MEETS.get(step.name, ()):
        meet(SUBJECT, ident, code, at=step.at, by=step.by)
    if step.form.get("withdrawn") in ("yes", "not_needed"):
        meet(SUBJECT, ident, "withdraw_start", at=step.at, by=step.by)
    if step.to_state == "closed":
        end_for([alert], Shelving.State.CLOSED, step.at)
    for code in ASKED_AGAIN.get(step.name, ()):
        _ask_again(alert, step, code)


def refresh_due(case: Case) -> None:
    """`due` of a case is its nearest open clock."""
    case.due = next_due(SUBJECT, str(case.pk))
    Case.objects.filter(pk=case.pk).update(due=case.due)


def _keep(alert: Alert, step: Step) -> None:
    kept = {name: step.form[name] for name in ("cause_code", "withdrawn") if step.form.get(name)}
    Alert.objects.filter(pk=alert.pk).update(**kept, changed_at=step.at)


def _ask_again(alert: Alert, step: Step, code: str) -> None:
    clock = clock_of(RoutingBook().on(alert.raised_at), alert.grade, code)
    owner = acting(alert.organisations).get(clock.level) if clock else None
    if clock is None or owner is None:
        return
    due = step.at + timedelta(minutes=clock.minutes)
    set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(alert.pk),
        code=clock.code,
        due=due,
        ladder=LADDER,
        at=step.at,
        owner_id=owner,
        by=step.by,
    )
