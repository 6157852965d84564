"""Inspections of the ledger, for the records of what was told of the law at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.base.people.models import User
from kuangan.domains.selfcheck.publicity.visits import Told

MOST = 500


def visits_to_tell(user: User, since: datetime, at: datetime) -> Sequence[Told]:
    """The inspections a person sees since a moment, the newest first; those of the own body ask for a record."""
    from kuangan.domains.enforcement.models import Visit
    from kuangan.domains.enforcement.views import visits_of

    rows: list[Visit] = list(
        visits_of(user, at).filter(voided_at=None, arrived_at__gte=since).order_by("-arrived_at", "-pk")[:MOST]
    )
    return [
        Told(
            visit=row.pk,
            mine=row.mine_id,
            mine_name=row.mine.name,
            body=row.body_id,
            body_name=row.body.name,
            arrived_at=row.arrived_at,
            address=visit_address(row.pk),
            enters=row.body_id == user.organisation_id,
        )
        for row in rows
    ]


def visit_address(visit: int) -> str:
    """Where an inspection is shown."""
    from django.urls import reverse

    return reverse("enforcement:visit", args=[visit])
