"""How often the team of a mine changed, and which of its posts stand empty. Thresholds are defaults of ours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kuangan.base.registry.models import Mine
from kuangan.domains.responsibility.kinds import FIVE, ROOM
from kuangan.domains.responsibility.models import STANDING, Post, held_on
from kuangan.domains.responsibility.rules import Span, Term, year_before

TEAM_POSTS: Final = (*FIVE, "legal_rep", "actual_controller", "actual_head")
STATES: Final = {"often": "频繁更换", "changed": "有更换", "vacant": "五职有空缺", "unknown": "无任职登记"}


def window(today: date) -> date:
    """The first day of the months that count."""
    return year_before(today, ROOM.stability.months)


def changes_since(first: date, until: date) -> QuerySet[Post]:
    """Terms of mines that began in [first, until] after somebody else had held the post: the same cuts as `rules.changes`."""
    before = Post.objects.filter(STANDING).filter(
        mine=OuterRef("mine"), post=OuterRef("post"), valid_from__lt=OuterRef("valid_from")
    )
    rows = Post.objects.filter(STANDING).filter(mine__isnull=False, post__in=TEAM_POSTS)
    rows = rows.filter(valid_from__gte=first, valid_from__lte=until)
    rows = rows.annotate(former=Subquery(before.order_by("-valid_from").values("name")[:1]))
    return rows.filter(former__isnull=False).exclude(former=F("name"))


def with_changes(mines: QuerySet[Mine], today: date) -> QuerySet[Mine]:
    """Mines with `changed` (all of the team), `managers` (of these managers), `filled` (of the five) and `known`."""
    found = changes_since(window(today), today).filter(mine=OuterRef("pk"))
    posts = Post.objects.filter(held_on(today)).filter(mine=OuterRef("pk"), post__in=FIVE)
    return mines.annotate(
        changed=_number(found),
        managers=_number(found.filter(post="manager")),
        filled=_number(posts),
        known=Exists(Post.objects.filter(STANDING).filter(mine=OuterRef("pk"))),
    )


def _number(rows: QuerySet[Any]) -> Any:
    return Coalesce(Subquery(rows.order_by().values("mine").annotate(number=Count("pk")).values("number")), 0)


def state(name: str) -> Q:
    """The condition of a key of STATES on mines of `with_changes`."""
    limits = ROOM.stability
    return {
        "often": Q(managers__gte=limits.manager_changes) | Q(changed__gte=limits.team_changes),
        "changed": Q(changed__gt=0),
        "vacant": Q(filled__lt=len(FIVE), known=True, kind__in=ROOM.five_kinds),
        "unknown": Q(known=False),
    }[name]


def often(managers: int, changed: int) -> bool:
    """Whether so many changes in the window count as often."""
    return managers >= ROOM.stability.manager_changes or changed >= ROOM.stability.team_changes


def terms_of(mines: Collection[str]) -> dict[str, list[Term]]:
    """{mine: its standing terms, the earliest first}. One query."""
    found: dict[str, list[Term]] = {}
    rows = Post.objects.filter(STANDING).filter(mine__in=mines, post__in=TEAM_POSTS).order_by("valid_from", "pk")
    for row in rows:
        assert row.mine_id is not None
        found.setdefault(row.mine_id, []).append(Term(row.post, row.name, Span(row.valid_from, row.valid_to)))
    return found
