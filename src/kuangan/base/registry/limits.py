"""Limits of points: their own beside the statutory row judged at them, and every change with the upload it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from kuangan.base.clock import now
from kuangan.base.people.access import Permitted
from kuangan.base.people.permissions import may
from kuangan.base.registry.lists import chip_after
from kuangan.base.registry.models import Mine, Point, PointChange
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.words import DEFAULT_MARK, LIMIT_SOURCES, PLACE_WORDS
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table
from kuangan.base.tables.listing import Figure, ListView

OWN = (
    ("alarm_high", "报警"),
    ("release_high", "解报"),
    ("cut_high", "断电"),
    ("restore_high", "复电"),
    ("alarm_low", "下限报警"),
    ("cut_low", "下限断电"),
)
SHOWN_CHANGES = (
    *OWN,
    ("release_low", "下限解报"),
    ("restore_low", "下限复电"),
    ("range_high", "高量程"),
    ("range_low", "低量程"),
    ("limit", "执行限值"),
    ("limit_source", "限值来源"),
    ("statutory", "规程限值"),
    ("place_class", "地点类别"),
    ("location", "安装位置"),
    ("unit", "单位"),
    ("sensor_type", "传感器类型"),
    ("station", "分站"),
    ("defined", "有定义"),
)
DEVIATIONS = {
    "above": Q(own_above=True),
    "below": Q(own_above=False, statutory__isnull=False, limit_source="own"),
    "undefined": Q(defined=False),
    "default": Q(limit_source="system_default"),
}
UNJUDGED = Q(limit__isnull=True, defined=True)
"""Points that say what they are and have no upper limit: switches, flows. Whoever defines nothing is not among them."""
DEVIATION_WORDS = (
    ("any", "只看偏离"),
    ("above", "自设高于规程"),
    ("below", "自设严于规程"),
    ("undefined", "没有定义"),
    ("default", "按系统默认判定"),
)


def own_points(request: HttpRequest) -> QuerySet[Point]:
    """Points of the mines within scope, every row of their history."""
    return Point.objects.filter(mine__in=visible_mines(request.user, now()).values("pk")).select_related("mine")


def number(value: float | None) -> str:
    return "—" if value is None else f"{value:g}"


class PointFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 测点 / 位置")
    mine = filters.CharFilter(field_name="mine__code", label="矿山编码")
    place_class = filters.ChoiceFilter(choices=tuple(PLACE_WORDS.items()), label="地点类别", empty_label="全部")

    def search(self, rows: QuerySet[Point], name: str, value: str) -> QuerySet[Point]:
        mines = Mine.objects.filter(Q(name__icontains=value) | Q(pinyin__contains=value.lower()))
        return rows.filter(
            Q(mine__in=mines.values("pk")) | Q(code__startswith=value.upper()) | Q(location__icontains=value)
        )


class LimitFilter(PointFilter):
    judged = filters.ChoiceFilter(
        method="by_judged", choices=(("yes", "判上限"), ("no", "不判上限")), label="判定", empty_label="全部"
    )
    deviation = filters.ChoiceFilter(method="by_deviation", choices=DEVIATION_WORDS, label="偏离", empty_label="全部")
    source = filters.ChoiceFilter(
        field_name="limit_source", choices=tuple(LIMIT_SOURCES.items()), label="限值来源", empty_label="全部"
    )

    def by_judged(self, rows: QuerySet[Point], name: str, value: str) -> QuerySet[Point]:
        return rows.filter(UNJUDGED) if value == "no" else rows.exclude(UNJUDGED)

    def by_deviation(self, rows: QuerySet[Point], name: str, value: str) -> QuerySet[Point]:
        if value == "any":
            return rows.filter(DEVIATIONS["above"] | DEVIATIONS["undefined"] | DEVIATIONS["default"])
        return rows.filter(DEVIATIONS[value])


class ChangeFilter(PointFilter):
    change = filters.ChoiceFilter(choices=PointChange.choices, label="变更", empty_label="全部")


class LimitTable(Table):
    code = tables.Column("测点")
    mine = tables.Column("矿山", linkify=lambda record: f"{reverse('registry:mines')}{record.mine_id}/")
    location = tables.Column("安装位置", empty_values=())
    own = tables.Column("自设：报警 / 断电 / 复电", accessor="alarm_high", empty_values=(), attrs=NUMBERS)
    statutory = tables.Column("规程", empty_values=(), attrs=NUMBERS)
    limit = tables.Column("执行限值", empty_values=(), attrs=NUMBERS)
    limit_source = tables.Column("限值来源", empty_values=())
    valid_from = tables.DateTimeColumn(verbose_name="自", format="Y-m-d H:i")

    always = ("code",)

    class Meta:
        row_attrs = {"data-severity": lambda record: "orange" if record.own_above else ""}

    def render_code(self, record: Point) -> Any:
        mark = "" if record.defined else chip_after("没有定义", "ka-chip-warn")
        address = f"{reverse('registry:limit_changes')}?q={record.code}"
        return format_html('<a href="{}">{}</a>{}', address, record.code, mark)

    def value_code(self, record: Point) -> str:
        return str(record.code)

    def render_location(self, record: Point) -> Any:
        return format_html("{}<small>{}</small>", record.location or "—", PLACE_WORDS.get(record.place_class, ""))

    def value_location(self, record: Point) -> str:
        return f"{record.location} {PLACE_WORDS.get(record.place_class, '')}".strip()

    def render_own(self, record: Point) -> Any:
        words = " / ".join(number(getattr(record, name)) for name in ("alarm_high", "cut_high", "restore_high"))
        if record.own_above:
            return format_html(
                '<b class="ka-orange">{}</b> {}<small class="ka-orange">高于规程</small>', words, record.unit
            )
        return format_html("{} {}", words, record.unit)

    def value_own(self, record: Point) -> str:
        return " / ".join(number(getattr(record, name)) for name in ("alarm_high", "cut_high", "restore_high"))

    def render_statutory(self, record: Point) -> Any:
        if record.statutory is None:
            return "—"
        mark = chip_after(DEFAULT_MARK, "ka-chip-warn") if record.confidence in ("M", "I") else ""
        return format_html(
            "{}<small>{} {}{}</small>", number(record.statutory), record.statutory_row, record.article, mark
        )

    def value_statutory(self, record: Point) -> float | None:
        return record.statutory

    def render_limit(self, record: Point) -> Any:
        return format_html("<b>{}</b>", number(record.limit))

    def value_limit(self, record: Point) -> float | None:
        return record.limit

    def render_limit_source(self, record: Point) -> str:
        return LIMIT_SOURCES.get(record.limit_source, "尚未判定")


class ChangeTable(Table):
    valid_from = tables.DateTimeColumn(verbose_name="收到", format="Y-m-d H:i:s")
    code = tables.Column("测点")
    mine = tables.Column("矿山", linkify=lambda record: f"{reverse('registry:mines')}{record.mine_id}/")
    change = tables.Column("变更")
    before = tables.Column("变更内容", accessor="pk", empty_values=())
    frame = tables.Column("来自", empty_values=())
    recorded_at = tables.DateTimeColumn(verbose_name="录入", format="Y-m-d H:i:s", default="—")

    always = ("code",)

    class Meta:
        row_attrs = {"data-severity": lambda record: "orange" if record.own_above else ""}

    def render_code(self, record: Point) -> Any:
        return format_html("{}<small>{}</small>", record.code, record.location)

    def value_code(self, record: Point) -> str:
        return str(record.code)

    def render_before(self, record: Point) -> str:
        return "；".join(differences(getattr(record, "previous", None), record)) or "—"

    def render_frame(self, record: Point) -> Any:
        if record.frame is None or not getattr(record, "linked", False):
            return self.value_frame(record)
        return format_html(
            '<a href="/link/frames/{}/{}/">{} 第 {} 号</a>', record.gateway, record.frame, record.gateway, record.frame
        )

    def value_frame(self, record: Point) -> str:
        return "首次读数" if record.frame is None else f"{record.gateway} 第 {record.frame} 号"


def differences(before: Point | None, after: Point) -> list[str]:
    """事项 原来 → 后来, for everything that differs; of a first row what it sets."""
    found = []
    for name, word in SHOWN_CHANGES:
        old, new = getattr(before, name) if before is not None else None, getattr(after, name)
        if before is None and (new in (None, "", False) or name in ("sensor_type", "station")):
            continue
        if old != new:
            found.append(
                f"{word} {_said(name, new)}" if before is None else f"{word} {_said(name, old)} → {_said(name, new)}"
            )
    return found


def _said(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) or value is None:
        return number(value)
    tables_of_words = {"limit_source": LIMIT_SOURCES, "place_class": PLACE_WORDS}
    return tables_of_words.get(name, {}).get(str(value), str(value)) or "—"


class LimitList(Permitted, ListView):
    permission = "mine.view"
    title = "限值"
    order = ("code",)
    table_class = LimitTable
    filterset_class = LimitFilter
    template_name = "registry/limits.html"
    export_name = "测点限值"
    defaults = {"judged": "yes"}
    page_size = 50

    def queryset(self) -> QuerySet[Point]:
        return own_points(self.request).filter(valid_to__isnull=True)

    def figures(self) -> Sequence[Figure]:
        counts = self.queryset().aggregate(
            all=Count("pk"),
            unjudged=Count("pk", filter=UNJUDGED),
            **{name: Count("pk", filter=condition) for name, condition in DEVIATIONS.items()},
        )
        levels = {"above": "orange", "undefined": "yellow"}
        return (
            Figure(counts["all"], "测点", f"不判上限 {counts['unjudged']}", href="?judged="),
            *(
                Figure(
                    counts[name], word, href=f"?deviation={name}", level=levels.get(name, "") if counts[name] else ""
                )
                for name, word in DEVIATION_WORDS
                if name in DEVIATIONS
            ),
        )

    def context(self) -> dict[str, Any]:
        return {"tab": "limits"}


class LimitChanges(Permitted, ListView):
    permission = "mine.view"
    title = "限值变更"
    order = ("-valid_from", "-id")
    table_class = ChangeTable
    filterset_class = ChangeFilter
    template_name = "registry/limits.html"
    export_name = "限值变更"
    page_size = 50

    def queryset(self) -> QuerySet[Point]:
        return own_points(self.request)

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        """The row before each, with one query for all."""
        line: dict[str, list[Point]] = {}
        codes, linked = {row.code for row in rows}, may(self.request.user, "link.view")
        for point in Point.objects.filter(code__in=codes).order_by("valid_from", "id"):
            line.setdefault(point.code, []).append(point)
        for row in rows:
            before = [point for point in line[row.code] if (point.valid_from, point.pk) < (row.valid_from, row.pk)]
            row.previous = before[-1] if before else None
            row.linked = linked
        return rows

    def context(self) -> dict[str, Any]:
        return {"tab": "changes"}
