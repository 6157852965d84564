"""Which cases exist for whom. Every list, count, export, search and download starts from `visible_to`.

Territory is not supervision: a county's authority sees the mines it is recorded as supervising in any role. Cities and
the province, being upper levels, see their whole territory besides. `registry.scope.mines_within` says the same of mines. Enterprises see their own mines, and a parent company
what it owns that names no mine. What is sealed
exists only for members of its group, and for them within their scope.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from kuangan.base.people.scope import Scope
from kuangan.base.registry.models import Supervision
from kuangan.base.tables.lookups import Among

OPEN = "open"
SEALED = "sealed:"


def reach(scope: Scope, at: datetime) -> Q:
    """The condition on `Case` that a scope means at a moment."""
    return secrecy(scope) & (_enterprise(scope) if scope.mines is not None else _authority(scope, at))


def secrecy(scope: Scope) -> Q:
    """Open cases and those sealed for a group of the person."""
    return Q(secrecy__in=[OPEN, *(SEALED + group for group in sorted(scope.secrecy))])


def supervised_mines(organisation_id: int | None, at: datetime) -> QuerySet[Supervision, Any]:
    """Codes of the mines that an organisation supervises in any role at `at`."""
    in_force = Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))
    return Supervision.objects.filter(in_force, body_id=organisation_id).order_by().values("mine_id")


def _enterprise(scope: Scope) -> Q:
    own = Q(mine_id__in=sorted(scope.mines or ()))
    return own | Q(mine__isnull=True, owner_id=scope.organisation_id) if scope.company else own


def _authority(scope: Scope, at: datetime) -> Q:
    sector = Q(sector__in=["", *sorted(scope.sectors)])
    related = Q(Among(F("mine_id"), supervised_mines(scope.organisation_id, at).query))
    territory = Q(region__startswith=scope.region_prefix or "")
    if not scope.upper:
        territory &= Q(mine__isnull=True)
    return sector & (territory | related)
