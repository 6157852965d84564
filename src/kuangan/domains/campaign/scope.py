"""Who sees and who changes what of a programme.

The plan itself (tasks, milestones, targets, meetings) is every authority's to read. What belongs to organisations (items,
projects, submissions) is seen by the province whole, by a city with its counties, by a county its own; outside it is 404.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS, Level, OrganisationKind
from kuangan.base.people.scope import scope_of
from kuangan.domains.campaign.models import Item, Programme, Project, Submission

COORDINATING = frozenset({OrganisationKind.EMERGENCY, OrganisationKind.SAFETY_COMMITTEE, OrganisationKind.GOVERNMENT})
"""Kinds that direct authorities of every kind below them; others direct those of their own kind."""
RANK = (Level.PROVINCE, Level.CITY, Level.COUNTY)


def owned_within(user: User | AnonymousUser, field: str = "owner") -> Q:
    """The condition that a row's organisation lies within a person's territory; nothing for whoever has none."""
    scope = scope_of(user)
    if scope.region_prefix is None:
        return Q(pk__in=())
    return Q(**{f"{field}__region__startswith": scope.region_prefix})


def items_of(user: User | AnonymousUser) -> QuerySet[Item]:
    return Item.objects.filter(owned_within(user)).select_related("owner", "task", "programme", "decision__meeting")


def projects_of(user: User | AnonymousUser) -> QuerySet[Project]:
    return Project.objects.filter(owned_within(user)).select_related("owner", "mine", "ledger__programme")


def submissions_of(user: User | AnonymousUser) -> QuerySet[Submission]:
    return Submission.objects.filter(owned_within(user)).select_related("owner", "programme")


def below(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Authorities that a person's organisation may give items to: itself, and those of its territory on lower levels, of its
    own kind unless it is one that directs all of them.
    """
    scope = scope_of(user)
    body = user.organisation if isinstance(user, User) else None
    if scope.region_prefix is None or body is None or body.level not in RANK:
        return Organisation.objects.none()
    lower = Q(level__in=RANK[RANK.index(Level(body.level)) + 1 :], kind__in=_directed(body.kind))
    within = Organisation.objects.filter(active=True, region__startswith=scope.region_prefix)
    return within.filter(Q(pk=body.pk) | lower | _beside(body))


def _directed(kind: str) -> frozenset[OrganisationKind]:
    return PUBLIC_KINDS if kind in COORDINATING else frozenset({OrganisationKind(kind)})


def _beside(body: Organisation) -> Q:
    """Authorities of the same level that a coordinating one may give items to."""
    return (
        Q(level=body.level, region=body.region, kind__in=PUBLIC_KINDS) if body.kind in COORDINATING else Q(pk=body.pk)
    )


def runs(user: Any, programme: Programme) -> bool:
    """Whether the person belongs to the office of the programme, which keeps the plan and its figures."""
    return may(user, "campaign.work") and user.organisation_id == programme.office_id


def leads(user: Any, programme: Programme) -> bool:
    """Whether the person signs for the office: issues its documents and hands over."""
    return may(user, "campaign.sign") and user.organisation_id == programme.office_id


def works_on(user: Any, owner_id: int) -> bool:
    """Whether the person's own organisation is the one to act."""
    return may(user, "campaign.work") and user.organisation_id == owner_id


def stands_above(user: Any, owner: Organisation) -> bool:
    """Whether the person's organisation is of a higher level, directs the owner's kind, and has the owner in its territory."""
    scope = scope_of(user)
    if not may(user, "campaign.work") or scope.region_prefix is None or scope.level not in RANK:
        return False
    if owner.level not in RANK or owner.kind not in _directed(user.organisation.kind):
        return False
    higher = RANK.index(Level(scope.level)) < RANK.index(Level(owner.level))
    return higher and owner.region.startswith(scope.region_prefix)
