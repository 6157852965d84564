"""Whose rosters, phone books and bulletins a person sees: one's own organisation and those below it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_organisations


def organisations(user: User | AnonymousUser, at: datetime) -> QuerySet[Organisation]:
    """Own organisation; for an authority also those of its territory and scope, for a parent company its mines. Lazy."""
    scope = scope_of(user)
    if scope.organisation_id is None:
        return Organisation.objects.none()
    if scope.region_prefix is not None:
        return visible_organisations(user, at)
    return Organisation.objects.filter(Q(pk=scope.organisation_id) | Q(kind="mine", mine__in=scope.mines or ()))


def keeps(user: User, organisation_id: int) -> bool:
    """Whether the person may change what an organisation keeps of duty: only its own people do."""
    return may(user, "duty.edit") and user.organisation_id == organisation_id
