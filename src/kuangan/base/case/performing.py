"""The one way to move a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from kuangan.base import audit, deadlines, notices
from kuangan.base.audit.digest import canonical
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, NotVisible, NotYet, WrongState
from kuangan.base.case.flow import NO_PERMISSION, Flow, Transition, flow_of
from kuangan.base.case.models import Case, Step
from kuangan.base.deadlines.models import Counting
from kuangan.base.deadlines.workdays import CALENDAR, WorkingDays, due_after
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may

SUBJECT = "case"
"""`subject_kind` of the deadlines and notices of cases."""


@transaction.atomic
def perform(case: Case, name: str, *, by: User, at: datetime, form: Mapping[str, object], reason: str = "") -> Case:
    """Take the step `name` and return the case as it stands afterwards.

    Locks the row, then checks in this order: NotVisible (the case does not exist for the person), Forbidden (role or
    level), FourEyes, MissingFields (every required field that is empty), WrongState (also for whoever comes second),
    NotYet (something else must happen first).
    State, step, deadlines, audit entry and notices are written in one transaction or not at all.
    """
    held = _hold(case, by, at)
    flow = flow_of(held.kind)
    transition = _known(flow, name, held)
    _check(flow, transition, held, by, form, reason)
    step = _step(held, transition, by, at, form, reason)
    _move(flow, transition, held, at)
    _run_clocks(flow, transition, held, by, at)
    if transition.notice:
        notices.send_many(flow.notices[transition.notice](held, step), at)
    if flow.after:
        flow.after(held, step)
    Case.objects.filter(pk=held.pk).update(due=deadlines.next_due(SUBJECT, str(held.pk)))
    audit.record(
        actor=by,
        action=name,
        kind=held.kind,
        ident=held.number,
        content={"from": step.from_state, "to": step.to_state, "form": step.form},
        at=at,
        reason=reason,
    )
    held.refresh_from_db()
    return held


def possible(case: Case, user: User) -> list[Transition]:
    """The steps this person may take now, before the form is looked at. One query when a step needs four eyes."""
    flow = flow_of(case.kind)
    steps = [step for step in flow.leaving(case.state) if _permitted(flow, step, case, user)]
    own = _own_steps(case, user) if any(step.four_eyes for step in steps) else set()
    return [step for step in steps if step.four_eyes not in own]


def _hold(case: Case, by: User, at: datetime) -> Case:
    held = Case.objects.visible_to(by, at).select_for_update().filter(pk=case.pk).first()
    if held is None:
        raise NotVisible
    return held


def _known(flow: Flow, name: str, held: Case) -> Transition:
    try:
        return flow.transition(name)
    except KeyError:
        raise WrongState(held.state, name) from None


def _check(flow: Flow, transition: Transition, held: Case, by: User, form: Mapping[str, object], reason: str) -> None:
    if not _permitted(flow, transition, held, by):
        raise Forbidden("您的岗位不能执行此操作")
    if transition.four_eyes and transition.four_eyes in _own_steps(held, by):
        raise FourEyes("此操作须由另一人执行")
    given = {**form, "reason": reason or form.get("reason")}
    if missing := {field: "必填" for field in transition.needs if _empty(given.get(field))}:
        raise MissingFields(missing)
    if held.state not in transition.from_:
        raise WrongState(held.state, transition.name)
    if flow.hindrance and (why := flow.hindrance(held, transition)):
        raise NotYet(held.state, transition.name, why)


def _permitted(flow: Flow, transition: Transition, case: Case, user: User) -> bool:
    role = transition.may == NO_PERMISSION or may(user, transition.may)
    return role and (flow.may_perform is None or flow.may_perform(case, user, transition))


def _own_steps(case: Case, user: User) -> set[str | None]:
    """Names of the steps the person took on the case, and the states they led to."""
    taken = Step.objects.filter(Q(by=user), case_id=case.pk).values_list("name", "to_state")
    return {word for pair in taken for word in pair}


def _empty(value: object) -> bool:
    """False and 0 are answers; nothing, blanks and empty lists are not."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], (), {})


def _step(held: Case, transition: Transition, by: User, at: datetime, form: Mapping[str, object], reason: str) -> Step:
    return Step.objects.create(
        case=held,
        name=transition.name,
        from_state=held.state,
        to_state=transition.to,
        by=by,
        organisation_id=by.organisation_id,
        at=at,
        form=json.loads(canonical(dict(form))),
        reason=reason,
    )


def _move(flow: Flow, transition: Transition, held: Case, at: datetime) -> None:
    held.state = transition.to
    held.closed = at if transition.to in flow.final else None
    held.save(update_fields=["state", "closed"])


def _run_clocks(flow: Flow, transition: Transition, held: Case, by: User, at: datetime) -> None:
    """The clock of this step is met; the end of the case cancels the others; `due` starts the next."""
    subject = str(held.pk)
    deadlines.meet(SUBJECT, subject, transition.name, at=at, by=by)
    if transition.to in flow.final:
        deadlines.cancel(SUBJECT, subject, at=at, by=by)
    if not transition.due:
        return
    rule = flow.clocks[transition.due]
    length = rule.length(held, at) if callable(rule.length) else rule.length
    if length is not None:
        due, counting = _ends(length, at)
        deadlines.set_deadline(
            subject_kind=SUBJECT,
            subject_id=subject,
            code=transition.due,
            due=due,
            counting=counting,
            ladder=rule.ladder,
            at=at,
            owner_id=rule.owner(held) if rule.owner else held.owner_id,
            by=by,
        )


def _ends(length: timedelta | WorkingDays, at: datetime) -> tuple[datetime, Counting]:
    """When a clock that starts now is due, and how it is counted."""
    if isinstance(length, WorkingDays):
        return due_after(CALENDAR, at, length.count), Counting.WORKING_DAYS
    return at + length, Counting.CLOCK
