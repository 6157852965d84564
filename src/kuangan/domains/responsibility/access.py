"""Who sees and who enters what. Outside the role 403, outside the scope 404."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from kuangan.base.people.access import require
from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.models import Company, Mine, Region, Supervision, SupervisionRole
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import direct_supervisor

ASSIGNING: Final = frozenset(
    {
        OrganisationKind.EMERGENCY,
        OrganisationKind.ENERGY,
        OrganisationKind.MINE_SAFETY_BUREAU,
        OrganisationKind.SAFETY_COMMITTEE,
        OrganisationKind.GOVERNMENT,
    }
)
"""Bodies that enter who is assigned to a mine. A committee coordinates: it enters names and inspects nothing (C-07)."""
NAMED_ROLES: Final = (SupervisionRole.LEADER, SupervisionRole.OFFICER)


def seen(request: HttpRequest) -> User:
    return require(request, "responsibility.view")


def mine_or_404(user: User, code: str, at: datetime) -> Mine:
    mines = visible_mines(user, at).select_related("county", "city", "parent_company")
    return get_object_or_404(mines, pk=code)


def visible_companies(user: User | AnonymousUser, at: datetime) -> QuerySet[Company]:
    """Parent companies of the mines within a person's scope, and one's own company."""
    own = user.organisation.company_code if isinstance(user, User) and user.organisation else ""
    mines = visible_mines(user, at).filter(parent_company__isnull=False)
    return Company.objects.filter(Q(pk__in=mines.values("parent_company")) | Q(code=own or "-"))


def visible_regions(user: User | AnonymousUser) -> QuerySet[Region]:
    """The regions of an authority's territory, itself among them; for an enterprise none."""
    prefix = scope_of(user).region_prefix
    return Region.objects.filter(code__startswith=prefix) if prefix is not None else Region.objects.none()


def assignments(user: User | AnonymousUser, at: datetime, role: str) -> QuerySet[Supervision]:
    """Assigned leaders or officers of the mines within a person's scope, past ones too."""
    rows = Supervision.objects.filter(role=role, mine__in=visible_mines(user, at).values("pk"))
    return rows.select_related("mine", "body", "holder")


def may_assign(user: User) -> bool:
    body = user.organisation
    return may(user, "responsibility.assign") and body is not None and body.active and body.kind in ASSIGNING


def may_report(user: User, row: Supervision, at: datetime) -> bool:
    """The body of the leader or officer writes; for bodies without accounts the mine's direct supervisor does."""
    body = user.organisation
    if not may(user, "responsibility.report") or body is None:
        return False
    if body.pk == row.body_id:
        return True
    direct = direct_supervisor([row.mine_id], at).get(row.mine_id)
    return direct is not None and direct.pk == body.pk


def owns(user: User, subject: Mine | Company) -> bool:
    """Whether the person belongs to this mine or company itself."""
    body: Organisation | None = user.organisation
    if body is None:
        return False
    code: Any = body.mine if isinstance(subject, Mine) else body.company_code
    return bool(code) and code == (subject.pk if isinstance(subject, Mine) else subject.code)


def may_declare(user: User, subject: Mine | Company) -> bool:
    return may(user, "responsibility.declare") and owns(user, subject)


def may_keep_posts(user: User, subject: Mine | Company, at: datetime) -> bool:
    """Posts are entered by the mine or company itself; those of a mine by its direct supervisor too."""
    if may_declare(user, subject):
        return True
    if not isinstance(subject, Mine) or not may(user, "responsibility.assign") or user.organisation is None:
        return False
    direct = direct_supervisor([subject.pk], at).get(subject.pk)
    return direct is not None and direct.pk == user.organisation_id
