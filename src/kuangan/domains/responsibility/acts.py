"""Naming leaders and officers, ending that, and voiding what was entered wrongly. Each act is audited in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, MissingFields, NotVisible
from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.models import Mine, Supervision, SupervisionRole
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.responsibility.access import NAMED_ROLES, may_assign
from kuangan.domains.responsibility.kinds import LEADER, OFFICER_WORDS
from kuangan.domains.responsibility.models import Entered, Holder
from kuangan.domains.responsibility.rules import Span, day_start, in_the_way


@dataclass(frozen=True, slots=True)
class Person:
    """Who is named: kind is `leader` or a kind of officer."""

    kind: str
    name: str
    post: str = ""
    phone: str = ""


def note(
    action: str,
    row: Any,
    content: Mapping[str, object],
    by: User | None,
    at: datetime,
    reason: str = "",
    kind: str = "",
) -> None:
    """The audit entry of a row of this room."""
    kind = kind or row._meta.model_name
    audit.record(actor=by, action=action, kind=kind, ident=str(row.pk), content=content, at=at, reason=reason)


def require_days(first: date, at: datetime, ahead: int = 31) -> None:
    """Raises MissingFields for a beginning that lies too far ahead."""
    if (first - beijing_day(at)).days > ahead:
        raise MissingFields({"valid_from": f"最多可提前 {ahead} 日登记"})


def require_visible(user: User, mine: Mine, at: datetime) -> None:
    if not visible_mines(user, at).filter(pk=mine.pk).exists():
        raise NotVisible


@transaction.atomic
def assign(
    mine: Mine, body: Organisation, person: Person, first: date, *, basis: str, by: User, at: datetime
) -> Supervision:
    """Name a leader or an officer from a day on. A leader of the same level and an officer of the same name end then.

    Raises Forbidden, NotVisible, or MissingFields when another row begins later or lies across.
    """
    if not may_assign(by):
        raise Forbidden("只有监管机关、政府和安委会可以登记包保和驻矿人员")
    require_visible(by, mine, at)
    role = SupervisionRole.LEADER if person.kind == LEADER else SupervisionRole.OFFICER
    if body.kind not in PUBLIC_KINDS:
        raise MissingFields({"body": "只能是行政机关"})
    if role == SupervisionRole.OFFICER and person.kind not in OFFICER_WORDS:
        raise MissingFields({"kind": "没有这种类别"})
    require_days(first, at)
    Mine.objects.select_for_update().get(pk=mine.pk)
    start = day_start(first)
    rows = [row for row in _rivals(mine, body, role, person) if not _empty(row)]
    if any(_day(row.valid_from) == first for row in rows):
        raise MissingFields({"valid_from": "该日已有同级登记；有误的先结束"})
    spans = [Span(_day(row.valid_from), _day(row.valid_to)) for row in rows]
    if in_the_way(spans, Span(first)) is not None:
        raise MissingFields({"valid_from": "与已登记的同级人员期间重叠"})
    ended = [row for row in rows if row.valid_to is None and row.valid_from < start]
    Supervision.objects.filter(pk__in=[row.pk for row in ended]).update(valid_to=start, end_recorded_at=at)
    row = Supervision.objects.create(
        mine=mine, body=body, role=role, valid_from=start, basis=basis[:200], recorded_at=at, recorded_by=by
    )
    Holder.objects.create(supervision=row, kind=person.kind, name=person.name, post=person.post, phone=person.phone)
    content = {"mine": mine.pk, "body": body.pk, "role": role, "name": person.name, "kind": person.kind, "from": first}
    note("responsibility.assigned", row, content | {"ended": [old.pk for old in ended]}, by, at, basis)
    return row


def _rivals(mine: Mine, body: Organisation, role: str, person: Person) -> Any:
    """Rows that may not overlap the new one: leaders of one level; the same officer."""
    rows = Supervision.objects.select_for_update().filter(mine=mine, role=role)
    if role == SupervisionRole.LEADER:
        return rows.filter(body__level=body.level)
    return rows.filter(body=body, holder__name=person.name)


def _day(at: datetime | None) -> Any:
    return None if at is None else at.astimezone(BEIJING).date()


def _empty(row: Supervision) -> bool:
    return row.valid_to is not None and row.valid_to <= row.valid_from


@transaction.atomic
def end_assignment(row: Supervision, last: date, *, by: User, at: datetime, reason: str) -> Supervision:
    """The person answers for the mine until `last`, that day excluded. Raises Forbidden or MissingFields."""
    if not may_assign(by) or row.role not in NAMED_ROLES:
        raise Forbidden("只有监管机关、政府和安委会可以结束包保和驻矿关系")
    held = Supervision.objects.select_for_update().get(pk=row.pk)
    until = day_start(last)
    if held.valid_to is not None:
        raise MissingFields({"valid_to": "已经结束"})
    if until < held.valid_from:
        raise MissingFields({"valid_to": "不得早于起始日"})
    if last > beijing_day(at):
        raise MissingFields({"valid_to": "不得晚于今日"})
    held.valid_to, held.end_recorded_at = until, at
    held.save(update_fields=["valid_to", "end_recorded_at"])
    note("responsibility.assignment_ended", held, {"mine": held.mine_id, "until": last}, by, at, reason)
    return held


@transaction.atomic
def void(row: Entered, *, by: User, at: datetime, reason: str) -> Entered:
    """The entry was wrong; it stays, with the reason. Who may is asked before. Raises MissingFields."""
    kind: Any = type(row)
    held: Entered = kind.objects.select_for_update().get(pk=row.pk)
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    if held.voided_at is not None:
        raise MissingFields({"reason": "该登记已作废"})
    held.voided_at, held.voided_by, held.void_reason = at, by, reason.strip()[:200]
    held.save(update_fields=["voided_at", "voided_by", "void_reason"])
    note("responsibility.voided", held, {}, by, at, reason)
    return held


def named(at: datetime) -> Q:
    """Supervisions in force at `at` whose role names a person."""
    return Q(role__in=NAMED_ROLES, valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))
