"""Which alerts a person sees, filtered and in pages. One place, so that a figure and the list behind it agree."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.http import QueryDict

from kuangan.base.case.models import Case, Step
from kuangan.base.clock import from_ms
from kuangan.base.people.models import User
from kuangan.domains.alerts.flow import FLOW, OPEN_STATES
from kuangan.domains.alerts.models import Acknowledgement, Alert, Change, Shelving
from kuangan.domains.alerts.rules import CAUSES, GRADES, RULE_WORDS, grade_rank, level_rank
from kuangan.domains.alerts.sought import matches, sees_few_mines, sought
from kuangan.domains.alerts.tuning import TUNING

KIND: Final = FLOW.kind
PAGE: Final = 20
COUNT_CAP: Final = 10_000
PAST_CAP: Final = 1_000
WALKED_CAP: Final = 5 * PAGE
WALKED_HOURS: Final = 7 * 24
"""Beyond it a span holds so much that walking the order of the list meets a page of it sooner than sorting it would."""
LAST_MS: Final = 4_102_444_800_000
CODE: Final = re.compile(r"[\w.-]{1,48}", re.ASCII)
STATE_CHOICES: Final = {
    "open": "未闭环",
    "lapsed": "响应已超时",
    **{state: word for state, word in FLOW.states.items() if state not in FLOW.final},
    "void": "作废待确认",
    "shelved": "已搁置",
    "closed": "已闭环",
    "all": "全部",
}
WORKING: Final = frozenset({"open", "lapsed", "raised", "acknowledged", "verified", "reported", "reviewed"})
"""States whose list is work to be done: shelved alerts are not on it, and floods fold."""
PAST: Final = frozenset({"closed", "all"})
"""States whose list holds everything there ever was; see `past_count`."""
ANSWERED: Final = {"ack": "确认", "verify": "核实", "close": "销警"}
BODY: Final = re.compile(r"(?:ack|verify|close)\.[0-9]{1,12}", re.ASCII)
CHANGED: Final = {"new": "新增", "risen": "升级", "closed": "闭环"}
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
    unfolded: bool = False
    flapping: bool = False
    stale: bool = False
    subject: str = ""
    start: int = 0
    stop: int = 0
    changed: str = ""
    parent: str = ""
    similar: str = ""
    cause: str = ""
    standing: bool = False
    answered: str = ""
    few: bool = False
    """Whether an index finds what the words of `text` ask for."""
    said: str = ""
    """In words, what was looked for instead of the words everywhere."""
    numbered: bool = False
    """Whether the list goes by number: one beginning that very many share."""

    @classmethod
    def parse(cls, given: QueryDict | Mapping[str, str]) -> Query:
        def one_of(name: str, known: Container[str], default: str = "") -> str:
            value = given.get(name, default)
            return value if value in known else default

        def short(name: str) -> str:
            value = given.get(name, "")
            return value if CODE.fullmatch(value) else ""

        def number(name: str, most: int) -> int:
            value = given.get(name, "")
            return int(value) if value.isdecimal() and len(value) < 16 and 0 < int(value) <= most else 0

        region, mine = given.get("region", ""), given.get("mine", "")
        return cls(
            grade=one_of("grade", GRADES),
            rule=one_of("rule", RULE_WORDS),
            region=region if region.isdigit() and len(region) == 6 else "",
            state=one_of("state", STATE_CHOICES, "open"),
            mine=mine if mine.isalnum() else "",
            text=given.get("q", "").strip()[:40],
            hours=number("hours", 24 * 366),
            reached=given.get("reached", "") == "1",
            drill=one_of("drill", ("0", "1")),
            after=given.get("after", ""),
            unfolded=given.get("fold", "") == "0",
            flapping=given.get("flapping", "") == "1",
            stale=given.get("stale", "") == "1",
            subject=short("subject"),
            start=number("start", LAST_MS),
            stop=number("stop", LAST_MS),
            changed=one_of("changed", CHANGED),
            parent=short("parent"),
            similar=short("similar"),
            cause=one_of("cause", CAUSES),
            standing=given.get("standing", "") == "1",
            answered=value if BODY.fullmatch(value := given.get("answered", "")) else "",
        )

    def parameters(self) -> dict[str, str]:
        """The query as address parameters, without the place in the list."""
        said = {"grade": self.grade, "rule": self.rule, "region": self.region, "mine": self.mine, "q": self.text}
        said |= {"state": "" if self.state == "open" else self.state, "hours": str(self.hours or "")}
        said |= {"reached": "1" if self.reached else "", "drill": self.drill, "fold": "0" if self.unfolded else ""}
        said |= {"flapping": "1" if self.flapping else "", "stale": "1" if self.stale else "", "subject": self.subject}
        said |= {"start": str(self.start or ""), "stop": str(self.stop or ""), "changed": self.changed}
        said |= {"parent": self.parent, "similar": self.similar, "cause": self.cause}
        said |= {"standing": "1" if self.standing else "", "answered": self.answered}
        return {name: value for name, value in said.items() if value}

    @property
    def narrow(self) -> bool:
        """Whether an index finds what is asked for without reading the whole past."""
        marks = (
            0 < self.hours <= WALKED_HOURS,
            self.few,
            self.start,
            self.changed,
            self.mine,
            self.subject,
            self.parent,
            self.similar,
            self.flapping,
        )
        return any(marks)

    @property
    def folds(self) -> bool:
        """Whether the list folds: work to be done does, the past and what one asked to see singly does not."""
        return self.state in WORKING and not self.unfolded


def prefix_of(region: str) -> str:
    """What the codes in a region begin with: two digits of the province, four of a city, six of a county."""
    return region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region


def visible(user: User | AnonymousUser) -> QuerySet[Case]:
    """The alert cases in the user's scope."""
    return Case.objects.visible_to(user).filter(kind=KIND)


def youngest_first(cases: QuerySet[Case], user: User | AnonymousUser, at: datetime) -> QuerySet[Case]:
    """Cases of the user's scope from the end of all that there are, or sorted among those of few mines."""
    return cases.order_by((F("pk") * 1).desc() if sees_few_mines(user, at) else F("pk").desc())


def level_of(user: User | AnonymousUser) -> str:
    """The user's own rung of the ladder: a county officer stands on `direct`."""
    organisation = getattr(user, "organisation", None)
    return RANK_OF_SCOPE.get(organisation.level, "direct") if organisation else "direct"


def filtered(user: User | AnonymousUser, query: Query, at: datetime) -> QuerySet[Case]:
    """Visible alerts that match the query bar, without order or page."""
    return matching(user, query, at)[0]


def matching(user: User | AnonymousUser, query: Query, at: datetime) -> tuple[QuerySet[Case], Query]:
    """Visible alerts that match the query bar, and the query with what is known now of the words in it."""
    cases = _matching(user, query, at)
    if query.state in PAST and not query.narrow and sees_few_mines(user, at):
        query = replace(query, few=True)
    if not query.text:
        return cases, query
    if query.state not in PAST or query.narrow:
        return cases.filter(matches(query.text)), query
    found = sought(user, query.text, at)
    return cases.filter(found.condition), replace(query, few=found.few, said=found.said, numbered=found.numbered)


def _matching(user: User | AnonymousUser, query: Query, at: datetime) -> QuerySet[Case]:
    """All but the words."""
    cases = _by_state(visible(user), query.state, user, at)
    if query.grade and query.state in PAST:
        cases = cases.filter(alert__rank=grade_rank(query.grade))
    elif query.grade:
        cases = cases.filter(severity=query.grade)
    if query.rule:
        cases = cases.filter(alert__rule=query.rule)
    if query.region:
        cases = cases.filter(region__startswith=prefix_of(query.region))
    if query.mine:
        cases = cases.filter(mine=query.mine)
    if query.hours:
        cases = cases.filter(alert__raised_at__gt=at - timedelta(hours=query.hours))
    if query.reached:
        cases = cases.filter(alert__reach__gte=level_rank(level_of(user)))
    if query.drill:
        cases = cases.filter(drill=query.drill == "1")
    return _narrowed(cases, user, query, at)


def _narrowed(cases: QuerySet[Case], user: User | AnonymousUser, query: Query, at: datetime) -> QuerySet[Case]:
    """What the figures, hints and marks of the desk lead to."""
    if query.subject:
        cases = cases.filter(alert__subject=query.subject)
    if query.stale:
        cases = cases.filter(alert__raised_at__lt=at - TUNING.quality.stale_after)
    if query.cause:
        cases = cases.filter(alert__cause_code=query.cause)
    if query.standing:
        cases = cases.filter(stood(at))
    if query.answered:
        cases = cases.filter(pk__in=answered_by(query.answered))
    if query.flapping:
        cases = cases.filter(_flaps(flapping_pairs(at)))
    if query.parent:
        parents = Alert.objects.filter(case__in=visible(user).filter(number=query.parent)).values("event_id")
        cases = cases.filter(alert__merged_into__in=parents).exclude(alert__merged_into="")
    if query.similar:
        cases = cases.filter(pk__in=similar_to(user, query.similar))
    if query.changed:
        return _changed(cases, query)
    if query.start:
        cases = cases.filter(alert__raised_at__gte=from_ms(query.start))
    return cases.filter(alert__raised_at__lt=from_ms(query.stop)) if query.stop else cases


def stood(at: datetime) -> Q:
    """Alerts whose event went on for longer than a stale one may stay, over or not."""
    after = TUNING.quality.stale_after
    over = Q(alert__end__gt=F("alert__onset") + after)
    return over | Q(alert__end=None, alert__event_status="open", alert__onset__lt=at - after)


def answered_by(answer: str) -> QuerySet[Any, Any]:
    """Ids of the alerts to which a body gave an answer (`ANSWERED`), from "step.organisation"."""
    step, _, body = answer.partition(".")
    if step == "ack":
        return Acknowledgement.objects.filter(organisation=int(body)).order_by().values("alert_id")
    return Step.objects.filter(name=step, organisation=int(body)).order_by().values("case_id")


def _changed(cases: QuerySet[Case], query: Query) -> QuerySet[Case]:
    """Raised, risen in colour or closed since `start`. Whatever was closed since was changed since: that has an index."""
    since = from_ms(query.start)
    if query.changed == "new":
        return cases.filter(alert__raised_at__gte=since)
    if query.changed == "risen":
        return cases.filter(pk__in=Change.objects.filter(kind="grade", at__gte=since).values("alert_id"))
    return cases.filter(alert__changed_at__gte=since, closed__gte=since, state__in=FLOW.final)


def flapping_pairs(at: datetime, subjects: Collection[str] | None = None) -> dict[tuple[str, str], int]:
    """{(rule, subject): how often it was raised in the window} of those that flap. Drills do not count."""
    law = TUNING.flapping
    recent = Alert.objects.filter(raised_at__gte=at - law.window, raised_at__lte=at, drill=False)
    if subjects is not None:
        recent = recent.filter(subject__in=subjects)
    counted = recent.order_by().values_list("rule", "subject").annotate(times=Count("pk")).filter(times__gte=law.count)
    return {(rule, subject): times for rule, subject, times in counted}


def _flaps(pairs: Iterable[tuple[str, str]]) -> Q:
    by_rule: dict[str, list[str]] = {}
    for rule, subject in pairs:
        by_rule.setdefault(rule, []).append(subject)
    found = Q(pk__in=[])
    for rule, subjects in by_rule.items():
        found |= Q(alert__rule=rule, alert__subject__in=subjects)
    return found


def similar_to(user: User | AnonymousUser, number: str) -> list[int]:
    """Closed cases like the alert of that number, of the same rule and the same point or place class, in the scope."""
    alert = Alert.objects.filter(case__in=visible(user).filter(number=number)).first()
    if alert is None:
        return []
    row = alert.inputs.get("limit_row")
    told = Alert.objects.filter(rule=alert.rule, drill=False, void=False).exclude(cause_code="").exclude(pk=alert.pk)
    told = told.filter(case__in=visible(user).filter(state__in=FLOW.final)).order_by("-case_id")
    rows = told.values_list("pk", "subject", KeyTextTransform("limit_row", "inputs"))[: TUNING.hints.candidates]
    return [pk for pk, subject, place in rows if subject == alert.subject or (row and place == row)]


def shelved_for(user: User | AnonymousUser, at: datetime) -> QuerySet[Shelving, Any]:
    """Alerts that the person's organisation has shelved and that have not come back."""
    return shelved_by(getattr(user, "organisation_id", None), at)


def shelved_by(organisation: int | None, at: datetime) -> QuerySet[Shelving, Any]:
    """Alerts that an organisation has shelved and that have not come back: not ended, not risen."""
    live = Shelving.objects.filter(state=Shelving.State.IN_FORCE, until__gt=at, rank__gte=F("alert__rank"))
    return live.filter(organisation_id=organisation or 0, alert__void=False).values("alert_id")


def _by_state(cases: QuerySet[Case], state: str, user: User | AnonymousUser, at: datetime) -> QuerySet[Case]:
    if state in PAST:
        return cases if state == "all" else cases.filter(state__in=FLOW.final)
    cases = cases.filter(closed__isnull=True, state__in=OPEN_STATES if state not in OPEN_STATES else [state])
    if state == "shelved":
        return cases.filter(pk__in=shelved_for(user, at))
    if state == "void":
        return cases.filter(alert__void=True)
    cases = cases.exclude(pk__in=shelved_for(user, at))
    return cases.filter(due__lt=at) if state == "lapsed" else cases


def alert_cases(cases: QuerySet[Case]) -> QuerySet[Alert]:
    """Alerts of the cases with all that a page needs of them."""
    return with_all(Alert.objects.filter(case__in=cases))


def with_all(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Joined with case, owner, mine and regions."""
    return alerts.select_related("case", "case__owner", "case__mine", "case__mine__city", "case__mine__county")


@dataclass(frozen=True)
class Page:
    """Alerts in order; `next` is the place where the page ended, empty when nothing follows."""

    alerts: list[Alert]
    next: str

    @classmethod
    def of(cls, ids: Sequence[int], query: Query, size: int) -> Page:
        """The first of the ids, with their rows."""
        found = with_all(Alert.objects.filter(pk__in=ids[:size])).in_bulk()
        rows = [found[pk] for pk in ids[:size]]
        if len(ids) <= size:
            return cls(rows, "")
        return cls(rows, rows[-1].case.number if query.numbered else f"{rows[-1].rank}-{rows[-1].pk}")


def page(cases: QuerySet[Case], query: Query, size: int = PAGE) -> Page:
    """One page, the gravest colour first and within it the youngest; `query.after` is the place the last page ended.

    Two statements, three where a page ends one colour and begins the next; the last reads the rows.
    """
    ordered = in_order(cases, query)
    if query.numbered:
        beyond = ordered.filter(number__lt=query.after) if query.after else ordered
        return Page.of(list(beyond[: size + 1]), query, size)
    rank, _, last = query.after.partition("-")
    if rank.isdecimal() and last.isdecimal():
        same = ordered.filter(alert__rank=int(rank), alert__pk__lt=int(last), pk__lt=int(last))
        ids = list(same[: size + 1])
        if len(ids) <= size:
            ids += list(ordered.filter(alert__rank__lt=int(rank))[: size + 1 - len(ids)])
    else:
        ids = list(ordered[: size + 1])
    return Page.of(ids, query, size)


def past_page(cases: QuerySet[Case], query: Query, size: int = PAGE) -> tuple[Page, int, bool]:
    """A page of a list of the past, with how many stand on the list and whether there are more than were counted.

    Where an index narrows the list, the ids that are counted hold its first pages too.
    """
    if not query.narrow or query.after:
        return page(cases, query, size), *past_count(cases, query)
    ids = list(in_order(cases, query)[: PAST_CAP + 1])
    return Page.of(ids, query, size), min(len(ids), PAST_CAP), len(ids) > PAST_CAP


def in_order(cases: QuerySet[Case], query: Query) -> QuerySet[Case, int]:
    """Ids of the cases in the order of the list.

    Where the list holds most of what there ever was, a page walks the index of ranks and stops: a condition that is true
    of every alert makes the join an inner one, which may begin there. Everywhere else an index finds the few rows first:
    an order by an expression keeps the planners from walking the ranks of a million alerts to meet them.
    """
    if query.numbered:
        return cases.order_by("-number").values_list("pk", flat=True)
    if query.state in PAST and not query.narrow:
        return cases.filter(alert__rank__gte=0).order_by("-alert__rank", "-alert__pk").values_list("pk", flat=True)
    return cases.order_by((F("alert__rank") * 1).desc(), "-pk").values_list("pk", flat=True)


def past_count(cases: QuerySet[Case], query: Query) -> tuple[int, bool]:
    """As `capped_count` for a list of the past: up to 1,000 where an index narrows it, else what stands on five pages."""
    if query.narrow:
        return capped_count(cases, PAST_CAP)
    number = len(in_order(cases, query)[: WALKED_CAP + 1])
    return min(number, WALKED_CAP), number > WALKED_CAP


def capped_count(cases: QuerySet[Case], cap: int = COUNT_CAP) -> tuple[int, bool]:
    """How many there are, and whether there are more than we counted."""
    number = cases.order_by()[: cap + 1].count()
    return min(number, cap), number > cap
