"""Who must read a list: people with one of its roles in organisations that it names, within the reach of the body that gave it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.roles import PUBLIC_KINDS, Level
from kuangan.base.people.scope import SIGNIFICANT_DIGITS
from kuangan.base.registry.models import Mine, Supervision
from kuangan.base.registry.supervision import in_force
from kuangan.domains.selfcheck.publicity.models import Attempt, Reading, ReadingList
from kuangan.domains.selfcheck.publicity.rules import state_of


def territory(body: Organisation) -> str:
    """The digits that codes of the regions of a body begin with."""
    return str(body.region[: SIGNIFICANT_DIGITS.get(Level(body.level), 6)])


def mines_of(row: ReadingList, at: datetime) -> QuerySet[Mine]:
    """The mines of the territory of the body that gave the list out, and those it supervises."""
    prefix = territory(row.body)
    mines = Mine.objects.filter(sector__in=row.body.sectors, provisional=False)
    if row.mine_kinds:
        mines = mines.filter(kind__in=row.mine_kinds)
    supervised = Supervision.objects.filter(in_force(at), body=row.body_id, mine=OuterRef("pk"))
    return mines.filter(Q(county__code__startswith=prefix) | Q(city__code__startswith=prefix) | Exists(supervised))


def bodies_of(row: ReadingList, at: datetime) -> QuerySet[Organisation]:
    """Organisations whose people the list is for."""
    mines, sides = mines_of(row, at), set(row.sides)
    wanted = Q(pk__in=[])
    if "mine" in sides:
        wanted |= Q(kind=OrganisationKind.MINE, mine__in=mines.values("code"))
    if "parent" in sides:
        wanted |= Q(kind=OrganisationKind.PARENT_COMPANY, company_code__in=mines.values("parent_company__code"))
    if "authority" in sides:
        wanted |= Q(kind__in=PUBLIC_KINDS, region__startswith=territory(row.body))
    return Organisation.objects.filter(wanted, active=True)


def people_of(row: ReadingList, at: datetime) -> QuerySet[User]:
    """Everybody who must read it, with `read_at`, `best` (points), `passed` (None: not tested). One query."""
    roles = Q()
    for role in row.roles:
        roles |= Q(carried__contains=f'"{role}"')
    readings = Reading.objects.filter(reading_list=row, user=OuterRef("pk"))
    attempts = Attempt.objects.filter(reading_list=row, user=OuterRef("pk")).order_by("-score", "-id")
    people = User.objects.annotate(carried=Cast("roles", TextField()))
    people = people.filter(roles, is_active=True, organisation__in=bodies_of(row, at).values("pk"))
    return people.select_related("organisation").annotate(
        read_at=Subquery(readings.values("at")[:1]),
        best=Subquery(attempts.values("score")[:1]),
        passed=Subquery(attempts.values("passed")[:1]),
    )


def owes(row: ReadingList, user: User, at: datetime) -> bool:
    return (
        row.ended_at is None
        and bool(set(row.roles) & set(user.roles))
        and people_of(row, at).filter(pk=user.pk).exists()
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one person has come."""

    user: User
    state: str
    read_at: datetime | None
    score: int | None


def standings(row: ReadingList, people: QuerySet[User], at: datetime) -> list[Standing]:
    overdue, tested = at > row.due, bool(row.questions)
    found = []
    for user in people.order_by("organisation__region", "organisation_id", "pk"):
        passed, read_at, best = user.passed, user.read_at, user.best  # type: ignore[attr-defined]
        found.append(Standing(user, state_of(read_at is not None, passed, tested, overdue), read_at, best))
    return found


def lists_for(user: User, at: datetime) -> list[ReadingList]:
    """Running lists that this person must read, the nearest due first."""
    running = ReadingList.objects.filter(ended_at=None).select_related("body").order_by("due", "pk")
    return [row for row in running if owes(row, user, at)]
