"""Pages: who opens them, what is entered, lists and figures that agree, what they cost."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.registry.models import Supervision
from kuangan.domains.responsibility import field, funds, matters, meetings, seen
from kuangan.domains.responsibility.models import (
    STANDING,
    FundMonth,
    Holder,
    LeaderVisit,
    MatterDuty,
    Meeting,
    Post,
)
from kuangan.domains.responsibility.rules import DAY
from kuangan.domains.responsibility.tests.conftest import Make

ROOM = "/responsibility/"
LISTS = ("", "leaders/", "officers/", "problems/", "meetings/", "meetings/all/", "presences/", "teams/", "funds/")


@pytest.fixture
def own_home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def filled(
    named: Make, appointed: Make, cast: Any, moment: datetime, today: date, own_home: Path
) -> tuple[Supervision, Supervision, Post]:
    """A bit of everything at mine A."""
    leader = named()
    officer = named("示例驻矿员", kind="stationed", body=cast.organisations["county"])
    said, own = {"by": cast.county_officer, "at": moment}, {"by": cast.mine_a_manager, "at": moment}
    field.enter_visit(leader, today - 3 * DAY, underground=True, said="示例", **said)
    field.write_log(officer, today - DAY, "day", "示例日志", **said)
    given = {"found_on": today - 9 * DAY, "text": "示例问题", "owner": "示例单位", "due": today - DAY}
    field.find(leader, given, **said)
    post = appointed(card="C-1")
    held = meetings.Held(today, post, "", ("示例甲",), "示例议题")
    meetings.hold(cast.mine_a, held, None, own_home, **own)
    meetings.declare_presence(post, "2026-11", 12, 9, **own)
    funds.declare_month(cast.mine_a, funds.Declared("2026-10", Decimal(1000), Decimal(100)), **own)
    return leader, officer, post


@pytest.mark.parametrize("path", LISTS)
def test_every_figure_agrees_with_the_list_behind_it_and_every_list_exports(
    cast: Any, filled: Any, client_of: Make, path: str
) -> None:
    client = client_of(cast.city_officer)
    page = client.get(ROOM + path)
    assert page.status_code == 200
    for figure in page.context["figures"]:
        assert client.get(ROOM + path + figure.href).context["total"] == figure.value, figure.label
    answer = client.get(f"{ROOM}{path}?export=xlsx")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == page.context["total"] + 1


@pytest.mark.parametrize("path", LISTS)
def test_a_neighbour_sees_nothing_of_mine_a(cast: Any, filled: Any, client_of: Make, path: str) -> None:
    assert "示例远峰煤业" not in client_of(cast.neighbour_officer).get(ROOM + path).content.decode()
    assert client_of(cast.auditor).get(ROOM + path).status_code == 403
    assert client_of(None).get(ROOM + path).status_code == 302


@pytest.mark.parametrize("path", (*LISTS, "matters/"))
def test_every_filter_of_a_list_answers(cast: Any, filled: Any, client_of: Make, path: str) -> None:
    client = client_of(cast.city_officer)
    form = client.get(ROOM + path).context["filter"].form
    for name, each in form.fields.items():
        for value, _ in getattr(each, "choices", None) or [("2026-11", ""), ("1", "")]:
            assert client.get(ROOM + path, {name: str(value)}).status_code == 200, (name, value)


def test_the_page_of_a_mine_names_everybody_and_says_what_is_unknown(cast: Any, filled: Any, client_of: Make) -> None:
    page = client_of(cast.city_officer).get(f"{ROOM}mines/{cast.mine_a.pk}/").content.decode()
    for word in (
        "长治市上党区应急管理局",
        "示例领导",
        "示例驻矿员",
        "示例矿长",
        "示例远峰能源集团",
        "未知",
        "五职未配齐",
    ):
        assert word in page
    assert client_of(cast.neighbour_officer).get(f"{ROOM}mines/{cast.mine_a.pk}/").status_code == 404


def test_the_page_shows_another_day_as_it_was(cast: Any, filled: Any, client_of: Make, today: date) -> None:
    client = client_of(cast.county_officer)
    past = client.get(f"{ROOM}mines/{cast.mine_a.pk}/", {"on": f"{today - 200 * DAY}"})
    names = [person for _, person, _ in past.context["over"]]
    assert ("示例领导" in names, past.context["past"]) == (False, True)
    assert client.get(f"{ROOM}mines/{cast.mine_a.pk}/", {"on": "x"}).context["past"] is False


def test_the_county_names_a_leader_and_the_fault_stands_beside_its_field(
    cast: Any, government: Any, client_of: Make, today: date
) -> None:
    client, address = client_of(cast.county_leader), f"{ROOM}mines/{cast.mine_a.pk}/assign/leader/"
    typed = {"body": government.pk, "name": "示例领导", "post": "副区长", "valid_from": f"{today}", "basis": "示例文号"}
    assert client.post(address, typed | {"name": ""}).status_code == 422
    assert client.post(address, typed).status_code == 302
    again = client.post(address, typed)
    assert (again.status_code, "已有同级登记" in again.content.decode()) == (422, True)
    assert Holder.objects.get().name == "示例领导"
    assert client.get(f"{ROOM}mines/{cast.mine_a.pk}/assign/direct/").status_code == 404


def test_a_visit_and_a_log_are_entered_and_voided_from_the_page(
    cast: Any, filled: Any, client_of: Make, today: date
) -> None:
    leader, officer, _ = filled
    client, page = client_of(cast.county_officer), f"{ROOM}assignments/{leader.pk}/"
    assert client.post(f"{page}visit/", {"day": f"{today}", "underground": "on"}).status_code == 302
    row = LeaderVisit.objects.get(day=today)
    assert row.underground
    assert client.post(f"{page}log/", {"day": f"{today}", "shift": "day", "text": "x"}).status_code == 422
    assert client.post(f"{ROOM}entries/visit/{row.pk}/void/", {"reason": "误录"}).status_code == 302
    assert "误录" in client.get(page).content.decode()
    assert "缺日志" in client.get(f"{ROOM}assignments/{officer.pk}/").content.decode()
    assert client.get(f"{page}nothing/").status_code == 404
    assert client.get(f"{ROOM}entries/post/{row.pk}/void/").status_code == 404


def test_the_mine_enters_a_meeting_with_minutes_that_others_may_take(
    cast: Any, appointed: Make, client_of: Make, today: date, own_home: Path
) -> None:
    post, mine = appointed(), client_of(cast.mine_a_manager)
    typed = {"day": f"{today}", "chair": str(post.pk), "attendants": "示例甲、示例乙", "topics": "示例议题"}
    file = SimpleUploadedFile("纪要.pdf", b"%PDF-1.7\n%synthetic\n")
    assert mine.post(f"{ROOM}meetings/new/", typed | {"file": file}).status_code == 302
    row = Meeting.objects.get()
    assert (row.in_person, row.attendants) == (True, ["示例甲", "示例乙"])
    county = client_of(cast.county_officer)
    answer = county.get(f"{ROOM}meetings/{row.pk}/minutes/")
    assert b"".join(answer) == b"%PDF-1.7\n%synthetic\n"
    assert AuditEntry.objects.filter(action="responsibility.minutes_taken").count() == 1
    assert (
        mine.post(f"{ROOM}meetings/{row.pk}/resolve/", {"text": "示例", "owner": "甲", "due": f"{today}"}).status_code
        == 302
    )
    done = row.resolutions.get()
    assert mine.post(f"{ROOM}resolutions/{done.pk}/done/", {"done_on": f"{today}", "said": "完成"}).status_code == 302
    assert county.post(f"{ROOM}meetings/{row.pk}/void/", {"reason": "x"}).status_code == 403
    assert mine.post(f"{ROOM}meetings/{row.pk}/void/", {"reason": "日期误录"}).status_code == 302
    assert "日期误录" in county.get(f"{ROOM}meetings/{row.pk}/").content.decode()


def test_a_meeting_without_chair_and_name_is_refused(cast: Any, client_of: Make, today: date, own_home: Path) -> None:
    typed = {"day": f"{today}", "chair": "", "attendants": "示例甲", "topics": "示例议题"}
    answer = client_of(cast.mine_a_manager).post(f"{ROOM}meetings/new/", typed)
    assert (answer.status_code, "填写主持人" in answer.content.decode()) == (422, True)


def test_declared_days_stand_beside_days_seen_and_unknown_is_said(
    cast: Any, filled: Any, client_of: Make, today: date
) -> None:
    client, address = client_of(cast.county_officer), f"{ROOM}presences/?month=2026-11"
    assert "未知：无位置数据" in client.get(address).content.decode()
    days = frozenset(today - number * DAY for number in range(4))
    seen.install(lambda cards, first, until: dict.fromkeys(cards, days))
    try:
        page = client.get(address).content.decode()
    finally:
        seen.install(seen.unknown)
    assert "与定位数据不一致" in page
    assert "无位置数据" not in page


def test_a_table_of_funds_is_shown_first_and_written_when_confirmed(cast: Any, client_of: Make) -> None:
    mine, address = client_of(cast.mine_a_manager), f"{ROOM}funds/{cast.mine_a.pk}/import/"
    text = "月份,产量,提取金额\n2026-09,1000,15000\n2026-10,1000,14000\n十月,1,1\n".encode()
    page = mine.post(address, {"file": SimpleUploadedFile("费用.csv", text)})
    assert (page.status_code, FundMonth.objects.count()) == (200, 0)
    assert "读取 3 行 = 可写入 2 + 不接收 1" in page.content.decode()
    rows = page.context["rows"]
    assert mine.post(address, {"rows": rows[:-3] + "abc"}).status_code == 302
    assert not FundMonth.objects.exists()
    assert mine.post(address, {"rows": rows}).status_code == 302
    assert FundMonth.objects.filter(STANDING).get(month="2026-10").shortfall == 1000
    other = client_of(cast.mine_b_dispatcher)
    assert other.post(f"{ROOM}funds/{cast.mine_b.pk}/import/", {"rows": rows}).status_code == 404


def test_totals_are_those_of_ones_own_scope(cast: Any, filled: Any, client_of: Make) -> None:
    for person, mines in ((cast.city_officer, 2), (cast.neighbour_officer, 1), (cast.parent_dispatcher, 1)):
        page = client_of(person).get(f"{ROOM}funds/sums/?month=2026-10")
        assert page.context["levels"][0].all_mines == mines
    assert client_of(cast.city_officer).get(f"{ROOM}funds/sums/?export=xlsx").status_code == 200
    assert page.context["levels"][0].sums.shortfall == Decimal("14900.00")


def test_a_region_shows_gaps_and_overlaps_and_the_county_ends_one(
    cast: Any, client_of: Make, moment: datetime, today: date
) -> None:
    from kuangan.base.registry.models import Region

    county, region = client_of(cast.county_leader), Region.objects.get(pk="140404")
    body = cast.organisations["county"]
    row = matters.take_on(region, "power", body, "lead", today - DAY, basis="三定", by=cast.county_leader, at=moment)
    page = county.get(f"{ROOM}matters/140404/")
    assert [number for _, _, number in page.context["numbers"]] == [1, 14, 0]
    assert len(county.get(f"{ROOM}matters/140404/?state=one").context["lines"]) == 1
    for figure in county.get(f"{ROOM}matters/").context["figures"]:
        assert county.get(f"{ROOM}matters/{figure.href}").context["total"] == figure.value
    assert client_of(cast.neighbour_officer).get(f"{ROOM}matters/140404/").status_code == 404
    assert client_of(cast.mine_a_manager).get(f"{ROOM}matters/").status_code == 403
    assert county.post(f"{ROOM}matters/duties/{row.pk}/void/", {"reason": "误录"}).status_code == 302
    assert MatterDuty.objects.get().void_reason == "误录"


def test_a_post_is_entered_ended_and_voided_by_the_mine(cast: Any, client_of: Make, today: date) -> None:
    mine, page = client_of(cast.mine_a_manager), f"{ROOM}mines/{cast.mine_a.pk}/posts/new/"
    typed = {"post": "manager", "name": "示例矿长", "valid_from": f"{today - 9 * DAY}", "basis": "示例任命"}
    assert mine.post(page, typed | {"post": "chairman"}).status_code == 422
    assert mine.post(page, typed).status_code == 302
    row = Post.objects.get()
    end = {"valid_to": f"{today}", "reason": "辞职"}
    assert mine.post(f"{ROOM}posts/{row.pk}/end/", end).status_code == 302
    assert mine.post(f"{ROOM}posts/{row.pk}/void/", {"reason": "误录"}).status_code == 302
    assert mine.get(f"{ROOM}posts/{row.pk}/other/").status_code == 404
    assert client_of(cast.mine_b_dispatcher).get(f"{ROOM}posts/{row.pk}/end/").status_code == 404
    company = {"of": "company"}
    assert mine.get(page, company).status_code == 403
    assert client_of(cast.parent_dispatcher).get(page, company).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_a_page_costs_the_same_for_little_and_for_much(
    cast: Any, filled: Any, client_of: Make, moment: datetime, today: date, path: str
) -> None:
    leader, officer, _ = filled
    client, costs = client_of(cast.city_officer), []
    said, own = {"by": cast.county_officer, "at": moment}, {"by": cast.mine_a_manager, "at": moment}
    for number in range(2):
        client.get(ROOM + path)
        with CaptureQueriesContext(connection) as asked:
            client.get(ROOM + path)
        costs.append(len(asked))
        if number:
            break
        for back in range(10, 16):
            field.enter_visit(leader, today - back * DAY, underground=False, said="", **said)
            field.write_log(officer, today - back * DAY, "day", "示例", **said)
            given = {"found_on": today - back * DAY, "text": "示例", "owner": "示例", "due": today}
            field.find(leader, given, **said)
            held = meetings.Held(today - back * DAY, None, "示例", (), "示例")
            meetings.hold(cast.mine_a, held, None, Path("/nonexistent"), **own)
            funds.spend(cast.mine_a, "2026-10", "gas", Decimal(5), 1, "", **own)
    assert costs[0] == costs[1] <= 45
