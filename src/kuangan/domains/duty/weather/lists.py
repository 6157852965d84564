"""Lists of warnings and of what was offered."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join

from kuangan.base.tables.bases import FilterSet, Table, chip
from kuangan.domains.duty.lists import WHEN, two_lines
from kuangan.domains.duty.weather.models import ENDS, OUTCOMES, SOURCES, Offer, Warning
from kuangan.domains.duty.weather.rules import COLOUR_WORDS, EVENT_WORDS


class WarningFilter(FilterSet):
    q = filters.CharFilter(method="search", label="标题 / 范围")
    event = filters.ChoiceFilter(choices=tuple(EVENT_WORDS.items()), label="种类", empty_label="全部")
    colour = filters.ChoiceFilter(choices=tuple(COLOUR_WORDS.items()), label="颜色", empty_label="全部")
    state = filters.ChoiceFilter(
        method="by_state", label="状态", empty_label="全部", choices=(("live", "生效中"), ("ended", "已结束"))
    )

    def search(self, rows: QuerySet[Warning], name: str, value: str) -> QuerySet[Warning]:
        return rows.filter(Q(headline__contains=value) | Q(places__contains=value))

    def by_state(self, rows: QuerySet[Warning], name: str, value: str) -> QuerySet[Warning]:
        return rows.filter(ended_at__isnull=value == "live")


class WarningTable(Table):
    colour = tables.Column("预警")
    headline = tables.Column("标题", linkify=("duty:weather_warning", {"pk": tables.A("pk")}))
    places = tables.Column("范围", default="—")
    sent = tables.DateTimeColumn(verbose_name="发布", format=WHEN)
    expires = tables.DateTimeColumn(verbose_name="失效", format=WHEN)
    mines = tables.Column("矿山", empty_values=())
    state = tables.Column("状态", accessor="pk")

    always = ("headline",)

    def render_colour(self, record: Warning) -> Any:
        level = format_html('<span class="ka-level ka-{}">{}</span>', record.colour, COLOUR_WORDS[record.colour])
        return two_lines(level, record.event_words)

    def value_colour(self, record: Warning) -> str:
        return f"{record.event_words}{COLOUR_WORDS[record.colour]}"

    def render_headline(self, record: Warning) -> Any:
        marks = [word for word, on in (("演练", record.drill), ("合成数据", record.synthetic)) if on]
        if not marks:
            return record.headline
        return format_html(
            "{} {}", record.headline, format_html_join(" ", "{}", ((chip(m, "ka-chip-warn"),) for m in marks))
        )

    def value_headline(self, value: str) -> str:
        return value

    def render_mines(self, record: Any) -> Any:
        found = record.counts
        if not found:
            return format_html('<span class="ka-muted">{}</span>', "无受影响矿山")
        words = f"待叫应 {found['waiting']}、已下令 {found['ordered']}、已报撤出 {found['out']}"
        return two_lines(f"{found['mines']} 座", words)

    def value_mines(self, record: Any) -> int:
        return int(record.counts.get("mines", 0))

    def render_state(self, record: Warning) -> Any:
        if record.live and getattr(record, "twin", False):
            return format_html("{} {}", chip("生效中", "ka-chip-warn"), chip("疑似重复", "ka-chip-bad"))
        return chip("生效中", "ka-chip-warn") if record.live else chip(ENDS.get(record.ended_why, "已结束"))

    def value_state(self, record: Warning) -> str:
        return "生效中" if record.live else ENDS.get(record.ended_why, "已结束")


class OfferFilter(FilterSet):
    q = filters.CharFilter(field_name="name", lookup_expr="contains", label="文件名")
    source = filters.ChoiceFilter(choices=tuple(SOURCES.items()), label="来源", empty_label="全部")
    outcome = filters.ChoiceFilter(choices=tuple(OUTCOMES.items()), label="结果", empty_label="全部")


class OfferTable(Table):
    received_at = tables.DateTimeColumn(verbose_name="收到", format="Y-m-d H:i:s")
    name = tables.Column("文件", linkify=("duty:weather_offer", {"pk": tables.A("pk")}))
    source = tables.Column("来源")
    by = tables.Column("录入人", default="—")
    records = tables.Column("条数 / 接收")
    outcome = tables.Column("结果")
    faults = tables.Column("原因", empty_values=())

    always = ("name",)

    def render_records(self, record: Offer) -> str:
        return f"{record.records} / {record.taken}"

    def render_outcome(self, record: Offer) -> Any:
        css = {"taken": "ka-chip-ok", "refused": "ka-chip-bad", "partial": "ka-chip-warn"}
        return chip(OUTCOMES[record.outcome], css.get(record.outcome, ""))

    def value_outcome(self, record: Offer) -> str:
        return OUTCOMES[record.outcome]

    def render_faults(self, record: Offer) -> Any:
        return format_html_join("", "<div>{}</div>", ((line,) for line in fault_lines(record))) or "—"

    def value_faults(self, record: Offer) -> str:
        return "；".join(fault_lines(record))


def fault_lines(offer: Offer) -> list[str]:
    """Why records were refused, one line each."""
    return [f"第 {one['record']} 条 {one['field']}：{one['reason']}" for one in offer.faults]
