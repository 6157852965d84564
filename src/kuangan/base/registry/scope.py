"""Which mines a person may see: supervision in force, not mere territory; one's own mines for enterprises."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from kuangan.base.people.models import User
from kuangan.base.people.scope import Scope, scope_of
from kuangan.base.registry.models import Mine, Supervision
from kuangan.base.registry.supervision import in_force


def visible_mines(user: User | AnonymousUser, at: datetime) -> QuerySet[Mine]:
    """The mines within a person's scope at `at`, lazily: use it as a subquery (`mine__in=visible_mines(…)`)."""
    return mines_within(scope_of(user), at)


def mines_within(scope: Scope, at: datetime) -> QuerySet[Mine]:
    """Own mines of an enterprise; for an authority of its sectors: the whole province on the province's level, else the
    mines it supervises in any role, and those of its territory that nobody supervises yet (provisional ones).
    """
    if scope.region_prefix is None:
        return Mine.objects.filter(pk__in=scope.mines or ())
    mines = Mine.objects.filter(sector__in=scope.sectors)
    if scope.province_wide:
        return mines
    relations = Supervision.objects.filter(in_force(at), mine=OuterRef("pk"))
    own = Exists(relations.filter(body=scope.organisation_id))
    unsupervised = _territory(scope.region_prefix) & ~Exists(relations)
    return mines.filter(own | unsupervised)


def _territory(prefix: str) -> Q:
    return Q(county=prefix) if len(prefix) == 6 else Q(city=f"{prefix}00")
