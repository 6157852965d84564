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
from kuangan.base.people.roles import PUBLIC_KINDS, Level
from kuangan.base.people.scope import scope_of
from kuangan.domains.campaign.models import Item, Programme, Project, Submission

WORKING_KINDS = PUBLIC_KINDS
"""Kinds of organisations that items are given to."""


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
    """Authorities that a person's organisation may give items to: itself and those of its territory on lower levels."""
    scope = scope_of(user)
    if scope.region_prefix is None:
        return Organisation.objects.none()
    lower = {Level.PROVINCE: list(Level.values), Level.CITY: [Level.CITY, Level.COUNTY], Level.COUNTY: [Level.COUNTY]}
    return Organisation.objects.filter(
        kind__in=WORKING_KINDS,
        active=True,
        region__startswith=scope.region_prefix,
        level__in=lower.get(Level(scope.level), []),
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
    """Whether the person's organisation is of a higher level, and the owner lies in its territory."""
    scope = scope_of(user)
    if not may(user, "campaign.work") or scope.region_prefix is None or scope.organisation_id == owner.pk:
        return False
    rank = [Level.PROVINCE, Level.CITY, Level.COUNTY]
    if scope.level not in rank or owner.level not in rank:
        return False
    return rank.index(Level(scope.level)) < rank.index(Level(owner.level)) and owner.region.startswith(
        scope.region_prefix
    )
