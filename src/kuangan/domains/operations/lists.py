"""Lists of the room: filters and columns."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kuangan.base.case.flow import Flow
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.operations.flow import ANNOUNCEMENT, CHECK
from kuangan.domains.operations.kinds import KIND_WORDS
from kuangan.domains.operations.models import Announcement, Caretakers, Check
from kuangan.domains.operations.rules import CHECK_WORDS
from kuangan.domains.operations.words import moment, parts_word

STATE_CSS = {
    "overrun": "ka-chip-bad",
    "declared": "ka-chip-warn",
    "asked": "ka-chip-warn",
    "lapsed": "ka-chip-warn",
    "running": "ka-chip-ok",
    "raised": "ka-chip-warn",
    "unexplained": "ka-chip-bad",
    "explained": "ka-chip-ok",
    "faulty": "ka-chip-bad",
    "repaired": "ka-chip-warn",
}


def state_chip(flow: Flow, state: str) -> SafeString:
    return chip(flow.states[state], STATE_CSS.get(state, ""))


def by_state(flow: Flow, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """`open` means every state that is not final."""
    return rows.exclude(case__state__in=flow.final) if value == "open" else rows.filter(case__state=value)


def by_words(rows: QuerySet[Any], value: str, mine: str) -> QuerySet[Any]:
    """Rows whose number, mine name, initials or code fits."""
    named = Q(**{f"{mine}name__icontains": value}) | Q(**{f"{mine}pinyin__contains": value.lower()})
    return rows.filter(named | Q(case__number__istartswith=value) | Q(**{f"{mine}pk": value}))


class AnnouncementFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编号")
    kind = filters.ChoiceFilter(choices=tuple(KIND_WORDS.items()), label="类型", empty_label="全部")
    state = filters.ChoiceFilter(
        method="of_state",
        label="状态",
        empty_label="全部",
        choices=(("open", "未办结"), *ANNOUNCEMENT.states.items()),
    )
    since = filters.DateFilter(field_name="ends", lookup_expr="date__gte", label="自")
    until = filters.DateFilter(field_name="starts", lookup_expr="date__lte", label="至")

    def search(self, rows: QuerySet[Announcement], name: str, value: str) -> QuerySet[Announcement]:
        return by_words(rows, value, "mine__")

    def of_state(self, rows: QuerySet[Announcement], name: str, value: str) -> QuerySet[Announcement]:
        return by_state(ANNOUNCEMENT, rows, value)


class CaseTable(Table):
    """A list of cases with their number in the column `case`."""

    always = ("case",)

    def render_case(self, value: Any) -> str:
        return str(value.number)

    def value_case(self, value: Any) -> str:
        return str(value.number)


class AnnouncementTable(CaseTable):
    case = tables.Column("编号", linkify=("operations:announcement", {"number": tables.A("case__number")}))
    kind = tables.Column("类型")
    mine = tables.Column("矿山")
    scope = tables.Column("范围", accessor="reason", orderable=False)
    starts = tables.Column("时段")
    state = tables.Column("状态", accessor="case__state")
    responsible = tables.Column("负责人")
    declared_at = tables.DateTimeColumn(verbose_name="报备时间", format="m-d H:i")
    supervisor = tables.Column("答复单位", default="—")

    def render_scope(self, record: Announcement) -> str:
        return parts_word(record)

    def render_starts(self, record: Announcement) -> Any:
        return format_html("{}<small>至 {}</small>", moment(record.starts), moment(record.ends))

    def value_starts(self, record: Announcement) -> str:
        return f"{moment(record.starts)} 至 {moment(record.ends)}"

    def render_state(self, record: Announcement, value: str) -> Any:
        short = format_html(' <span class="ka-chip">临时报备</span>') if record.short_notice else ""
        return format_html("{}{}", state_chip(ANNOUNCEMENT, value), short)

    def value_state(self, value: str) -> str:
        return ANNOUNCEMENT.states[value]


class CheckFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编号")
    kind = filters.ChoiceFilter(choices=tuple(CHECK_WORDS.items()), label="核查事项", empty_label="全部")
    state = filters.ChoiceFilter(
        method="of_state", label="状态", empty_label="全部", choices=(("open", "未判断"), *CHECK.states.items())
    )

    def search(self, rows: QuerySet[Check], name: str, value: str) -> QuerySet[Check]:
        return by_words(rows, value, "announcement__mine__")

    def of_state(self, rows: QuerySet[Check], name: str, value: str) -> QuerySet[Check]:
        return by_state(CHECK, rows, value)


class CheckTable(CaseTable):
    case = tables.Column("编号", linkify=("operations:check", {"number": tables.A("case__number")}))
    kind = tables.Column("核查事项")
    mine = tables.Column("矿山", accessor="announcement__mine")
    work = tables.Column("报备类型", accessor="announcement__kind")
    announcement = tables.Column(
        "报备", linkify=("operations:announcement", {"number": tables.A("announcement__case__number")})
    )
    state = tables.Column("状态", accessor="case__state")
    found_at = tables.DateTimeColumn(verbose_name="发现时间", format="m-d H:i")

    def render_announcement(self, value: Announcement) -> str:
        return str(value.case.number)

    def value_announcement(self, value: Announcement) -> str:
        return str(value.case.number)

    def render_state(self, value: str) -> SafeString:
        return state_chip(CHECK, value)

    def value_state(self, value: str) -> str:
        return CHECK.states[value]


class CaretakersFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音")
    approved = filters.ChoiceFilter(
        method="by_approval", label="批准", empty_label="全部", choices=(("yes", "已批准"), ("no", "待批准"))
    )

    def search(self, rows: QuerySet[Caretakers], name: str, value: str) -> QuerySet[Caretakers]:
        return rows.filter(Q(mine__name__icontains=value) | Q(mine__pinyin__contains=value.lower()))

    def by_approval(self, rows: QuerySet[Caretakers], name: str, value: str) -> QuerySet[Caretakers]:
        return rows.filter(approved_at__isnull=value == "no", **({"ended_at": None} if value == "no" else {}))


class CaretakersTable(Table):
    mine = tables.Column("矿山", linkify=("operations:caretaker", {"pk": tables.A("pk")}))
    areas = tables.Column("区域")
    most = tables.Column("同时最多人数", attrs=NUMBERS)
    people = tables.Column("名单人数", accessor="count", attrs=NUMBERS, default=0)
    valid_from = tables.DateTimeColumn(verbose_name="起", format="Y-m-d H:i")
    valid_to = tables.DateTimeColumn(verbose_name="止", format="Y-m-d H:i")
    approving = tables.Column("批准单位", default="—")
    state = tables.Column("状态", accessor="standing", empty_values=())

    always = ("mine",)

    def render_state(self, value: tuple[str, str]) -> Any:
        return chip(*value)

    def value_state(self, value: tuple[str, str]) -> str:
        return value[0]


class SystemsFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")
    standing = filters.ChoiceFilter(
        method="by_standing",
        label="情况",
        empty_label="全部",
        choices=(("fault", "有故障"), ("due", "试验逾期"), ("none", "未登记")),
    )

    def search(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(name__icontains=value) | Q(pinyin__contains=value.lower()) | Q(code__startswith=value))

    def by_standing(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{{"fault": "faulty", "due": "overdue", "none": "unknown"}[value]: True})


class SystemsTable(Table):
    name = tables.Column("矿山", linkify=("operations:board", {"code": tables.A("pk")}))
    monitoring = tables.Column("安全监控", accessor="monitoring_line")
    positioning = tables.Column("人员定位", accessor="positioning_line")
    communication = tables.Column("通信联络", accessor="communication_line")
    compressed_air = tables.Column("压风自救", accessor="compressed_air_line")
    water = tables.Column("供水施救", accessor="water_line")
    shelter = tables.Column("紧急避险", accessor="shelter_line")

    always = ("name",)

    def render_monitoring(self, value: tuple[str, str]) -> Any:
        return chip(*value)

    def value_monitoring(self, value: tuple[str, str]) -> str:
        return value[0]

    render_positioning = render_communication = render_compressed_air = render_water = render_shelter = (
        render_monitoring
    )
    value_positioning = value_communication = value_compressed_air = value_water = value_shelter = value_monitoring
