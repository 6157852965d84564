"""Which alerts a person sees, filtered and in pages. One place, so that a figure and the list behind it agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import QueryDict

from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.rules import GRADES, RULE_WORDS, level_rank

KIND: Final = FLOW.kind
PAGE: Final = 20
COUNT_CAP: Final = 10_000
STATE_CHOICES: Final = {
    "open": "未闭环",
    "lapsed": "响应已超时",
    **{state: word for state, word in FLOW.states.items() if state not in FLOW.final},
    "void": "作废待确认",
    "closed": "已闭环",
    "all": "全部",
}
RANK_OF_SCOPE: Final = {"mine": "mine", "parent": "parent", "county": "direct", "city": "city", "province": "province"}


@dataclass(frozen=True)
class Query:
    """The query bar, parsed; anything that is not understood falls back to the default."""

    grade: str = ""
    rule: str = ""
    region: str = ""
    state: str = "open"
    mine: str = ""
    text: str = ""
    hours: int = 0
    reached: bool = False
    drill: str = ""
    after: str = ""

    @classmethod
    def parse(cls, given: QueryDict | Mapping[str, str]) -> Query:
        grade, rule, state = given.get("grade", ""), given.get("rule", ""), given.get("state", "open")
        region, mine, hours = given.get("region", ""), given.get("mine", ""), given.get("hours", "")
        return cls(
            grade=grade if grade in GRADES else "",
            rule=rule if rule in RULE_WORDS else "",
            region=region if region.isdigit() and len(region) == 6 else "",
            state=state if state in STATE_CHOICES else "open",
            mine=mine if mine.isalnum() else "",
            text=given.get("q", "").strip()[:40],
            hours=int(hours) if hours.isdigit() and 0 < int(hours) <= 24 * 366 else 0,
            reached=given.get("reached", "") == "1",
            drill=given.get("drill", "") if given.get("drill", "") in ("0", "1") else "",
            after=given.get("after", ""),
        )

    def parameters(self) -> dict[str, str]:
        """The query as address parameters, without the place in the list."""
        said = {"grade": self.grade, "rule": self.rule, "region": self.region, "mine": self.mine, "q": self.text}
        said |= {"state": "" if self.state == "open" else self.state, "hours": str(self.hours or "")}
        said |= {"reached": "1" if self.reached else "", "drill": self.drill}
        return {name: value for name, value in said.items() if value}


def visible(user: User | AnonymousUser) -> QuerySet[Case]:
    """The alert cases in the user's scope."""
    return Case.objects.visible_to(user).filter(kind=KIND)


def level_of(user: User | AnonymousUser) -> str:
    """The user's own rung of the ladder: a county officer stands on `direct`."""
    organisation = getattr(user, "organisation", None)
    return RANK_OF_SCOPE.get(organisation.level, "direct") if organisation else "direct"


def filtered(user: User | AnonymousUser, query: Query, at: datetime) -> QuerySet[Case]:
    """Visible alerts that match the query bar, without order or page."""
    cases = _by_state(visible(user), query.state, at)
    if query.grade:
        cases = cases.filter(severity=query.grade)
    if query.rule:
        cases = cases.filter(alert__rule=query.rule)
    if query.region:
        cases = cases.filter(
            region__startswith=query.region.rstrip("0") if query.region.endswith("00") else query.region
        )
    if query.mine:
        cases = cases.filter(mine=query.mine)
    if query.text:
        cases = cases.filter(
            Q(title__contains=query.text)
            | Q(number__startswith=query.text.upper())
            | Q(alert__subject__startswith=query.text)
            | Q(mine__pinyin__startswith=query.text.upper())
            | Q(mine__pinyin__startswith=query.text.lower())
        )
    if query.hours:
        cases = cases.filter(alert__raised_at__gt=at - timedelta(hours=query.hours))
    if query.reached:
        cases = cases.filter(alert__reach__gte=level_rank(level_of(user)))
    if query.drill:
        cases = cases.filter(drill=query.drill == "1")
    return cases


def _by_state(cases: QuerySet[Case], state: str, at: datetime) -> QuerySet[Case]:
    if state == "open":
        return cases.exclude(state__in=FLOW.final)
    if state == "lapsed":
        return cases.exclude(state__in=FLOW.final).filter(due__lt=at)
    if state == "void":
        return cases.exclude(state__in=FLOW.final).filter(alert__void=True)
    return cases if state == "all" else cases.filter(state=state)


def alert_cases(cases: QuerySet[Case]) -> QuerySet[Alert]:
    """Alerts of the cases with all that a page needs of them."""
    return with_all(Alert.objects.filter(case__in=cases))


def with_all(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Joined with case, owner, mine and regions."""
    return alerts.select_related("case", "case__owner", "case__mine", "case__mine__city", "case__mine__county")


@dataclass(frozen=True)
class Page:
    alerts: list[Alert]
    next: str


def page(cases: QuerySet[Case], after: str, size: int = PAGE) -> Page:
    """One page, the gravest colour first and within it the youngest; `after` is the place the last page ended.

    Two statements: the first walks the index of ranks and stops at the end of the page, the second reads the rows.
    """
    rank, _, last = after.partition("-")
    if rank.isdigit() and last.isdigit():
        cases = cases.filter(Q(alert__rank__lt=int(rank)) | Q(alert__rank=int(rank), alert__pk__lt=int(last)))
    ids = list(cases.order_by("-alert__rank", "-alert__pk").values_list("pk", flat=True)[: size + 1])
    found = with_all(Alert.objects.filter(pk__in=ids[:size])).in_bulk()
    rows = [found[pk] for pk in ids[:size]]
    more = f"{rows[-1].rank}-{rows[-1].pk}" if len(ids) > size else ""
    return Page(rows, more)


def capped_count(cases: QuerySet[Case]) -> tuple[int, bool]:
    """How many there are, and whether there are more than we counted."""
    number = cases.order_by()[: COUNT_CAP + 1].count()
    return min(number, COUNT_CAP), number > COUNT_CAP
