"""Which suspicions exist for whom: for members of the group alone, and for them within their scope."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import mines_within
from kuangan.domains.suspicions.flow import GROUP
from kuangan.domains.suspicions.models import Suspicion


def is_member(user: User | AnonymousUser) -> bool:
    return GROUP in scope_of(user).secrecy


def suspicions_of(user: User | AnonymousUser, at: datetime) -> QuerySet[Suspicion]:
    """The suspicions that exist for the person; none at all for whoever is not of the group."""
    scope = scope_of(user)
    rows = Suspicion.objects.select_related("mine", "case")
    if GROUP not in scope.secrecy or scope.region_prefix is None:
        return rows.none()
    return rows.filter(mine__in=mines_within(scope, at).values("pk"))
