"""A deadline stops and runs on: the span between does not count, and no rung fires in it."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.deadlines.clocks import note
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.deadlines.models import Counting, Deadline, DeadlineState, Suspension
from kuangan.base.deadlines.workdays import CALENDAR
from kuangan.base.people.models import User


class SuspensionRefused(PermissionDenied):
    """A deadline cannot be suspended or resumed, or reason or basis is missing."""


@transaction.atomic
def suspend(deadline: Deadline, *, reason: str, basis: str, by: User, at: datetime) -> Suspension:
    """Stop a running deadline. Raises SuspensionRefused without reason and basis, or when it does not run or is overdue."""
    held = Deadline.objects.select_for_update().get(pk=deadline.pk)
    if not reason.strip() or not basis.strip():
        raise SuspensionRefused("中止须写明理由和依据")
    if held.state != DeadlineState.RUNNING or at > held.due:
        raise SuspensionRefused("只有未到期、正在计时的时限可以中止")
    row = Suspension.objects.create(
        deadline=held, started_at=at, reason=reason.strip(), basis=basis.strip(), by=by, due_before=held.due
    )
    Deadline.objects.filter(pk=held.pk).update(state=DeadlineState.SUSPENDED, next_at=None)
    note(by, "suspend", held, at, row.reason, basis=row.basis)
    return row


@transaction.atomic
def resume(deadline: Deadline, *, reason: str, by: User, at: datetime) -> Deadline:
    """Let a suspended deadline run on, later by what did not count. Raises SuspensionRefused without reason or when it is not suspended."""
    held = Deadline.objects.select_for_update().get(pk=deadline.pk)
    if not reason.strip():
        raise SuspensionRefused("恢复计时须写明理由")
    if held.state != DeadlineState.SUSPENDED:
        raise SuspensionRefused("时限没有中止")
    row = Suspension.objects.select_for_update().get(deadline=held, resumed_at__isnull=True)
    due = due_resumed(held, row.started_at, at)
    row.resumed_at, row.resumed_by, row.resumed_reason, row.due_after = at, by, reason.strip(), due
    row.save(update_fields=["resumed_at", "resumed_by", "resumed_reason", "due_after"])
    held.state, held.due, before = DeadlineState.RUNNING, due, held.due
    held.next_at = LADDERS[held.ladder].fires_at(held.rung, due)
    held.save(update_fields=["state", "due", "next_at"])
    note(by, "resume", held, at, row.resumed_reason, before=before)
    return held


def due_resumed(deadline: Deadline, since: datetime, at: datetime) -> datetime:
    """When it is due once it runs on: what was left at `since`, in its own unit, counted from `at`; never earlier than before."""
    if deadline.counting != Counting.WORKING_DAYS:
        return deadline.due + (at - since)
    due = deadline.due.astimezone(BEIJING)
    left = CALENDAR.working_days_between(beijing_day(since), due.date())
    day = CALENDAR.add_working_days(beijing_day(at), max(left, 0))
    return max(datetime.combine(day, due.time(), BEIJING), deadline.due)
