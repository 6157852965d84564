"""The list of open deadlines: which there are for a person, filters, columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

import django_filters as filters
import django_tables2 as tables
from django.contrib.auth.models import AnonymousUser
from django.db.models import BigIntegerField, Q, QuerySet, When
from django.db.models import Case as Choose
from django.db.models.functions import Cast
from django.utils.html import format_html, format_html_join

from kuangan.base.case import flow
from kuangan.base.case.models import Case
from kuangan.base.case.performing import SUBJECT
from kuangan.base.case.tasks import clock_ladders, kinds
from kuangan.base.case.terms import reachable
from kuangan.base.case.terms_words import NO_TIME, Line, line, moment
from kuangan.base.clock import BEIJING, beijing_day, now
from kuangan.base.deadlines.models import OPEN_STATES, Counting, Deadline, DeadlineState
from kuangan.base.people.models import User
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip

STATES: Final = {"running": "计时中", "lapsed": "已逾期", "suspended": "已中止"}
SOON: Final = {"0": "今日到期", "3": "三日内", "7": "七日内", "30": "三十日内"}
WHICH: Final = {"tasks": "事项", "all": "全部（含告警）"}


def visible_clocks(user: User | AnonymousUser, at: datetime) -> QuerySet[Deadline]:
    """The open deadlines of the cases that exist for a person, without those that the clock itself carries out."""
    cases = reachable(user, at).filter(closed__isnull=True)
    number = Choose(When(subject_kind=SUBJECT, then=Cast("subject_id", BigIntegerField())))
    rows = Deadline.objects.filter(subject_kind=SUBJECT, state__in=OPEN_STATES).exclude(ladder__in=clock_ladders())
    return rows.annotate(case_pk=number).filter(case_pk__in=cases.values("pk")).select_related("owner")


def in_state(state: str, at: datetime) -> Q:
    """The condition of a key of STATES; what has passed is overdue also before the clock has noted it."""
    if state == "suspended":
        return Q(state=DeadlineState.SUSPENDED)
    asked = ~Q(state=DeadlineState.SUSPENDED)
    return asked & (Q(due__lt=at) if state == "lapsed" else Q(due__gte=at))


def within(days: int, at: datetime) -> Q:
    """Runs, and is due by the end of that many days from today in Beijing."""
    end = datetime.combine(beijing_day(at) + timedelta(days=days + 1), time(), BEIJING)
    return in_state("running", at) & Q(due__lt=end)


class ClockFilter(FilterSet):
    q = filters.CharFilter(method="search", label="编号 / 标题 / 矿名")
    which = filters.ChoiceFilter(method="by_which", label="范围", choices=tuple(WHICH.items()), empty_label=None)
    kind = filters.ChoiceFilter(method="by_kind", label="事项类型", empty_label="全部")
    owner = filters.ChoiceFilter(
        method="by_owner", label="承办", choices=(("own", "本单位"), ("others", "其他单位")), empty_label="全部"
    )
    state = filters.ChoiceFilter(method="by_state", label="状态", choices=tuple(STATES.items()), empty_label="全部")
    soon = filters.ChoiceFilter(method="by_soon", label="到期", choices=tuple(SOON.items()), empty_label="不限")
    counting = filters.ChoiceFilter(choices=Counting.choices, label="计算方式", empty_label="全部")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = tuple((one.kind, one.label) for one in flow.installed())

    def search(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        named = Q(number__icontains=value) | Q(title__icontains=value) | Q(mine__name__icontains=value)
        return rows.filter(Q(case_pk__in=Case.objects.filter(named | Q(mine=value)).values("pk")))

    def by_which(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        if value != "tasks":
            return rows
        return rows.filter(Q(case_pk__in=Case.objects.filter(kind__in=kinds(), closed__isnull=True).values("pk")))

    def by_kind(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        return rows.filter(Q(case_pk__in=Case.objects.filter(kind=value).values("pk")))

    def by_owner(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        own = Q(owner=getattr(self.request.user, "organisation_id", None))
        return rows.filter(own if value == "own" else ~own)

    def by_state(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        return rows.filter(in_state(value, now()))

    def by_soon(self, rows: QuerySet[Deadline], name: str, value: str) -> QuerySet[Deadline]:
        return rows.filter(within(int(value), now()))


def with_cases(rows: list[Deadline], at: datetime) -> list[Deadline]:
    """The rows with their case and their words. One query."""
    cases: Mapping[int, Case] = Case.objects.select_related("mine").in_bulk([int(row.subject_id) for row in rows])
    shown: Sequence[Any] = rows
    for row in shown:
        row.case = cases[int(row.subject_id)]
        row.line = line(row.case, row, at)
    return rows


class ClockTable(Table):
    what = tables.Column("时限", empty_values=())
    case = tables.Column("事项", empty_values=())
    mine = tables.Column("矿山", empty_values=())
    clauses = tables.Column("条款", empty_values=())
    owner = tables.Column("承办单位", default="—")
    due = tables.DateTimeColumn(verbose_name="到期", format="Y-m-d H:i")
    days = tables.Column("剩余", empty_values=(), attrs=NUMBERS)
    working_days = tables.Column("工作日", empty_values=(), attrs=NUMBERS)
    state = tables.Column("状态")

    always = ("what", "case", "due")

    def render_what(self, record: Any) -> Any:
        return format_html('<a href="/deadlines/{}/"><b>{}</b></a>', record.pk, record.line.what)

    def value_what(self, record: Any) -> str:
        return str(record.line.what)

    def render_case(self, record: Any) -> Any:
        case, where = record.case, address(record.case)
        title = format_html('<a href="{}">{}</a>', where, case.title) if where else case.title
        return format_html("{}<small>{} {}</small>", title, flow.flow_of(case.kind).label, case.number)

    def value_case(self, record: Any) -> str:
        return f"{record.case.number} {record.case.title}"

    def render_mine(self, record: Any) -> str:
        return record.case.mine.name if record.case.mine else "—"

    def render_clauses(self, record: Any) -> Any:
        chips = format_html_join(
            " ", '<a class="ka-chip" href="/clauses/{}/">{}</a>', ((c, c) for c in record.line.clauses)
        )
        return chips or "—"

    def value_clauses(self, record: Any) -> str:
        return "、".join(record.line.clauses)

    def value_due(self, record: Any) -> str:
        return moment(record.due)

    def render_days(self, record: Any) -> Any:
        return record.line.left.word if record.line.left else NO_TIME

    def value_days(self, record: Any) -> Any:
        return record.line.left.days if record.line.left else ""

    def render_working_days(self, record: Any) -> Any:
        one: Line = record.line
        if one.left is None:
            return NO_TIME
        mark = format_html("<small>{}</small>", "按周末推算") if one.left.guessed else ""
        return format_html("{}{}", one.left.working_days, mark)

    def value_working_days(self, record: Any) -> Any:
        return record.line.left.working_days if record.line.left else ""

    def render_state(self, record: Any) -> Any:
        return chip(record.line.state, record.line.chip)

    def value_state(self, record: Any) -> str:
        return str(record.line.state)


def address(case: Case) -> str:
    """The page of a case; '' for a kind that has none."""
    try:
        return case.address
    except (KeyError, ValueError):
        return ""
