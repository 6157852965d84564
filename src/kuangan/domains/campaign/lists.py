"""Lists of the room: filters and columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html

from kuangan.base.clock import beijing_day, now
from kuangan.base.registry.models import Region, RegionLevel
from kuangan.base.registry.regions import PROVINCE
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.campaign.models import Item, Ledger, Milestone, Programme, Project, Submission, Task
from kuangan.domains.campaign.queries import (
    item_is,
    item_state,
    milestone_is,
    milestone_state,
    submission_is,
    submission_state,
)
from kuangan.domains.campaign.rules import days_late, project_state
from kuangan.domains.campaign.words import (
    CHIPS,
    DUE_STATES,
    PROJECT_STATES,
    SHAPES,
    SUBMISSION_STATES,
    choices,
)

DAY = "Y-m-d"
STATES = tuple((code, word) for code, word in DUE_STATES.items() if code != "since")


def shown(state: str) -> Any:
    """The state as shape, word and frame."""
    return chip(f"{SHAPES[state]} {DUE_STATES[state]}", CHIPS.get(state, ""))


def cities() -> Iterator[tuple[str, str]]:
    """The levels that items are counted by: every city with its counties, and the province's own."""
    yield PROVINCE, "省本级"
    yield from Region.objects.filter(level=RegionLevel.CITY).order_by("code").values_list("code", "name")


class OfProgramme(FilterSet):
    """Filters of rows of one programme, which the view hands over."""

    @property
    def programme(self) -> Programme:
        programme: Programme = self.request.programme
        return programme


class ItemFilter(OfProgramme):
    q = filters.CharFilter(method="search", label="事项 / 责任人")
    owner = filters.CharFilter(field_name="owner__name", lookup_expr="icontains", label="责任单位")
    city = filters.ChoiceFilter(method="by_city", label="市", empty_label="全部", choices=())
    area = filters.ChoiceFilter(field_name="task__area", label="领域", empty_label="全部", choices=())
    task = filters.CharFilter(field_name="task__code", label="任务")
    year = filters.NumberFilter(field_name="year", label="年度")
    state = filters.ChoiceFilter(
        method="by_state",
        label="状态",
        empty_label="全部",
        choices=(*STATES, ("open", "进行中（全部）"), ("stale", "久未更新")),
    )
    nobody = filters.ChoiceFilter(method="by_nobody", label="责任人", empty_label="全部", choices=(("1", "未填"),))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        areas = Task.objects.filter(programme=self.programme).order_by("area").values_list("area", "area_title")
        self.filters["area"].extra["choices"] = sorted(set(areas))
        self.filters["city"].extra["choices"] = list(cities())

    def search(self, rows: QuerySet[Item], name: str, value: str) -> QuerySet[Item]:
        return rows.filter(Q(text__icontains=value) | Q(person__icontains=value))

    def by_city(self, rows: QuerySet[Item], name: str, value: str) -> QuerySet[Item]:
        if value == PROVINCE:
            return rows.filter(owner__region=PROVINCE)
        return rows.filter(owner__region__startswith=value[:4])

    def by_state(self, rows: QuerySet[Item], name: str, value: str) -> QuerySet[Item]:
        if value == "open":
            return rows.filter(state="open")
        return rows.filter(item_is(value, self.programme, beijing_day(now())))

    def by_nobody(self, rows: QuerySet[Item], name: str, value: str) -> QuerySet[Item]:
        return rows.filter(person="", state="open")


class ItemTable(Table):
    text = tables.Column("事项", linkify=("campaign:item", {"pk": tables.A("pk")}))
    task = tables.Column("任务", accessor="task__code", default="—")
    owner = tables.Column("责任单位", accessor="owner__name")
    person = tables.Column("责任人", default="未填")
    year = tables.Column("年度", attrs=NUMBERS)
    due = tables.DateColumn(verbose_name="期限", format=DAY)
    done_on = tables.DateColumn(verbose_name="完成", format=DAY, default="—")
    state = tables.Column("状态", empty_values=())
    told_on = tables.DateColumn(verbose_name="最近更新", format=DAY)
    proof = tables.Column("依据", default="—", visible=True)

    always = ("text",)

    def render_state(self, record: Item) -> Any:
        today = beijing_day(now())
        state = item_state(record, record.programme, today)
        late = days_late(record.due, record.done_on)
        more = format_html("<small>晚 {} 天</small>", late) if late and state == "late" else ""
        silent = (today - record.told_on).days > record.programme.stale_days and record.state == "open"
        return format_html(
            "{}{}{}", shown(state), more, format_html(" {}", chip("久未更新", "ka-chip-warn")) if silent else ""
        )

    def value_state(self, record: Item) -> str:
        return DUE_STATES[item_state(record, record.programme, beijing_day(now()))]


class MilestoneFilter(OfProgramme):
    q = filters.CharFilter(method="search", label="里程碑 / 条款")
    area = filters.CharFilter(method="by_area", label="领域")
    state = filters.ChoiceFilter(method="by_state", label="状态", empty_label="全部", choices=choices(DUE_STATES))
    since = filters.DateFilter(field_name="due", lookup_expr="gte", label="期限自")
    until = filters.DateFilter(field_name="due", lookup_expr="lte", label="至")

    def search(self, rows: QuerySet[Milestone], name: str, value: str) -> QuerySet[Milestone]:
        return rows.filter(Q(title__icontains=value) | Q(node__iexact=value))

    def by_area(self, rows: QuerySet[Milestone], name: str, value: str) -> QuerySet[Milestone]:
        return rows.filter(task=None) if value == "G" else rows.filter(task__area=value)

    def by_state(self, rows: QuerySet[Milestone], name: str, value: str) -> QuerySet[Milestone]:
        if value in ("dropped", "handed"):
            return rows.none()
        return rows.filter(milestone_is(value, self.programme, beijing_day(now())))


class MilestoneTable(Table):
    title = tables.Column("里程碑", linkify=("campaign:milestone", {"pk": tables.A("pk")}))
    node = tables.Column("条款", linkify=("compliance:clause", {"node": tables.A("node")}))
    said = tables.Column("原文期限")
    due = tables.DateColumn(verbose_name="期限", format=DAY)
    done_on = tables.DateColumn(verbose_name="实际完成", format=DAY, default="—")
    state = tables.Column("状态", empty_values=())
    owner = tables.Column("牵头单位", accessor="owner__name")
    proof = tables.Column("依据", default="—")

    always = ("title",)

    def render_state(self, record: Milestone) -> Any:
        state = milestone_state(record, record.programme, beijing_day(now()))
        late = days_late(record.due, record.done_on)
        return format_html(
            "{}{}", shown(state), format_html("<small>晚 {} 天</small>", late) if state == "late" else ""
        )

    def value_state(self, record: Milestone) -> str:
        return DUE_STATES[milestone_state(record, record.programme, beijing_day(now()))]


class TaskFilter(OfProgramme):
    q = filters.CharFilter(method="search", label="任务 / 条款")
    lead = filters.CharFilter(field_name="lead__name", lookup_expr="icontains", label="牵头单位")
    area = filters.CharFilter(field_name="area", label="领域")

    def search(self, rows: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return rows.filter(Q(title__icontains=value) | Q(summary__icontains=value) | Q(code__iexact=value))


class TaskTable(Table):
    title = tables.Column("任务", linkify=("campaign:task", {"pk": tables.A("pk")}))
    code = tables.Column("条款", linkify=("compliance:clause", {"node": tables.A("code")}))
    area_title = tables.Column("领域")
    lead = tables.Column("牵头单位", accessor="lead__name", default="—")
    milestones = tables.Column("里程碑", accessor="milestone_total", attrs=NUMBERS)
    reached = tables.Column("已完成", accessor="milestone_done", attrs=NUMBERS)
    overdue = tables.Column("逾期", accessor="milestone_overdue", attrs=NUMBERS)
    items = tables.Column("攻坚事项", accessor="item_total", attrs=NUMBERS)
    open_items = tables.Column("进行中", accessor="item_open", attrs=NUMBERS)

    always = ("title",)

    def render_milestones(self, record: Task, value: int) -> Any:
        return format_html('<a href="{}?q={}">{}</a>', reverse("campaign:milestones"), record.code, value)

    def render_reached(self, record: Task, value: int) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("campaign:task", args=[record.pk]), value)

    def render_overdue(self, record: Task, value: int) -> Any:
        return format_html(
            '<a href="{}?q={}&amp;state=overdue">{}</a>', reverse("campaign:milestones"), record.code, value
        )

    def render_items(self, record: Task, value: int) -> Any:
        return format_html('<a href="{}?task={}">{}</a>', reverse("campaign:items"), record.code, value)

    def render_open_items(self, record: Task, value: int) -> Any:
        return format_html('<a href="{}?task={}&amp;state=open">{}</a>', reverse("campaign:items"), record.code, value)


class ProjectFilter(OfProgramme):
    q = filters.CharFilter(method="search", label="项目 / 矿名 / 编码")
    ledger = filters.ChoiceFilter(field_name="ledger__code", label="台账", empty_label="全部", choices=())
    owner = filters.CharFilter(field_name="owner__name", lookup_expr="icontains", label="责任单位")
    state = filters.ChoiceFilter(method="by_state", label="状态", empty_label="全部", choices=choices(PROJECT_STATES))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        rows = Ledger.objects.filter(programme=self.programme)
        self.filters["ledger"].extra["choices"] = list(rows.values_list("code", "title"))

    def search(self, rows: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        return rows.filter(Q(name__icontains=value) | Q(mine__name__icontains=value) | Q(mine=value))

    def by_state(self, rows: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        if value == "excluded":
            return rows.exclude(excluded="")
        final = Q(ledger__final="connected", connected_on__isnull=False) | Q(
            ledger__final="accepted", accepted_on__isnull=False
        )
        kept = rows.filter(excluded="")
        if value == "final":
            return kept.filter(final)
        rest = kept.exclude(final)
        if value == "accepted":
            return rest.filter(accepted_on__isnull=False)
        return rest.filter(accepted_on=None, started_on__isnull=value == "planned")


class ProjectTable(Table):
    name = tables.Column("项目", linkify=("campaign:project", {"pk": tables.A("pk")}))
    ledger = tables.Column("台账", accessor="ledger__title")
    mine = tables.Column("矿山", accessor="mine__name", default="—")
    owner = tables.Column("责任单位", accessor="owner__name")
    started_on = tables.DateColumn(verbose_name="开工", format=DAY, default="—")
    accepted_on = tables.DateColumn(verbose_name="验收", format=DAY, default="—")
    connected_on = tables.DateColumn(verbose_name="联网", format=DAY, default="—")
    state = tables.Column("状态", empty_values=())
    central = tables.Column("中央补助（万元）", attrs=NUMBERS, default="—")
    local = tables.Column("地方（万元）", attrs=NUMBERS, default="—")
    own = tables.Column("自筹（万元）", attrs=NUMBERS, default="—")
    paid = tables.Column("已支付（万元）", attrs=NUMBERS, default="—")
    told_on = tables.DateColumn(verbose_name="最近更新", format=DAY)

    always = ("name",)

    def render_state(self, record: Project) -> Any:
        state = _project_state(record)
        return chip(PROJECT_STATES[state], {"final": "ka-chip-ok"}.get(state, ""))

    def value_state(self, record: Project) -> str:
        return PROJECT_STATES[_project_state(record)]


def _project_state(row: Project) -> str:
    today = beijing_day(now())
    return project_state(row.ledger.final, row.started_on, row.accepted_on, row.connected_on, row.excluded, today)


class SubmissionFilter(OfProgramme):
    owner = filters.CharFilter(field_name="owner__name", lookup_expr="icontains", label="报送单位")
    kind = filters.CharFilter(field_name="kind", label="种类")
    period = filters.CharFilter(field_name="period", label="年度")
    due = filters.ChoiceFilter(method="by_due", label="时限", empty_label="全部", choices=STATES[:6])
    state = filters.ChoiceFilter(
        field_name="state", label="状态", empty_label="全部", choices=choices(SUBMISSION_STATES)
    )

    def by_due(self, rows: QuerySet[Submission], name: str, value: str) -> QuerySet[Submission]:
        if value in ("dropped", "handed", "since"):
            return rows.none()
        return rows.filter(submission_is(value, self.programme, beijing_day(now())))


class SubmissionTable(Table):
    title = tables.Column("报送事项", linkify=("campaign:submission", {"pk": tables.A("pk")}))
    owner = tables.Column("报送单位", accessor="owner__name")
    period = tables.Column("年度", default="—")
    due = tables.DateColumn(verbose_name="期限", format=DAY)
    sent_on = tables.DateColumn(verbose_name="实际报送", format=DAY, default="—")
    timing = tables.Column("时限", empty_values=(), accessor="pk")
    state = tables.Column("状态")
    official_number = tables.Column("文号", default="—")

    always = ("title",)

    def render_timing(self, record: Submission) -> Any:
        return shown(submission_state(record, record.programme, beijing_day(now())))

    def value_timing(self, record: Submission) -> str:
        return DUE_STATES[submission_state(record, record.programme, beijing_day(now()))]

    def render_state(self, record: Submission) -> Any:
        return chip(SUBMISSION_STATES[record.state], CHIPS.get(record.state, ""))

    def value_state(self, record: Submission) -> str:
        return SUBMISSION_STATES[record.state]
