"""The life of a sheet: filled in, signed by two, handed in, held against what is known, verified, decided by a person."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kuangan.base import deadlines
from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, MissingFields, NotYet, WrongState
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Notice
from kuangan.base.people.models import User
from kuangan.domains.selfcheck import editions, filling, rounds, signing, solving
from kuangan.domains.selfcheck.differing import compare, explain, verify
from kuangan.domains.selfcheck.filling import answer
from kuangan.domains.selfcheck.judging import take
from kuangan.domains.selfcheck.models import Answer, Difference, Proposal, Sheet, Signature, Target
from kuangan.domains.selfcheck.proposing import decide
from kuangan.domains.selfcheck.rules import Reply
from kuangan.domains.selfcheck.tests.conftest import DAY, HOUR, Make, again, filled, of_mine, signed
from kuangan.site.wiring import HANDLERS

PDF = b"%PDF-1.4 example"
VIDEO = "SX34-15"


def test_a_round_gives_every_mine_of_its_kinds_within_reach_a_sheet_with_a_clock(opened: Make, cast: Any) -> None:
    row = opened()
    assert {sheet.mine_id for sheet in row.sheets.all()} == {cast.mine_a.pk, cast.mine_b.pk}
    sheet = of_mine(row, cast.mine_a)
    assert (sheet.filler, sheet.supervisor) == (cast.organisations["mine_a"], cast.organisations["county"])
    assert (sheet.asked, sheet.answered, sheet.case.state) == (len(sheet.items), 0, "drafting")
    clock = Deadline.objects.get(subject_id=str(sheet.pk), code="submit")
    assert (clock.due, clock.owner_id, clock.ladder) == (row.due, sheet.filler_id, "selfcheck")
    assert opened(by=cast.county_officer).sheets.count() == 1
    assert opened(mine_kinds=("tailings_pond",)).targets.count() == 0


def test_sheets_are_made_in_bites_and_each_mine_gets_one(
    opened: Make, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    monkeypatch.setattr(rounds, "AT_ONCE", 0)
    row = opened()
    assert (row.sheets.count(), row.opened_at) == (0, None)
    assert [rounds.open_sheets(moment, bite=1) for _ in range(4)] == [1, 1, 0, 0]
    row.refresh_from_db()
    assert row.sheets.count() == 2
    assert row.opened_at == moment


def test_only_authorities_order_and_a_committee_orders_no_inspection(opened: Make, cast: Any) -> None:
    for person in (cast.mine_a_manager, cast.parent_dispatcher, cast.province_officer):
        with pytest.raises(Forbidden):
            opened(by=person)
    body = cast.organisations["city"]
    body.kind = "safety_committee"
    body.save(update_fields=["kind"])
    cast.city_officer.refresh_from_db()
    with pytest.raises(Forbidden):
        opened("coverage")
    assert opened().pk


def test_answers_are_added_never_overwritten(sheet: Sheet, cast: Any, moment: datetime) -> None:
    first = answer(sheet, VIDEO, Reply("met"), by=cast.mine_a_manager, at=moment)
    assert answer(sheet, VIDEO, Reply("met"), by=cast.mine_a_manager, at=moment + HOUR).pk == first.pk
    second = answer(sheet, VIDEO, Reply("unmet", "两处缺摄像机"), by=cast.mine_a_dispatcher, at=moment + HOUR)
    first.refresh_from_db()
    assert (first.value, first.replaced_at, second.replaced_at) == ("met", moment + HOUR, None)
    with pytest.raises(TypeError):
        first.delete()
    held = again(sheet)
    assert (held.answered, held.unmet) == (1, 1)
    assert AuditEntry.objects.filter(action="answered").count() == 2


def test_not_met_and_not_applicable_need_words(sheet: Sheet, cast: Any, moment: datetime) -> None:
    for reply in (Reply("unmet"), Reply("absent", " "), Reply("perhaps", "x")):
        with pytest.raises(MissingFields):
            answer(sheet, VIDEO, reply, by=cast.mine_a_manager, at=moment)
    with pytest.raises(MissingFields, match="没有这一条"):
        answer(sheet, "SX34-3", Reply("met"), by=cast.mine_a_manager, at=moment)


def test_only_the_people_of_the_mine_fill_in(sheet: Sheet, cast: Any, moment: datetime) -> None:
    for person in (cast.mine_b_dispatcher, cast.parent_dispatcher, cast.county_officer, cast.province_officer):
        with pytest.raises(Forbidden):
            answer(sheet, VIDEO, Reply("met"), by=person, at=moment)


def test_files_are_kept_under_their_digest_and_only_what_they_say_they_are(
    sheet: Sheet, cast: Any, moment: datetime, home: Path
) -> None:
    said = {"home": home, "by": cast.mine_a_manager, "at": moment}
    row = filling.attach(sheet, VIDEO, SimpleUploadedFile("设计图.pdf", PDF), **said)
    assert (home / "selfcheck" / row.sha256[:2] / row.sha256).read_bytes() == PDF
    assert filling.attach(sheet, VIDEO, SimpleUploadedFile("又一份.pdf", PDF), **said).pk == row.pk
    for name, content in (("a.pdf", b"MZ program"), ("a.png", PDF), ("a.docx", b"PK\x03\x04")):
        with pytest.raises(MissingFields, match="PDF"):
            filling.attach(sheet, VIDEO, SimpleUploadedFile(name, content), **said)
    filling.withdraw(row, by=cast.mine_a_manager, at=moment)
    assert not sheet.evidence.filter(withdrawn_at=None).exists()


def test_two_different_people_sign_the_whole_content(sheet: Sheet, cast: Any, safety: User, moment: datetime) -> None:
    manager = cast.mine_a_manager
    with pytest.raises(NotYet, match="未答"):
        signing.sign(sheet, "lead", title="矿长", by=manager, at=moment)
    held = filled(sheet, manager, moment)
    signing.sign(held, "lead", title="矿长", by=manager, at=moment)
    assert again(sheet).case.state == "drafting"
    for post in ("lead", "safety"):
        with pytest.raises(Forbidden):
            signing.sign(held, post, title="矿长", by=manager, at=moment)
    with pytest.raises(Forbidden):
        signing.sign(held, "safety", title="科长", by=cast.county_officer, at=moment)
    signing.sign(held, "safety", title="安全副矿长", by=safety, at=moment)
    assert again(sheet).case.state == "signed"
    rows = Signature.objects.filter(sheet=sheet, voided_at=None)
    assert {row.digest for row in rows} == {signing.digest_of(again(sheet))}


def test_any_change_voids_both_signatures(sheet: Sheet, cast: Any, safety: User, moment: datetime, home: Path) -> None:
    manager = cast.mine_a_manager
    filled(sheet, manager, moment)
    signed(again(sheet), manager, safety, moment)
    changes = (
        lambda: answer(sheet, VIDEO, Reply("met", "补充说明"), by=manager, at=moment),
        lambda: filling.attach(sheet, VIDEO, SimpleUploadedFile("图.pdf", PDF), home=home, by=safety, at=moment),
    )
    for change in changes:
        change()
        assert not sheet.signatures.filter(voided_at=None).exists()
        assert again(sheet).case.state == "drafting"
        with pytest.raises(WrongState):
            take(again(sheet), "submit", by=manager, at=moment, form={})
        signed(again(sheet), manager, safety, moment)
    assert sheet.signatures.exclude(voided_at=None).count() == 4


def test_a_sheet_whose_rows_were_changed_behind_its_back_is_not_handed_in(
    sheet: Sheet, cast: Any, safety: User, moment: datetime
) -> None:
    filled(sheet, cast.mine_a_manager, moment)
    signed(again(sheet), cast.mine_a_manager, safety, moment)
    Answer.objects.filter(sheet=sheet, node=VIDEO).update(text="改过")
    with pytest.raises(NotYet, match="内容有变化"):
        take(again(sheet), "submit", by=cast.mine_a_manager, at=moment, form={})


def test_what_is_handed_in_is_judged_by_the_direct_supervisor_alone(
    handed_in: Make, cast: Any, moment: datetime
) -> None:
    sheet = handed_in()
    assert (sheet.case.state, sheet.submitted_at) == ("submitted", moment)
    with pytest.raises(NotYet, match="已提交"):
        answer(sheet, VIDEO, Reply("met", "晚了"), by=cast.mine_a_manager, at=moment)
    for person in (cast.city_officer, cast.bureau_officer):
        with pytest.raises(Forbidden):
            take(sheet, "accept", by=person, at=moment, form={"opinion": "可"})
    take(sheet, "accept", by=cast.county_officer, at=moment, form={"opinion": "可"})
    assert again(sheet).accepted_at == moment
    assert not Proposal.objects.exists()
    take(again(sheet), "close", by=cast.county_leader, at=moment, form={"opinion": "办结"})
    assert again(sheet).case.closed == moment


def test_what_is_sent_back_is_filled_in_and_signed_anew(handed_in: Make, cast: Any, moment: datetime) -> None:
    sheet = handed_in()
    with pytest.raises(MissingFields):
        take(sheet, "send_back", by=cast.county_officer, at=moment, form={})
    take(sheet, "send_back", by=cast.county_officer, at=moment, form={}, reason="说明不清")
    held = again(sheet)
    assert (held.case.state, held.submitted_at) == ("returned", None)
    assert not held.signatures.filter(voided_at=None).exists()
    open_codes = set(Deadline.objects.filter(subject_id=str(sheet.pk), ended_at=None).values_list("code", flat=True))
    assert open_codes == {"submit"}
    answer(held, VIDEO, Reply("met", "已写清"), by=cast.mine_a_manager, at=moment)


def test_who_owes_a_sheet_is_reminded_then_company_and_supervisor_are_told(
    sheet: Sheet, cast: Any, moment: datetime
) -> None:
    for days in (24, 29, 30, 33, 40):
        deadlines.tick(moment + days * DAY, HANDLERS)
        deadlines.tick(moment + days * DAY, HANDLERS)
    rows = Notice.objects.filter(subject_id=str(sheet.pk))
    told = [(row.subject.split("：")[0], row.to) for row in rows.order_by("pk")]
    mine, county, parent = (f"organisation:{cast.organisations[key].pk}" for key in ("mine_a", "county", "parent"))
    assert [to for said, to in told if "逾期未提交" in said] == [mine, parent, county]
    assert {to for said, to in told if "建议函告" in said} == {mine, parent, county}
    assert len(told) == 2 + 3 + 3 + 3
    assert [to for said, to in told if said == "时限提醒"] == [mine, mine]


def test_an_answer_that_the_data_speak_against_reaches_the_county(
    findings: Make, handed_in: Make, cast: Any, moment: datetime
) -> None:
    findings(SX34_15="suspected", SX34_14="proved", SX34_46="unknown", SX34_52="paper")
    sheet = handed_in()
    row = Difference.objects.get()
    assert (row.sheet_id, row.node, row.known["state"]) == (sheet.pk, VIDEO, "suspected")
    assert sheet.differing == 1
    notice = Notice.objects.get(subject__contains="不一致")
    assert notice.to == f"organisation:{cast.organisations['county'].pk}"
    assert "虚假" not in notice.subject + notice.body
    assert Deadline.objects.get(code="verify").owner_id == cast.organisations["county"].pk
    assert compare(sheet, at=moment + HOUR) == []
    findings(SX34_15="suspected", SX34_48="determined")
    assert [found.node for found in compare(sheet, at=moment + HOUR)] == ["SX34-48"]


def test_what_a_mine_calls_not_met_is_no_difference(findings: Make, handed_in: Make) -> None:
    findings(SX34_15="suspected")
    handed_in(SX34_15="unmet")
    assert not Difference.objects.exists()


def test_a_difference_is_explained_by_the_mine_and_verified_by_its_supervisor(
    findings: Make, handed_in: Make, cast: Any, moment: datetime
) -> None:
    findings(SX34_15="suspected")
    sheet = handed_in()
    take(sheet, "accept", by=cast.county_officer, at=moment, form={"opinion": "可"})
    row = Difference.objects.get()
    with pytest.raises(Forbidden):
        explain(row, text="x", by=cast.county_officer, at=moment)
    explain(row, text="摄像机检修", by=cast.mine_a_dispatcher, at=moment)
    with pytest.raises(NotYet, match="待核实"):
        take(again(sheet), "close", by=cast.county_officer, at=moment, form={"opinion": "办结"})
    for person in (cast.mine_a_manager, cast.city_officer):
        with pytest.raises(Forbidden):
            verify(row, result="data", opinion="x", by=person, at=moment)
    verify(row, result="data", opinion="视频平台故障", by=cast.county_officer, at=moment)
    assert not Proposal.objects.exists()
    assert again(sheet).differing == 0
    assert Deadline.objects.get(code="verify").state == "met"
    with pytest.raises(NotYet):
        verify(row, result="real", opinion="x", by=cast.county_officer, at=moment)


def test_what_is_verified_leads_to_a_proposal_that_a_leader_decides_and_orders_nothing(
    findings: Make, handed_in: Make, cast: Any, moment: datetime
) -> None:
    findings(SX34_15="suspected")
    handed_in()
    verify(Difference.objects.get(), result="real", opinion="确缺两处", by=cast.county_officer, at=moment)
    row = Proposal.objects.get()
    assert (row.nodes, row.decided_at) == ([VIDEO], None)
    notice = Notice.objects.get(subject__startswith="建议")
    assert "不是停产指令" in notice.body
    for person in (cast.county_officer, cast.city_leader):
        with pytest.raises(Forbidden):
            decide(row, decision="check", text="x", by=person, at=moment)
    decide(row, decision="check", text="三日内现场核查", by=cast.county_leader, at=moment)
    facts = cast.mine_a.facts.filter(attribute="state")
    assert not facts.exists()


def test_what_a_mine_reports_itself_is_planned_solved_and_verified(
    handed_in: Make, cast: Any, moment: datetime
) -> None:
    sheet = handed_in(SX34_16="unmet")
    take(sheet, "accept", by=cast.county_officer, at=moment, form={"opinion": "可"})
    assert Proposal.objects.get().nodes == ["SX34-16"]
    remedy = solving.Remedy("更换灭火器", "示例科长", (moment + 20 * DAY).date())
    with pytest.raises(MissingFields):
        solving.plan(sheet, VIDEO, remedy, by=cast.mine_a_manager, at=moment)
    row = solving.plan(sheet, "SX34-16", remedy, by=cast.mine_a_manager, at=moment)
    with pytest.raises(MissingFields):
        solving.verify_solved(row, good=True, text="x", by=cast.county_officer, at=moment)
    solving.solve(row, text="已更换", by=cast.mine_a_manager, at=moment)
    with pytest.raises(Forbidden):
        solving.verify_solved(row, good=True, text="x", by=cast.mine_a_manager, at=moment)
    solving.verify_solved(row, good=False, text="缺两具", by=cast.county_officer, at=moment)
    solving.solve(row, text="已补齐", by=cast.mine_a_manager, at=moment)
    assert solving.verify_solved(row, good=True, text="到位", by=cast.county_officer, at=moment).verified_at == moment


def test_the_next_round_brings_answers_along_that_still_answer_the_same_words(
    handed_in: Make, opened: Make, cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = handed_in(SX34_16="unmet")
    take(sheet, "accept", by=cast.county_officer, at=moment, form={"opinion": "可"})
    real = editions.fingerprint
    monkeypatch.setattr(
        editions, "fingerprint", lambda node, text=None: "new" if node.id == VIDEO else real(node, text)
    )
    later = of_mine(opened(at=moment + 40 * DAY), cast.mine_a)
    rows = {row.node: row for row in later.answers.filter(replaced_at=None)}
    assert set(rows) == {node for node, _ in later.items} - {VIDEO}
    assert all(row.carried_from.sheet_id == sheet.pk for row in rows.values())
    assert (later.answered, later.unmet) == (later.asked - 1, 1)
    assert of_mine(later.round, cast.mine_b).answered == 0


def test_a_new_edition_keeps_answers_of_unchanged_clauses_and_asks_the_others(
    sheet: Sheet, cast: Any, safety: User, moment: datetime, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(sheet, cast.mine_a_manager, moment)
    signed(again(sheet), cast.mine_a_manager, safety, moment)
    with pytest.raises(MissingFields, match="没有变化"):
        rounds.renew(sheet.round, by=cast.city_officer, at=moment, home=home)
    real = editions.fingerprint
    monkeypatch.setattr(
        editions, "fingerprint", lambda node, text=None: "new" if node.id == VIDEO else real(node, text)
    )
    with pytest.raises(Forbidden):
        rounds.renew(sheet.round, by=cast.county_officer, at=moment, home=home)
    done = rounds.renew(sheet.round, by=cast.city_officer, at=moment, home=home)
    assert (done.added, done.changed, done.gone, done.sheets) == ([], [VIDEO], [], 2)
    held = again(sheet)
    assert (held.answered, held.case.state) == (held.asked - 1, "drafting")
    assert not held.signatures.filter(voided_at=None).exists()
    answer(held, VIDEO, Reply("met"), by=cast.mine_a_manager, at=moment)
    assert again(sheet).answered == held.asked


def test_a_sheet_that_is_handed_in_keeps_the_edition_it_was_signed_for(
    handed_in: Make, cast: Any, moment: datetime, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = handed_in()
    digest = signing.digest_of(sheet)
    monkeypatch.setattr(editions, "fingerprint", lambda node, text=None: f"new {node.id}")
    rounds.renew(sheet.round, by=cast.city_officer, at=moment, home=home)
    held = again(sheet)
    assert (held.case.state, held.answered) == ("submitted", held.asked)
    assert signing.digest_of(held) == digest
    take(held, "send_back", by=cast.county_officer, at=moment, form={}, reason="条文有变化")
    assert (again(sheet).answered, again(sheet).edition) == (0, again(sheet).round.edition)


def test_full_coverage_begins_on_arrival_and_is_signed_by_two_inspectors(
    opened: Make, cast: Any, moment: datetime
) -> None:
    row = opened("coverage")
    assert (row.sheets.count(), row.targets.count()) == (0, 2)
    target = Target.objects.get(round=row, mine=cast.mine_a)
    for person in (cast.mine_a_manager, cast.city_officer, cast.province_officer):
        with pytest.raises(Forbidden):
            rounds.begin(target, by=person, at=moment)
    sheet = rounds.begin(target, by=cast.county_officer, at=moment)
    with pytest.raises(MissingFields, match="已检查"):
        rounds.begin(target, by=cast.county_officer, at=moment)
    with pytest.raises(Forbidden):
        answer(sheet, VIDEO, Reply("met"), by=cast.mine_a_manager, at=moment)
    filled(sheet, cast.county_officer, moment, SX34_15="unmet")
    signed(again(sheet), cast.county_officer, cast.county_leader, moment)
    take(again(sheet), "submit", by=cast.county_officer, at=moment, form={})
    with pytest.raises(Forbidden):
        take(again(sheet), "accept", by=cast.county_leader, at=moment, form={"opinion": "可"})
