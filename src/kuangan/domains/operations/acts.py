"""What people do with announcements. The rules of time stand here; roles, bodies and four eyes in the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from kuangan.base import audit, deadlines, notices
from kuangan.base.case.errors import Forbidden, MissingFields, NotYet
from kuangan.base.case.models import Case, Step
from kuangan.base.case.opening import open_row
from kuangan.base.case.performing import SUBJECT, perform
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.domains.operations import hooks
from kuangan.domains.operations.checking import find_repeated
from kuangan.domains.operations.flow import ANNOUNCEMENT
from kuangan.domains.operations.kinds import KINDS
from kuangan.domains.operations.models import Announcement, Part
from kuangan.domains.operations.rules import Draft, is_short_notice, problems

BEFORE_BEGIN = frozenset({"amend", "withdraw"})
ANSWERING = frozenset({"agree", "refuse", "note"})


@transaction.atomic
def declare(draft: Draft, *, mine: Mine, by: User, at: datetime) -> Announcement:
    """Open the case of an announcement. Raises Forbidden for others than the mine's people, MissingFields with what is wrong."""
    if not may(by, "announcement.declare") or by.organisation is None or by.organisation.mine != mine.code:
        raise Forbidden("只有本矿人员可以报备")
    kind = KINDS[draft.kind]
    if wrong := problems(draft, kind, at):
        raise MissingFields(wrong)
    supervisor = hooks.answering_body(mine.code, at)
    case = open_row(
        ANNOUNCEMENT, f"{mine.name} {kind.label}", at=at, owner_id=by.organisation_id, origin="mine", mine=mine
    )
    row = Announcement(case=case, mine=mine, supervisor=supervisor, declared_at=at, declared_by=by)
    _fill(row, draft, at)
    step = Step.objects.create(
        case=case,
        name="declare",
        to_state=case.state,
        by=by,
        organisation_id=by.organisation_id,
        at=at,
        form={"parts": [ident for _, ident in draft.parts]},
    )
    hooks.after(case, step)
    Case.objects.filter(pk=case.pk).update(due=deadlines.next_due(SUBJECT, str(case.pk)))
    content = asdict(draft)
    audit.record(actor=by, action="declare", kind=case.kind, ident=case.number, content=content, at=at)
    if supervisor is not None:
        _tell(case, supervisor.pk, f"declared:{at:%Y%m%d%H%M%S%f}", "待答复" if kind.answer else "请知悉", at)
    find_repeated(row, at)
    return row


def _fill(row: Announcement, draft: Draft, at: datetime) -> None:
    """Write what the mine said; the parts are replaced."""
    for name in ("kind", "starts", "ends", "reason", "measures", "protected", "responsible", "phone"):
        setattr(row, name, getattr(draft, name))
    row.short_notice = is_short_notice(draft, KINDS[draft.kind], at)
    row.save()
    row.parts.all().delete()
    Part.objects.bulk_create([Part(announcement=row, kind=kind, ident=ident) for kind, ident in draft.parts])


@transaction.atomic
def amend(case: Case, draft: Draft, *, by: User, at: datetime, reason: str) -> Case:
    """Change an announcement before it begins; it must be answered again."""
    row = Announcement.objects.select_for_update().get(case=case)
    _in_time(case, row, "amend", at, {})
    if draft.kind != row.kind:
        raise MissingFields({"kind": "报备类型不能修改，请撤回后重新报备"})
    if wrong := problems(draft, KINDS[draft.kind], at):
        raise MissingFields(wrong)
    _fill(row, draft, at)
    moved = perform(case, "amend", by=by, at=at, form=asdict(draft), reason=reason)
    if row.supervisor_id is not None:
        _tell(moved, row.supervisor_id, f"amended:{at:%Y%m%d%H%M%S%f}", "已修改", at)
    find_repeated(row, at)
    return moved


@transaction.atomic
def take(case: Case, name: str, *, by: User, at: datetime, form: Mapping[str, object], reason: str = "") -> Case:
    """Take one step of the flow, if it is the time for it. The other side is told."""
    row = Announcement.objects.select_for_update().get(case=case)
    _in_time(case, row, name, at, form)
    moved = perform(case, name, by=by, at=at, form=form, reason=reason)
    label = ANNOUNCEMENT.transition(name).label
    other = row.supervisor_id if by.organisation_id == case.owner_id else case.owner_id
    if other is not None:
        _tell(moved, other, f"{name}:{at:%Y%m%d%H%M%S%f}", label, at)
    return moved


def _in_time(case: Case, row: Announcement, name: str, at: datetime, form: Mapping[str, object]) -> None:
    why = _out_of_time(row, name, at, form)
    if why:
        raise NotYet(case.state, name, why)


def _out_of_time(row: Announcement, name: str, at: datetime, form: Mapping[str, object]) -> str:
    """Why the step comes too early or too late; empty when it does not."""
    if name in BEFORE_BEGIN and at >= row.starts:
        return "作业时间已到，不能再修改或撤回；请如实结束，或申请延期"
    if name == "start" and at < row.starts:
        return "未到报备的开始时间"
    if name in ANSWERING and at >= row.ends:
        return "报备的作业时段已过"
    wanted = form.get("ends")
    if name == "ask_extension" and isinstance(wanted, datetime) and wanted <= max(row.ends, at):
        return "延期后的结束时间须晚于原结束时间和当前时间"
    if name == "grant_extension" and row.asked_ends is not None and row.asked_ends <= at:
        return "申请延至的时间已过"
    return ""


def _tell(case: Case, organisation: int, key: str, word: str, at: datetime) -> None:
    notices.send(
        channel=Channel.INBOX,
        to=to_organisation(organisation),
        subject=f"报备{word}：{case.title}",
        body=f"编号 {case.number}。",
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        key=f"announcement:{case.pk}:{key}",
        at=at,
    )
