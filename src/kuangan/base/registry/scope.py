"""Which mines a person may see: supervision in force, not mere territory; one's own mines for enterprises.

Whoever sees a mine sees its open cases, and the other way round: `base.case.visibility` follows the same rule.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.scope import Scope, scope_of
from kuangan.base.registry.models import Mine, Supervision
from kuangan.base.registry.supervision import in_force


def visible_mines(user: User | AnonymousUser, at: datetime) -> QuerySet[Mine]:
    """The mines within a person's scope at `at`, lazily: use it as a subquery (`mine__in=visible_mines(…)`)."""
    return mines_within(scope_of(user), at)


def mines_within(scope: Scope, at: datetime) -> QuerySet[Mine]:
    """Own mines of an enterprise; for an authority, of its sectors, the mines it supervises in any role; for a city or the
    province, being upper levels, also those of its territory, whoever supervises them. A mine on a county's land that nobody
    supervises yet is therefore the city's to see and to settle, not the county's.
    """
    if scope.region_prefix is None:
        return Mine.objects.filter(pk__in=scope.mines or ())
    mines = Mine.objects.filter(sector__in=scope.sectors)
    if scope.province_wide:
        return mines
    relations = Supervision.objects.filter(in_force(at), mine=OuterRef("pk"))
    own = Q(Exists(relations.filter(body=scope.organisation_id)))
    return mines.filter(own | _territory(scope.region_prefix) if scope.upper else own)


def _territory(prefix: str) -> Q:
    """Mines whose narrowest known region, which is that of their cases, lies within."""
    return Q(county__code__startswith=prefix) | Q(county__isnull=True, city__code__startswith=prefix)


def visible_organisations(user: User | AnonymousUser, at: datetime) -> QuerySet[Organisation]:
    """Authorities and bodies of one's territory, the mines one may see and their parent companies; for an enterprise
    itself, what stands above and below it, and the authorities that supervise its mines.
    """
    scope = scope_of(user)
    if scope.organisation_id is None:
        return Organisation.objects.none()
    mines = mines_within(scope, at)
    seen = Q(pk=scope.organisation_id) | Q(kind=OrganisationKind.MINE, mine__in=mines.values("code"))
    seen |= Q(kind=OrganisationKind.PARENT_COMPANY, company_code__in=mines.values("parent_company__code"))
    if scope.region_prefix is None:
        seen |= Q(pk__in=Supervision.objects.filter(in_force(at), mine__in=mines).values("body"))
    else:
        enterprises = (OrganisationKind.MINE, OrganisationKind.PARENT_COMPANY)
        seen |= Q(region__startswith=scope.region_prefix) & ~Q(kind__in=enterprises)
    return Organisation.objects.filter(seen)
