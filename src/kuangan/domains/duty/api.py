"""Who is on duty now, as JSON. Session sign-in, scoped."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja import Router, Schema

from kuangan.base.clock import now
from kuangan.base.people.permissions import may
from kuangan.domains.duty.models import current_shifts
from kuangan.domains.duty.rosters import people_of
from kuangan.domains.duty.scope import organisations

router = Router(tags=["duty"])
LIMIT = 1_000


class PersonOut(Schema):
    """One person on duty; `post` is officer, deputy or leader."""

    post: str
    name: str
    phone: str


class OnDutyOut(Schema):
    organisation: int
    organisation_name: str
    start: datetime
    end: datetime
    people: list[PersonOut]


@router.get("/on-duty", response=list[OnDutyOut], summary="Who is on duty now")
def list_on_duty(request: HttpRequest, organisation: int | None = None) -> list[OnDutyOut]:
    """Of every organisation in scope, or of one; at most a thousand shifts."""
    if not may(request.user, "duty.view"):
        raise PermissionDenied
    at = now()
    rows = current_shifts(at).filter(organisation__in=organisations(request.user, at), start__lte=at, end__gt=at)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return [
        OnDutyOut(
            organisation=row.organisation_id,
            organisation_name=row.organisation.name,
            start=row.start,
            end=row.end,
            people=[PersonOut(post=man.post, name=man.name, phone=man.phone) for man in people_of(row)],
        )
        for row in rows.select_related("organisation", "officer", "deputy", "leader").order_by("organisation", "id")[
            :LIMIT
        ]
    ]
