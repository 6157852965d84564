"""Health of the underground safety systems: built, tested, faulty, repaired; the next test is a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from kuangan.base import audit, deadlines
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.case.models import Case, Step
from kuangan.base.case.opening import open_row
from kuangan.base.case.performing import SUBJECT
from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.domains.operations import hooks
from kuangan.domains.operations.flow import FAULT
from kuangan.domains.operations.kinds import SYSTEM_WORDS, SYSTEMS
from kuangan.domains.operations.models import SafetySystem, SystemFault, SystemTest

TEST_SUBJECT = "safety_system"


def _require(by: User, mine: str) -> None:
    if not may(by, "safety_system.report") or by.organisation is None or by.organisation.mine != mine:
        raise Forbidden("只有本矿人员可以填报")


@transaction.atomic
def record_built(mine: Mine, kind: str, *, built_on: date, model: str, by: User, at: datetime) -> SafetySystem:
    """A system stands since `built_on`; its first test is due a period after that. Again: corrects what was entered."""
    _require(by, mine.code)
    if built_on > beijing_day(at):
        raise MissingFields({"built_on": "建成日期不能晚于今天"})
    days = timedelta(days=SYSTEMS[kind].test_days)
    row = SafetySystem.objects.select_for_update().filter(mine=mine, kind=kind).first()
    if row is None:
        row = SafetySystem(mine=mine, kind=kind, next_test=built_on + days)
    row.built_on, row.model = built_on, model
    row.next_test = (row.tested_on or built_on) + days
    row.save()
    _note(row, "safety_system.built", {"built_on": built_on, "model": model}, by, at)
    _run_test(row, by, at)
    return row


@transaction.atomic
def record_test(
    row: SafetySystem, *, tested_on: date, result: str, evidence: str, note: str = "", by: User, at: datetime
) -> SystemTest:
    """A test with its proof; one that failed is followed by a fault, which the mine reports with its measures."""
    _require(by, row.mine_id)
    if not row.built_on <= tested_on <= beijing_day(at):
        raise MissingFields({"tested_on": "试验日期须在建成日期与今天之间"})
    held = SafetySystem.objects.select_for_update().get(pk=row.pk)
    test = SystemTest.objects.create(
        system=held, tested_on=tested_on, result=result, evidence=evidence, note=note, at=at, by=by
    )
    if held.tested_on is None or tested_on > held.tested_on:
        held.tested_on = tested_on
        held.next_test = tested_on + timedelta(days=SYSTEMS[held.kind].test_days)
        held.save(update_fields=["tested_on", "next_test"])
        deadlines.meet(TEST_SUBJECT, str(held.pk), "test", at=at, by=by)
        _run_test(held, by, at)
    content = {"tested_on": tested_on, "result": result, "evidence": evidence, "note": note}
    _note(held, "safety_system.tested", content, by, at)
    return test


@transaction.atomic
def report_fault(row: SafetySystem, *, text: str, measures: str, by: User, at: datetime) -> SystemFault:
    """Open the case of a fault; its repair has a clock."""
    _require(by, row.mine_id)
    mine = row.mine
    case = open_row(
        FAULT,
        f"{mine.name} {SYSTEM_WORDS[row.kind]}系统故障",
        at=at,
        owner_id=by.organisation_id,
        origin="mine",
        mine=mine,
    )
    fault = SystemFault.objects.create(case=case, system=row, found_at=at, text=text, measures=measures)
    form = {"text": text, "measures": measures}
    Step.objects.create(
        case=case, name="report", to_state=case.state, by=by, organisation_id=by.organisation_id, at=at, form=form
    )
    hooks.run_repair(fault, case, at, by)
    Case.objects.filter(pk=case.pk).update(due=deadlines.next_due(SUBJECT, str(case.pk)))
    audit.record(actor=by, action="report", kind=case.kind, ident=case.number, content=form, at=at)
    return fault


@dataclass(frozen=True)
class Line:
    """One system on the board of a mine; `word` and `css` say how it stands, grey when nothing is known."""

    kind: str
    label: str
    row: SafetySystem | None
    word: str
    css: str
    faults: tuple[SystemFault, ...]


def board(mine: Mine, at: datetime) -> list[Line]:
    """The six systems of a mine. Two queries."""
    rows = {row.kind: row for row in SafetySystem.objects.filter(mine=mine).select_related("mine")}
    faults: dict[str, list[SystemFault]] = {}
    open_faults = SystemFault.objects.filter(system__mine=mine).exclude(case__state__in=FAULT.final)
    for fault in open_faults.select_related("case", "system").order_by("found_at"):
        faults.setdefault(fault.system.kind, []).append(fault)
    today = beijing_day(at)
    return [_line(kind, rows.get(kind), tuple(faults.get(kind, ())), today) for kind in SYSTEMS]


def _line(kind: str, row: SafetySystem | None, faults: tuple[SystemFault, ...], today: date) -> Line:
    word, css = standing(row, len(faults), today)
    return Line(kind, SYSTEM_WORDS[kind], row, word, css, faults)


def standing(row: SafetySystem | None, faults: int, today: date) -> tuple[str, str]:
    """(word, chip class): unknown is never shown as sound."""
    if row is None:
        return "未登记", ""
    if faults:
        return f"故障 {faults} 项", "ka-chip-bad"
    if row.next_test < today:
        return "试验逾期", "ka-chip-warn"
    return ("正常", "ka-chip-ok") if row.tested_on else ("待首次试验", "")


def _run_test(row: SafetySystem, by: User, at: datetime) -> None:
    deadlines.set_deadline(
        subject_kind=TEST_SUBJECT,
        subject_id=str(row.pk),
        code="test",
        due=datetime.combine(row.next_test, time(23, 59, 59), BEIJING),
        ladder="supervision",
        at=at,
        owner_id=by.organisation_id,
        by=by,
    )


def _note(row: SafetySystem, action: str, content: dict[str, object], by: User, at: datetime) -> None:
    ident = f"{row.mine_id}/{row.kind}"
    audit.record(actor=by, action=action, kind=TEST_SUBJECT, ident=ident, content=content, at=at)
