"""The inbox shows what was told to a person and the person's organisation, and nothing of what is hidden from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from conftest import Cast
from kuangan.base.case.models import Case
from kuangan.base.notices.models import Channel, Reading
from kuangan.base.notices.outbox import send, to_organisation, to_user

Get = Callable[..., Any]
pytestmark = pytest.mark.django_db


def tell(to: str, subject: str, at: datetime, case: Case | None = None) -> None:
    send(
        channel=Channel.INBOX,
        to=to,
        subject=subject,
        body="",
        subject_kind="case" if case else "",
        subject_id=str(case.pk) if case else "",
        key=f"{to}:{subject}",
        at=at,
    )


@pytest.fixture
def case(cast: Cast, moment: datetime) -> Case:
    return Case.objects.create(
        kind="alert",
        number="GJ-20261121-0001",
        mine=cast.mine_a,
        region="140404",
        sector="coal",
        state="raised",
        opened=moment,
        title="示例告警",
    )


def test_a_person_reads_what_is_addressed_to_them_and_their_organisation(
    cast: Cast, client_of: Get, moment: datetime, case: Case
) -> None:
    tell(to_organisation(cast.organisations["county"].pk), "致本县", moment, case)
    tell(to_user(cast.county_officer), "致本人", moment)
    tell(to_organisation(cast.organisations["city"].pk), "致本市", moment)
    page = client_of(cast.county_officer).get("/inbox/").content.decode()
    assert "致本县" in page and "致本人" in page and "致本市" not in page
    assert "/alerts/GJ-20261121-0001/" in page and "未读 2 条" in page


def test_read_is_read_by_the_person_alone(cast: Cast, client_of: Get, moment: datetime) -> None:
    tell(to_organisation(cast.organisations["county"].pk), "甲", moment)
    tell(to_organisation(cast.organisations["county"].pk), "乙", moment)
    client_of(cast.county_officer).post("/inbox/read/")
    assert "未读 0 条" in client_of(cast.county_officer).get("/inbox/").content.decode()
    assert "未读 2 条" in client_of(cast.county_leader).get("/inbox/").content.decode()


def test_nobody_marks_what_belongs_to_others(cast: Cast, client_of: Get, moment: datetime) -> None:
    tell(to_user(cast.county_officer), "致本人", moment)
    notice = client_of(cast.county_officer).get("/inbox/").context["lines"][0].notice
    client_of(cast.neighbour_officer).post("/inbox/read/", {"notice": notice.pk})
    assert not Reading.objects.exists()


def test_a_notice_of_a_sealed_case_leaves_no_trace_for_those_outside_its_group(
    cast: Cast, client_of: Get, moment: datetime, case: Case
) -> None:
    Case.objects.filter(pk=case.pk).update(secrecy="sealed:suspicion")
    tell(to_organisation(cast.organisations["province"].pk), "密", moment, case)
    client = client_of(cast.province_officer)
    assert "密" not in client.get("/inbox/").content.decode().split("<main")[1]
    assert "未读 0 条" in client.get("/inbox/").content.decode()
    cast.province_officer.sealed_groups = ["suspicion"]
    cast.province_officer.save()
    assert "未读 1 条" in client_of(cast.province_officer).get("/inbox/").content.decode()


def test_older_notices_are_on_the_next_page_once(cast: Cast, client_of: Get, moment: datetime) -> None:
    for number in range(60):
        tell(to_user(cast.county_officer), f"第{number}条", moment)
    client = client_of(cast.county_officer)
    first = client.get("/inbox/").context
    second = client.get(f"/inbox/?before={first['more']}").context
    seen = [line.notice.pk for line in (*first["lines"], *second["lines"])]
    assert len(seen) == len(set(seen)) == 60 and second["more"] is None
