"""Lists of this room: filters and columns."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html

from kuangan.base.clock import now
from kuangan.base.people.roles import OrganisationKind
from kuangan.base.tables.bases import FilterSet, Table, chip
from kuangan.domains.duty.flow import CALLOUT, HANDOVER
from kuangan.domains.duty.models import CallOut, Contact, Drill, Instruction, Shift
from kuangan.domains.duty.rules import GRADE_WORDS, POST_WORDS

WHEN = "Y-m-d H:i"
CHIPS = {"open": "ka-chip-warn", "draft": "ka-chip-warn", "signed": "ka-chip-warn", "accepted": "ka-chip-ok"}


def two_lines(first: object, second: object) -> Any:
    return format_html("{}<small>{}</small>", first or "—", second) if second else first or "—"


def kinds() -> filters.ChoiceFilter:
    return filters.ChoiceFilter(
        field_name="organisation__kind", choices=OrganisationKind.choices, label="单位类别", empty_label="全部"
    )


class ShiftFilter(FilterSet):
    q = filters.CharFilter(method="search", label="单位 / 姓名")
    kind = kinds()
    when = filters.ChoiceFilter(
        method="by_time",
        label="时间",
        empty_label="全部",
        choices=(("now", "此刻在班"), ("coming", "此刻及以后"), ("past", "已过去")),
    )

    def search(self, rows: QuerySet[Shift], name: str, value: str) -> QuerySet[Shift]:
        people = Q(officer_name__contains=value) | Q(deputy_name__contains=value) | Q(leader_name__contains=value)
        return rows.filter(people | Q(organisation__name__contains=value))

    def by_time(self, rows: QuerySet[Shift], name: str, value: str) -> QuerySet[Shift]:
        at = now()
        if value == "now":
            return rows.filter(start__lte=at, end__gt=at)
        return rows.filter(end__gt=at) if value == "coming" else rows.filter(end__lte=at)


class ShiftTable(Table):
    organisation = tables.Column("单位", linkify=("duty:roster", {"pk": tables.A("organisation_id")}))
    start = tables.DateTimeColumn(verbose_name="起", format=WHEN)
    end = tables.DateTimeColumn(verbose_name="止", format=WHEN)
    officer_name = tables.Column("值班员")
    deputy_name = tables.Column("副班", default="—")
    leader_name = tables.Column("带班领导", default="—")
    phone = tables.Column("值班电话", default="—")
    basis = tables.Column("依据")

    always = ("organisation",)

    def render_officer_name(self, record: Shift) -> Any:
        return two_lines(record.officer_name, record.officer_phone)

    def value_officer_name(self, record: Shift) -> str:
        return f"{record.officer_name} {record.officer_phone}".strip()

    def render_deputy_name(self, record: Shift) -> Any:
        return two_lines(record.deputy_name, record.deputy_phone)

    def value_deputy_name(self, record: Shift) -> str:
        return f"{record.deputy_name} {record.deputy_phone}".strip()

    def render_leader_name(self, record: Shift) -> Any:
        return two_lines(record.leader_name, record.leader_phone)

    def value_leader_name(self, record: Shift) -> str:
        return f"{record.leader_name} {record.leader_phone}".strip()


class ContactFilter(FilterSet):
    q = filters.CharFilter(method="search", label="单位 / 姓名 / 电话")
    post = filters.ChoiceFilter(choices=tuple(POST_WORDS.items()), label="岗位", empty_label="全部")
    kind = kinds()

    def search(self, rows: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return rows.filter(Q(organisation__name__contains=value) | Q(name__contains=value) | Q(phone__contains=value))


class ContactTable(Table):
    organisation = tables.Column("单位", linkify=("duty:roster", {"pk": tables.A("organisation_id")}))
    post = tables.Column("岗位")
    name = tables.Column("姓名", default="—")
    phone = tables.Column("电话")
    note = tables.Column("备注", default="—")
    valid_from = tables.DateTimeColumn(verbose_name="自", format="Y-m-d")

    always = ("organisation", "phone")

    def render_phone(self, value: str) -> Any:
        return format_html('<a href="tel:{}">{}</a>', value, value)

    def value_phone(self, value: str) -> str:
        return value


class CallOutFilter(FilterSet):
    q = filters.CharFilter(method="search", label="编号 / 事项 / 矿山")
    state = filters.ChoiceFilter(
        field_name="case__state", choices=tuple(CALLOUT.states.items()), label="状态", empty_label="全部"
    )

    def search(self, rows: QuerySet[CallOut], name: str, value: str) -> QuerySet[CallOut]:
        return rows.filter(
            Q(case__number__icontains=value) | Q(matter__contains=value) | Q(case__mine__name__contains=value)
        )


class CallOutTable(Table):
    number = tables.Column(
        "编号", accessor="case__number", linkify=("duty:callout", {"number": tables.A("case__number")})
    )
    matter = tables.Column("事项")
    mine = tables.Column("矿山", accessor="case__mine", default="—")
    owner = tables.Column("发起单位", accessor="case__owner")
    opened = tables.DateTimeColumn(accessor="case__opened", verbose_name="发起", format=WHEN)
    calls = tables.Column("呼叫 / 接通 / 响应", accessor="called")
    state = tables.Column("状态", accessor="case__state")

    always = ("number",)

    def render_matter(self, record: CallOut) -> Any:
        drill = chip("演练", "ka-chip-warn") if record.case.drill else ""
        return format_html("{} {}", record.matter, drill) if drill else record.matter

    def value_matter(self, value: str) -> str:
        return value

    def render_calls(self, record: Any) -> str:
        return f"{record.called} / {record.reached} / {record.acted}"

    def render_state(self, value: str) -> Any:
        return chip(CALLOUT.states[value], CHIPS.get(value, ""))

    def value_state(self, value: str) -> str:
        return CALLOUT.states[value]


class HandoverFilter(FilterSet):
    q = filters.CharFilter(field_name="organisation__name", lookup_expr="contains", label="单位")
    state = filters.ChoiceFilter(
        field_name="case__state", choices=tuple(HANDOVER.states.items()), label="状态", empty_label="全部"
    )


class HandoverTable(Table):
    number = tables.Column(
        "编号", accessor="case__number", linkify=("duty:handover", {"number": tables.A("case__number")})
    )
    organisation = tables.Column("单位")
    since = tables.DateTimeColumn(verbose_name="本班起", format=WHEN)
    until = tables.DateTimeColumn(verbose_name="本班止", format=WHEN)
    outgoing = tables.Column("交班人", default="—")
    incoming = tables.Column("接班人", default="—")
    accepted_at = tables.DateTimeColumn(verbose_name="接班时间", format=WHEN, default="—")
    state = tables.Column("状态", accessor="case__state")

    always = ("number",)

    def render_state(self, value: str) -> Any:
        return chip(HANDOVER.states[value], CHIPS.get(value, ""))

    def value_state(self, value: str) -> str:
        return HANDOVER.states[value]


class InstructionFilter(FilterSet):
    q = filters.CharFilter(method="search", label="单位 / 领导 / 内容")
    done = filters.ChoiceFilter(
        method="by_state", label="状态", empty_label="全部", choices=(("no", "待落实"), ("yes", "已落实"))
    )

    def search(self, rows: QuerySet[Instruction], name: str, value: str) -> QuerySet[Instruction]:
        return rows.filter(Q(organisation__name__contains=value) | Q(leader__contains=value) | Q(text__contains=value))

    def by_state(self, rows: QuerySet[Instruction], name: str, value: str) -> QuerySet[Instruction]:
        return rows.filter(done_at__isnull=value == "no")


class InstructionTable(Table):
    given_at = tables.DateTimeColumn(verbose_name="批示时间", format=WHEN)
    organisation = tables.Column("单位")
    leader = tables.Column("批示领导")
    text = tables.Column("批示内容")
    result = tables.Column("落实情况", empty_values=(), linkify=("duty:instruction_done", {"pk": tables.A("pk")}))
    done_at = tables.DateTimeColumn(verbose_name="落实时间", format=WHEN, default="—")

    always = ("text",)

    def render_result(self, record: Instruction) -> str:
        return record.result or "待落实"


class BulletinFilter(FilterSet):
    q = filters.CharFilter(field_name="organisation__name", lookup_expr="contains", label="单位")
    day = filters.DateFilter(field_name="day", label="日期")


class BulletinTable(Table):
    day = tables.DateColumn(verbose_name="日期", format="Y-m-d", linkify=("duty:bulletin", {"pk": tables.A("pk")}))
    organisation = tables.Column("单位")
    since = tables.DateTimeColumn(verbose_name="统计自", format=WHEN)
    until = tables.DateTimeColumn(verbose_name="统计至", format=WHEN)
    made_by = tables.Column("生成人", default="—")
    made_at = tables.DateTimeColumn(verbose_name="生成时间", format=WHEN)

    always = ("day",)


class DrillFilter(FilterSet):
    q = filters.CharFilter(field_name="mine__name", lookup_expr="contains", label="矿山")
    grade = filters.ChoiceFilter(
        choices=[(code, word) for code, word in GRADE_WORDS.items() if code != "none"],
        label="级别",
        empty_label="全部",
    )


class DrillTable(Table):
    number = tables.Column(
        "编号", accessor="case__number", linkify=("duty:drill", {"number": tables.A("case__number")})
    )
    mine = tables.Column("矿山")
    grade = tables.Column("级别")
    organisation = tables.Column("发起单位")
    started_at = tables.DateTimeColumn(verbose_name="发起时间", format=WHEN)
    purpose = tables.Column("目的", default="—")
    state = tables.Column("状态", accessor="case__closed", empty_values=())

    always = ("number",)

    def render_grade(self, value: str) -> Any:
        return format_html('<span class="ka-level ka-{}">{}</span>', value, GRADE_WORDS[value])

    def value_grade(self, value: str) -> str:
        return GRADE_WORDS[value]

    def render_state(self, record: Drill) -> str:
        return "已结束" if record.case.closed else "进行中"
