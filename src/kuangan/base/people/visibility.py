"""Whose accounts a person sees."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from kuangan.base.people.models import User
from kuangan.base.people.permissions import ADMINISTRATORS
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.people.scope import scope_of


def visible_users(user: User | AnonymousUser) -> QuerySet[User]:
    """Administrators see all accounts of their territory, officials those of its authorities, enterprises their own."""
    scope = scope_of(user)
    people = User.objects.select_related("organisation")
    if scope.organisation_id is None or not isinstance(user, User):
        return people.none()
    if scope.region_prefix is None:
        return people.filter(Q(organisation=scope.organisation_id) | Q(organisation__parent=scope.organisation_id))
    within = people.filter(organisation__region__startswith=scope.region_prefix)
    if ADMINISTRATORS & set(user.roles):
        return within
    return within.filter(organisation__kind__in=PUBLIC_KINDS)
