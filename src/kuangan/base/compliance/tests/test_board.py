"""The board and the pages behind its numbers: counts, scope, evidence, determinations, measures, objections."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.models import Case
from kuangan.base.clock import use
from kuangan.base.compliance.acts import About, consequences
from kuangan.base.compliance.board import board_of
from kuangan.base.compliance.checks import State, Subject
from kuangan.base.compliance.models import Cell, Determination, Spell
from kuangan.base.compliance.tests.conftest import CLAUSE, OTHER, Make, Said

DAY = timedelta(days=1)
ACT = {
    "document": "晋（长）煤安处〔2026〕001号",
    "title": "现场处理决定书",
    "signer": "演示负责人",
    "fact": "三人未经考核下井",
}


def page(cast: Any, clause: str = CLAUSE, mine: str | None = None) -> str:
    return f"/board/mine/{mine or cast.mine_a.pk}/{clause}/"


def signed(moment: datetime, **changes: str) -> dict[str, str]:
    return ACT | {"signed_on": f"{moment - DAY:%Y-%m-%d}"} | changes


def line_of(user: Any, moment: datetime, clause: str = CLAUSE, **asked: str) -> Any:
    return next(line for line in board_of(user, "mine", moment, **asked).lines if line.node.id == clause)


def test_the_board_counts_everybody_bound_also_those_nobody_judged(
    cast: Any, said: Said, judge: Make, moment: datetime
) -> None:
    assert line_of(cast.province_officer, moment).total == {State.UNKNOWN: 2}
    said.first.say(cast.mine_a.pk, State.SUSPECTED, n=3)
    judge()
    line = line_of(cast.province_officer, moment)
    assert line.total == {State.SUSPECTED: 1, State.UNKNOWN: 1}
    assert (line.checks, line.of("140400")) == (2, line.total)
    assert line_of(cast.province_officer, moment, "SX34-50").checks == 0
    by_county = line_of(cast.province_officer, moment, city="140400")
    assert (by_county.of("140404"), by_county.of("140403")) == ({State.SUSPECTED: 1}, {State.UNKNOWN: 1})


def test_each_person_counts_what_exists_for_him(cast: Any, said: Said, judge: Make, moment: datetime) -> None:
    said.first.say(cast.mine_a.pk, State.SUSPECTED, n=3)
    judge()
    counted = {
        name: sum(line_of(getattr(cast, name), moment).total.values())
        for name in ("province_officer", "county_officer", "neighbour_officer", "mine_a_manager", "mine_b_dispatcher")
    }
    assert counted == {
        "province_officer": 2,
        "county_officer": 1,
        "neighbour_officer": 1,
        "mine_a_manager": 1,
        "mine_b_dispatcher": 1,
    }
    assert line_of(cast.neighbour_officer, moment).total[State.SUSPECTED] == 0


def test_a_number_of_the_board_opens_the_cells_it_counts_and_each_its_evidence(
    cast: Any, said: Said, judge: Make, client_of: Make, moment: datetime
) -> None:
    said.first.say(cast.mine_a.pk, State.SUSPECTED, n=3)
    judge()
    province = client_of(cast.province_officer)
    board = province.get("/board/").content.decode()
    address = f"/board/cells/?kind=mine&amp;clause={CLAUSE}&amp;state=suspected"
    assert address in board
    listed = province.get(address.replace("&amp;", "&")).content.decode()
    assert "共 1 条" in listed and page(cast) in listed
    evidence = province.get(page(cast)).content.decode()
    assert "说明 3" in evidence and f'href="/mines/{cast.mine_a.pk}/"' in evidence and "test.first 第 1 版" in evidence


def test_wrong_scope_and_wrong_things_do_not_exist(cast: Any, said: Said, judge: Make, client_of: Make) -> None:
    judge()
    assert client_of(cast.neighbour_officer).get(page(cast)).status_code == 404
    assert client_of(cast.mine_b_dispatcher).get(page(cast)).status_code == 404
    assert client_of(cast.training_body).get(page(cast)).status_code == 403
    assert client_of(cast.mine_a_manager).get(page(cast)).status_code == 200
    province = client_of(cast.province_officer)
    for wrong in (page(cast, "SX34-999"), page(cast, "SX34-12"), f"/board/moon/1/{CLAUSE}/", page(cast, mine="140000")):
        assert province.get(wrong).status_code == 404, wrong
    county = client_of(cast.county_officer)
    assert (
        county.get("/board/county/140404/SX34-13/").status_code,
        county.get("/board/county/140403/SX34-13/").status_code,
    ) == (200, 404)


def test_a_signed_act_counts_once_another_person_compared_it(
    cast: Any, said: Said, judge: Make, client_of: Make, moment: datetime
) -> None:
    judge()
    county, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    assert county.post(page(cast) + "determine", signed(moment)).status_code == 302
    row = Determination.objects.select_related("case").get()
    assert Cell.objects.get(clause=CLAUSE, subject=cast.mine_a.pk).state == "unknown"
    step = f"/board/cases/{row.case.number}/confirm"
    assert county.post(step).status_code == 403
    assert leader.post(step).status_code == 302
    assert Cell.objects.get(clause=CLAUSE, subject=cast.mine_a.pk).state == "determined"
    assert ACT["document"] in client_of(cast.mine_a_manager).get(page(cast)).content.decode()
    with use(moment + DAY):
        judge(moment + DAY)
        assert Cell.objects.get(clause=CLAUSE, subject=cast.mine_a.pk).state == "determined"
        lifted = {"document": "解除〔2026〕1号", "reason": "已整改"}
        assert leader.post(f"/board/cases/{row.case.number}/lift", lifted).status_code == 302
    assert Cell.objects.get(clause=CLAUSE, subject=cast.mine_a.pk).state == "unknown"


def test_who_entered_an_act_does_not_confirm_it(cast: Any, said: Said, client_of: Make, moment: datetime) -> None:
    leader = client_of(cast.county_leader)
    assert leader.post(page(cast) + "determine", signed(moment)).status_code == 302
    number = Determination.objects.get().case.number
    answer = leader.post(f"/board/cases/{number}/confirm")
    assert (answer.status_code, "另一人" in answer.content.decode()) == (422, True)
    assert Case.objects.get(number=number).state == "drafted"


@pytest.mark.parametrize("name", ["province_officer", "mine_a_manager", "auditor", "training_body"])
def test_those_without_power_determine_nothing(
    cast: Any, said: Said, client_of: Make, moment: datetime, name: str
) -> None:
    answer = client_of(getattr(cast, name)).post(page(cast) + "determine", signed(moment))
    assert answer.status_code == 403
    assert not Determination.objects.exists()


def test_an_act_of_tomorrow_or_without_facts_is_refused_beside_the_field(
    cast: Any, said: Said, client_of: Make, moment: datetime
) -> None:
    county = client_of(cast.county_officer)
    for change in ({"signed_on": f"{moment + DAY:%Y-%m-%d}"}, {"fact": " "}, {"document": ""}):
        answer = county.post(page(cast) + "determine", signed(moment, **change))
        assert (answer.status_code, "errorlist" in answer.content.decode()) == (422, True), change


def test_a_measure_is_proposed_by_the_law_of_the_mine_and_decided_by_another(
    cast: Any, said: Said, judge: Make, client_of: Make, moment: datetime
) -> None:
    clause = "SX34-30"
    county, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    offered = consequences(About(clause, "mine", Subject(cast.mine_a.pk, "x", "underground_coal", "coal")))
    measure = next(iter(offered))
    assert county.post(page(cast, clause) + "propose", {"measure": "nonsense", "grounds": "x"}).status_code == 422
    assert county.post(page(cast, clause) + "propose", {"measure": measure, "grounds": "现场核实"}).status_code == 302
    case = Case.objects.get(kind="measure")
    assert client_of(cast.mine_a_manager).get(f"/board/cases/{case.number}/").status_code == 404
    assert leader.post(f"/board/cases/{case.number}/reject", {"reason": ""}).status_code == 422
    assert leader.post(f"/board/cases/{case.number}/approve", {"opinion": "同意"}).status_code == 302
    served = {"document": "文书〔2026〕2号", "served_on": f"{moment:%Y-%m-%d}"}
    assert county.post(f"/board/cases/{case.number}/document", served).status_code == 302
    case.refresh_from_db()
    assert case.state == "documented"


def test_a_coal_measure_is_never_offered_for_another_kind_of_mine() -> None:
    coal = consequences(About("SX34-30", "mine", Subject("1", "x", "underground_coal", "coal")))
    pond = consequences(About("SX34-30", "mine", Subject("1", "x", "tailings_pond", "tailings")))
    assert "points" in "".join(coal) or set(coal) >= set(pond)
    assert set(pond) <= set(coal)


def test_a_mine_objects_gets_an_answer_by_a_day_and_an_upheld_answer_no_longer_counts(
    cast: Any, said: Said, judge: Make, client_of: Make, moment: datetime
) -> None:
    said.other.say(cast.mine_a.pk, State.SUSPECTED, n=3)
    judge()
    manager, county = client_of(cast.mine_a_manager), client_of(cast.county_officer)
    assert client_of(cast.county_officer).post(page(cast, OTHER) + "object", {"text": "x"}).status_code == 403
    assert (
        manager.post(page(cast, OTHER) + "object", {"text": "传感器已检定", "evidence": "检定证书"}).status_code == 302
    )
    again = manager.post(page(cast, OTHER) + "object", {"text": "再次"})
    assert (again.status_code, "已有异议" in again.content.decode()) == (422, True)
    case = Case.objects.get(kind="objection")
    assert (case.due, case.owner_id) == (moment + timedelta(days=15), cast.organisations["county"].pk)
    assert manager.post(f"/board/cases/{case.number}/uphold", {"reason": "x"}).status_code == 403
    assert county.post(f"/board/cases/{case.number}/uphold", {"reason": "证书有效"}).status_code == 302
    assert Cell.objects.get(clause=OTHER, subject=cast.mine_a.pk).state == "unknown"
    assert "异议成立" in manager.get(page(cast, OTHER)).content.decode()
    said.other.say(cast.mine_a.pk, State.SUSPECTED, n=4)
    judge(moment + DAY)
    assert Cell.objects.get(clause=OTHER, subject=cast.mine_a.pk).state == "suspected"
    assert Spell.objects.filter(check_id="test.other", set_aside=None, ended_at=None, subject=cast.mine_a.pk).exists()


def test_an_official_has_one_clause_of_one_mine_judged_again(
    cast: Any, said: Said, judge: Make, client_of: Make, moment: datetime
) -> None:
    judge()
    said.first.say(cast.mine_a.pk, State.SUSPECTED, n=9)
    county = client_of(cast.county_officer)
    with use(moment + DAY):
        assert county.post(page(cast) + "recheck").status_code == 302
    assert Cell.objects.get(clause=CLAUSE, subject=cast.mine_a.pk).state == "suspected"
    assert said.other.asked == 1
    assert client_of(cast.mine_a_manager).post(page(cast) + "recheck").status_code == 403


def test_the_export_has_a_row_for_each_clause_and_territory(
    cast: Any, said: Said, judge: Make, client_of: Make
) -> None:
    said.first.say(cast.mine_a.pk, State.SUSPECTED, n=3)
    judge()
    content = client_of(cast.province_officer).get("/board/?export=xlsx&sheet=mine").content
    rows = list(load_workbook(BytesIO(content), read_only=True).active.iter_rows(values_only=True))
    row = next(row for row in rows if row[0] == CLAUSE)
    assert (row[3], row[5]) == ("长治市", 1)


@pytest.mark.parametrize("address", ["/board/", "/board/?sheet=county", "/board/cells/", "/board/cases/"])
def test_pages_cost_a_bounded_number_of_queries(
    cast: Any, said: Said, judge: Make, client_of: Make, address: str
) -> None:
    judge()
    province = client_of(cast.province_officer)
    province.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert province.get(address).status_code == 200
    assert len(queries) <= 40


def test_a_clause_without_checks_can_be_determined_and_lifted_too(
    cast: Any, said: Said, client_of: Make, moment: datetime
) -> None:
    county, leader = client_of(cast.county_officer), client_of(cast.county_leader)
    clause = "SX34-50"
    county.post(page(cast, clause) + "determine", signed(moment))
    number = Case.objects.get(kind="determination").number
    leader.post(f"/board/cases/{number}/confirm")
    assert line_of(cast.province_officer, moment, clause).total[State.DETERMINED] == 1
    leader.post(f"/board/cases/{number}/lift", {"document": "解除〔2026〕2号", "reason": "已整改"})
    assert line_of(cast.province_officer, moment, clause).total == {State.UNKNOWN: 2}


def test_the_file_of_an_objection_is_checked_kept_and_given_to_those_concerned(
    cast: Any, said: Said, judge: Make, client_of: Make, tmp_path: Any, settings: Any
) -> None:
    settings.HOME = tmp_path
    judge()
    manager = client_of(cast.mine_a_manager)
    wrong = SimpleUploadedFile("证书.pdf", b"MZ not a document")
    answer = manager.post(page(cast, OTHER) + "object", {"text": "x", "file": wrong})
    assert (answer.status_code, "内容须与扩展名一致" in answer.content.decode()) == (422, True)
    assert not Case.objects.filter(kind="objection").exists()
    good = SimpleUploadedFile("证书.pdf", b"%PDF-1.7 certificate")
    assert manager.post(page(cast, OTHER) + "object", {"text": "x", "file": good}).status_code == 302
    address = f"/board/cases/{Case.objects.get(kind='objection').number}/file"
    assert b"".join(client_of(cast.county_officer).get(address)) == b"%PDF-1.7 certificate"
    assert client_of(cast.neighbour_officer).get(address).status_code == 404
    assert AuditEntry.objects.filter(action="objection.file_taken").count() == 1
    next(path for path in tmp_path.glob("objections/*/*")).write_bytes(b"%PDF-1.7 changed")
    assert client_of(cast.county_officer).get(address).status_code == 404
