"""Pages: who opens what, numbers that agree with the rows behind them, forms, exports, what a page costs."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.clock import beijing_day
from kuangan.base.deadlines import tick
from kuangan.domains.campaign.models import Item, Milestone, Programme, Report, Submission, Target
from kuangan.domains.campaign.tests.conftest import DAY, Make, on
from kuangan.site.wiring import HANDLERS

ROOM = "/campaign/"
LISTS = ("tasks", "milestones", "items", "projects", "submissions")
PAGES = ("", "wall/", "targets/", "organisation/", "reports/", "handover/", *(f"{name}/" for name in LISTS))
OUTSIDE = ("mine_a_manager", "parent_dispatcher", "training_body", "system_admin", "auditor", "nobody")


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.mark.parametrize("page", PAGES)
def test_officials_open_every_page_and_others_none(late: Programme, people: Any, client_of: Make, page: str) -> None:
    for name in ("province_officer", "city_officer", "county_officer", "bureau_officer"):
        assert client_of(people.people[name]).get(f"{ROOM}{page}").status_code == 200, name
    for name in OUTSIDE:
        assert client_of(people.people[name]).get(f"{ROOM}{page}").status_code == 403, name


@pytest.mark.parametrize("page", PAGES)
def test_without_a_programme_every_page_says_so(people: Any, client_of: Make, page: str) -> None:
    answer = client_of(people.county_officer).get(f"{ROOM}{page}")
    assert (answer.status_code, "尚未装入行动方案" in answer.content.decode()) == (200, True)


def test_a_leader_of_the_province_loads_the_action_once(people: Any, client_of: Make) -> None:
    county, leader = client_of(people.county_leader), client_of(people.province_leader)
    assert "装入 晋安办发" not in county.get(ROOM).content.decode()
    assert county.post(f"{ROOM}load", {"code": "action_2024_2026"}).status_code == 403
    assert "装入 晋安办发" in leader.get(ROOM).content.decode()
    assert leader.post(f"{ROOM}load", {"code": "none"}).status_code == 404
    assert leader.post(f"{ROOM}load", {"code": "action_2024_2026"}).status_code == 302
    assert "已装入" in leader.post(f"{ROOM}load", {"code": "action_2024_2026"}).content.decode()
    assert Programme.objects.count() == 1


def test_wrong_scope_finds_nothing(late: Programme, people: Any, line: Make, client_of: Make) -> None:
    item, owed = line(late), Submission.objects.get(kind="evaluation")
    for name, found in (
        ("county_officer", 200),
        ("city_officer", 200),
        ("province_officer", 200),
        ("neighbour_officer", 404),
    ):
        client = client_of(people.people[name])
        assert client.get(f"{ROOM}items/{item.pk}/").status_code == found, name
        assert (item.text in client.get(f"{ROOM}items/").content.decode()) is (found == 200)
    assert client_of(people.county_officer).get(f"{ROOM}submissions/{owed.pk}/").status_code == 404
    assert client_of(people.county_officer).post(f"{ROOM}submissions/{owed.pk}/send", {}).status_code == 404


def test_a_county_fills_its_list_and_tells_of_it(
    late: Programme, people: Any, client_of: Make, moment: datetime
) -> None:
    county, body = client_of(people.county_officer), people.organisations["county"]
    assert 'type="date"' in county.get(f"{ROOM}items/new/").content.decode()
    form = {"text": "治理两处采空区", "owner": body.pk, "start": "2026-11-21", "due": "2026-12-30", "person": "示例员"}
    wrong = county.post(f"{ROOM}items/new/", form | {"due": "2026-01-01"})
    assert (wrong.status_code, "不得早于开始日期" in wrong.content.decode()) == (422, True)
    answer = county.post(f"{ROOM}items/new/", form)
    row = Item.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{ROOM}items/{row.pk}/")
    empty = county.post(f"{ROOM}items/{row.pk}/done", {"done_on": "2026-11-20"})
    assert (empty.status_code, "errorlist" in empty.content.decode()) == (422, True)
    ahead = county.post(f"{ROOM}items/{row.pk}/done", {"done_on": "2026-12-20", "proof": "验收"})
    assert (ahead.status_code, "不得晚于今日" in ahead.content.decode()) == (422, True)
    assert county.post(f"{ROOM}items/{row.pk}/done", {"done_on": "2026-11-21", "proof": "验收"}).status_code == 302
    page = county.get(f"{ROOM}items/{row.pk}/").content.decode()
    assert ("按期完成" in page, "报告完成" in page) == (True, False)
    assert county.post(f"{ROOM}items/{row.pk}/back", {"reason": "再"}).status_code == 403
    assert client_of(people.city_officer).post(f"{ROOM}items/{row.pk}/back", {"reason": "缺验收"}).status_code == 302
    assert county.post(f"{ROOM}items/{row.pk}/none", {}).status_code == 404


def figures_of(client: Any, page: str) -> list[tuple[int, str]]:
    return [(figure.value, figure.href) for figure in client.get(page).context["figures"] if figure.href]


@pytest.mark.parametrize("page", ["", "milestones/", "items/", "submissions/", "projects/"])
def test_every_number_opens_as_many_rows(late: Programme, people: Any, line: Make, client_of: Make, page: str) -> None:
    line(late)
    Milestone.objects.filter(node="SX36-9").update(done_on=on("2024-07-09"))
    Item.objects.update(told_on=on("2026-01-01"), start=on("2026-01-01"))
    client = client_of(people.province_officer)
    found = figures_of(client, f"{ROOM}{page}")
    assert found
    for value, href in found:
        address = href if href.startswith("/") else f"{ROOM}{page}{href}"
        assert client.get(address).context["total"] == value, address


def test_the_wall_shows_every_milestone_with_shape_word_and_link(late: Programme, people: Any, client_of: Make) -> None:
    Milestone.objects.filter(node="SX36-9").update(done_on=on("2024-07-09"))
    text = client_of(people.county_officer).get(f"{ROOM}wall/").content.decode()
    marks = re.findall(r'class="cp-mark" data-state="(\w+)" href="/campaign/milestones/(\d+)/"', text)
    assert {int(pk) for _, pk in marks} == set(Milestone.objects.values_list("pk", flat=True))
    assert len(marks) == Milestone.objects.count()
    assert "逾期完成，晚 9 天" in text and "◐" in text and "历史期限，未登记" in text


def test_history_is_shown_with_true_days_and_without_reproach(late: Programme, people: Any, client_of: Make) -> None:
    client = client_of(people.province_officer)
    for page in ("", "milestones/?state=unrecorded", "wall/"):
        text = client.get(f"{ROOM}{page}").content.decode()
        assert not re.search(r"逾期\s*\d{3,}\s*天", text)
    assert client.get(f"{ROOM}milestones/?state=overdue").context["total"] == 0


def test_a_target_shows_its_curve_sources_and_what_is_asked(late: Programme, people: Any, client_of: Make) -> None:
    client, row = client_of(people.province_officer), Target.objects.get(code="T7-D")
    page = f"{ROOM}targets/{row.pk}/"
    assert "文本未写基准年" in client.get(page).content.decode()
    assert client.post(f"{page}value", {"on": "2025-12-31", "value": "33"}).status_code == 422
    for day, value in (("2024-12-31", "38"), ("2025-12-31", "33")):
        assert client.post(f"{page}value", {"on": day, "value": value, "source": "年度统计"}).status_code == 302
    text = client.get(page).content.decode()
    assert ("<polyline" in text, "年度统计" in text, "未确定" in text) == (True, True, True)
    assert client.post(f"{page}baseline", {"on": "2023-12-31", "value": "40", "source": "统计局"}).status_code == 422
    assert 'href="/clauses/baselines/deaths_base_year/"' in client.get(page).content.decode()
    assert client_of(people.city_officer).post(f"{page}dispute", {"text": "口径不一致"}).status_code == 302
    assert "口径不一致" in client.get(page).content.decode()


def test_drafts_are_the_offices_own(late: Programme, people: Any, client_of: Make) -> None:
    row = Report.objects.get(kind="yearly")
    office, city, leader = (
        client_of(people.people[name]) for name in ("province_officer", "city_officer", "province_leader")
    )
    page = f"{ROOM}reports/{row.pk}/"
    assert office.get(f"{page}docx").status_code == 404
    assert office.post(f"{page}draft", {"as_of": "2026-11-20"}).status_code == 302
    answer = office.get(f"{page}docx")
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")
    assert city.get(page).status_code == city.get(f"{page}docx").status_code == 404
    issue = {"issued_on": "2026-11-21", "official_number": "示例1号"}
    assert office.post(f"{page}issue", issue).status_code == 403
    assert leader.post(f"{page}issue", issue).status_code == 302
    assert city.get(page).status_code == 200
    assert office.get(f"{ROOM}templates/final").content[:2] == b"PK"
    assert city.get(f"{ROOM}templates/final").status_code == 403


def test_the_hand_over_is_one_form(late: Programme, people: Any, line: Make, client_of: Make) -> None:
    line(late)
    leader, officer = client_of(people.province_leader), client_of(people.province_officer)
    form = {
        "number": "示例〔2027〕1号",
        "title": "下一步",
        "since": "2027-01-01",
        "until": "2029-12-31",
        "due": "2027-12-31",
    }
    assert officer.post(f"{ROOM}handover/", form | {"reason": "收官"}).status_code == 403
    assert leader.post(f"{ROOM}handover/", form).status_code == 422
    assert leader.post(f"{ROOM}handover/", form | {"reason": "收官"}).status_code == 302
    text = officer.get(f"{ROOM}?programme={late.pk}").content.decode()
    assert "只供查阅" in text and "下一步" in text
    assert officer.get(f"{ROOM}items/").context["total"] == 1


def test_a_notice_leads_to_what_it_tells_of(late: Programme, people: Any, client_of: Make, moment: datetime) -> None:
    row = Submission.objects.get(kind="evaluation")
    tick(datetime(2026, 11, 28, 1, tzinfo=moment.tzinfo), HANDLERS)
    text = client_of(people.city_officer).get("/inbox/").content.decode()
    assert f'href="{ROOM}submissions/{row.pk}/"' in text and "三年行动评估报告" in text


def test_lists_leave_as_excel_within_scope(late: Programme, people: Any, line: Make, client_of: Make) -> None:
    line(late)
    line(late, by=people.neighbour_officer, owner="neighbour", text="邻县事项")
    answer = client_of(people.county_officer).get(f"{ROOM}items/?export=xlsx")
    rows = [[cell.value for cell in row] for row in load_workbook(BytesIO(answer.content)).active.iter_rows()]
    assert len(rows) == 2 and rows[1][0] == "完成三处采空区探查" and "邻县事项" not in str(rows)
    targets = client_of(people.county_officer).get(f"{ROOM}targets/?export=xlsx")
    assert load_workbook(BytesIO(targets.content)).active.max_row == 1 + Target.objects.count()


@pytest.mark.parametrize("page", ["", "items/", "wall/", "submissions/", "tasks/"])
def test_a_page_costs_the_same_for_one_item_and_for_many(
    late: Programme, people: Any, line: Make, client_of: Make, moment: datetime, page: str
) -> None:
    client, costs = client_of(people.province_officer), []
    for rows in (1, 9):
        for number in range(rows):
            line(late, text=f"事项 {rows}-{number}", due=beijing_day(moment) + (30 + number) * DAY)
        client.get(f"{ROOM}{page}")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{ROOM}{page}")
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 40
