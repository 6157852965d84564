"""Starting, meeting, cancelling and extending deadlines; each writes its audit entry in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min, QuerySet

from kuangan.base import audit
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.deadlines.models import (
    ASKED_STATES,
    OPEN_STATES,
    AnswerState,
    Counting,
    Deadline,
    DeadlineState,
    ExtensionRequest,
    Suspension,
)
from kuangan.base.deadlines.workdays import whole_day
from kuangan.base.people.models import User


class ExtensionRefused(PermissionDenied):
    """An extension lacks a reason, a second person or a later time."""


@transaction.atomic
def set_deadline(
    *,
    subject_kind: str,
    subject_id: str,
    code: str,
    due: datetime,
    ladder: str,
    at: datetime,
    owner_id: int | None = None,
    by: User | None = None,
    counting: Counting = Counting.CLOCK,
) -> Deadline:
    """Start a clock. One of the same code that still runs on the subject is cancelled first. KeyError: unknown ladder.

    `counting` says in what an interruption is given back: time, or working days (`due` then is the end of one).
    """
    rungs = LADDERS[ladder]
    cancel(subject_kind, subject_id, at=at, codes=(code,), by=by)
    rung = rungs.first_after(due, at)
    deadline = Deadline.objects.create(
        subject_kind=subject_kind,
        subject_id=subject_id,
        code=code,
        owner_id=owner_id,
        started_at=at,
        due=due,
        counting=counting,
        ladder=ladder,
        rung=rung,
        next_at=rungs.fires_at(rung, due),
    )
    note(by, "set", deadline, at)
    return deadline


def meet(subject_kind: str, subject_id: str, code: str, *, at: datetime, by: User | None = None) -> int:
    """End the open deadline of that code as met, late or not; 0 when none was open."""
    return _end(_open(subject_kind, subject_id).filter(code=code), DeadlineState.MET, at, by)


def cancel(
    subject_kind: str, subject_id: str, *, at: datetime, codes: tuple[str, ...] | None = None, by: User | None = None
) -> int:
    """End the open deadlines of a subject, or those of the given codes, as no longer asked. Returns how many."""
    chosen = _open(subject_kind, subject_id)
    return _end(chosen if codes is None else chosen.filter(code__in=codes), DeadlineState.CANCELLED, at, by)


@transaction.atomic
def extend(deadline: Deadline, *, due: datetime, reason: str, by: User, second: User, at: datetime) -> Deadline:
    """Replace an open deadline by a later one: `by` asks for it, `second`, somebody else, agrees.

    Raises ExtensionRefused without a reason, a second person or a later time, or when it is no longer open.
    """
    held = Deadline.objects.select_for_update().get(pk=deadline.pk)
    if not reason.strip():
        raise ExtensionRefused("延期须填写理由")
    if second.pk == by.pk:
        raise ExtensionRefused("延期须由另一人同意")
    if held.state not in ASKED_STATES:
        raise ExtensionRefused("时限已中止或者已结束，不能延期")
    if held.counting == Counting.WORKING_DAYS:
        due = whole_day(due)
    if due <= max(held.due, at):
        raise ExtensionRefused("新的时限须晚于原时限和当前时间")
    Deadline.objects.filter(pk=held.pk).update(state=DeadlineState.EXTENDED, ended_at=at, next_at=None)
    _leave_nothing_open([held.pk], at)
    rungs = LADDERS[held.ladder]
    rung = rungs.first_after(due, at)
    later = Deadline.objects.create(
        subject_kind=held.subject_kind,
        subject_id=held.subject_id,
        code=held.code,
        owner_id=held.owner_id,
        started_at=held.started_at,
        due=due,
        counting=held.counting,
        ladder=held.ladder,
        rung=rung,
        next_at=rungs.fires_at(rung, due),
        extends=held,
        reason=reason,
        requested_by=by,
        agreed_by=second,
    )
    note(by, "extend", later, at, reason, second=second.pk, before=held.due)
    return later


def next_due(subject_kind: str, subject_id: str) -> datetime | None:
    """The nearest time due among the deadlines of a subject that run; one that is suspended has none."""
    asked = _open(subject_kind, subject_id).exclude(state=DeadlineState.SUSPENDED)
    nearest: datetime | None = asked.aggregate(nearest=Min("due"))["nearest"]
    return nearest


def _open(subject_kind: str, subject_id: str) -> QuerySet[Deadline]:
    return Deadline.objects.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=OPEN_STATES)


@transaction.atomic
def _end(chosen: QuerySet[Deadline], state: DeadlineState, at: datetime, by: User | None) -> int:
    ended = list(chosen.select_for_update())
    rows = [deadline.pk for deadline in ended]
    Deadline.objects.filter(pk__in=rows).update(state=state, ended_at=at, next_at=None)
    _leave_nothing_open(rows, at)
    audit.record_many(
        [
            audit.Note(
                by, state.value, "deadline", str(deadline.pk), at, _content(deadline) | {"late": _late(deadline, at)}
            )
            for deadline in ended
        ]
    )
    return len(ended)


def _late(deadline: Deadline, at: datetime) -> bool:
    return deadline.state != DeadlineState.SUSPENDED and at > deadline.due


def _leave_nothing_open(rows: list[int], at: datetime) -> None:
    """What was asked about deadlines that have ended is asked no more, and a suspension ends with its deadline."""
    if rows:
        asked = ExtensionRequest.objects.filter(deadline__in=rows, state=AnswerState.ASKED)
        asked.update(state=AnswerState.WITHDRAWN, answered_at=at)
        Suspension.objects.filter(deadline__in=rows, resumed_at__isnull=True).update(resumed_at=at)


def note(by: User | None, action: str, deadline: Deadline, at: datetime, reason: str = "", **more: object) -> None:
    audit.record(
        actor=by,
        action=action,
        kind="deadline",
        ident=str(deadline.pk),
        content=_content(deadline) | more,
        at=at,
        reason=reason,
    )


def _content(deadline: Deadline) -> dict[str, object]:
    return {
        "subject": f"{deadline.subject_kind}:{deadline.subject_id}",
        "code": deadline.code,
        "due": deadline.due,
        "owner": deadline.owner_id,
    }
