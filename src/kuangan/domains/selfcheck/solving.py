"""What a mine found wrong by itself and puts right, and how far a health check has come.

What a mine reports by itself and puts right in time is no ground for a penalty: nothing here counts towards one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.selfcheck import hooks
from kuangan.domains.selfcheck.filling import may_fill
from kuangan.domains.selfcheck.models import Confirmation, Problem, Sheet


@dataclass(frozen=True)
class Remedy:
    measures: str
    responsible: str
    due: date


@transaction.atomic
def plan(sheet: Sheet, node: str, remedy: Remedy, *, by: User, at: datetime) -> Problem:
    """The mine says how it puts right what it found. Raises Forbidden or MissingFields."""
    if not may_fill(sheet, by):
        raise Forbidden("只有填报单位可以登记")
    if not sheet.answers.filter(node=node, replaced_at=None, value="unmet").exists():
        raise MissingFields({"node": "只登记答复为不符合的条款"})
    if not remedy.measures.strip() or not remedy.responsible.strip():
        raise MissingFields({"measures": "整改措施和责任人必填"})
    if Problem.objects.select_for_update().filter(sheet=sheet, node=node).exists():
        raise MissingFields({"node": "该条已登记整改"})
    row = Problem.objects.create(
        sheet=sheet,
        node=node,
        measures=remedy.measures.strip(),
        responsible=remedy.responsible.strip(),
        due=remedy.due,
        reported_at=at,
        reported_by=by,
    )
    _note(row, "problem.reported", {"due": remedy.due}, by, at)
    return row


@transaction.atomic
def solve(row: Problem, *, text: str, by: User, at: datetime) -> Problem:
    """The mine says it is put right. Raises Forbidden or MissingFields."""
    held = _locked(row)
    if not may_fill(held.sheet, by):
        raise Forbidden("只有填报单位可以报告整改")
    if held.solved_at is not None or not text.strip():
        raise MissingFields({"text": "已报告整改完成" if held.solved_at else "必填"})
    held.solved_at, held.solved_by, held.solved_text = at, by, text.strip()
    held.save(update_fields=["solved_at", "solved_by", "solved_text"])
    _note(held, "problem.solved", {"text": text.strip()}, by, at)
    return held


@transaction.atomic
def verify_solved(row: Problem, *, good: bool, text: str, by: User, at: datetime) -> Problem:
    """The supervisor verifies, or sends it back to be put right. Raises Forbidden or MissingFields."""
    held = _locked(row)
    if not may(by, "selfcheck.judge") or not hooks.judges(held.sheet, by):
        raise Forbidden("由直接监管单位核验")
    if held.solved_at is None or held.verified_at is not None:
        raise MissingFields({"text": "尚未报告整改完成，或已核验"})
    if not text.strip():
        raise MissingFields({"text": "必填"})
    if good:
        held.verified_at, held.verified_by, held.verified_text = at, by, text.strip()
    else:
        held.solved_at, held.solved_by = None, None
    held.save(update_fields=["verified_at", "verified_by", "verified_text", "solved_at", "solved_by"])
    _note(held, "problem.verified" if good else "problem.sent_back", {"text": text.strip()}, by, at)
    return held


@transaction.atomic
def confirm(sheet: Sheet, stage: str, *, reached: bool, basis: str, by: User, at: datetime) -> Confirmation:
    """The supervisor says whether a later stage of a health check is reached. Raises Forbidden or MissingFields."""
    if not may(by, "selfcheck.judge") or not hooks.judges(sheet, by) or by.organisation is None:
        raise Forbidden("由直接监管单位确认")
    known = {one.code for one in sheet.round.rules.stages if one.shown == "confirmed"}
    if stage not in known:
        raise MissingFields({"stage": "没有这个阶段"})
    if not basis.strip():
        raise MissingFields({"basis": "必填"})
    row = Confirmation.objects.create(
        sheet=sheet, stage=stage, reached=reached, basis=basis.strip(), organisation=by.organisation, by=by, at=at
    )
    content = {"stage": stage, "reached": reached, "basis": basis.strip()}
    case = sheet.case
    audit.record(actor=by, action="stage.confirmed", kind=case.kind, ident=case.number, content=content, at=at)
    return row


def _locked(row: Problem) -> Problem:
    rows = Problem.objects.select_for_update(of=("self",)).select_related("sheet__case", "sheet__round")
    return rows.get(pk=row.pk)


def _note(row: Problem, action: str, content: dict[str, object], by: User, at: datetime) -> None:
    case = row.sheet.case
    said = {"problem": row.pk, "node": row.node, **content}
    audit.record(actor=by, action=action, kind=case.kind, ident=case.number, content=said, at=at)
