"""Pages: scope, forms, lists, export, and how many queries they cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.clock import BEIJING, use
from kuangan.base.registry.models import Point
from kuangan.domains.operations.models import Announcement, Check
from kuangan.domains.operations.tests.conftest import HOUR, POINT, Make

LISTS = ("/announcements/today/", "/announcements/", "/announcement-checks/", "/caretakers/", "/safety-systems/")


def local(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}"


@pytest.fixture
def typed(cast: Any, moment: datetime) -> dict[str, Any]:
    """The form of a calibration, as a browser posts it."""
    Point.objects.create(code=POINT, mine=cast.mine_a, location="1102上隅角", valid_from=moment)
    return {
        "kind": "calibration",
        "starts": local(moment + HOUR),
        "ends": local(moment + 2 * HOUR),
        "parts": [f"point:{POINT}"],
        "reason": "例行",
        "measures": "监护",
        "responsible": "演示监测工",
    }


def test_a_mine_declares_and_its_supervisor_takes_note(
    cast: Any, typed: dict[str, Any], client_of: Make, moment: datetime
) -> None:
    mine = client_of(cast.mine_a_dispatcher)
    assert "1102上隅角" in mine.get("/announcements/new/").content.decode()
    answer = mine.post("/announcements/new/", typed)
    assert (answer.status_code, answer["Location"]) == (302, "/announcements/BB-20261121-0001/")
    row = Announcement.objects.get()
    assert (row.starts, row.parts.get().ident) == (moment + HOUR, POINT)
    county = client_of(cast.county_officer)
    assert "BB-20261121-0001" in county.get("/announcements/today/").content.decode()
    assert county.post(f"{answer['Location']}note").status_code == 302
    assert "县值班员 知悉" in county.get(answer["Location"]).content.decode()
    amended = typed | {"responsible": "演示副矿长", "why": "换人"}
    assert mine.post(f"{answer['Location']}amend/", amended).status_code == 302
    assert mine.post(f"{answer['Location']}withdraw", {}).status_code == 422
    with use(moment + HOUR):
        assert mine.post(f"{answer['Location']}withdraw", {"reason": "迟了"}).status_code == 409


def test_what_is_wrong_stands_beside_the_field(cast: Any, typed: dict[str, Any], client_of: Make) -> None:
    mine = client_of(cast.mine_a_dispatcher)
    for change, said in (
        ({"starts": "2026-11-01T08:00"}, "须在作业开始之前报备"),
        ({"kind": "power_cut"}, "升降人员如何保持供电运转"),
        ({"parts": ["mine:140404900001"]}, "标校须逐个指明测点"),
        ({"parts": ["point:of-another-mine"]}, "errorlist"),
    ):
        answer = mine.post("/announcements/new/", typed | change)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not Announcement.objects.exists()


def test_others_see_nothing_of_it(declared: Make, cast: Any, tick: Make, client_of: Make) -> None:
    row = declared()
    tick(row.ends + HOUR)
    number, check = row.case.number, Check.objects.get().case.number
    for person, sees in (
        (cast.mine_a_manager, True),
        (cast.parent_dispatcher, True),
        (cast.county_officer, True),
        (cast.province_officer, True),
        (cast.neighbour_officer, False),
        (cast.mine_b_dispatcher, False),
    ):
        client = client_of(person)
        assert client.get(f"/announcements/{number}/").status_code == (200 if sees else 404)
        assert client.get(f"/announcement-checks/{check}/").status_code == (200 if sees else 404)
        for address in LISTS[:3]:
            text = client.get(address).content.decode()
            assert (number in text) is sees


def test_figures_agree_with_the_list_behind_them(declared: Make, cast: Any, tick: Make, client_of: Make) -> None:
    first = declared()
    declared(starts=first.starts + 3 * HOUR, ends=first.ends + 3 * HOUR)
    tick(first.ends + HOUR)
    client = client_of(cast.county_officer)
    for state, total in (("overrun", 1), ("declared", 1), ("running", 0), ("open", 2)):
        assert f"共 {total} 条" in client.get(f"/announcements/?state={state}").content.decode()
    assert "共 1 条" in client.get("/announcement-checks/?state=raised&kind=overrun").content.decode()


def test_the_export_has_the_rows_of_the_list(declared: Make, cast: Any, client_of: Make) -> None:
    declared()
    client = client_of(cast.county_officer)
    sheet = load_workbook(BytesIO(client.get("/announcements/?export=xlsx").content)).active
    heads, row = [[cell.value for cell in line] for line in sheet.iter_rows()]
    said = dict(zip(heads, row, strict=True))
    assert (said["编号"], said["类型"], said["状态"], said["范围"]) == (
        "BB-20261121-0001",
        "标校",
        "待答复",
        f"测点 {POINT}",
    )


@pytest.mark.parametrize("address", LISTS)
def test_a_page_costs_the_same_for_one_row_and_for_many(
    address: str, declared: Make, cast: Any, client_of: Make, tick: Make, moment: datetime
) -> None:
    client = client_of(cast.county_officer)
    counts = []
    for batch in (range(1, 2), range(2, 14)):
        for n in batch:
            row = declared(
                starts=moment + n * HOUR, ends=moment + n * HOUR + timedelta(minutes=9), parts=(("point", f"p{n}"),)
            )
            tick(row.ends + timedelta(minutes=15))
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 30


def test_the_file_of_a_mine_shows_what_runs(declared: Make, cast: Any, client_of: Make) -> None:
    declared()
    text = client_of(cast.county_officer).get(f"/mines/{cast.mine_a.code}/").content.decode()
    assert "/announcements/BB-20261121-0001/" in text
    assert "压风自救 未登记" in text


def test_search_and_inbox_lead_to_the_announcement(declared: Make, cast: Any, client_of: Make) -> None:
    declared()
    client = client_of(cast.county_officer)
    assert client.get("/search/?q=BB-20261121-0001")["Location"] == "/announcements/BB-20261121-0001/"
    assert "/announcements/BB-20261121-0001/" in client.get("/inbox/").content.decode()


def test_caretakers_are_entered_approved_and_shown(cast: Any, client_of: Make, moment: datetime) -> None:
    mine, county = client_of(cast.mine_a_dispatcher), client_of(cast.county_officer)
    form = {
        "areas": "中央水仓",
        "most": 1,
        "valid_from": local(moment),
        "valid_to": local(moment + timedelta(days=9)),
        "basis": "看护方案",
        "people": "演示甲,水泵工,八点班",
    }
    assert "第 1 行" in mine.post("/caretakers/new/", form).content.decode()
    address = mine.post("/caretakers/new/", form | {"people": "演示甲,水泵工,八点班,中央水仓"})["Location"]
    assert "待批准" in county.get("/caretakers/?approved=no").content.decode()
    assert county.post(f"{address}approve").status_code == 302
    assert "生效中" in county.get(address).content.decode()
    assert county.post(f"{address}unknown").status_code == 404
    assert client_of(cast.neighbour_officer).get(address).status_code == 404
    assert "同时最多 1 人" in county.get(f"/mines/{cast.mine_a.code}/").content.decode()


def test_a_fault_goes_from_the_board_to_its_end(cast: Any, client_of: Make) -> None:
    mine, county = client_of(cast.mine_a_dispatcher), client_of(cast.county_officer)
    base = f"/safety-systems/{cast.mine_a.code}/"
    assert mine.get(f"{base}water/fault/").status_code == 404
    mine.post(f"{base}water/built/", {"built_on": "2026-11-01", "model": "演示型"})
    future = mine.post(f"{base}water/test/", {"tested_on": "2026-12-01", "result": "passed", "evidence": "单"})
    assert "试验日期须在" in future.content.decode()
    mine.post(f"{base}water/test/", {"tested_on": "2026-11-20", "result": "passed", "evidence": "试验单 07"})
    assert "试验单 07" in county.get(base).content.decode()
    mine.post(f"{base}water/fault/", {"text": "管路漏水", "measures": "备用水箱"})
    assert "故障 1 项" in county.get("/safety-systems/?standing=fault").content.decode()
    fault = "/system-faults/XG-20261121-0001/"
    assert mine.post(f"{fault}repair", {"evidence": "更换管件"}).status_code == 302
    assert county.post(f"{fault}verify", {"opinion": "属实"}).status_code == 302
    assert "已核验" in county.get(fault).content.decode()
