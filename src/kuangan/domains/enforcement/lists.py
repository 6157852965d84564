"""The list of inspections: filters and columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html

from kuangan.base.clock import BEIJING, now
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.enforcement.kinds import FILE, KIND_WORDS
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.rules import STATES, state_of

CSS: Final = {"here": "ka-chip-ok", "unended": "ka-chip-warn"}


def in_state(state: str, at: datetime) -> Q:
    """The condition of a key of STATES: the same cuts as `rules.state_of`."""
    if state == "void":
        return Q(voided_at__isnull=False)
    if state == "left":
        return Q(voided_at=None, left_at__isnull=False)
    fresh = Q(arrived_at__gt=at - FILE.open_span)
    return Q(voided_at=None, left_at=None) & (fresh if state == "here" else ~fresh)


def state_now(row: Visit, at: datetime) -> str:
    return state_of(row.arrived_at, row.left_at, row.voided_at, at, FILE.open_span)


class VisitFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码 / 官方编号")
    kind = filters.ChoiceFilter(choices=tuple(KIND_WORDS.items()), label="检查方式", empty_label="全部")
    body = filters.CharFilter(field_name="body__name", lookup_expr="icontains", label="检查单位")
    state = filters.ChoiceFilter(method="by_state", label="状态", empty_label="全部", choices=tuple(STATES.items()))
    since = filters.DateFilter(field_name="arrived_at", lookup_expr="date__gte", label="自")
    until = filters.DateFilter(field_name="arrived_at", lookup_expr="date__lte", label="至")

    def search(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        named = Q(mine__name__icontains=value) | Q(mine__pinyin__contains=value.lower())
        return rows.filter(named | Q(mine=value) | Q(official_number__istartswith=value))

    def by_state(self, rows: QuerySet[Visit], name: str, value: str) -> QuerySet[Visit]:
        return rows.filter(in_state(value, now()))


class VisitTable(Table):
    arrived_at = tables.DateTimeColumn(
        verbose_name="到矿", format="Y-m-d H:i", linkify=("enforcement:visit", {"pk": tables.A("pk")})
    )
    mine = tables.Column("矿山")
    body = tables.Column("检查单位")
    kind = tables.Column("检查方式")
    lead = tables.Column("带队")
    team = tables.Column("人数", attrs=NUMBERS)
    left_at = tables.DateTimeColumn(verbose_name="离矿", format="Y-m-d H:i", default="—")
    state = tables.Column("状态", empty_values=())
    official_number = tables.Column("官方系统编号", default="—")
    recorded_at = tables.DateTimeColumn(verbose_name="登记", format="m-d H:i")

    always = ("arrived_at", "mine")

    def render_mine(self, record: Visit) -> Any:
        return format_html("{}<small>{}</small>", record.mine.name, record.mine_id)

    def value_mine(self, record: Visit) -> str:
        return str(record.mine.name)

    def render_state(self, record: Visit) -> Any:
        state = state_now(record, now())
        return chip(STATES[state], CSS.get(state, ""))

    def value_state(self, record: Visit) -> str:
        return STATES[state_now(record, now())]

    def value_arrived_at(self, record: Visit) -> str:
        return minute(record.arrived_at)

    def value_left_at(self, record: Visit) -> str:
        return minute(record.left_at)


def minute(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
