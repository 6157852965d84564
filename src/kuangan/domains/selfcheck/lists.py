"""Lists of the room: filters and columns."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html

from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.selfcheck.flow import SHEET
from kuangan.domains.selfcheck.kinds import KIND_WORDS
from kuangan.domains.selfcheck.models import Difference, Proposal, Round, Sheet
from kuangan.domains.selfcheck.rules import DECISION_WORDS, RESULT_WORDS, VALUE_WORDS
from kuangan.domains.selfcheck.words import CSS, minute, named
from kuangan.library.policy import shipped

NOWHERE = "none"


def clause_title(node: str) -> str:
    found = shipped().nodes.get(node)
    return found.title if found else ""


def by_words(rows: QuerySet[Any], value: str, prefix: str) -> QuerySet[Any]:
    """Rows whose number, mine name, initials or code fits."""
    mine = f"{prefix}mine"
    fits = Q(**{f"{mine}__name__icontains": value}) | Q(**{f"{mine}__pinyin__contains": value.lower()})
    return rows.filter(fits | Q(**{mine: value}) | Q(**{f"{prefix}case__number__istartswith": value}))


def in_place(rows: QuerySet[Any], level: str, value: str, prefix: str) -> QuerySet[Any]:
    """Rows of mines that lay in a county or city as the round was made; `none`: without a known one."""
    field = f"{prefix}target__{level}"
    return rows.filter(**{f"{field}__isnull": True}) if value == NOWHERE else rows.filter(**{field: value})


class SheetFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编号")
    kind = filters.ChoiceFilter(
        field_name="round__kind", choices=tuple(KIND_WORDS.items()), label="类别", empty_label="全部"
    )
    state = filters.ChoiceFilter(
        method="of_state",
        label="状态",
        empty_label="全部",
        choices=(("missing", "未提交"), ("handed_in", "已提交过"), *SHEET.states.items()),
    )
    told = filters.ChoiceFilter(
        method="by_content",
        label="内容",
        empty_label="全部",
        choices=(("differing", "有待核实的不一致"), ("unmet", "有不符合"), ("begun", "已开始填报")),
    )
    round = filters.NumberFilter(field_name="round", widget=forms.HiddenInput)
    county = filters.CharFilter(method="of_county", widget=forms.HiddenInput)
    city = filters.CharFilter(method="of_city", widget=forms.HiddenInput)

    def search(self, rows: QuerySet[Sheet], name: str, value: str) -> QuerySet[Sheet]:
        return by_words(rows, value, "")

    def of_state(self, rows: QuerySet[Sheet], name: str, value: str) -> QuerySet[Sheet]:
        if value == "missing":
            return rows.filter(submitted_at=None).exclude(case__state="cancelled")
        if value == "handed_in":
            return rows.filter(submitted_at__isnull=False)
        return rows.filter(case__state=value)

    def by_content(self, rows: QuerySet[Sheet], name: str, value: str) -> QuerySet[Sheet]:
        if value == "differing":
            return rows.filter(differing__gt=0)
        if value == "begun":
            return rows.filter(answered__gt=0).exclude(case__state="cancelled")
        return rows.filter(unmet__gt=0, submitted_at__isnull=False)

    def of_county(self, rows: QuerySet[Sheet], name: str, value: str) -> QuerySet[Sheet]:
        return in_place(rows, "county", value, "")

    def of_city(self, rows: QuerySet[Sheet], name: str, value: str) -> QuerySet[Sheet]:
        return in_place(rows, "city", value, "")


class SheetTable(Table):
    mine = tables.Column("矿山")
    case = tables.Column("编号")
    round = tables.Column("批次")
    state = tables.Column("状态", accessor="case__state")
    answered = tables.Column("已答", attrs=NUMBERS)
    unmet = tables.Column("不符合", attrs=NUMBERS)
    differing = tables.Column("待核实不一致", attrs=NUMBERS)
    supervisor = tables.Column("直接监管单位", default="未登记")
    due = tables.DateTimeColumn(verbose_name="期限", accessor="case__due", format="Y-m-d", default="—")
    submitted_at = tables.DateTimeColumn(verbose_name="提交", format="Y-m-d H:i", default="—")

    always = ("mine", "state")

    def render_mine(self, record: Sheet) -> Any:
        return format_html(
            '<a href="{}">{}</a><small>{}</small>',
            reverse("selfcheck:sheet", args=[record.case.number]),
            record.mine.name,
            record.mine_id,
        )

    def value_mine(self, record: Sheet) -> str:
        return str(record.mine.name)

    def render_case(self, record: Sheet) -> str:
        return str(record.case.number)

    def render_round(self, record: Sheet) -> Any:
        return format_html("{}<small>{}</small>", record.round.title, record.round.get_kind_display())

    def value_round(self, record: Sheet) -> str:
        return str(record.round.title)

    def render_state(self, record: Sheet) -> Any:
        return chip(SHEET.states[record.case.state], CSS.get(record.case.state, ""))

    def value_state(self, record: Sheet) -> str:
        return SHEET.states[record.case.state]

    def render_answered(self, record: Sheet) -> str:
        return f"{record.answered}/{record.asked}"

    def render_differing(self, record: Sheet) -> Any:
        return chip(str(record.differing), "ka-chip-warn") if record.differing else "0"

    def value_differing(self, record: Sheet) -> int:
        return int(record.differing)

    def value_submitted_at(self, record: Sheet) -> str:
        return minute(record.submitted_at)

    def value_due(self, record: Sheet) -> str:
        return minute(record.case.due)


class DifferenceFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编号")
    node = filters.CharFilter(lookup_expr="iexact", label="条款")
    state = filters.ChoiceFilter(
        method="of_state",
        label="核实",
        empty_label="全部",
        choices=(("open", "待核实"), ("explained", "企业已说明"), *RESULT_WORDS.items()),
    )

    def search(self, rows: QuerySet[Difference], name: str, value: str) -> QuerySet[Difference]:
        return by_words(rows, value, "sheet__")

    def of_state(self, rows: QuerySet[Difference], name: str, value: str) -> QuerySet[Difference]:
        if value == "open":
            return rows.filter(verified_at=None)
        if value == "explained":
            return rows.filter(verified_at=None, explained_at__isnull=False)
        return rows.filter(result=value)


class DifferenceTable(Table):
    sheet = tables.Column("矿山")
    node = tables.Column("条款")
    answer = tables.Column("企业填报")
    known = tables.Column("监测数据")
    result = tables.Column("核实", empty_values=())
    found_at = tables.DateTimeColumn(verbose_name="发现", format="m-d H:i")
    verified_at = tables.DateTimeColumn(verbose_name="核实时间", format="Y-m-d H:i", default="—")

    always = ("sheet", "node", "result")

    def render_sheet(self, record: Difference) -> Any:
        address = f"{reverse('selfcheck:sheet', args=[record.sheet.case.number])}#d{record.pk}"
        return format_html(
            '<a href="{}">{}</a><small>{}</small>', address, record.sheet.mine.name, record.sheet.case.number
        )

    def value_sheet(self, record: Difference) -> str:
        return str(record.sheet.mine.name)

    def render_node(self, record: Difference) -> Any:
        return format_html("{}<small>{}</small>", record.node, clause_title(record.node))

    def value_node(self, record: Difference) -> str:
        return f"{record.node} {clause_title(record.node)}"

    def render_answer(self, record: Difference) -> str:
        return VALUE_WORDS[record.answer.value]

    def render_known(self, record: Difference) -> Any:
        return format_html("{}<small>{}</small>", record.known.get("words", ""), record.known.get("data_at", ""))

    def value_known(self, record: Difference) -> str:
        return str(record.known.get("words", ""))

    def render_result(self, record: Difference) -> Any:
        if record.verified_at is None:
            return chip("待核实" if not record.explanation else "待核实（企业已说明）", "ka-chip-warn")
        return chip(RESULT_WORDS[record.result])

    def value_result(self, record: Difference) -> str:
        return RESULT_WORDS.get(record.result, "待核实")

    def value_found_at(self, record: Difference) -> str:
        return minute(record.found_at)


class ProposalFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编号")
    state = filters.ChoiceFilter(
        method="of_state", label="决定", empty_label="全部", choices=(("open", "待决定"), *DECISION_WORDS.items())
    )

    def search(self, rows: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        return by_words(rows, value, "sheet__")

    def of_state(self, rows: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        return rows.filter(decided_at=None) if value == "open" else rows.filter(decision=value)


class ProposalTable(Table):
    sheet = tables.Column("矿山")
    nodes = tables.Column("条款")
    reason = tables.Column("由来")
    supervisor = tables.Column("直接监管单位", default="未登记")
    made_at = tables.DateTimeColumn(verbose_name="提出", format="Y-m-d H:i")
    decision = tables.Column("决定", empty_values=())

    always = ("sheet", "decision")

    def render_sheet(self, record: Proposal) -> Any:
        address = f"{reverse('selfcheck:sheet', args=[record.sheet.case.number])}#proposals"
        return format_html(
            '<a href="{}">{}</a><small>{}</small>', address, record.sheet.mine.name, record.sheet.case.number
        )

    def value_sheet(self, record: Proposal) -> str:
        return str(record.sheet.mine.name)

    def render_nodes(self, record: Proposal) -> str:
        return named(record.nodes)

    def render_decision(self, record: Proposal) -> Any:
        return chip("待决定", "ka-chip-warn") if record.decided_at is None else chip(DECISION_WORDS[record.decision])

    def value_decision(self, record: Proposal) -> str:
        return DECISION_WORDS.get(record.decision, "待决定")

    def value_made_at(self, record: Proposal) -> str:
        return minute(record.made_at)


class RoundFilter(FilterSet):
    kind = filters.ChoiceFilter(choices=tuple(KIND_WORDS.items()), label="类别", empty_label="全部")
    state = filters.ChoiceFilter(
        method="of_state", label="状态", empty_label="全部", choices=(("open", "进行中"), ("closed", "已结束"))
    )

    def of_state(self, rows: QuerySet[Round], name: str, value: str) -> QuerySet[Round]:
        return rows.filter(closed_at__isnull=value == "open")


class RoundTable(Table):
    title = tables.Column("批次", linkify=("selfcheck:round", {"pk": tables.A("pk")}))
    kind = tables.Column("类别")
    body = tables.Column("组织单位")
    mines = tables.Column("矿山", attrs=NUMBERS, empty_values=())
    handed_in = tables.Column("已提交", attrs=NUMBERS, empty_values=())
    differing = tables.Column("有不一致", attrs=NUMBERS, empty_values=())
    due = tables.DateTimeColumn(verbose_name="截止", format="Y-m-d")
    state = tables.Column("状态", empty_values=())

    always = ("title",)

    def render_mines(self, record: Round) -> Any:
        return self._linked(record, "mines", "")

    def value_mines(self, record: Round) -> int:
        return int(record.counts["mines"])

    def render_handed_in(self, record: Round) -> Any:
        return self._linked(record, "handed_in", "&state=handed_in")

    def value_handed_in(self, record: Round) -> int:
        return int(record.counts["handed_in"])

    def render_differing(self, record: Round) -> Any:
        return self._linked(record, "differing", "&told=differing")

    def value_differing(self, record: Round) -> int:
        return int(record.counts["differing"])

    def _linked(self, record: Round, name: str, query: str) -> Any:
        if not record.rules.by_mine and name == "mines":
            return format_html('<a href="{}">{}</a>', reverse("selfcheck:round", args=[record.pk]), record.counts[name])
        address = f"{reverse('selfcheck:sheets')}?round={record.pk}{query}"
        return format_html('<a href="{}">{}</a>', address, record.counts[name])

    def render_state(self, record: Round) -> Any:
        return chip("已结束") if record.closed_at else chip("进行中", "ka-chip-ok")

    def value_state(self, record: Round) -> str:
        return "已结束" if record.closed_at else "进行中"

    def value_due(self, record: Round) -> str:
        return minute(record.due)
