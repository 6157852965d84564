"""Deadlines of cases on their pages: who sees them, who may ask, agree, suspend and resume, and what the pages say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from kuangan.base import deadlines
from kuangan.base.audit.models import AuditEntry
from kuangan.base.case import flow as flows
from kuangan.base.case import tasks
from kuangan.base.case.flow import ClockRule
from kuangan.base.case.models import Case
from kuangan.base.case.performing import SUBJECT, perform
from kuangan.base.case.tests.conftest import AT, FLOW
from kuangan.base.clock import BEIJING, use
from kuangan.base.deadlines.models import Counting, Deadline, DeadlineState, ExtensionRequest
from kuangan.base.deadlines.workdays import WorkingDays
from kuangan.base.people.models import User

DAY = timedelta(days=1)
Clients = Callable[[Any], Client]
Make = Callable[..., Case]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nine_in_the_morning() -> Any:
    with use(AT):
        yield


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the deadline of the sample asks for."""
    monkeypatch.setattr(tasks, "_installed", [tasks.Tasks({"sample": {"close": "复核"}}, ())])


@pytest.fixture
def clock(make: Make, known: None) -> Deadline:
    return clock_of(make(owner=None))


def clock_of(case: Case, ladder: str = "supervision", days: int = 10, **more: Any) -> Deadline:
    row = deadlines.set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code="close",
        due=AT + days * DAY,
        ladder=ladder,
        at=AT,
        **more,
    )
    Case.objects.filter(pk=case.pk).update(due=row.due)
    return row


def page(clock: Deadline) -> str:
    return reverse("case:deadline", args=[clock.pk])


def post(client: Client, clock: Deadline, name: str, **said: str) -> Any:
    return client.post(f"{page(clock)}{name}", said)


def offered(client: Client, clock: Deadline) -> list[str]:
    return re.findall(rf'action="{page(clock)}(\w+)"', client.get(page(clock)).content.decode())


ASKED = {"due": "2026-12-20T18:00", "reason": "配件未到"}


def test_one_person_asks_and_another_agrees(client_of: Clients, cast: Any, clock: Deadline) -> None:
    officer, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    assert offered(officer, clock) == ["ask"]
    assert post(officer, clock, "ask", **ASKED).status_code == 302
    assert offered(officer, clock) == ["withdraw"]
    assert post(officer, clock, "agree").status_code == 403
    assert "配件未到" in leader.get(page(clock)).content.decode()
    answer = post(leader, clock, "agree", answer="同意")
    later = Deadline.objects.get(extends=clock)
    assert answer.headers["Location"] == page(later)
    assert later.due == datetime(2026, 12, 20, 18, 0, tzinfo=BEIJING)
    assert Case.objects.get(pk=int(clock.subject_id)).due == later.due
    assert "延至 2026-12-20 18:00" in leader.get(page(later)).content.decode()


def test_whoever_asked_cannot_agree_even_as_a_leader(client_of: Clients, cast: Any, clock: Deadline) -> None:
    leader = client_of(cast.county_leader)
    post(leader, clock, "ask", **ASKED)
    assert "agree" not in offered(leader, clock)
    assert post(leader, clock, "agree").status_code == 403
    assert post(client_of(cast.city_leader), clock, "agree").status_code == 302


def test_the_mine_that_owes_asks_and_its_manager_cannot_agree(client_of: Clients, cast: Any, make: Make) -> None:
    clock = clock_of(make(), owner_id=cast.organisations["mine_a"].pk)
    assert post(client_of(cast.mine_a_dispatcher), clock, "ask", **ASKED).status_code == 302
    assert offered(client_of(cast.mine_a_manager), clock) == []
    assert post(client_of(cast.mine_a_manager), clock, "agree").status_code == 403


def test_who_does_not_owe_it_does_not_ask(client_of: Clients, cast: Any, make: Make) -> None:
    clock = clock_of(make(), owner_id=cast.organisations["county"].pk)
    assert offered(client_of(cast.mine_a_dispatcher), clock) == []
    assert post(client_of(cast.mine_a_dispatcher), clock, "ask", **ASKED).status_code == 403


def test_a_county_does_not_give_more_time_to_a_city(client_of: Clients, cast: Any, make: Make) -> None:
    clock = clock_of(make(), owner_id=cast.organisations["city"].pk)
    post(client_of(cast.city_officer), clock, "ask", **ASKED)
    assert offered(client_of(cast.county_leader), clock) == []
    assert post(client_of(cast.county_leader), clock, "agree").status_code == 403
    assert post(client_of(cast.county_leader), clock, "suspend", reason="r", basis="b").status_code == 403
    assert post(client_of(cast.city_leader), clock, "agree").status_code == 302


def test_deadlines_of_sealed_cases_have_no_pages(client_of: Clients, cast: Any, make: Make, known: None) -> None:
    case = make(secrecy="sealed:suspicion")
    clock = clock_of(case)
    User.objects.filter(pk=cast.county_officer.pk).update(sealed_groups=["suspicion"])
    officer = User.objects.get(pk=cast.county_officer.pk)
    assert Case.objects.visible_to(officer, AT).filter(pk=case.pk).exists()
    client = client_of(officer)
    assert client.get(page(clock)).status_code == 404
    assert client.get(reverse("case:deadlines_panel", args=[case.number])).status_code == 404
    assert client.get("/deadlines/").context["total"] == 0


@pytest.mark.parametrize("person", ["neighbour_officer", "mine_b_dispatcher"])
def test_outside_scope_there_is_no_deadline(client_of: Clients, cast: Any, clock: Deadline, person: str) -> None:
    client = client_of(cast.people[person])
    assert client.get(page(clock)).status_code == 404
    assert post(client, clock, "ask", **ASKED).status_code == 404
    panel = reverse("case:deadlines_panel", args=[Case.objects.get(pk=int(clock.subject_id)).number])
    assert client.get(panel).status_code == 404
    assert client.get("/deadlines/").context["total"] == 0
    assert not ExtensionRequest.objects.exists()


def test_strangers_sign_in_and_nobody_gets_nothing(client_of: Clients, cast: Any, clock: Deadline) -> None:
    for address in (page(clock), "/deadlines/", "/deadlines/calendar/"):
        assert client_of(None).get(address).status_code == 302
        assert client_of(cast.nobody).get(address).status_code == 403


def test_a_leader_suspends_and_resumes(client_of: Clients, cast: Any, clock: Deadline) -> None:
    officer, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    assert post(officer, clock, "suspend", reason="等待鉴定", basis="示例依据").status_code == 403
    assert post(leader, clock, "suspend", reason="等待鉴定", basis="").status_code == 422
    assert post(leader, clock, "suspend", reason="等待鉴定", basis="示例依据").status_code == 302
    case = Case.objects.get(pk=int(clock.subject_id))
    assert case.due is None
    shown = leader.get(page(clock)).content.decode()
    assert "已中止" in shown
    assert "依据：示例依据" in shown
    assert offered(leader, clock) == ["resume"]
    with use(AT + 3 * DAY):
        assert post(leader, clock, "resume", reason="鉴定完成").status_code == 302
    clock.refresh_from_db()
    assert (clock.state, clock.due) == (DeadlineState.RUNNING, AT + 13 * DAY)
    assert Case.objects.get(pk=case.pk).due == clock.due


def test_what_is_not_filled_in_or_refused_is_said_on_the_page(client_of: Clients, cast: Any, clock: Deadline) -> None:
    officer = client_of(cast.county_officer)
    answer = post(officer, clock, "ask", due="2026-11-22T08:00", reason="配件未到")
    assert answer.status_code == 422
    assert "须晚于原时限" in answer.content.decode()
    assert post(officer, clock, "ask", due="bad", reason="").status_code == 422
    assert post(officer, clock, "dance").status_code == 404
    assert officer.get(f"{page(clock)}ask").status_code == 405


def test_clocks_that_follow_events_are_not_adjusted(client_of: Clients, cast: Any, make: Make) -> None:
    clock = clock_of(make(), ladder="alert")
    assert offered(client_of(cast.county_leader), clock) == []
    assert post(client_of(cast.county_leader), clock, "ask", **ASKED).status_code == 403


def test_a_flow_may_say_otherwise_than_the_ladder(
    client_of: Clients, cast: Any, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = clock_of(make(), ladder="response")
    assert offered(client_of(cast.county_leader), clock) == []
    monkeypatch.setitem(flows._installed, "sample", replace(FLOW, adjusts={"close": frozenset({"suspend"})}))
    assert offered(client_of(cast.county_leader), clock) == ["suspend"]


def test_the_panel_of_a_case_shows_its_deadlines_and_leads_to_the_acts(
    client_of: Clients, cast: Any, clock: Deadline
) -> None:
    post(client_of(cast.county_officer), clock, "ask", **ASKED)
    case = Case.objects.get(pk=int(clock.subject_id))
    text = client_of(cast.county_leader).get(reverse("case:deadlines_panel", args=[case.number])).content.decode()
    assert f'data-deadline="{clock.pk}"' in text
    assert "复核" in text
    assert "申请延至" in text
    assert "办理" in text
    text = client_of(cast.mine_a_dispatcher).get(reverse("case:deadlines_panel", args=[case.number])).content.decode()
    assert "办理</a>" not in text


def test_the_list_counts_filters_and_exports_what_it_shows(
    client_of: Clients, cast: Any, make: Make, known: None
) -> None:
    county = cast.organisations["county"].pk
    late, soon, far = make(), make(), make()
    clock_of(late, days=-1, owner_id=county)
    clock_of(soon, days=2)
    suspended = clock_of(far, days=30)
    deadlines.suspend(suspended, reason="r", basis="b", by=cast.county_leader, at=AT)
    client = client_of(cast.county_officer)
    figures = {figure.label: figure for figure in client.get("/deadlines/").context["figures"]}
    assert {label: figure.value for label, figure in figures.items()} == {
        "事项期限": 3,
        "已逾期": 1,
        "三日内到期": 1,
        "已中止": 1,
    }
    for figure in figures.values():
        assert client.get(f"/deadlines/{figure.href}").context["total"] == figure.value
    assert client.get("/deadlines/?which=tasks&owner=own").context["total"] == 1
    assert client.get(f"/deadlines/?which=tasks&q={soon.number}").context["total"] == 1
    assert client.get("/deadlines/?which=tasks&kind=sample").context["total"] == 3
    text = client.get("/deadlines/?which=tasks&state=suspended").content.decode()
    assert "已中止" in text
    sheet = load_workbook(BytesIO(client.get("/deadlines/?which=tasks&export=xlsx").content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 3
    assert rows[0][6:9] == (-1, 0, "已逾期")
    assert rows[2][6:9] == (None, None, "已中止")
    assert AuditEntry.objects.filter(action="list.exported").count() == 1


def test_days_left_are_those_of_beijing_and_of_the_calendar(client_of: Clients, cast: Any, make: Make) -> None:
    clock = clock_of(make(), days=45)
    text = client_of(cast.county_officer).get(page(clock)).content.decode()
    assert "还有 45 天" in text
    assert "32 个工作日" in text


def test_a_count_into_a_year_without_notice_says_so(client_of: Clients, cast: Any, make: Make) -> None:
    clock = clock_of(make(), days=45, counting=Counting.WORKING_DAYS)
    assert "按周末推算，未取得放假通知" in client_of(cast.county_officer).get(page(clock)).content.decode()


def test_a_flow_may_give_a_clock_in_working_days(make: Make, cast: Any, narrowed: Callable[..., None]) -> None:
    narrowed(clocks={"close": ClockRule(WorkingDays(5), "supervision_workdays")})
    case = make()
    perform(case, "report", by=cast.county_officer, at=AT, form={"measures": "m"}, reason="r")
    clock = Deadline.objects.get(subject_id=str(case.pk))
    assert clock.counting == Counting.WORKING_DAYS
    assert clock.due == datetime(2026, 11, 27, 23, 59, 59, tzinfo=BEIJING)
    case.refresh_from_db()
    assert case.due == clock.due


def test_the_number_of_queries_of_the_list_does_not_grow(
    client_of: Clients, cast: Any, make: Make, known: None, django_assert_max_num_queries: Any
) -> None:
    for _ in range(15):
        clock_of(make())
    client = client_of(cast.county_officer)
    client.get("/deadlines/")
    with django_assert_max_num_queries(16):
        assert client.get("/deadlines/").context["total"] == 15


def test_the_calendar_says_which_days_are_shifted_and_on_what_basis(client_of: Clients, cast: Any) -> None:
    client = client_of(cast.mine_a_dispatcher)
    text = client.get("/deadlines/calendar/").content.decode()
    assert "国办发明电〔2025〕7号" in text
    assert "文号待核" in text
    assert re.search(r'class="on dl-shifted[^"]*" title="国庆节调休上班" data-day="2026-09-20"', text)
    assert re.search(r'class="off dl-holiday[^"]*" title="国庆节放假" data-day="2026-10-01"', text)
    assert "按周末推算，未取得放假通知" in client.get("/deadlines/calendar/?year=2027").content.decode()
    assert client.get("/deadlines/calendar/?year=1999").status_code == 404


@pytest.mark.parametrize(
    ("asked", "day"),
    [
        ("start=2026-09-30&count=3&unit=working_days", "2026-10-10"),
        ("start=2026-09-30&count=3&unit=days", "2026-10-08"),
    ],
)
def test_the_calendar_counts_a_period(client_of: Clients, cast: Any, asked: str, day: str) -> None:
    text = client_of(cast.county_officer).get(f"/deadlines/calendar/?{asked}").content.decode()
    assert re.search(rf"data-answer>{day}", text)
