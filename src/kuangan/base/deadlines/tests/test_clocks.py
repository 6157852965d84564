from datetime import UTC, datetime, timedelta

import pytest

from kuangan.base import deadlines
from kuangan.base.audit.models import AuditEntry
from kuangan.base.deadlines.clocks import ExtensionRefused
from kuangan.base.deadlines.models import Deadline, DeadlineState

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def start(code: str = "verify", due: datetime = AT + HOUR, ladder: str = "response") -> Deadline:
    return deadlines.set_deadline(subject_kind="case", subject_id="7", code=code, due=due, ladder=ladder, at=AT)


def audited() -> list[str]:
    return list(AuditEntry.objects.filter(kind="deadline").order_by("pk").values_list("action", flat=True))


@pytest.mark.django_db
def test_a_deadline_waits_for_its_first_rung() -> None:
    assert start().next_at == AT + HOUR - timedelta(minutes=10)


@pytest.mark.django_db
def test_a_short_deadline_skips_the_reminder_that_would_lie_in_the_past() -> None:
    deadline = start(due=AT + timedelta(minutes=5))
    assert (deadline.rung, deadline.next_at) == (1, AT + timedelta(minutes=5))


@pytest.mark.django_db
def test_setting_it_again_cancels_the_one_before() -> None:
    first, second = start(), start(due=AT + 2 * HOUR)
    first.refresh_from_db()
    assert (first.state, first.next_at) == (DeadlineState.CANCELLED, None)
    assert second.state == DeadlineState.RUNNING
    assert audited() == ["set", "cancelled", "set"]


@pytest.mark.django_db
def test_meeting_ends_only_that_code() -> None:
    start("verify")
    start("report", AT + 2 * HOUR)
    assert deadlines.meet("case", "7", "verify", at=AT) == 1
    assert deadlines.meet("case", "7", "verify", at=AT) == 0
    assert deadlines.next_due("case", "7") == AT + 2 * HOUR
    assert deadlines.cancel("case", "7", at=AT) == 1
    assert deadlines.next_due("case", "7") is None


@pytest.mark.django_db
def test_meeting_it_late_is_said_so_in_the_audit() -> None:
    start()
    deadlines.meet("case", "7", "verify", at=AT + 2 * HOUR)
    assert '"late":true' in AuditEntry.objects.order_by("-pk")[0].content


@pytest.mark.django_db
def test_an_extension_closes_one_row_and_opens_another(county_officer, county_leader) -> None:
    before = start()
    later = deadlines.extend(
        before, due=AT + 5 * HOUR, reason="道路中断", by=county_officer, second=county_leader, at=AT
    )
    before.refresh_from_db()
    assert (before.state, before.next_at) == (DeadlineState.EXTENDED, None)
    assert (later.state, later.due, later.extends) == (DeadlineState.RUNNING, AT + 5 * HOUR, before)
    assert (later.requested_by, later.agreed_by, later.reason) == (county_officer, county_leader, "道路中断")
    assert audited() == ["set", "extend"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reason": "  "}, "理由"),
        ({"second": "county_officer"}, "另一人"),
        ({"due": AT + HOUR}, "晚于"),
        ({"due": AT + timedelta(minutes=1)}, "晚于"),
    ],
)
def test_an_extension_is_refused_without_reason_second_person_or_later_time(cast, change, why) -> None:
    given = {"due": AT + 5 * HOUR, "reason": "道路中断", "second": "county_leader"} | change
    given["second"] = cast.people[given["second"]]
    deadline = start()
    with pytest.raises(ExtensionRefused, match=why):
        deadlines.extend(deadline, by=cast.county_officer, at=AT, **given)
    deadline.refresh_from_db()
    assert deadline.state == DeadlineState.RUNNING


@pytest.mark.django_db
def test_what_has_ended_cannot_be_extended(county_officer, county_leader) -> None:
    deadline = start()
    deadlines.meet("case", "7", "verify", at=AT)
    with pytest.raises(ExtensionRefused, match="已结束"):
        deadlines.extend(deadline, due=AT + 5 * HOUR, reason="r", by=county_officer, second=county_leader, at=AT)
