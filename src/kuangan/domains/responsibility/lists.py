"""Lists of who is responsible: filters and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from kuangan.base.registry.models import Mine, MineKind, Region
from kuangan.base.tables.bases import FilterSet, Table, chip
from kuangan.domains.responsibility.kinds import NATURE_WORDS
from kuangan.domains.responsibility.matters import STATES, in_state
from kuangan.domains.responsibility.standing import GAPS, GRAVE, gap, person_of

UNKNOWN = "未知"
MONTH = forms.TextInput(attrs={"type": "month"})


def cities(request: HttpRequest | None) -> QuerySet[Region]:
    return Region.objects.filter(level="city")


def mine_q(value: str, prefix: str = "mine__") -> Q:
    """The condition that a mine's name, initials or code fits."""
    named = Q(**{f"{prefix}name__icontains": value}) | Q(**{f"{prefix}pinyin__contains": value.lower()})
    return named | Q(**{f"{prefix}pk": value})


def by_mine(rows: QuerySet[Any], value: str, prefix: str = "mine__") -> QuerySet[Any]:
    return rows.filter(mine_q(value, prefix))


def two_lines(first: object, second: object) -> Any:
    return format_html("{}<small>{}</small>", first, second) if second else first


def muted(word: str) -> Any:
    return format_html('<span class="ka-muted">{}</span>', word)


class MineFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")
    city = filters.ModelChoiceFilter(queryset=cities, label="市", empty_label="全部")
    county = filters.CharFilter(field_name="county__name", lookup_expr="icontains", label="县区")
    kind = filters.ChoiceFilter(choices=MineKind.choices, label="类型", empty_label="全部")
    gap = filters.ChoiceFilter(
        method="by_gap", label="缺口", empty_label="全部", choices=(("any", "有缺口"), *GAPS.items())
    )
    person = filters.CharFilter(method="by_person", label="人员姓名")

    def search(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return by_mine(rows, value, "")

    def by_gap(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        if value != "any":
            return rows.filter(gap(value))
        found = Q()
        for each in GAPS:
            found |= gap(each)
        return rows.filter(found)

    def by_person(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        held = Q(posts__name=value, posts__voided_at=None) | Q(supervision__holder__name=value)
        return rows.filter(pk__in=Mine.objects.filter(held).values("pk"))


class MineTable(Table):
    name = tables.Column("矿山", linkify=("responsibility:mine", {"code": tables.A("pk")}))
    direct = tables.Column("直接监管", accessor="over", empty_values=())
    leader = tables.Column("包保领导", accessor="over", empty_values=())
    officer = tables.Column("驻矿、专员", accessor="over", empty_values=())
    company = tables.Column("上级企业", accessor="owned", empty_values=())
    controller = tables.Column("实际控制人", accessor="owned", empty_values=())
    head = tables.Column("矿长", accessor="posts_held", empty_values=())
    gaps = tables.Column("缺口", accessor="gaps", empty_values=())

    always = ("name",)

    def render_name(self, record: Any) -> Any:
        return two_lines(record.name, f"{record.county or record.city or ''} {record.get_kind_display()}")

    def value_name(self, record: Any) -> str:
        return f"{record.name} {record.pk}"

    def render_direct(self, record: Any) -> Any:
        return self._over(record, "direct")

    def render_leader(self, record: Any) -> Any:
        return self._over(record, "leader")

    def render_officer(self, record: Any) -> Any:
        return self._over(record, "officer")

    def value_direct(self, record: Any) -> str:
        return _said(record, "direct")

    def value_leader(self, record: Any) -> str:
        return _said(record, "leader")

    def value_officer(self, record: Any) -> str:
        return _said(record, "officer")

    def _over(self, record: Any, role: str) -> Any:
        rows = [row for row in record.over if row.role == role]
        if not rows:
            return muted("无")
        return format_html_join(
            "", "{}", ((two_lines(person_of(row) or row.body, row.body if person_of(row) else ""),) for row in rows)
        )

    def render_company(self, record: Any) -> Any:
        return two_lines(record.parent_company or "无", NATURE_WORDS.get(record.owned["nature"], "性质未登记"))

    def value_company(self, record: Any) -> str:
        return f"{record.parent_company or '无'} {NATURE_WORDS.get(record.owned['nature'], '')}".strip()

    def render_controller(self, record: Any) -> Any:
        return record.owned["controller"] or muted(UNKNOWN)

    def value_controller(self, record: Any) -> str:
        return record.owned["controller"] or UNKNOWN

    def render_head(self, record: Any) -> Any:
        row = record.posts_held.get("manager")
        return two_lines(row.name, "代理" if row.acting else "") if row else muted("未登记")

    def value_head(self, record: Any) -> str:
        row = record.posts_held.get("manager")
        return row.name if row else "未登记"

    def render_gaps(self, record: Any) -> Any:
        return gap_chips(record.gaps)

    def value_gaps(self, record: Any) -> str:
        return "、".join(GAPS[name] for name in record.gaps)


def _said(record: Any, role: str) -> str:
    return "、".join(_named(row) for row in record.over if row.role == role)


def _named(row: Any) -> str:
    return f"{person_of(row)}（{row.body}）" if person_of(row) else str(row.body)


def gap_chips(names: Sequence[str], words: Mapping[str, str] = GAPS) -> Any:
    if not names:
        return chip("无", "ka-chip-ok")
    chips = ((chip(words[name], "ka-chip-bad" if name in GRAVE else "ka-chip-warn"),) for name in names)
    return format_html_join(" ", "{}", chips)


class RegionFilter(FilterSet):
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="地区")
    level = filters.ChoiceFilter(
        choices=(("province", "省"), ("city", "市"), ("county", "县")), label="级别", empty_label="全部"
    )
    state = filters.ChoiceFilter(method="by_state", label="状态", empty_label="全部", choices=tuple(STATES.items()))

    def by_state(self, rows: QuerySet[Region], name: str, value: str) -> QuerySet[Region]:
        from kuangan.base.clock import beijing_day, now

        return rows.filter(in_state(value, beijing_day(now())))


class RegionTable(Table):
    name = tables.Column("地区", linkify=("responsibility:matter_region", {"code": tables.A("pk")}))
    parent = tables.Column("上级", default="—")
    one = tables.Column("一个牵头", accessor="counted", attrs={"td": {"class": "ka-num"}, "th": {"class": "ka-num"}})
    none = tables.Column("无人牵头", accessor="counted", attrs={"td": {"class": "ka-num"}, "th": {"class": "ka-num"}})
    several = tables.Column(
        "多头牵头", accessor="counted", attrs={"td": {"class": "ka-num"}, "th": {"class": "ka-num"}}
    )
    words = tables.Column("多头的事项", accessor="lines", empty_values=())

    always = ("name",)

    def render_one(self, record: Any) -> Any:
        return record.counted["one"]

    def render_none(self, record: Any) -> Any:
        return record.counted["none"]

    def render_several(self, record: Any) -> Any:
        return record.counted["several"]

    def render_words(self, record: Any) -> str:
        return "、".join(line.label for line in record.lines if line.state == "several") or "—"
