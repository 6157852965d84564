"""Pages: who opens them, what is filled in, figures that agree with what they count, what they cost."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from openpyxl import load_workbook

from kuangan.domains.selfcheck import rounds
from kuangan.domains.selfcheck.judging import take
from kuangan.domains.selfcheck.models import Difference, Proposal, Sheet, Target
from kuangan.domains.selfcheck.reading import grouped, lines
from kuangan.domains.selfcheck.tests.conftest import Make, again, filled, of_mine

HOME = "/selfcheck/"
VIDEO = "SX34-15"


def of(sheet: Sheet, rest: str = "") -> str:
    return f"{HOME}sheets/{sheet.case.number}/{rest}"


def test_a_mine_fills_in_part_by_part_signs_by_two_and_hands_in(
    sheet: Sheet, cast: Any, safety: Any, client_of: Make, moment: datetime
) -> None:
    manager, second = client_of(cast.mine_a_manager), client_of(safety)
    for group in grouped(lines(sheet, moment)):
        form = {f"value-{line.node.id}": "met" for line in group.lines}
        answer = manager.post(f"{of(sheet, 'fill/')}?part={group.code}", form)
        assert answer.status_code == 302
    assert answer["Location"] == of(sheet)
    held = again(sheet)
    assert (held.answered, held.asked) == (len(held.items), len(held.items))
    assert "签字岗位" in manager.get(of(sheet)).content.decode()
    signs = {"post": "lead", "title": "矿长", "sure": "on"}
    assert manager.post(of(sheet, "sign"), {"post": "lead", "title": "矿长"}).status_code == 422
    assert manager.post(of(sheet, "sign"), signs).status_code == 302
    assert manager.post(of(sheet, "sign"), signs | {"post": "safety"}).status_code == 403
    assert second.post(of(sheet, "sign"), signs | {"post": "safety", "title": "安全副矿长"}).status_code == 302
    assert "提交给" in manager.get(of(sheet)).content.decode()
    assert manager.post(of(sheet, "submit")).status_code == 302
    assert "已提交待审核" in client_of(cast.county_officer).get(of(sheet)).content.decode()
    assert manager.get(of(sheet, "fill/")).status_code == 302


def test_what_cannot_be_kept_stays_in_its_field_with_the_reason(
    sheet: Sheet, cast: Any, client_of: Make, moment: datetime
) -> None:
    manager = client_of(cast.mine_a_manager)
    part = next(g.code for g in grouped(lines(sheet, moment)) if any(one.node.id == VIDEO for one in g.lines))
    bad = {f"value-{VIDEO}": "unmet", f"text-{VIDEO}": "", "value-SX34-14": "met"}
    answer = manager.post(f"{of(sheet, 'fill/')}?part={part}", bad)
    assert (answer.status_code, "不符合须写明情况" in answer.content.decode()) == (422, True)
    assert again(sheet).answered == 1
    file = SimpleUploadedFile("a.pdf", b"MZ")
    answer = manager.post(f"{of(sheet, 'fill/')}?part={part}", {f"file-{VIDEO}": file})
    assert (answer.status_code, "只接收" in answer.content.decode()) == (422, True)


def test_one_item_is_kept_as_it_is_answered(sheet: Sheet, cast: Any, client_of: Make) -> None:
    manager = client_of(cast.mine_a_manager)
    answer = manager.post(of(sheet, f"items/{VIDEO}/"), {f"value-{VIDEO}": "met"})
    assert json.loads(answer.content)["answered"] == 1
    bad = manager.post(of(sheet, f"items/{VIDEO}/"), {f"value-{VIDEO}": "absent"})
    assert (bad.status_code, json.loads(bad.content)) == (422, {"faults": {"text": "不适用须写明理由"}})
    day = manager.post(of(sheet, f"items/{VIDEO}/"), {f"value-{VIDEO}": "met", f"valid_from-{VIDEO}": "x"})
    assert day.status_code == 422
    assert "重答" not in manager.get(of(sheet, f"items/{VIDEO}/history/")).content.decode()


def test_evidence_leaves_as_it_came_and_damage_is_told(
    sheet: Sheet, cast: Any, client_of: Make, moment: datetime, home: Any
) -> None:
    manager = client_of(cast.mine_a_manager)
    part = next(g.code for g in grouped(lines(sheet, moment)) if any(one.node.id == VIDEO for one in g.lines))
    file = SimpleUploadedFile("布置图.pdf", b"%PDF-1.4 x")
    assert manager.post(f"{of(sheet, 'fill/')}?part={part}", {f"file-{VIDEO}": file}).status_code == 302
    row = sheet.evidence.get()
    answer = client_of(cast.county_officer).get(f"{HOME}evidence/{row.pk}/")
    assert (b"".join(answer), answer["X-Content-Type-Options"]) == (b"%PDF-1.4 x", "nosniff")
    assert client_of(cast.neighbour_officer).get(f"{HOME}evidence/{row.pk}/").status_code == 404
    (home / "selfcheck" / row.sha256[:2] / row.sha256).write_bytes(b"other")
    assert client_of(cast.county_officer).get(f"{HOME}evidence/{row.pk}/").status_code == 404
    assert manager.post(f"{HOME}evidence/{row.pk}/withdraw/").status_code == 302
    assert not sheet.evidence.filter(withdrawn_at=None).exists()


def test_a_contradiction_reaches_the_county_and_is_never_called_false(
    findings: Make, handed_in: Make, cast: Any, client_of: Make
) -> None:
    findings(SX34_15="suspected", SX34_48="unknown")
    sheet = handed_in()
    county, mine = client_of(cast.county_officer), client_of(cast.mine_a_manager)
    row = Difference.objects.get()
    listed = county.get(f"{HOME}differences/?state=open").content.decode()
    assert ("示例远峰煤业" in listed, "示例依据 suspected" in listed) == (True, True)
    assert "不一致待核实" in county.get("/inbox/").content.decode()
    page = county.get(of(sheet)).content.decode()
    assert page.index("与监测数据不一致") < page.index("逐条结果")
    for client in (county, mine):
        for address in (of(sheet), of(sheet, "print/"), f"{HOME}differences/"):
            assert "虚假" not in client.get(address).content.decode()
    act = f"{HOME}differences/{row.pk}/"
    assert mine.post(f"{act}explain", {"explanation": "检修"}).status_code == 302
    assert mine.post(f"{act}verify", {"result": "data", "opinion": "x"}).status_code == 403
    assert county.post(f"{act}verify", {"result": "", "opinion": "x"}).status_code == 422
    assert county.post(f"{act}verify", {"result": "real", "opinion": "确缺"}).status_code == 302
    assert county.post(f"{act}verify", {"result": "real", "opinion": "确缺"}).status_code == 409
    assert "建议研究处置" in county.get(of(sheet)).content.decode()
    assert "建议研究处置" not in mine.get(of(sheet)).content.decode()
    leader = client_of(cast.county_leader)
    decision = {"decision": "check", "text": "三日内核查"}
    assert leader.post(f"{HOME}proposals/{Proposal.objects.get().pk}/decide/", decision).status_code == 302
    assert "三日内核查" in county.get(of(sheet)).content.decode()


def test_an_inspection_is_no_secret_once_handed_in_and_one_before(
    opened: Make, cast: Any, client_of: Make, moment: datetime
) -> None:
    row = opened("coverage")
    county, mine, parent = (
        client_of(cast.people[n]) for n in ("county_officer", "mine_a_manager", "parent_dispatcher")
    )
    answer = county.post(f"{HOME}rounds/{row.pk}/begin/", {"mine": cast.mine_a.pk})
    sheet = Sheet.objects.select_related("case").get()
    assert answer["Location"] == of(sheet, "fill/")
    for client in (mine, parent):
        assert client.get(of(sheet)).status_code == 404
        assert client.get(f"{HOME}rounds/{row.pk}/").status_code == 404
        assert client.get(f"{HOME}sheets/").context["total"] == 0
        assert (
            sheet.case.number not in client.get(f"/search/?q={sheet.case.number}").content.decode().split("</form>")[-1]
        )
    assert county.get(of(sheet)).status_code == 200


def test_figures_of_a_round_agree_with_the_lists_behind_them(
    findings: Make, handed_in: Make, cast: Any, client_of: Make
) -> None:
    findings(SX34_15="suspected")
    sheet = handed_in(SX34_16="unmet")
    city = client_of(cast.city_officer)
    page = city.get(f"{HOME}rounds/{sheet.round_id}/")
    values = [figure.value for figure in page.context["figures"]]
    assert values == [2, 1, 1, 1, 1, 1]
    for figure in page.context["figures"]:
        assert city.get(figure.href).context["total"] == figure.value, figure.label
    assert [(line.name, line.percent) for line in page.context["counties"]] == [("潞州区", "0%"), ("上党区", "100%")]
    links = re.findall(r'href="(/selfcheck/sheets/\?round=[^"]+)"[^>]*>(\d+)<', page.content.decode())
    assert len(links) > 8
    for address, number in links:
        assert city.get(address.replace("&amp;", "&")).context["total"] == int(number), address
    for figure in city.get(HOME).context["figures"]:
        assert city.get(figure.href).context["total"] == figure.value, figure.label


def test_counties_see_their_own_mines_of_a_round_of_the_city(opened: Make, cast: Any, client_of: Make) -> None:
    row = opened()
    page = client_of(cast.neighbour_officer).get(f"{HOME}rounds/{row.pk}/")
    assert page.context["sums"]["mines"] == 1
    assert "示例远峰煤业" not in client_of(cast.neighbour_officer).get(f"{HOME}sheets/").content.decode()


def test_ordering_ending_and_beginning_are_refused_with_words(opened: Make, cast: Any, client_of: Make) -> None:
    city = client_of(cast.city_officer)
    form = {"kind": "selfcheck", "title": "示例", "mine_kinds": ["underground_coal"], "due": "2026-11-01"}
    answer = city.post(f"{HOME}rounds/new/", form)
    assert (answer.status_code, "晚于当前时间" in answer.content.decode()) == (422, True)
    assert city.post(f"{HOME}rounds/new/", form | {"due": "2026-12-31"}).status_code == 302
    row = opened()
    assert city.post(f"{HOME}rounds/{row.pk}/close", {"reason": ""}).status_code == 422
    assert city.post(f"{HOME}rounds/{row.pk}/close", {"reason": "办结"}).status_code == 302
    assert city.post(f"{HOME}rounds/{row.pk}/close", {"reason": "办结"}).status_code == 422
    assert city.post(f"{HOME}rounds/{row.pk}/other", {}).status_code == 404


def test_the_export_has_the_rows_of_the_list(handed_in: Make, cast: Any, client_of: Make) -> None:
    handed_in()
    answer = client_of(cast.city_officer).get(f"{HOME}sheets/?state=submitted&export=xlsx")
    rows = [[cell.value for cell in line] for line in load_workbook(BytesIO(answer.content)).active.iter_rows()]
    assert rows[-1][0] == "示例远峰煤业"
    assert "已提交待审核" in rows[-1]


def test_the_report_has_every_item_the_digest_and_room_for_hands(
    findings: Make, handed_in: Make, cast: Any, client_of: Make
) -> None:
    findings(SX34_15="suspected")
    sheet = handed_in(SX34_16="unmet")
    county = client_of(cast.county_officer)
    document = Document(io.BytesIO(county.get(of(sheet, "report.docx")).content))
    words = "\n".join(
        [paragraph.text for paragraph in document.paragraphs]
        + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    )
    for said in (sheet.case.number, "手写签字", "与监测数据不一致", "待核实", "SX34-16", "甲矿矿长"):
        assert said in words, said
    assert all(node in words for node, _ in sheet.items)
    digest = county.get(of(sheet)).context["digest"]
    assert digest in words
    assert digest in county.get(of(sheet, "print/")).content.decode()
    assert "{{" not in words and "{%" not in words


def test_a_sheet_costs_the_same_however_much_is_filled_in(
    sheet: Sheet, cast: Any, client_of: Make, moment: datetime
) -> None:
    mine, costs = client_of(cast.mine_a_manager), []
    for address in (of(sheet), of(sheet, "fill/")):
        mine.get(address)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            mine.get(of(sheet))
            mine.get(of(sheet, "fill/?part=SX34-P2"))
        costs.append(len(asked))
        filled(again(sheet), cast.mine_a_manager, moment, SX34_16="unmet")
    assert costs[1] <= costs[0] + 2
    assert max(costs) <= 80


def test_lists_cost_the_same_for_one_sheet_and_for_many(opened: Make, cast: Any, client_of: Make) -> None:
    city, costs = client_of(cast.city_officer), []
    for _ in range(2):
        opened(by=cast.city_officer)
        for address in (HOME, f"{HOME}sheets/", f"{HOME}differences/", f"{HOME}proposals/"):
            city.get(address)
        with CaptureQueriesContext(connection) as asked:
            for address in (HOME, f"{HOME}sheets/", f"{HOME}differences/", f"{HOME}proposals/"):
                city.get(address)
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_stages_of_a_health_check_count_what_is_shown(
    opened: Make, cast: Any, safety: Any, client_of: Make, moment: datetime
) -> None:
    row = opened("health")
    sheet = of_mine(row, cast.mine_a)
    city, county = client_of(cast.city_officer), client_of(cast.county_officer)

    def reached() -> list[int]:
        return [one["reached"] for one in city.get(f"{HOME}rounds/{row.pk}/").context["stages"]]

    assert reached() == [0, 0, 0, 0]
    filled(sheet, cast.mine_a_manager, moment)
    from kuangan.domains.selfcheck.tests.conftest import signed

    signed(again(sheet), cast.mine_a_manager, safety, moment)
    take(again(sheet), "submit", by=cast.mine_a_manager, at=moment, form={})
    take(again(sheet), "accept", by=cast.county_officer, at=moment, form={"opinion": "可"})
    said = {"stage": "effective", "reached": "yes", "basis": "现场核查"}
    assert county.post(of(sheet, "stage/"), said).status_code == 302
    assert city.post(of(sheet, "stage/"), said).status_code == 403
    assert reached() == [1, 1, 1, 0]
    assert county.post(of(sheet, "stage/"), said | {"reached": "no"}).status_code == 302
    assert reached() == [1, 1, 0, 0]


def test_the_own_body_sees_what_the_documents_changed(
    sheet: Sheet, cast: Any, client_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kuangan.domains.selfcheck import editions

    city, real = client_of(cast.city_officer), editions.fingerprint
    address = f"{HOME}rounds/{sheet.round_id}/"
    assert "文件有更新" not in city.get(address).content.decode()
    monkeypatch.setattr(
        editions, "fingerprint", lambda node, text=None: "new" if node.id == VIDEO else real(node, text)
    )
    assert "文件有更新" in city.get(address).content.decode()
    assert city.post(f"{address}renew").status_code == 302
    assert "文件有更新" not in city.get(address).content.decode()


def test_targets_without_a_sheet_are_the_ones_not_inspected(opened: Make, cast: Any, client_of: Make) -> None:
    row = opened("coverage")
    county = client_of(cast.county_officer)
    assert county.get(f"{HOME}rounds/{row.pk}/").context["unvisited_total"] == 1
    rounds.begin(Target.objects.get(round=row, mine=cast.mine_a), by=cast.county_officer, at=row.opens)
    assert county.get(f"{HOME}rounds/{row.pk}/").context["unvisited_total"] == 0
