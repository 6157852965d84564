"""Who answers for which mine at a moment, and what is missing: set-based, for one mine or a thousand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from kuangan.base.clock import beijing_day
from kuangan.base.registry.facts import MineCodes
from kuangan.base.registry.models import Company, Mine, Ownership, Supervision, SupervisionRole
from kuangan.base.registry.supervision import in_force
from kuangan.domains.responsibility.kinds import FIVE, PRINCIPALS, ROOM
from kuangan.domains.responsibility.models import Nature, Post, held_on
from kuangan.domains.responsibility.pages import tally

GAPS: Final[Mapping[str, str]] = {
    "no_direct": "无直接监管",
    "two_direct": "多个直接监管",
    "no_leader": "无包保领导",
    "no_officer": "无驻矿或监管专员",
    "no_controller": "实际控制人未知",
    "no_principal": "未登记主要负责人",
    "five": "五职未配齐",
}
GRAVE: Final = frozenset({"no_direct", "two_direct"})
ROLE_ORDER: Final = {role: number for number, role in enumerate(SupervisionRole.values)}


def overseers(mines: MineCodes, at: datetime) -> dict[str, list[Supervision]]:
    """Every body over each mine at `at` with the person named for it, in the order of the roles. One query."""
    rows = Supervision.objects.filter(in_force(at), mine__in=mines).select_related("body", "holder")
    found: dict[str, list[Supervision]] = {}
    for row in sorted(rows, key=lambda one: (ROLE_ORDER[one.role], one.body.region, one.pk)):
        found.setdefault(row.mine_id, []).append(row)
    return found


def person_of(row: Supervision) -> str:
    """The person named for a supervision; '' where none is."""
    holder = getattr(row, "holder", None)
    return holder.name if holder is not None else ""


def posts_of(mines: MineCodes, day: date) -> dict[str, dict[str, Post]]:
    """{mine: {post: who holds it}} on a day. One query."""
    found: dict[str, dict[str, Post]] = {}
    for row in Post.objects.filter(held_on(day)).filter(mine__in=mines).order_by("recorded_at", "pk"):
        assert row.mine_id is not None
        found.setdefault(row.mine_id, {})[row.post] = row
    return found


@dataclass(frozen=True)
class Owners:
    """All ownership in force at a moment, to be walked in memory."""

    above: Mapping[int, tuple[Ownership, ...]]
    persons: Mapping[int, str]
    natures: Mapping[int, str]

    def chain(self, company: int | None) -> list[Ownership]:
        """Every ownership above a company, the nearest first, the larger share first."""
        found: list[Ownership] = []
        level, seen = [company] if company is not None else [], {company}
        while level:
            fresh = [row for pk in level for row in self.above.get(pk, ()) if row.owner_id not in seen]
            found += fresh
            level = list(dict.fromkeys(row.owner_id for row in fresh))
            seen.update(level)
        return found

    def controller(self, company: int | None) -> str:
        """The actual controller as registered: the nearest owner marked so, or the person in that post. '' means unknown:
        the top of a chain is no proof."""
        if company is None:
            return ""
        chain = self.chain(company)
        for pk in (company, *(row.owner_id for row in chain)):
            if pk in self.persons:
                return self.persons[pk]
            if marked := next((row for row in self.above.get(pk, ()) if row.actual_controller), None):
                return self.persons.get(marked.owner_id, marked.owner.name)
        return ""

    def nature(self, company: int | None) -> str:
        """The nature registered for the company or the nearest owner; '' unknown."""
        if company is None:
            return ""
        return next(
            (
                self.natures[pk]
                for pk in (company, *(row.owner_id for row in self.chain(company)))
                if pk in self.natures
            ),
            "",
        )

    def headquarters(self, company: int | None) -> Company | None:
        """The last owner of the chain."""
        chain = self.chain(company)
        return chain[-1].owner if chain else None


def owners(at: datetime) -> Owners:
    """Three queries, whatever the number of companies."""
    day = beijing_day(at)
    above: dict[int, tuple[Ownership, ...]] = {}
    rows = Ownership.objects.filter(in_force(at)).select_related("owner", "child").order_by("-share", "id")
    for row in rows:
        above[row.child_id] = (*above.get(row.child_id, ()), row)
    posts = (
        Post.objects.filter(held_on(day))
        .filter(company__isnull=False, post="actual_controller")
        .order_by("recorded_at")
    )
    persons = {pk: name for pk, name in posts.values_list("company", "name") if pk is not None}
    natures = dict(Nature.objects.filter(held_on(day)).order_by("recorded_at").values_list("company", "nature"))
    return Owners(above, persons, natures)


def companies_known(at: datetime, known: Owners | None = None) -> list[int]:
    """Parent companies whose actual controller is registered somewhere above them."""
    found = known or owners(at)
    parents = Company.objects.filter(mines__isnull=False).values_list("pk", flat=True).distinct()
    return [pk for pk in parents if found.controller(pk)]


def with_gaps(mines: QuerySet[Mine], at: datetime, known: Owners | None = None) -> QuerySet[Mine]:
    """Mines with the numbers that gaps are cut by: direct, leaders, officers, five, principals, controlled."""
    day = beijing_day(at)
    relations = Supervision.objects.filter(in_force(at), mine=OuterRef("pk"))
    posts = Post.objects.filter(held_on(day)).filter(mine=OuterRef("pk"))
    return mines.annotate(
        direct=_number(relations.filter(role=SupervisionRole.DIRECT)),
        leaders=_number(relations.filter(role=SupervisionRole.LEADER, holder__isnull=False)),
        officers=_number(relations.filter(role=SupervisionRole.OFFICER, holder__isnull=False)),
        five=_number(posts.filter(post__in=FIVE)),
        principals=_number(posts.filter(post__in=PRINCIPALS)),
        controllers=_number(posts.filter(post="actual_controller")),
        controlled=Case(
            When(controllers__gt=0, then=Value("yes")),
            When(parent_company__in=companies_known(at, known), then=Value("yes")),
            default=Value(""),
            output_field=CharField(),
        ),
    )


def _number(rows: QuerySet[Any]) -> Any:
    return Coalesce(Subquery(rows.order_by().values("mine").annotate(number=Count("pk")).values("number")), 0)


def gap(name: str) -> Q:
    """The condition of a key of GAPS on mines of `with_gaps`."""
    return {
        "no_direct": Q(direct=0),
        "two_direct": Q(direct__gt=1),
        "no_leader": Q(leaders=0, kind__in=ROOM.leader_kinds),
        "no_officer": Q(officers=0),
        "no_controller": Q(controlled=""),
        "no_principal": Q(principals=0),
        "five": Q(five__lt=len(FIVE), kind__in=ROOM.five_kinds),
    }[name]


def gaps_of(mine: Any) -> list[str]:
    """Keys of the gaps of one mine of `with_gaps`: the same cuts as `gap`."""
    said = {
        "no_direct": mine.direct == 0,
        "two_direct": mine.direct > 1,
        "no_leader": mine.leaders == 0 and mine.kind in ROOM.leader_kinds,
        "no_officer": mine.officers == 0,
        "no_controller": not mine.controlled,
        "no_principal": mine.principals == 0,
        "five": mine.five < len(FIVE) and mine.kind in ROOM.five_kinds,
    }
    return [name for name in GAPS if said[name]]


def counted(mines: QuerySet[Mine], at: datetime) -> dict[str, int]:
    """How many mines have each gap, and `all`."""
    return tally(with_gaps(mines, at), {name: gap(name) for name in GAPS})


def latest(rows: Iterable[tuple[int, date]]) -> dict[int, date]:
    """{id: its last day}."""
    found: dict[int, date] = {}
    for ident, day in rows:
        found[ident] = max(day, found.get(ident, day))
    return found


def codes(mines: Collection[Mine]) -> list[str]:
    return [mine.pk for mine in mines]
