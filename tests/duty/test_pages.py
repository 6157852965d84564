"""The pages of the duty room: what they show, to whom, at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.domains.alerts.models import Alert
from kuangan.domains.duty.bulletins import make_bulletin
from kuangan.domains.duty.calling import Callee, call, open_callout
from kuangan.domains.duty.contacts import Line, enter_contact
from kuangan.domains.duty.drills import start_drill
from kuangan.domains.duty.handing import open_handover, sign, take
from kuangan.domains.duty.instructions import give_instruction
from kuangan.domains.duty.models import Shift
from kuangan.domains.duty.rosters import on_duty

Client = Callable[..., Any]
HOUR = timedelta(hours=1)
LISTS = (
    "/duty/rosters/",
    "/duty/contacts/",
    "/duty/callouts/",
    "/duty/handovers/",
    "/duty/instructions/",
    "/duty/bulletins/",
    "/duty/drills/",
)


def organisations_on(page: str) -> set[str]:
    return set(re.findall(r"/duty/rosters/(\d+)/", page))


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("mine_a_dispatcher", {"mine_a"}),
        ("parent_dispatcher", {"mine_a", "parent"}),
        ("county_officer", {"mine_a", "parent", "county"}),
        ("neighbour_officer", {"neighbour"}),
        ("city_officer", {"mine_a", "parent", "county", "city", "neighbour"}),
        ("province_officer", {"mine_a", "parent", "county", "city", "province", "neighbour"}),
    ],
)
def test_one_sees_the_rosters_of_ones_own_organisation_and_those_below(
    staffed: dict[str, Shift], cast: Any, client_of: Client, who: str, seen: set[str]
) -> None:
    page = client_of(cast.people[who]).get("/duty/rosters/").content.decode()
    own = str(cast.people[who].organisation_id)
    expected = {str(cast.organisations[key].pk) for key in seen}
    assert organisations_on(page) == expected | {own}
    answer = client_of(cast.people[who]).get("/api/v1/duty/on-duty").json()
    assert {str(row["organisation"]) for row in answer} == expected


def test_past_shifts_and_pages_of_all_are_shown_when_asked_for(
    roster: Callable[..., Shift], cast: Any, client_of: Client, moment: datetime
) -> None:
    client = client_of(cast.county_officer)
    for days in range(1, 31):
        roster("county", start=moment - days * 24 * HOUR, end=moment - (days - 1) * 24 * HOUR - HOUR)
    roster("county", start=moment, end=moment + HOUR)
    assert [client.get(f"/duty/rosters/{asked}").context["total"] for asked in ("", "?when=", "?when=past")] == [
        1,
        31,
        30,
    ]
    page = client.get("/duty/rosters/?when=")
    following = client.get(f"/duty/rosters/?{page.context['query']}&after={page.context['page'].after}")
    assert len(page.context["page"].rows) == 20 and len(following.context["page"].rows) == 11


def test_the_day_shows_who_is_on_what_is_open_and_the_own_handover(
    staffed: dict[str, Shift], cast: Any, client_of: Client, moment: datetime
) -> None:
    callout = open_callout("暴雨叫应", by=cast.county_officer, at=moment, mine=cast.mine_a)
    handover = open_handover(by=cast.county_officer, at=moment)
    page = client_of(cast.county_leader).get("/duty/").content.decode()
    for said in ("员county", "领county", "0000-0002", callout.case.number, handover.case.number, "空档"):
        assert said in page


def test_a_page_costs_the_same_with_few_and_many_rows(
    roster: Callable[..., Shift], cast: Any, client_of: Client, moment: datetime
) -> None:
    client = client_of(cast.county_officer)

    def fill(times: int) -> None:
        for number in range(times):
            roster("mine_a", officer_name=f"员{number}")
            enter_contact(
                cast.organisations["mine_a"], Line("other", "0000-1"), by=cast.mine_a_manager, at=moment, reason="登记"
            )
            callout = open_callout(f"事项{number}", by=cast.county_officer, at=moment, mine=cast.mine_a)
            call(callout, Callee("0000-1"), "phone", by=cast.county_officer, at=moment)
            handover = sign(open_handover(by=cast.county_officer, at=moment), by=cast.county_officer, at=moment)
            take(handover, "accept", by=cast.county_leader, at=moment)
            give_instruction(leader="李局长", text="盯住", given_at=moment, by=cast.county_leader, at=moment)
            make_bulletin(moment.date(), by=cast.county_officer, at=moment)
            start_drill(cast.mine_a, "blue", by=cast.county_officer, at=moment + timedelta(seconds=drills.pop()))

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as taken:
            assert client.get(address).status_code == 200
        return len(taken)

    drills = list(range(10))
    addresses = ("/duty/", *LISTS)
    fill(1)
    client.get("/duty/")
    few = {address: cost(address) for address in addresses}
    fill(4)
    assert {address: cost(address) for address in addresses} == few
    assert max(few.values()) <= 40


def test_a_list_is_exported_as_it_is_filtered(staffed: dict[str, Shift], cast: Any, client_of: Client) -> None:
    answer = client_of(cast.city_officer).get("/duty/rosters/?kind=mine&export=xlsx")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert len(rows) == 2 and "员mine_a 00000000001" in rows[1]
    assert AuditEntry.objects.filter(action="list.exported").exists()


def test_a_shift_is_entered_corrected_and_withdrawn_on_pages(cast: Any, client_of: Client, moment: datetime) -> None:
    client, county = client_of(cast.county_officer), cast.organisations["county"]
    form = {"start": "2026-11-21T07:00", "end": "2026-11-21T09:00", "officer_name": "赵一"}
    assert client.post("/duty/shifts/new/", form).status_code == 302
    [row] = on_duty([county.pk], moment)[county.pk]
    assert row.recorded_by == cast.county_officer
    bad = client.post("/duty/shifts/new/", form | {"end": "2026-11-21T06:00"})
    assert bad.status_code == 200 and "结束时间须晚于开始时间" in bad.content.decode()
    assert (
        client.post(f"/duty/shifts/{row.pk}/edit/", form | {"officer_name": "钱二", "reason": "调班"}).status_code
        == 302
    )
    [row] = on_duty([county.pk], moment)[county.pk]
    assert row.officer_name == "钱二"
    assert client.post(f"/duty/shifts/{row.pk}/withdraw/", {"reason": "误录"}).status_code == 302
    assert on_duty([county.pk], moment) == {}
    page = client.get(f"/duty/rosters/{county.pk}/").content.decode()
    assert "钱二" in page and "更正与撤销" in page


def test_an_import_takes_the_good_rows_and_lists_the_bad_ones(cast: Any, client_of: Client, moment: datetime) -> None:
    table = (
        "开始\t结束\t值班员\n2026-11-21 07:00\t2026-11-21 19:00\t赵一\n昨天\t2026-11-22 07:00\t钱二\n"
        "2026-11-21 19:00\t2026-11-22 07:00\t\n"
    )
    client, county = client_of(cast.county_officer), cast.organisations["county"]
    for given in ({"table": table}, {"file": SimpleUploadedFile("班表.csv", table.encode("gb18030"))}):
        Shift.objects.all().delete()
        page = client.post("/duty/rosters/import/", given).content.decode()
        assert "读到 3 行 = 接受 1 行 + 拒绝 2 行" in page
        assert "开始时间无法识别：昨天" in page and "缺少值班员" in page
        assert [row.officer_name for row in on_duty([county.pk], moment)[county.pk]] == ["赵一"]
    again = client.post("/duty/rosters/import/", {"table": table}).content.decode()
    assert "接受 0 行 + 拒绝 3 行" in again and "与已有班次重复" in again


def test_the_alert_page_brings_the_persons_on_duty_and_its_callouts(
    staffed: dict[str, Shift], alert_of: Callable[..., Alert], cast: Any, client_of: Client, moment: datetime
) -> None:
    number = alert_of().case.number
    callout = open_callout("撤人", by=cast.county_officer, at=moment, about=alert_of().case)
    client = client_of(cast.mine_a_dispatcher)
    assert f'hx-get="/duty/cases/{number}/panel"' in client.get(f"/alerts/{number}/").content.decode()
    panel = client.get(f"/duty/cases/{number}/panel").content.decode()
    for said in ("员mine_a", "领county", "员province", callout.case.number):
        assert said in panel


def test_a_search_finds_callouts_and_handovers_on_their_own_pages(
    cast: Any, client_of: Client, moment: datetime
) -> None:
    callout = open_callout("暴雨叫应", by=cast.county_officer, at=moment, mine=cast.mine_a)
    answer = client_of(cast.county_officer).get("/search/", {"q": callout.case.number})
    assert answer["Location"] == f"/duty/callouts/{callout.case.number}/"


def test_a_callout_is_worked_on_its_page(
    staffed: dict[str, Shift], alert_of: Callable[..., Alert], cast: Any, client_of: Client
) -> None:
    client = client_of(cast.county_officer)
    number = alert_of().case.number
    opened = client.post(f"/duty/callouts/new/?about={number}", {"matter": "请撤人", "mine": cast.mine_a.code})
    page = client.get(opened["Location"])
    assert "员mine_a" in page.content.decode() and "<button" in page.content.decode()
    callout = page.context["callout"]
    address = opened["Location"]
    client.post(f"{address}call", {"means": "voice", "phone": "0000-1", "name": "赵一", "post": "矿长"})
    row = callout.calls.get()
    client.post(f"/duty/calls/{row.pk}/mark", {"what": "acted_at", "note": "已撤人"})
    client.post(f"{address}step/close", {"outcome": "全部响应"})
    page = client.get(address).content.decode()
    assert "已响应" in page and "已办结" in page and "全部响应" in page
    assert client.post(f"{address}call", {"means": "phone", "phone": "0000-1"}).status_code == 409


def test_a_handover_is_signed_returned_and_accepted_on_its_page_and_printed(
    staffed: dict[str, Shift], cast: Any, client_of: Client
) -> None:
    out, incoming = client_of(cast.county_officer), client_of(cast.county_leader)
    address = out.post("/duty/handovers/new/")["Location"]
    out.post(f"{address}step/sign", {"remarks": "注意甲矿"})
    assert "须由另一人接班" in out.get(address).content.decode()
    assert out.post(f"{address}step/accept").status_code == 403
    assert incoming.post(f"{address}step/return", {}).status_code == 422
    incoming.post(f"{address}step/return", {"reason": "请补写"})
    out.post(f"{address}step/sign", {"remarks": "已补"})
    incoming.post(f"{address}step/accept")
    page = incoming.get(address).content.decode()
    assert "已交接" in page and "核对一致" in page and "请补写" in page
    sheet = client_of(cast.city_officer).get(f"{address}sheet/").content.decode()
    assert "值班交接班单" in sheet and "县值班员" in sheet and "县带班领导" in sheet and "已补" in sheet


def test_the_drill_button_leads_to_the_result(cast: Any, client_of: Client) -> None:
    client = client_of(cast.county_officer)
    wrong = client.post("/duty/drills/new/", {"mine": cast.mine_b.code, "grade": "red"})
    assert wrong.status_code == 200 and "不在您的范围内" in wrong.content.decode()
    address = client.post("/duty/drills/new/", {"mine": cast.mine_a.code, "grade": "red", "purpose": "拉动"})[
        "Location"
    ]
    page = client.get(address).content.decode()
    assert "5 级未确认" in page and "系统默认，非官方分级" in page
    number = address.rstrip("/").rpartition("/")[2]
    assert "结束演练" in client.get(f"/alerts/{number}/").content.decode()
    client.post(f"/alerts/{number}/end_drill", {"note": "结束"})
    assert "已结束" in client.get(address).content.decode()
