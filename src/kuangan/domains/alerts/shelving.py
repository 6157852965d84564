"""Putting an alert aside for a while: by a level that acts, for a reason, until a time; red wants a second person.

It comes back by itself: the list asks whether the end has passed or the colour has risen (`in_force`), and the clock
`shelving` of the worker then writes down what ended it. Response clocks go on unless the data of the desk says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet

from kuangan.base.audit.writing import Note, record, record_many
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, WrongState
from kuangan.base.case.models import Case
from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.clocks import cancel, extend, meet, next_due, set_deadline
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import OPEN_STATES, Deadline
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.clocks import SUBJECT
from kuangan.domains.alerts.models import Alert, Shelving
from kuangan.domains.alerts.rules import GRADE_WORDS, levels_of
from kuangan.domains.alerts.tuning import TUNING, ShelvingRule

KIND = "shelving"
CODE = "shelving_end"
LADDER = "shelving"
State = Shelving.State


def in_force(row: Shelving, alert: Alert, at: datetime) -> bool:
    """Whether the shelving keeps the alert off the list of its organisation at `at`."""
    return row.state == State.IN_FORCE and row.until > at and row.rank >= alert.rank and not alert.void


def offer(alert: Alert, user: User | AnonymousUser) -> ShelvingRule | None:
    """What the person may do by way of shelving, None when nothing. The same is asked again when it is done."""
    if not isinstance(user, User) or not may(user, "alert.shelve") or alert.void or alert.case.closed is not None:
        return None
    levels = levels_of(alert.organisations, user.organisation_id)
    if not levels or _live(alert, user.organisation_id).exists():
        return None
    return TUNING.shelving[alert.grade]


@transaction.atomic
def shelve(case: Case, *, by: User, at: datetime, until: datetime, reason: str) -> Shelving:
    """Put the alert aside for the person's organisation; where its colour wants a second person, ask for that.

    Raises Forbidden (role, level), MissingFields (reason; end not in the future or beyond the colour's longest time),
    WrongState (closed, void, or shelved already).
    """
    if not may(by, "alert.shelve") or by.organisation is None:
        raise Forbidden("没有搁置告警的权限")
    held = Case.objects.select_for_update().get(pk=case.pk)
    alert = Alert.objects.get(case=held)
    levels = levels_of(alert.organisations, by.organisation_id)
    if not levels:
        raise Forbidden("本单位不在该告警的处置层级内，不能搁置")
    law = TUNING.shelving[alert.grade]
    _check(alert, at, until, reason)
    if held.closed is not None or alert.void or _live(alert, by.organisation_id).exists():
        raise WrongState(held.state, "shelve")
    row = Shelving.objects.create(
        alert=alert,
        organisation=by.organisation,
        level=levels[-1],
        grade=alert.grade,
        rank=alert.rank,
        reason=reason.strip(),
        by=by,
        at=at,
        until=until,
        state=State.WAITING if law.second_person else State.IN_FORCE,
    )
    _run_clock(row, at, by)
    _told("alert.shelve", row, held, by, at, reason)
    Alert.objects.filter(pk=alert.pk).update(changed_at=at)
    return row


def _check(alert: Alert, at: datetime, until: datetime, reason: str) -> None:
    law = TUNING.shelving[alert.grade]
    if not reason.strip():
        raise MissingFields({"理由": "必填"})
    if not at < until <= at + law.longest:
        raise MissingFields({"返回时间": f"{GRADE_WORDS[alert.grade]}色告警最长搁置 {law.hours} 小时"})


def _live(alert: Alert, organisation: int | None) -> QuerySet[Shelving]:
    return Shelving.objects.filter(alert=alert, organisation_id=organisation or 0, state__in=Shelving.LIVE)


def pending(row: Shelving, at: datetime) -> bool:
    """Whether a second person may still agree."""
    return row.state == State.WAITING and row.until > at


@transaction.atomic
def decide(row: Shelving, *, by: User, at: datetime, agreed: bool) -> Shelving:
    """The second person of the same organisation agrees or does not. Raises Forbidden, FourEyes, WrongState."""
    case = Case.objects.select_for_update().get(pk=row.alert_id)
    held = Shelving.objects.select_related("alert").get(pk=row.pk)
    if not may(by, "alert.shelve") or by.organisation_id != held.organisation_id:
        raise Forbidden("须由同一单位的另一人同意")
    if held.by_id == by.pk:
        raise FourEyes("须由申请人以外的另一人同意")
    if not pending(held, at) or held.alert.void or held.alert.rank > held.rank:
        raise WrongState(case.state, "shelve")
    held.second, held.decided_at = by, at
    held.state = State.IN_FORCE if agreed else State.REFUSED
    held.ended_at = None if agreed else at
    held.save(update_fields=["second", "decided_at", "state", "ended_at"])
    if agreed:
        _put_off(held, case, at)
    else:
        cancel(KIND, str(held.pk), at=at, by=by)
    _told("alert.shelve_agreed" if agreed else "alert.shelve_refused", held, case, by, at)
    Alert.objects.filter(pk=held.alert_id).update(changed_at=at)
    return held


@transaction.atomic
def withdraw(row: Shelving, *, by: User, at: datetime) -> Shelving:
    """Bring the alert back before the end. Anybody of the organisation who may shelve may do so."""
    case = Case.objects.select_for_update().get(pk=row.alert_id)
    held = Shelving.objects.get(pk=row.pk)
    if not may(by, "alert.shelve") or by.organisation_id != held.organisation_id:
        raise Forbidden("只有搁置的单位可以取消搁置")
    if held.state not in Shelving.LIVE:
        raise WrongState(case.state, "unshelve")
    _end([held], State.WITHDRAWN, at, by)
    return held


def end_for(alerts: Iterable[Alert], state: str, at: datetime) -> int:
    """End what is shelved of these alerts: they were closed, or the engine changed them. Returns how many."""
    rows = list(Shelving.objects.filter(alert__in=[alert.pk for alert in alerts], state__in=Shelving.LIVE))
    _end(rows, state, at, None)
    return len(rows)


def unshelve(deadlines: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the ladder `shelving`: the end has come, the alert is back on the list."""
    pks = [int(row.subject_id) for row in deadlines if row.subject_kind == KIND]
    rows = list(Shelving.objects.filter(pk__in=pks, state__in=Shelving.LIVE).select_related("alert"))
    _end(rows, State.EXPIRED, at, None)


def _end(rows: Sequence[Shelving], state: str, at: datetime, by: User | None) -> None:
    """Write the end of shelvings, with their audit entries; each alert counts as changed."""
    if not rows:
        return
    pks = [row.pk for row in rows]
    Shelving.objects.filter(pk__in=pks).update(state=state, ended_at=at, ended_by=by)
    Alert.objects.filter(pk__in=[row.alert_id for row in rows]).update(changed_at=at)
    numbers = dict(Case.objects.filter(pk__in=[row.alert_id for row in rows]).values_list("pk", "number"))
    content = {"end": str(state)}
    record_many(
        Note(by, "alert.unshelve", "alert", numbers[row.alert_id], at, content | {"shelving": row.pk}) for row in rows
    )
    for row in rows:
        if state == State.EXPIRED:
            meet(KIND, str(row.pk), CODE, at=at)
        else:
            cancel(KIND, str(row.pk), at=at, by=by)


def _run_clock(row: Shelving, at: datetime, by: User) -> None:
    set_deadline(
        subject_kind=KIND,
        subject_id=str(row.pk),
        code=CODE,
        due=row.until,
        ladder=LADDER,
        at=at,
        owner_id=row.organisation_id,
        by=by,
    )


def _put_off(row: Shelving, case: Case, at: datetime) -> None:
    """Where the data lets clocks stop, those that the organisation owes end later by the time it is shelved."""
    if not TUNING.shelving[row.grade].clocks_stop or row.second is None:
        return
    owed = Deadline.objects.filter(subject_kind=SUBJECT, subject_id=str(case.pk), owner_id=row.organisation_id)
    for clock in list(owed.filter(state__in=OPEN_STATES, due__gt=at)):
        due = clock.due + (row.until - at)
        extend(clock, due=due, reason=f"搁置：{row.reason}", by=row.by, second=row.second, at=at)
    Case.objects.filter(pk=case.pk).update(due=next_due(SUBJECT, str(case.pk)))


def _told(action: str, row: Shelving, case: Case, by: User, at: datetime, reason: str = "") -> None:
    until = f"{row.until.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    content = {"shelving": row.pk, "grade": row.grade, "level": row.level, "until": until, "state": str(row.state)}
    record(actor=by, action=action, kind="alert", ident=case.number, content=content, at=at, reason=reason)
