"""The curve browser: points of a mine on one time axis, with limits, gaps, bad values, calibration, alerts and reports."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import polars as pl
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from kuangan.base import audit
from kuangan.base.case.models import Case
from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.clock import from_ms, now, to_ms
from kuangan.base.people.access import require
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Point
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.excel import harmless
from kuangan.domains.alerts.models import Alert
from kuangan.domains.datalink.underground import codes_of
from kuangan.library.telemetry.archive import read_points
from kuangan.library.telemetry.reported import all_reports
from kuangan.library.telemetry.underground import statistics
from kuangan.portal.curve_lines import line_of
from kuangan.portal.curve_query import MOST_POINTS, SPANS, CurveQuery, asked, field
from kuangan.portal.search import find_mines

BANDS: Final = 300
EXPORTED: Final = 500_000
STATISTICS: Final = 300
CSV_HEADS: Final = ("测点", "安装位置", "数据时间", "数值", "单位", "状态", "到达时间", "重传序号", "抽稀")


def browser(request: HttpRequest) -> HttpResponse:
    """The page; without a mine, the way to one."""
    user = require(request, "mine.view")
    code = request.GET.get("mine", "").strip()
    if not code:
        return _choose(request)
    query = asked(request, code)
    points = Point.objects.filter(mine=query.mine, valid_to__isnull=True).order_by("location", "code")
    chosen = set(query.codes)
    return render(
        request,
        "portal/curves.html",
        {
            "mine": query.mine,
            "points": [(point, point.code in chosen) for point in points],
            "chosen": query.points,
            "most": MOST_POINTS,
            "from": field(query.start),
            "to": field(query.end),
            "known": field(query.known_at) if query.known_at is not None else "",
            "spans": SPANS,
            "query": address(query),
            "exports": may(user, "mine.view"),
            "told": _statistics(query),
            "told_most": STATISTICS,
        },
    )


def _statistics(query: CurveQuery) -> list[dict[str, Any]]:
    """What the mine itself sent as five-minute statistics of these points, the youngest first, at most `STATISTICS`."""
    if not query.points:
        return []
    codes = codes_of(query.mine)
    table = statistics(Path(settings.HOME), codes, query.codes, query.start, query.end, query.known_at)
    names = {point.code: point.location or point.code for point in query.points}
    times = ("start", "end", "max_at", "min_at")
    return [
        row | {"name": names[row["code"]]} | {name: None if row[name] is None else from_ms(row[name]) for name in times}
        for row in table.sort("start", "code", descending=[True, False]).head(STATISTICS).iter_rows(named=True)
    ]


def address(query: CurveQuery) -> str:
    """The query as an address that always shows the same."""
    pairs = [("mine", query.mine.code), *(("point", code) for code in query.codes)]
    pairs += [("from", str(query.start)), ("to", str(query.end))]
    return urlencode([*pairs, ("known", str(query.known_at))] if query.known_at is not None else pairs)


def _choose(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:60]
    mines = find_mines(request, words) if words else []
    if not words:
        mines = list(visible_mines(request.user, now()).filter(first_seen__isnull=False).order_by("name")[:30])
    if len(mines) == 1:
        return redirect(f"{request.path}?mine={mines[0].code}")
    return render(request, "portal/curves_choose.html", {"mines": mines, "words": words})


def data(request: HttpRequest) -> HttpResponse:
    """The lines of a span as JSON: every reading where there are few, extremes of buckets where there are many."""
    query = asked(request, request.GET.get("mine", ""))
    rows = _readings(query)
    limits = _thresholds(query)
    answer = {
        "from": query.start,
        "to": query.end,
        "points": [_point(point, rows.get(point.code), query, limits.get(point.code, [])) for point in query.points],
        "alerts": list(_alerts(query)),
        "reported": list(_reported(query)),
    }
    return JsonResponse(answer)


def _readings(query: CurveQuery) -> dict[str, pl.DataFrame]:
    if not query.points:
        return {}
    rows = read_points(Path(settings.HOME), query.codes, query.start, query.end, query.known_at)
    return {str(name[0]): part for name, part in rows.partition_by("point", as_dict=True).items()}


def _point(point: Point, rows: pl.DataFrame | None, query: CurveQuery, limits: list[Any]) -> dict[str, Any]:
    empty = pl.DataFrame(schema={"time": pl.Int64, "value": pl.Float64, "status": pl.Int32})
    on_change = point.upload_mode == "on_change"
    line = line_of(empty if rows is None else rows, query.start, query.end, on_change=on_change)
    return {
        "code": point.code,
        "name": point.location or point.code,
        "unit": point.unit,
        "step": on_change or "KG" in point.code or point.value_type == "KG",
        "limits": limits,
        "data": line.data,
        "gaps": line.gaps,
        "bad": line.bad,
        "calibrating": line.calibrating,
        "count": line.count,
        "thinned": line.thinned,
    }


def _thresholds(query: CurveQuery) -> dict[str, list[dict[str, Any]]]:
    """For each point the limits in force over the span, as they changed in it; one query."""
    known = query.end if query.known_at is None else min(query.known_at, query.end)
    later = Q(valid_to__isnull=True) | Q(valid_to__gt=from_ms(query.start))
    rows = Point.objects.filter(later, code__in=query.codes, valid_from__lte=from_ms(known)).order_by(
        "valid_from", "id"
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        before = found.setdefault(row.code, [])
        start = max(query.start, to_ms(row.valid_from))
        if before:
            before[-1]["to"] = start
        levels = {"limit": row.limit, "own": row.alarm_high, "cut": row.cut_high, "low": row.alarm_low or None}
        before.append({"from": start, "to": query.end} | levels)
    for segments in found.values():
        segments[0]["from"] = query.start
    return found


def _alerts(query: CurveQuery) -> Iterable[dict[str, Any]]:
    """Our alerts of these points that touch the span and that the person may know of; one query."""
    if not may(query.user, "alert.view"):
        return
    cases = Case.objects.visible_to(query.user).filter(mine=query.mine)
    until = Q(end__isnull=True) | Q(end__gte=from_ms(query.start))
    rows = Alert.objects.filter(
        until, case__in=cases, subject__in=query.codes, onset__lt=from_ms(query.end), void=False
    )
    if query.known_at is not None:
        rows = rows.filter(raised_at__lte=from_ms(query.known_at))
    for alert in rows.select_related("case").order_by("-onset")[:BANDS]:
        yield {
            "point": alert.subject,
            "from": max(query.start, to_ms(alert.onset)),
            "to": query.end if alert.end is None else min(query.end, to_ms(alert.end)),
            "grade": alert.grade,
            "word": GRADE_WORDS.get(alert.grade, ""),
            "title": alert.case.title,
            "number": alert.case.number,
        }


def _reported(query: CurveQuery) -> Iterable[dict[str, Any]]:
    """Alarms the mine itself reported for these points over the span."""
    start = pl.coalesce(pl.col("start"), pl.col("time"), pl.col("received_at"))
    end = pl.coalesce(pl.col("end"), start)
    near = pl.col("code").is_in(query.codes) & (pl.col("mine") == query.mine.code)
    near &= (start < query.end) & (end >= query.start)
    if query.known_at is not None:
        near &= pl.col("received_at") <= query.known_at
    found = all_reports(Path(settings.HOME)).filter(near).with_columns(start.alias("start"), end.alias("end"))
    for row in found.sort("start").limit(BANDS).collect().iter_rows(named=True):
        yield {
            "point": row["code"],
            "from": max(query.start, row["start"]),
            "to": min(query.end, row["end"]),
            "type": row["alarm_type"],
            "max": row["max"],
        }


def export(request: HttpRequest) -> HttpResponse:
    """What is shown, as CSV: every reading up to half a million, beyond that the extremes that the chart draws."""
    query = asked(request, request.GET.get("mine", ""))
    rows = _readings(query)
    total = sum(part.height for part in rows.values())
    parts = [_exported(point, rows[point.code], query, total) for point in query.points if point.code in rows]
    table = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(CSV_HEADS, pl.String))
    out = io.BytesIO()
    table.write_csv(out, include_bom=True)
    content = {"points": query.codes, "from": query.start, "to": query.end, "rows": table.height}
    mine = query.mine.code
    audit.record(actor=query.user, action="curves.exported", kind="mine", ident=mine, content=content, at=now())
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"曲线-{query.mine.name}-{field(query.start)[:10]}.csv"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _exported(point: Point, rows: pl.DataFrame, query: CurveQuery, total: int) -> pl.DataFrame:
    thinned = total > EXPORTED
    if thinned:
        shown = [int(time) for time, value in line_of(rows, query.start, query.end).data if value is not None and time]
        rows = rows.filter(pl.col("time").is_in(shown))

    def beijing(ms: pl.Expr) -> pl.Expr:
        at = pl.from_epoch(ms, time_unit="ms").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Shanghai")
        return at.dt.strftime("%Y-%m-%d %H:%M:%S%.3f")

    values = (
        pl.lit(harmless(point.code)),
        pl.lit(harmless(point.location)),
        beijing(pl.col("time")),
        pl.when(pl.col("value").is_nan()).then(None).otherwise(pl.col("value")).cast(pl.String),
        pl.lit(harmless(point.unit)),
        pl.col("status").cast(pl.String),
        beijing(pl.col("time") + pl.col("lag")),
        pl.col("rev").cast(pl.String),
        pl.lit("是" if thinned else "否"),
    )
    return rows.select(value.alias(head) for value, head in zip(values, CSV_HEADS, strict=True))
