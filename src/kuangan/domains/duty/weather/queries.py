"""Which warnings and which of their mines a person sees."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.domains.duty.weather.flow import FLOW, KIND, ORDER_HOLDS
from kuangan.domains.duty.weather.models import Warning, WarningPlace, Withdrawal


def cases(user: User | AnonymousUser, at: datetime) -> QuerySet[Case]:
    return Case.objects.visible_to(user, at).filter(kind=KIND)


def mines_of(user: User | AnonymousUser, at: datetime) -> QuerySet[Withdrawal]:
    """The mines under warnings that a person sees: own mines, or those one supervises."""
    rows = Withdrawal.objects.filter(case__in=cases(user, at))
    return rows.select_related("case__owner", "case__mine", "mine__county", "mine__city", "warning", "order_body")


def warnings(user: User | AnonymousUser, at: datetime) -> QuerySet[Warning]:
    """Warnings with a mine that one sees; for an authority also those that name a region of its territory or around it."""
    seen = Exists(Withdrawal.objects.filter(warning=OuterRef("pk"), case__in=cases(user, at)))
    prefix = scope_of(user).region_prefix
    if prefix is None:
        return Warning.objects.filter(seen)
    above = [prefix[:length] for length in (2, 4) if length <= len(prefix)]
    here = WarningPlace.objects.filter(Q(prefix__startswith=prefix) | Q(prefix__in=above), warning=OuterRef("pk"))
    return Warning.objects.filter(seen | Exists(here))


def counts(user: User | AnonymousUser, keys: Collection[int], at: datetime) -> dict[int, dict[str, int]]:
    """For each warning how many of one's mines it has, waits for a call, is under an order, has reported. One query."""
    rows = Withdrawal.objects.filter(warning__in=keys, case__in=cases(user, at)).order_by().values("warning")
    found = rows.annotate(
        mines=Count("pk"),
        waiting=Count("pk", filter=Q(case__state=FLOW.initial)),
        ordered=Count("pk", filter=Q(case__state__in=ORDER_HOLDS)),
        out=Count("pk", filter=Q(case__state__in=("out", "checked"))),
    )
    return {row["warning"]: {name: row[name] for name in ("mines", "waiting", "ordered", "out")} for row in found}


def strip_of(user: User, mine: str, at: datetime) -> list[Withdrawal]:
    """What the page of a mine shows: its open cases, the newest first. One query."""
    rows = mines_of(user, at).filter(mine=mine).exclude(case__state__in=FLOW.final)
    return list(rows.order_by("-case__opened")[:10])
