"""More time in two steps: one person asks, somebody else agrees or refuses."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kuangan.base.deadlines.clocks import ExtensionRefused, extend, note
from kuangan.base.deadlines.models import ASKED_STATES, AnswerState, Counting, Deadline, ExtensionRequest
from kuangan.base.deadlines.workdays import whole_day
from kuangan.base.people.models import User


@transaction.atomic
def ask(deadline: Deadline, *, due: datetime, reason: str, by: User, at: datetime) -> ExtensionRequest:
    """Ask for a later time. Raises ExtensionRefused without reason or later time, or when it does not run or was asked for already."""
    held = Deadline.objects.select_for_update().get(pk=deadline.pk)
    if not reason.strip():
        raise ExtensionRefused("延期须填写理由")
    if held.state not in ASKED_STATES:
        raise ExtensionRefused("时限已中止或者已结束，不能延期")
    if held.counting == Counting.WORKING_DAYS:
        due = whole_day(due)
    if due <= max(held.due, at):
        raise ExtensionRefused("新的时限须晚于原时限和当前时间")
    if held.requests.filter(state=AnswerState.ASKED).exists():
        raise ExtensionRefused("已有延期申请待同意")
    row = ExtensionRequest.objects.create(deadline=held, due=due, reason=reason.strip(), by=by, at=at)
    note(by, "ask", held, at, row.reason, asked=due)
    return row


@transaction.atomic
def agree(request: ExtensionRequest, *, by: User, at: datetime, answer: str = "") -> Deadline:
    """Grant it: the deadline ends as extended and a later one runs. Raises ExtensionRefused, as for whoever asked."""
    held = _answered(request, AnswerState.AGREED, by, at, answer)
    return extend(held.deadline, due=held.due, reason=held.reason, by=held.by, second=by, at=at)


@transaction.atomic
def refuse(request: ExtensionRequest, *, by: User, at: datetime, answer: str) -> ExtensionRequest:
    """Leave the deadline as it is. Raises ExtensionRefused without words or for whoever asked."""
    if not answer.strip():
        raise ExtensionRefused("不同意须写明意见")
    held = _answered(request, AnswerState.REFUSED, by, at, answer)
    note(by, "refuse", held.deadline, at, held.answer, asked=held.due)
    return held


@transaction.atomic
def withdraw(request: ExtensionRequest, *, by: User, at: datetime) -> ExtensionRequest:
    """Whoever asked takes it back. Raises ExtensionRefused for anybody else."""
    held = _held(request)
    if held.by_id != by.pk:
        raise ExtensionRefused("只有申请人可以撤回")
    _end(held, AnswerState.WITHDRAWN, by, at, "")
    note(by, "withdraw", held.deadline, at, asked=held.due)
    return held


def _answered(request: ExtensionRequest, state: AnswerState, by: User, at: datetime, answer: str) -> ExtensionRequest:
    held = _held(request)
    if held.by_id == by.pk:
        raise ExtensionRefused("延期须由另一人同意")
    return _end(held, state, by, at, answer)


def _held(request: ExtensionRequest) -> ExtensionRequest:
    """The request, locked with its deadline, while nobody has answered it."""
    Deadline.objects.select_for_update().get(pk=request.deadline_id)
    held = ExtensionRequest.objects.select_for_update(of=("self",)).select_related("deadline", "by").get(pk=request.pk)
    if held.state != AnswerState.ASKED:
        raise ExtensionRefused("该申请已经答复或者撤回")
    return held


def _end(held: ExtensionRequest, state: AnswerState, by: User, at: datetime, answer: str) -> ExtensionRequest:
    held.state, held.answered_by, held.answered_at, held.answer = state, by, at, answer.strip()
    held.save(update_fields=["state", "answered_by", "answered_at", "answer"])
    return held
