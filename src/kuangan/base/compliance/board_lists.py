"""The lists behind the numbers of the board: cells, and the cases that people opened about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.html import format_html

from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.base.compliance.board import SHOWN, visible_cells
from kuangan.base.compliance.checks import State
from kuangan.base.compliance.flow import FLOWS
from kuangan.base.compliance.models import STATE_WORDS, STATES, Cell
from kuangan.base.compliance.subjects import KIND_WORDS
from kuangan.base.people.access import Permitted
from kuangan.base.registry.models import MineKind, Region, RegionLevel
from kuangan.base.tables.bases import FilterSet, Table, chip
from kuangan.base.tables.listing import Figure, ListView
from kuangan.library.policy import shipped


def cities() -> list[tuple[str, str]]:
    return list(Region.objects.filter(level=RegionLevel.CITY).order_by("code").values_list("code", "name"))


class CellFilter(FilterSet):
    kind = filters.ChoiceFilter(
        field_name="subject_kind", choices=tuple(KIND_WORDS.items()), label="对象", empty_label="全部"
    )
    clause = filters.CharFilter(label="条款")
    state = filters.ChoiceFilter(choices=STATES, label="结论", empty_label="全部")
    part = filters.ChoiceFilter(choices=STATES, label="已核部分", empty_label="全部")
    city = filters.ChoiceFilter(choices=cities, label="市", empty_label="全部")
    mine_kind = filters.ChoiceFilter(
        field_name="mine__kind", choices=MineKind.choices, label="矿种", empty_label="全部"
    )
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")

    def search(self, rows: QuerySet[Cell], name: str, value: str) -> QuerySet[Cell]:
        named = Q(mine__name__icontains=value) | Q(mine__pinyin__contains=value.lower()) | Q(subject=value)
        return rows.filter(named | Q(organisation__name__icontains=value))


class CellTable(Table):
    subject = tables.Column("对象")
    clause = tables.Column("条款")
    state = tables.Column("结论")
    part = tables.Column("已核部分", default="—")
    since = tables.DateTimeColumn(verbose_name="自", format="Y-m-d H:i")
    region = tables.Column("地区")

    always = ("subject", "clause", "state")

    def render_subject(self, record: Cell) -> Any:
        href = reverse("compliance:cell", args=[record.subject_kind, record.subject, record.clause])
        return format_html(
            '<a href="{}">{}</a><small>{}</small>', href, named(record), record.get_subject_kind_display()
        )

    def value_subject(self, record: Cell) -> str:
        return named(record)

    def render_clause(self, record: Cell) -> Any:
        node = shipped().nodes.get(record.clause)
        return format_html("{}<small>{}</small>", record.clause, node.title if node else "")

    def value_clause(self, record: Cell) -> str:
        return str(record.clause)

    def render_state(self, record: Cell) -> Any:
        return format_html('<span class="cb-dot cb-{}"></span>{}', record.state, STATE_WORDS[State(record.state)])

    def value_state(self, record: Cell) -> str:
        return STATE_WORDS[State(record.state)]

    def render_part(self, record: Cell) -> Any:
        shows = record.part and record.state == State.UNKNOWN
        return chip(STATE_WORDS[State(record.part)]) if shows else "—"

    def value_part(self, record: Cell) -> str:
        return STATE_WORDS[State(record.part)] if record.part and record.state == State.UNKNOWN else ""

    def render_region(self, record: Cell) -> str:
        return region_name(record)

    def value_region(self, record: Cell) -> str:
        return region_name(record)


def region_name(cell: Cell) -> str:
    """The name that the query brought with the row, else the code."""
    return str(getattr(cell, "region_name", "") or cell.region)


def named(cell: Cell) -> str:
    if cell.mine is not None:
        return str(cell.mine.name)
    return str(cell.organisation.name) if cell.organisation else region_name(cell)


class CellList(Permitted, ListView):
    """The cells behind a number of the board."""

    permission = "finding.view"
    title = "条款结论"
    order = ("-since", "-id")
    table_class = CellTable
    filterset_class = CellFilter
    template_name = "compliance/cells.html"
    export_name = "条款结论"

    def queryset(self) -> QuerySet[Cell]:
        place = Region.objects.filter(code=OuterRef("region")).values("name")[:1]
        rows = visible_cells(self.request.user, now()).annotate(region_name=Subquery(place))
        return rows.select_related("mine", "organisation")

    def figures(self) -> Sequence[Figure]:
        asked = self.request.GET.copy()
        asked.pop("state", None)
        kept = {name: value for name, value in asked.items() if value and name not in ("after", "before")}
        narrowed = CellFilter(kept or None, queryset=self.queryset(), request=self.request).qs
        counts = dict(narrowed.order_by().values_list("state").annotate(n=Count("pk")))
        return [
            Figure(counts.get(state, 0), STATE_WORDS[state], href=f"?{urlencode({**kept, 'state': state.value})}")
            for state in SHOWN
        ]


class CaseFilter(FilterSet):
    q = filters.CharFilter(method="search", label="编号 / 标题")
    kind = filters.ChoiceFilter(choices=[(flow.kind, flow.label) for flow in FLOWS], label="类型", empty_label="全部")
    open = filters.ChoiceFilter(
        method="by_open", choices=(("yes", "未办结"), ("no", "已办结")), label="办理", empty_label="全部"
    )

    def search(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return rows.filter(Q(number__istartswith=value) | Q(title__icontains=value))

    def by_open(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        final = {flow.kind: flow.final for flow in FLOWS}
        done = Q(pk__in=())
        for kind, states in final.items():
            done |= Q(kind=kind, state__in=states)
        return rows.exclude(done) if value == "yes" else rows.filter(done)


class CaseTable(Table):
    number = tables.Column("编号", linkify=("compliance:case", {"number": tables.A("number")}))
    kind = tables.Column("类型")
    title = tables.Column("标题")
    state = tables.Column("状态")
    owner = tables.Column("经办单位", default="—")
    opened = tables.DateTimeColumn(verbose_name="立案", format="Y-m-d H:i")
    due = tables.DateTimeColumn(verbose_name="到期", format="Y-m-d H:i", default="—")

    always = ("number", "title")

    def render_kind(self, record: Case) -> str:
        return _flow_word(record)

    def render_state(self, record: Case) -> Any:
        return chip(record.state_word)

    def value_state(self, record: Case) -> str:
        return record.state_word


def _flow_word(case: Case) -> str:
    return next(flow.label for flow in FLOWS if flow.kind == case.kind)


class CaseList(Permitted, ListView):
    """Determinations, proposed measures and objections within scope."""

    permission = "finding.view"
    title = "认定与处置"
    order = ("-opened", "-id")
    table_class = CaseTable
    filterset_class = CaseFilter
    template_name = "compliance/cases.html"
    export_name = "认定与处置"

    def queryset(self) -> QuerySet[Case]:
        kinds = [flow.kind for flow in FLOWS]
        return Case.objects.visible_to(self.request.user, now()).filter(kind__in=kinds).select_related("owner")

    def figures(self) -> Sequence[Figure]:
        counted = self.queryset().order_by().values_list("kind", "state").annotate(n=Count("pk"))
        counts = {(kind, state): number for kind, state, number in counted}
        return [
            Figure(
                counts.get((flow.kind, flow.initial), 0),
                f"{flow.label}·{flow.states[flow.initial]}",
                href=f"?kind={flow.kind}&open=yes",
            )
            for flow in FLOWS
        ]
