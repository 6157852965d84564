from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from kuangan.base import notices
from kuangan.base.notices.models import Channel, Notice
from kuangan.base.notices.outbox import to_organisation, to_user

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def draft(key: str, to: str = "user:1", channel: Channel = Channel.INBOX) -> notices.Draft:
    return notices.Draft(channel, to, "标题", "正文", "case", "1", key)


def test_the_same_key_is_written_once() -> None:
    first = notices.send_many([draft("a"), draft("b")], AT)
    again = notices.send_many([draft("b"), draft("c")], AT + timedelta(hours=1))
    assert [notice.key for notice in again] == ["b", "c"]
    assert again[0].pk == first[1].pk
    assert Notice.objects.count() == 3


def test_a_rolled_back_change_sends_nothing() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        notices.send_many([draft("a")], AT)
        raise RuntimeError
    assert not Notice.objects.exists()


def test_a_subject_is_one_line_and_fits() -> None:
    long = notices.send(
        channel=Channel.EMAIL,
        to="a@example.org",
        subject="一行\r\nBcc: b@example.org " + "长" * 300,
        body="",
        subject_kind="",
        subject_id="",
        key="k",
        at=AT,
    )
    assert "\n" not in long.subject
    assert len(long.subject) == 200


def test_the_inbox_holds_what_is_addressed_to_me_or_my_organisation(county_officer, county_leader, nobody) -> None:
    own, shared = to_user(county_officer), to_organisation(county_officer.organisation_id)
    notices.send_many([draft("own", own), draft("shared", shared), draft("sms", own, Channel.SMS)], AT)
    assert {notice.key for notice in notices.inbox(county_officer)} == {"own", "shared"}
    assert {notice.key for notice in notices.inbox(county_leader)} == {"shared"}
    assert list(notices.inbox(nobody)) == []


def test_reading_is_kept_for_each_person_and_only_in_the_own_inbox(county_officer, county_leader, nobody) -> None:
    sent = notices.send(
        channel=Channel.INBOX,
        to=to_organisation(county_officer.organisation_id),
        subject="s",
        body="",
        subject_kind="",
        subject_id="",
        key="k",
        at=AT,
    )
    assert notices.mark_read(county_officer, [sent.pk], AT) == 1
    assert notices.mark_read(county_officer, [sent.pk], AT) == 1
    assert notices.mark_read(nobody, [sent.pk], AT) == 0
    assert [notice.is_read for notice in notices.inbox(county_officer)] == [True]
    assert [notice.is_read for notice in notices.inbox(county_leader)] == [False]
