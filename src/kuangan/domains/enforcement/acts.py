"""What is done with the ledger: a body enters that its inspectors arrived, that they left, or that an entry was wrong.

A plan cannot be entered: nobody is to learn of a check before it. Each act is audited in its transaction.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, MissingFields, NotVisible
from kuangan.base.clock import BEIJING, beijing_day, to_ms
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.enforcement.kinds import FILE, KIND_WORDS
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.rules import Draft, leaving_problem, presence, problems


def may_enter(user: User) -> bool:
    """Whether the person's body inspects mines; a coordinating committee, a company or a service body does not."""
    body = user.organisation
    return may(user, "visit.enter") and body is not None and body.active and body.kind in FILE.bodies


def may_change(row: Visit, user: User) -> bool:
    """Whether the person belongs to the body whose entry it is."""
    return may_enter(user) and row.body_id == user.organisation_id


@transaction.atomic
def enter(mine: Mine, draft: Draft, *, by: User, at: datetime) -> Visit:
    """An arrival that has happened. Raises Forbidden, NotVisible, or MissingFields with what is wrong."""
    body = by.organisation
    if body is None or not may_enter(by):
        raise Forbidden("只有监管监察机关可以登记检查")
    if not visible_mines(by, at).filter(pk=mine.pk).exists():
        raise NotVisible
    Mine.objects.select_for_update().get(pk=mine.pk)
    if found := problems(draft, KIND_WORDS, at, FILE.back):
        raise MissingFields(found)
    known = Visit.objects.filter(mine=mine, body=body, voided_at=None)
    if known.filter(arrived_at=draft.arrived_at).exists():
        raise MissingFields({"arrived_at": "本单位已登记过这次到矿"})
    fields = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    row = Visit.objects.create(mine=mine, body=body, entered_by=by, recorded_at=at, **fields)
    _note(row, "visit.entered", {"mine": mine.pk, "body": row.body_id, **fields}, by, at)
    return row


@transaction.atomic
def leave(row: Visit, left_at: datetime, *, by: User, at: datetime) -> Visit:
    """The inspectors have left. Raises Forbidden or MissingFields."""
    held = _held(row, by)
    if held.left_at is not None:
        raise MissingFields({"left_at": "已登记离矿；有误的作废后重新登记"})
    if wrong := leaving_problem(held.arrived_at, left_at, at):
        raise MissingFields({"left_at": wrong})
    held.left_at = left_at
    held.save(update_fields=["left_at"])
    _note(held, "visit.left", {"left_at": left_at}, by, at)
    return held


@transaction.atomic
def void(row: Visit, *, by: User, at: datetime, reason: str) -> Visit:
    """The entry was wrong; it stays, with the reason. Raises Forbidden or MissingFields."""
    held = _held(row, by)
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    held.voided_at, held.voided_by, held.void_reason = at, by, reason.strip()
    held.save(update_fields=["voided_at", "voided_by", "void_reason"])
    _note(held, "visit.voided", {}, by, at, held.void_reason)
    return held


def _held(row: Visit, by: User) -> Visit:
    """The row, locked, for whoever may change it while it stands."""
    held = Visit.objects.select_for_update().get(pk=row.pk)
    if not may_change(held, by):
        raise Forbidden("只有登记单位可以修改")
    if held.voided_at is not None:
        raise MissingFields({"state": "该登记已作废"})
    return held


def published(at: datetime) -> list[dict[str, Any]]:
    """Arrivals of the last days as the engine reads them, {mine, from, to} in ms, the earliest first. One query.

    Whole days of Beijing drop out at once, so that what grows old changes the configuration once a day.
    """
    since = datetime.combine(beijing_day(at) - timedelta(days=FILE.published_days), time(), BEIJING)
    rows = Visit.objects.filter(voided_at=None, arrived_at__gte=since).order_by("arrived_at", "mine_id", "pk")
    found = []
    for mine, arrived, left in rows.values_list("mine_id", "arrived_at", "left_at"):
        first, last = presence(arrived, left, FILE.open_span)
        found.append({"mine": mine, "from": to_ms(first), "to": to_ms(last)})
    return found


def _note(row: Visit, action: str, content: dict[str, Any], by: User, at: datetime, reason: str = "") -> None:
    audit.record(actor=by, action=action, kind="visit", ident=str(row.pk), content=content, at=at, reason=reason)
