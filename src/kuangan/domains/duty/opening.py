"""Opening a case of this room: number, place and owner."""

from __future__ import annotations

from datetime import datetime

from kuangan.base import audit
from kuangan.base.case.flow import Flow
from kuangan.base.case.models import Case
from kuangan.base.case.opening import open_row
from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.models import Mine


def open_case(
    flow: Flow,
    title: str,
    *,
    by: User,
    at: datetime,
    mine: Mine | None = None,
    severity: str = "none",
    drill: bool = False,
    content: dict[str, object] | None = None,
) -> Case:
    """A new case owned by the person's organisation; a mine's own concern it alone. Runs in the caller's transaction.

    ValueError for a person without an organisation.
    """
    owner = by.organisation
    if owner is None:
        raise ValueError("a case needs an organisation to own it")
    mine = mine or own_mine(owner)
    case = open_row(
        flow,
        title,
        at=at,
        owner_id=owner.pk,
        origin="person",
        mine=mine,
        region=owner.region,
        severity=severity,
        drill=drill,
    )
    audit.record(
        actor=by, action=f"{flow.kind}.opened", kind=flow.kind, ident=case.number, content=content or {}, at=at
    )
    return case


def own_mine(organisation: Organisation) -> Mine | None:
    return Mine.objects.filter(pk=organisation.mine).first() if organisation.mine else None
