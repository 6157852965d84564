"""Columns and query form of the list."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kuangan.base.tables.bases import FilterSet, Table, chip
from kuangan.domains.suspicions.flow import SUSPICION
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.words import RULES, rule_word, summary

STATUS_WORDS = {"open": "持续", "cleared": "已结束", "void": "已作废"}


class SuspicionFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码 / 编号")
    tier = filters.ChoiceFilter(choices=Suspicion.Tier.choices, label="层级", empty_label="全部")
    rule = filters.ChoiceFilter(choices=tuple(RULES.items()), label="类型", empty_label="全部")
    status = filters.ChoiceFilter(choices=tuple(STATUS_WORDS.items()), label="状态", empty_label="全部")
    maker = filters.CharFilter(label="系统厂家")
    model = filters.CharFilter(field_name="system_model", label="系统型号")
    since = filters.DateFilter(field_name="raised_at", lookup_expr="date__gte", label="自")
    until = filters.DateFilter(field_name="raised_at", lookup_expr="date__lte", label="至")

    def search(self, rows: QuerySet[Suspicion], name: str, value: str) -> QuerySet[Suspicion]:
        named = Q(mine__name__icontains=value) | Q(mine__pinyin__contains=value.lower())
        return rows.filter(named | Q(mine_code=value) | Q(case__number__istartswith=value))


class SuspicionTable(Table):
    always = ("rule",)
    rule = tables.Column("疑点", linkify=("suspicions:suspicion", {"pk": tables.A("pk")}))
    mine = tables.Column("矿山", empty_values=())
    tier = tables.Column("层级")
    location = tables.Column("地点", empty_values=())
    signs = tables.Column("特征", empty_values=(), orderable=False)
    onset = tables.DateTimeColumn(verbose_name="起始", format="m-d H:i")
    end = tables.DateTimeColumn(verbose_name="结束", format="m-d H:i")
    raised_at = tables.DateTimeColumn(verbose_name="发现", format="m-d H:i")
    maker = tables.Column("系统厂家 / 型号", empty_values=())
    case = tables.Column("办理", empty_values=())

    def render_rule(self, value: str) -> str:
        return rule_word(value)

    def render_mine(self, record: Suspicion) -> str:
        return record.mine.name if record.mine else record.mine_code

    def render_tier(self, record: Suspicion) -> SafeString:
        css = "ka-chip-warn" if record.tier == Suspicion.Tier.CHECK else ""
        return chip(record.get_tier_display(), css)

    def value_tier(self, record: Suspicion) -> str:
        return str(record.get_tier_display())

    def render_location(self, record: Suspicion) -> str:
        return record.location or "、".join(record.inputs.get("places", [])) or "全矿"

    def render_signs(self, record: Suspicion) -> str:
        return summary(record.signs)

    def render_maker(self, record: Suspicion) -> SafeString:
        return format_html("{}<small>{}</small>", record.maker or "—", record.system_model)

    def value_maker(self, record: Suspicion) -> str:
        return f"{record.maker} {record.system_model}".strip()

    def render_case(self, record: Suspicion) -> Any:
        return SUSPICION.states[record.case.state] if record.case else "—"
