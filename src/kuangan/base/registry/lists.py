"""Lists of mines and organisations: filters and columns."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kuangan.base.people.models import Organisation
from kuangan.base.people.roles import Level, OrganisationKind, Sector
from kuangan.base.registry.models import Mine, MineKind, Region
from kuangan.base.registry.words import value_word
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip


def chip_after(word: str, css: str = "") -> SafeString:
    return format_html(" {}", chip(word, css))


def file_of(record: Mine) -> str:
    """The address of a mine's file: below the list, where the portal joins what all rooms know of it."""
    return f"{reverse('registry:mines')}{record.code}/"


def cities(request: HttpRequest | None) -> QuerySet[Region]:
    return Region.objects.filter(level="city")


class MineFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")
    city = filters.ModelChoiceFilter(queryset=cities, label="市", empty_label="全部")
    kind = filters.ChoiceFilter(choices=MineKind.choices, label="类型", empty_label="全部")
    link = filters.ChoiceFilter(
        method="by_link",
        label="接入",
        empty_label="全部",
        choices=(("seen", "已接入"), ("never", "未接入"), ("provisional", "未登记")),
    )
    old = filters.ChoiceFilter(
        field_name="old_region_code",
        label="区划码",
        empty_label="全部",
        choices=(("True", "旧区划码"), ("False", "现行")),
    )

    def search(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return rows.filter(
            Q(name__icontains=value)
            | Q(pinyin__contains=value.lower())
            | Q(code__startswith=value)
            | Q(county__name__icontains=value)
        )

    def by_link(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        conditions = {
            "seen": Q(first_seen__isnull=False),
            "never": Q(first_seen__isnull=True),
            "provisional": Q(provisional=True),
        }
        return rows.filter(conditions[value])


class MineTable(Table):
    name = tables.Column("矿山", linkify=file_of)
    place = tables.Column("所在地", accessor="pk")
    kind = tables.Column("类型")
    state = tables.Column("状态", accessor="current_facts", empty_values=())
    capacity = tables.Column("产能（万吨/年）", accessor="current_facts", attrs=NUMBERS)
    gas_grade = tables.Column("瓦斯等级", accessor="current_facts")
    parent = tables.Column("上级企业", accessor="parent_company", default="—")
    supervisor = tables.Column("直接监管", accessor="direct_body", default="无")
    first_seen = tables.DateTimeColumn(verbose_name="首次上传", format="Y-m-d H:i", default="未接入")

    always = ("name",)

    def render_name(self, record: Mine) -> Any:
        mark = chip_after("未登记", "ka-chip-warn") if record.provisional else ""
        return format_html("{}{}<small>{}</small>", record.name, mark, record.code)

    def value_name(self, record: Mine) -> str:
        return f"{record.name} {record.code}"

    def render_place(self, record: Mine) -> Any:
        city = record.city.name if record.city else "山西省"
        old = chip_after("旧区划码") if record.old_region_code else ""
        return format_html("{}{}<small>{}</small>", record.county.name if record.county else "—", old, city)

    def value_place(self, record: Mine) -> str:
        return f"{record.city or ''}{record.county or ''}"

    def render_state(self, value: dict[str, Any]) -> str:
        return value_word("state", value.get("state", "—"))

    def render_capacity(self, value: dict[str, Any]) -> str:
        return value_word("capacity", value.get("capacity", "—"))

    def render_gas_grade(self, value: dict[str, Any]) -> str:
        return value_word("gas_grade", value.get("gas_grade", "—"))


class OrganisationFilter(FilterSet):
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="名称")
    kind = filters.ChoiceFilter(choices=OrganisationKind.choices, label="类别", empty_label="全部")
    level = filters.ChoiceFilter(choices=Level.choices, label="层级", empty_label="全部")
    city = filters.ModelChoiceFilter(queryset=cities, method="in_city", label="市", empty_label="全部")

    def in_city(self, rows: QuerySet[Organisation], name: str, value: Region) -> QuerySet[Organisation]:
        return rows.filter(region__startswith=value.code[:4])


class OrganisationTable(Table):
    name = tables.Column("名称", linkify=("registry:organisation", {"pk": tables.A("pk")}))
    kind = tables.Column("类别")
    level = tables.Column("层级")
    region = tables.Column("行政区划", accessor="region_name", default="—")
    sectors = tables.Column("行业")
    parent = tables.Column("上级单位", default="—")
    phone = tables.Column("值班电话", default="—")
    people = tables.Column("账号", accessor="people_count", attrs=NUMBERS)
    mines = tables.Column("监管矿山", accessor="mine_count", attrs=NUMBERS)

    always = ("name",)

    def render_sectors(self, value: list[str]) -> str:
        return "、".join(str(Sector(code).label) for code in value)
