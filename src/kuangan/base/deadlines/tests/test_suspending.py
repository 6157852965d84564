"""A suspended deadline does not run: it fires nothing, and is due later by what did not count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kuangan.base import deadlines
from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.clocks import ExtensionRefused
from kuangan.base.deadlines.models import AnswerState, Counting, Deadline, DeadlineState, Suspension
from kuangan.base.deadlines.suspending import SuspensionRefused
from kuangan.base.deadlines.workdays import CALENDAR, due_after

AT = datetime(2026, 9, 14, 9, 0, tzinfo=BEIJING)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def start(counting: Counting = Counting.CLOCK, days: int = 10, at: datetime = AT) -> Deadline:
    working = counting == Counting.WORKING_DAYS
    return deadlines.set_deadline(
        subject_kind="case",
        subject_id="7",
        code="rectify",
        due=due_after(CALENDAR, at, days) if working else at + days * DAY,
        ladder="supervision_workdays" if working else "supervision",
        at=at,
        counting=counting,
    )


def suspend(deadline: Deadline, by: object, at: datetime = AT + DAY, reason: str = "等待鉴定") -> Suspension:
    return deadlines.suspend(deadline, reason=reason, basis="示例依据", by=by, at=at)


def test_the_span_is_given_back_by_the_clock(county_leader) -> None:
    deadline = start()
    row = suspend(deadline, county_leader)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.next_at) == (DeadlineState.SUSPENDED, None)
    assert deadlines.next_due("case", "7") is None
    later = deadlines.resume(deadline, reason="鉴定完成", by=county_leader, at=AT + 6 * DAY)
    assert (later.state, later.due, later.next_at) == (DeadlineState.RUNNING, AT + 15 * DAY, AT + 12 * DAY)
    row.refresh_from_db()
    assert (row.resumed_by, row.due_before, row.due_after) == (county_leader, AT + 10 * DAY, AT + 15 * DAY)


def test_working_days_are_given_back_as_working_days(county_leader) -> None:
    """From Monday 14 September, ten working days with Sunday the 20th worked and a holiday before it end on the 28th."""
    deadline = start(Counting.WORKING_DAYS)
    assert deadline.due == datetime(2026, 9, 28, 23, 59, 59, tzinfo=BEIJING)
    suspend(deadline, county_leader, AT + 4 * DAY)
    left = CALENDAR.working_days_between((AT + 4 * DAY).date(), deadline.due.astimezone(BEIJING).date())
    resumed = datetime(2026, 10, 3, 9, 0, tzinfo=BEIJING)
    later = deadlines.resume(deadline, reason="鉴定完成", by=county_leader, at=resumed)
    assert left == 6
    assert later.due == datetime(2026, 10, 14, 23, 59, 59, tzinfo=BEIJING)


def test_who_suspended_on_the_last_day_gets_that_day_back(county_leader) -> None:
    deadline = start(Counting.WORKING_DAYS, 1)
    suspend(deadline, county_leader, AT + DAY)
    later = deadlines.resume(deadline, reason="r", by=county_leader, at=datetime(2026, 10, 1, 9, tzinfo=BEIJING))
    assert later.due == datetime(2026, 10, 8, 23, 59, 59, tzinfo=BEIJING)


def test_both_acts_are_audited_with_reason_and_basis(county_leader) -> None:
    deadline = start()
    suspend(deadline, county_leader)
    deadlines.resume(deadline, reason="鉴定完成", by=county_leader, at=AT + 2 * DAY)
    entries = AuditEntry.objects.filter(kind="deadline").order_by("pk")
    assert [(entry.action, entry.reason) for entry in entries][1:] == [("suspend", "等待鉴定"), ("resume", "鉴定完成")]
    assert "示例依据" in entries[1].content


@pytest.mark.parametrize(
    ("given", "why"),
    [({"reason": " "}, "理由"), ({"basis": ""}, "依据"), ({"at": AT + 11 * DAY}, "未到期")],
)
def test_it_is_refused_without_reason_or_basis_and_once_it_is_due(county_leader, given, why) -> None:
    deadline = start()
    said = {"reason": "等待鉴定", "basis": "示例依据", "by": county_leader, "at": AT + DAY} | given
    with pytest.raises(SuspensionRefused, match=why):
        deadlines.suspend(deadline, **said)
    deadline.refresh_from_db()
    assert deadline.state == DeadlineState.RUNNING


def test_it_is_suspended_once_and_resumed_once(county_leader) -> None:
    deadline = start()
    with pytest.raises(SuspensionRefused, match="没有中止"):
        deadlines.resume(deadline, reason="r", by=county_leader, at=AT)
    suspend(deadline, county_leader)
    with pytest.raises(SuspensionRefused):
        suspend(deadline, county_leader)
    with pytest.raises(ExtensionRefused, match="已中止"):
        deadlines.ask(deadline, due=AT + 99 * DAY, reason="r", by=county_leader, at=AT + DAY)
    with pytest.raises(SuspensionRefused, match="理由"):
        deadlines.resume(deadline, reason="", by=county_leader, at=AT + 2 * DAY)


def test_what_is_done_meanwhile_is_met_and_not_late(county_leader) -> None:
    deadline = start()
    suspend(deadline, county_leader)
    assert deadlines.meet("case", "7", "rectify", at=AT + 99 * DAY) == 1
    assert Suspension.objects.get().resumed_at == AT + 99 * DAY
    assert '"late":false' in AuditEntry.objects.order_by("-pk")[0].content


def test_a_suspended_deadline_is_replaced_by_a_new_one_of_its_code(county_leader) -> None:
    deadline = start()
    suspend(deadline, county_leader)
    start(at=AT + 2 * DAY)
    deadline.refresh_from_db()
    assert deadline.state == DeadlineState.CANCELLED


def test_more_time_is_asked_by_one_and_agreed_by_another(county_officer, county_leader) -> None:
    deadline = start()
    asked = deadlines.ask(deadline, due=AT + 20 * DAY, reason="配件未到", by=county_officer, at=AT)
    with pytest.raises(ExtensionRefused, match="已有延期申请"):
        deadlines.ask(deadline, due=AT + 21 * DAY, reason="再延", by=county_leader, at=AT)
    with pytest.raises(ExtensionRefused, match="另一人"):
        deadlines.agree(asked, by=county_officer, at=AT)
    later = deadlines.agree(asked, by=county_leader, at=AT + DAY, answer="同意")
    asked.refresh_from_db()
    assert (later.due, later.requested_by, later.agreed_by) == (AT + 20 * DAY, county_officer, county_leader)
    assert (asked.state, asked.answered_by, asked.answer) == (AnswerState.AGREED, county_leader, "同意")
    with pytest.raises(ExtensionRefused, match="已经答复"):
        deadlines.refuse(asked, by=county_leader, at=AT + DAY, answer="晚了")


def test_a_refusal_needs_words_and_leaves_the_deadline(county_officer, county_leader) -> None:
    deadline = start()
    asked = deadlines.ask(deadline, due=AT + 20 * DAY, reason="配件未到", by=county_officer, at=AT)
    with pytest.raises(ExtensionRefused, match="写明意见"):
        deadlines.refuse(asked, by=county_leader, at=AT, answer=" ")
    deadlines.refuse(asked, by=county_leader, at=AT, answer="可先用备件")
    deadline.refresh_from_db()
    assert (deadline.state, deadline.due) == (DeadlineState.RUNNING, AT + 10 * DAY)
    deadlines.ask(deadline, due=AT + 12 * DAY, reason="再次申请", by=county_officer, at=AT)


def test_only_whoever_asked_takes_it_back(county_officer, county_leader) -> None:
    asked = deadlines.ask(start(), due=AT + 20 * DAY, reason="配件未到", by=county_officer, at=AT)
    with pytest.raises(ExtensionRefused, match="申请人"):
        deadlines.withdraw(asked, by=county_leader, at=AT)
    assert deadlines.withdraw(asked, by=county_officer, at=AT).state == AnswerState.WITHDRAWN


def test_what_was_asked_ends_with_the_deadline(county_officer) -> None:
    asked = deadlines.ask(start(), due=AT + 20 * DAY, reason="配件未到", by=county_officer, at=AT)
    deadlines.meet("case", "7", "rectify", at=AT + DAY)
    asked.refresh_from_db()
    assert asked.state == AnswerState.WITHDRAWN


def test_a_clock_in_working_days_is_extended_to_the_end_of_a_working_day(county_officer, county_leader) -> None:
    deadline = start(Counting.WORKING_DAYS)
    asked = deadlines.ask(deadline, due=AT + 20 * DAY, reason="配件未到", by=county_officer, at=AT)
    later = deadlines.agree(asked, by=county_leader, at=AT)
    assert later.due == datetime(2026, 10, 8, 23, 59, 59, tzinfo=BEIJING)
    assert later.counting == Counting.WORKING_DAYS
