"""Lists of leaders, officers and what they found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, F, Q, QuerySet
from django.utils.html import format_html

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.roles import Level
from kuangan.base.registry.models import Supervision
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.responsibility.kinds import OFFICER_WORDS
from kuangan.domains.responsibility.lists import cities, mine_q, muted, two_lines
from kuangan.domains.responsibility.models import Problem
from kuangan.domains.responsibility.rhythm import late

PROBLEM_STATES: Final = {
    "open": "未解决",
    "overdue": "超期未解决",
    "solved": "已解决",
    "late": "超期解决",
    "void": "已作废",
}


def problem_state(state: str, today: date) -> Q:
    """The condition of a key of PROBLEM_STATES; `open` holds what is overdue too, `solved` what was late."""
    if state == "void":
        return Q(voided_at__isnull=False)
    standing = Q(voided_at__isnull=True)
    return {
        "open": standing & Q(solved_on__isnull=True),
        "overdue": standing & Q(solved_on__isnull=True, due__lt=today),
        "solved": standing & Q(solved_on__isnull=False),
        "late": standing & Q(solved_on__isnull=False, solved_on__gt=F("due")),
    }[state]


def state_of(row: Problem, today: date) -> str:
    """The narrowest state of a problem."""
    if row.voided_at is not None:
        return "void"
    if row.solved_on is not None:
        return "late" if row.solved_on > row.due else "solved"
    return "overdue" if row.due < today else "open"


CSS: Final[Mapping[str, str]] = {
    "overdue": "ka-chip-bad",
    "open": "ka-chip-warn",
    "solved": "ka-chip-ok",
    "late": "ka-chip-ok",
}


class NamedFilter(FilterSet):
    """Assignments: `state` is late, in time or ended."""

    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码 / 姓名")
    level = filters.ChoiceFilter(
        field_name="body__level",
        choices=((Level.COUNTY, "县级"), (Level.CITY, "市级"), (Level.PROVINCE, "省级")),
        label="层级",
        empty_label="全部",
    )
    city = filters.ModelChoiceFilter(field_name="mine__city", queryset=cities, label="市", empty_label="全部")
    state = filters.ChoiceFilter(
        method="by_state",
        label="状态",
        empty_label="全部",
        choices=(("late", "超期"), ("never", "从无记录"), ("open", "有未解决问题"), ("unnamed", "未登记姓名")),
    )

    def search(self, rows: QuerySet[Supervision], name: str, value: str) -> QuerySet[Supervision]:
        return rows.filter(mine_q(value) | Q(holder__name=value))

    def by_state(self, rows: QuerySet[Supervision], name: str, value: str) -> QuerySet[Supervision]:
        return rows.filter(named_state(value, self.role()))

    def role(self) -> str:
        return "leader"


def named_state(state: str, role: str) -> Q:
    """The condition of a state of an assignment of `with_last`."""
    if state == "late":
        return late(role, beijing_day(now()))
    if state == "open":
        return Q(open_problems__gt=0)
    return Q(last_day__isnull=True, holder__isnull=False) if state == "never" else Q(holder__isnull=True)


def with_problems(rows: QuerySet[Supervision], today: date) -> QuerySet[Supervision]:
    standing = Q(problems__voided_at__isnull=True)
    return rows.annotate(
        open_problems=Count("problems", filter=standing & Q(problems__solved_on__isnull=True)),
        solved_problems=Count("problems", filter=standing & Q(problems__solved_on__isnull=False)),
    )


class OfficerFilter(NamedFilter):
    kind = filters.ChoiceFilter(
        field_name="holder__kind", choices=tuple(OFFICER_WORDS.items()), label="类别", empty_label="全部"
    )

    def role(self) -> str:
        return "officer"


class LeaderTable(Table):
    holder = tables.Column(
        "包保领导", accessor="pk", empty_values=(), linkify=("responsibility:assignment", {"pk": tables.A("pk")})
    )
    mine = tables.Column("矿山")
    since = tables.DateTimeColumn(verbose_name="自", accessor="valid_from", format="Y-m-d")
    last = tables.Column("最近到矿", accessor="pulse", empty_values=())
    due = tables.Column("应不晚于", accessor="pulse", empty_values=())
    visits = tables.Column("今年到矿", accessor="visits", attrs=NUMBERS)
    open_problems = tables.Column("未解决", attrs=NUMBERS)
    solved_problems = tables.Column("已解决", attrs=NUMBERS)
    state = tables.Column("状态", accessor="pulse", empty_values=())

    always = ("holder", "mine")

    def render_holder(self, record: Any) -> Any:
        holder = getattr(record, "holder", None)
        return two_lines(holder.name if holder else "未登记姓名", f"{record.body} {holder.post if holder else ''}")

    def value_holder(self, record: Any) -> str:
        holder = getattr(record, "holder", None)
        return f"{holder.name if holder else '未登记'} {holder.post if holder else ''} {record.body.name}"

    def render_mine(self, record: Any) -> Any:
        return two_lines(record.mine.name, record.mine.get_kind_display())

    def value_mine(self, record: Any) -> str:
        return str(record.mine.name)

    def render_last(self, record: Any) -> Any:
        return f"{record.pulse.last:%Y-%m-%d}" if record.pulse.last else muted("无记录")

    def value_last(self, record: Any) -> str:
        return f"{record.pulse.last:%Y-%m-%d}" if record.pulse.last else "无记录"

    def render_due(self, record: Any) -> str:
        return f"{record.pulse.due:%Y-%m-%d}" if record.pulse.due else "—"

    def render_open_problems(self, record: Any) -> Any:
        return _linked(record, record.open_problems, "open")

    def value_open_problems(self, record: Any) -> int:
        return int(record.open_problems)

    def render_solved_problems(self, record: Any) -> Any:
        return _linked(record, record.solved_problems, "solved")

    def value_solved_problems(self, record: Any) -> int:
        return int(record.solved_problems)

    def render_state(self, record: Any) -> Any:
        late_by = f" {record.pulse.late} 日" if record.pulse.late else ""
        return chip(record.pulse.word + late_by, "ka-chip-ok" if record.pulse.state == "in_time" else "ka-chip-warn")

    def value_state(self, record: Any) -> str:
        return str(record.pulse.word)


def _linked(record: Any, number: int, state: str) -> Any:
    return (
        format_html('<a href="/responsibility/problems/?of={}&state={}">{}</a>', record.pk, state, number)
        if number
        else 0
    )


class OfficerTable(LeaderTable):
    holder = tables.Column(
        "人员", accessor="pk", empty_values=(), linkify=("responsibility:assignment", {"pk": tables.A("pk")})
    )
    kind = tables.Column("类别", accessor="pk", empty_values=())
    last = tables.Column("最近日志", accessor="pulse", empty_values=())
    visits = tables.Column("今年日志", accessor="visits", attrs=NUMBERS)
    missing = tables.Column("近14日缺", accessor="missing", attrs=NUMBERS)
    state = tables.Column("状态", accessor="pulse", empty_values=())

    class Meta:
        sequence = ("holder", "kind", "mine", "since", "last", "due", "missing", "visits", "...", "state")

    def render_kind(self, record: Any) -> str:
        holder = getattr(record, "holder", None)
        return holder.get_kind_display() if holder else "—"

    def render_missing(self, record: Any) -> Any:
        return chip(f"{record.missing} 日", "ka-chip-warn") if record.missing else 0

    def value_missing(self, record: Any) -> int:
        return int(record.missing)


class ProblemFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码 / 责任方")
    role = filters.ChoiceFilter(
        field_name="supervision__role",
        choices=(("leader", "包保领导"), ("officer", "驻矿、专员")),
        label="发现人",
        empty_label="全部",
    )
    state = filters.ChoiceFilter(
        method="by_state", label="状态", empty_label="全部", choices=tuple(PROBLEM_STATES.items())
    )
    since = filters.DateFilter(field_name="found_on", lookup_expr="gte", label="自")
    until = filters.DateFilter(field_name="found_on", lookup_expr="lte", label="至")
    of = filters.NumberFilter(field_name="supervision", label="包保登记号")

    def search(self, rows: QuerySet[Problem], name: str, value: str) -> QuerySet[Problem]:
        return rows.filter(mine_q(value) | Q(owner__icontains=value))

    def by_state(self, rows: QuerySet[Problem], name: str, value: str) -> QuerySet[Problem]:
        return rows.filter(problem_state(value, beijing_day(now())))


class ProblemTable(Table):
    text = tables.Column("问题", linkify=("responsibility:assignment", {"pk": tables.A("supervision_id")}))
    mine = tables.Column("矿山")
    found = tables.Column("发现", accessor="found_on")
    owner = tables.Column("由谁解决")
    due = tables.DateColumn(verbose_name="期限", format="Y-m-d")
    solved_on = tables.DateColumn(verbose_name="解决", format="Y-m-d", default="—")
    state = tables.Column("状态", accessor="pk", empty_values=())

    always = ("text", "mine")

    def render_found(self, record: Any) -> Any:
        holder = getattr(record.supervision, "holder", None)
        return two_lines(f"{record.found_on:%Y-%m-%d}", holder.name if holder else "")

    def value_found(self, record: Any) -> str:
        return f"{record.found_on:%Y-%m-%d}"

    def render_state(self, record: Any) -> Any:
        state = state_of(record, beijing_day(now()))
        return chip(PROBLEM_STATES[state], CSS.get(state, ""))

    def value_state(self, record: Any) -> str:
        return PROBLEM_STATES[state_of(record, beijing_day(now()))]
