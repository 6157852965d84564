"""Lists of the workbench: filters and columns."""

from __future__ import annotations

from typing import Any, Final

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.rulebook.models import Draft, Finding, Override, Version
from kuangan.domains.rulebook.overriding import setting_word
from kuangan.domains.rulebook.parts import part_word
from kuangan.domains.rulebook.words import RULES

KIND_CSS: Final = {"lost": "ka-chip-bad", "lowered": "ka-chip-warn", "new": "", "raised": ""}
STATE_CSS: Final = {
    "proposed": "ka-chip-warn",
    "approved": "ka-chip-ok",
    "in_force": "ka-chip-ok",
    "refused": "ka-chip-bad",
}
SHORT: Final = "Y-m-d H:i"


class DraftFilter(FilterSet):
    q = filters.CharFilter(field_name="title", lookup_expr="icontains", label="名称")
    part = filters.ChoiceFilter(label="对象", empty_label="全部", choices=tuple(RULES.items()))
    mine = filters.ChoiceFilter(
        method="standing", label="状态", empty_label="全部", choices=(("open", "起草中"), ("dropped", "已作废"))
    )

    def standing(self, rows: QuerySet[Draft], name: str, value: str) -> QuerySet[Draft]:
        return rows.filter(dropped_at__isnull=value == "open")


class DraftTable(Table):
    title = tables.Column("草案", linkify=("rulebook:draft", {"pk": tables.A("pk")}))
    part = tables.Column("对象")
    by = tables.Column("起草人", default="—")
    organisation = tables.Column("单位")
    changed_at = tables.DateTimeColumn(verbose_name="修改时间", format=SHORT)
    tried = tables.Column("试算", attrs=NUMBERS, orderable=False, empty_values=())
    standing = tables.Column("状态", orderable=False, empty_values=())
    always = ("title",)

    def render_part(self, value: str) -> str:
        return part_word(value)

    def render_tried(self, record: Draft) -> str:
        return str(getattr(record, "tried", 0))

    def render_standing(self, record: Draft) -> Any:
        word, css = record.standing
        return chip(word, css)

    def value_standing(self, record: Draft) -> str:
        return str(record.standing[0])


class FindingFilter(FilterSet):
    kind = filters.ChoiceFilter(choices=Finding.Kind.choices, label="变化", empty_label="全部")
    rule = filters.ChoiceFilter(choices=tuple(RULES.items()), label="规则", empty_label="全部")
    q = filters.CharFilter(method="search", label="矿名 / 测点")

    def search(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return rows.filter(Q(mine__name__icontains=value) | Q(subject__icontains=value) | Q(location__icontains=value))


class FindingTable(Table):
    kind = tables.Column("变化")
    mine = tables.Column("矿山")
    rule = tables.Column("规则")
    location = tables.Column("对象")
    before = tables.Column("现行规则", default="不产生")
    after = tables.Column("草拟规则", default="不产生")
    onset = tables.DateTimeColumn(verbose_name="起始", format=SHORT)
    end = tables.DateTimeColumn(verbose_name="结束", format=SHORT, default="未结束")
    peak = tables.Column("峰值", attrs=NUMBERS, default="—")
    always = ("kind", "mine")

    def render_kind(self, record: Finding) -> Any:
        return chip(Finding.Kind(record.kind).label, KIND_CSS[record.kind])

    def value_kind(self, record: Finding) -> str:
        return str(Finding.Kind(record.kind).label)

    def render_rule(self, value: str) -> str:
        return RULES.get(value, value)

    def render_location(self, record: Finding, value: str) -> Any:
        return format_html("{}<small>{}</small>", value, record.subject if record.subject != value else "")

    def value_location(self, record: Finding, value: str) -> str:
        return f"{value} {record.subject}"

    def render_before(self, value: str) -> Any:
        return level(value)

    def render_after(self, value: str) -> Any:
        return level(value)

    def value_before(self, value: str) -> str:
        return GRADE_WORDS.get(value, value)

    def value_after(self, value: str) -> str:
        return GRADE_WORDS.get(value, value)

    def render_peak(self, value: float) -> str:
        return f"{value:g}"


def level(grade: str) -> Any:
    """A colour as pages show it."""
    return format_html('<span class="ka-level ka-{}">{}</span>', grade, GRADE_WORDS.get(grade, grade))


class VersionFilter(FilterSet):
    state = filters.ChoiceFilter(choices=Version.State.choices, label="状态", empty_label="全部")


class VersionTable(Table):
    number = tables.Column("版本", linkify=("rulebook:version", {"pk": tables.A("pk")}), empty_values=())
    part = tables.Column("对象", empty_values=())
    state = tables.Column("状态")
    reason = tables.Column("理由")
    author = tables.Column("提请人", default="—")
    proposed_at = tables.DateTimeColumn(verbose_name="提请时间", format=SHORT)
    approver = tables.Column("批准人", default="—")
    in_force_from = tables.DateTimeColumn(verbose_name="生效时间", format=SHORT)
    always = ("number",)

    def render_number(self, record: Version) -> str:
        return "待定" if record.number is None else f"第 {record.number} 号"

    def render_part(self, record: Version) -> str:
        if record.restores is not None:
            return f"恢复第 {record.restores.number} 号"
        return part_word(record.part)

    def render_state(self, record: Version) -> Any:
        return chip(Version.State(record.state).label, STATE_CSS.get(record.state, ""))

    def value_state(self, record: Version) -> str:
        return str(Version.State(record.state).label)


class OverrideFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 测点")
    state = filters.ChoiceFilter(choices=Override.State.choices, label="状态", empty_label="全部")

    def search(self, rows: QuerySet[Override], name: str, value: str) -> QuerySet[Override]:
        return rows.filter(Q(mine__name__icontains=value) | Q(mine=value) | Q(point__icontains=value))


class OverrideTable(Table):
    mine = tables.Column("矿山", linkify=("rulebook:override", {"pk": tables.A("pk")}))
    point = tables.Column("测点", default="全矿")
    setting = tables.Column("参数")
    value = tables.Column("取值", attrs=NUMBERS)
    overridden = tables.Column("覆盖")
    standing = tables.Column("状态", orderable=False, empty_values=())
    valid_to = tables.DateTimeColumn(verbose_name="止期", format=SHORT)
    proposed_by = tables.Column("提请人", default="—")
    decided_by = tables.Column("批准人", default="—")
    always = ("mine",)

    def render_setting(self, record: Override) -> str:
        return setting_word(record.setting, record.quantity)

    def render_value(self, value: float) -> str:
        return f"{value:g}"

    def render_standing(self, record: Override) -> Any:
        return chip(*record.standing)

    def value_standing(self, record: Override) -> str:
        return str(record.standing[0])
