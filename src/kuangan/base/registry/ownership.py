"""Who owns a company at a date, up to the actual controller."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from kuangan.base.registry.models import Company, Ownership
from kuangan.base.registry.supervision import in_force


class OwnershipLoop(ValueError):
    """A company would own itself through others."""


def owners_above(company: Company, at: datetime) -> list[Ownership]:
    """Every ownership above `company` in force at `at`, nearest first. One query per level of the tree."""
    found: list[Ownership] = []
    seen, level = {company.pk}, [company.pk]
    while level:
        rows = Ownership.objects.filter(in_force(at), child__in=level).select_related("owner", "child")
        fresh = [row for row in rows.order_by("child", "-share", "id") if row.owner_id not in seen]
        found += fresh
        level = list(dict.fromkeys(row.owner_id for row in fresh))
        seen.update(level)
    return found


def actual_controller(company: Company, at: datetime) -> Company | None:
    """The nearest owner marked as actual controller at `at`, else the top of the chain of largest shares, else None."""
    above = owners_above(company, at)
    for row in above:
        if row.actual_controller:
            return row.owner
    return above[-1].owner if above else None


def record_owner(
    child: Company, owner: Company, at: datetime, *, share: Decimal | None = None, actual_controller: bool = False
) -> Ownership:
    """`owner` holds `child` from `at` on; an earlier row of the same pair ends then.

    Raises OwnershipLoop when `child` already stands above `owner`, and ValueError on a row that begins later.
    """
    if child.pk == owner.pk or any(row.owner_id == child.pk for row in owners_above(owner, at)):
        raise OwnershipLoop(f"{child.code} would own itself through {owner.code}")
    with transaction.atomic():
        rows = Ownership.objects.select_for_update().filter(child=child, owner=owner)
        if rows.filter(Q(valid_from__gte=at) | Q(valid_to__gt=at)).exists():
            raise ValueError(f"{child.code} and {owner.code} have a later row")
        rows.filter(valid_to__isnull=True).update(valid_to=at)
        return Ownership.objects.create(
            child=child, owner=owner, share=share, actual_controller=actual_controller, valid_from=at
        )
