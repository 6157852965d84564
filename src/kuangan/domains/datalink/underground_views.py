"""Who is below ground in a mine: the page, and its list as a file. Looks at names and exports are recorded."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any, Final
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from kuangan.base import audit
from kuangan.base.clock import BEIJING, now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.excel import CONTENT_TYPE, harmless, write_sheet
from kuangan.domains.datalink.headcount import rows_of, total_of, underground_mines
from kuangan.domains.datalink.underground import SPANS, Underground, UndergroundQuery, curve_of, underground_of
from kuangan.domains.datalink.views import home
from kuangan.library.telemetry.underground import GOOD_FOR

TITLE: Final = "井下人员"
HEADS: Final = (
    "卡号",
    "区域",
    "进入区域时间",
    "基站",
    "到达基站时间",
    "入井时间",
    "距基站米",
    "作业状态",
    "矿领导",
    "特种作业",
)
NAME_HEADS: Final = ("姓名", "工种", "职务", "队组")


@require_GET
def people_below(request: HttpRequest) -> HttpResponse:
    """The underground mines of the scope with their head-counts."""
    user, at = require(request, "underground.view"), now()
    rows = rows_of(home(), underground_mines(user, at), at)
    total = total_of(rows)
    context = {"rows": rows, "total": total, "unknown": total.mines - total.counted, "good_for": GOOD_FOR // 60_000}
    return render(request, "datalink/people_below.html", context)


@require_GET
def underground_page(request: HttpRequest, code: str) -> HttpResponse:
    """Head-counts by area and the people of a mine at a moment."""
    user, mine, query, at = _asked(request, code)
    with transaction.atomic():
        shown = underground_of(home(), mine, query, at)
        if query.names:
            _record(user, "underground.names", mine, query, shown, at)
    context = {
        "mine": mine,
        "query": query,
        "moment": f"{shown.at.astimezone(BEIJING):%Y-%m-%dT%H:%M}",
        "shown": shown,
        "curve": curve_of(home(), mine, query, at, shown.limit(query.area)),
        "area_name": next((row.name for row in shown.areas if row.code and row.code == query.area), query.area),
        "good_for": GOOD_FOR // 60_000,
        "may_names": may(user, "underground.names"),
        "whole": query.address(area=""),
        "with_names": query.address(names="1"),
        "without_names": query.address(names=""),
        "spans": [(hours, word, query.address(hours=str(hours))) for hours, word in SPANS.items()],
        "areas": [(row, query.address(area=row.code)) for row in shown.areas],
    }
    return render(request, "datalink/underground.html", context)


@require_GET
def export(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The list as xlsx or csv, with names where they are asked for and the person may have them."""
    user, mine, query, at = _asked(request, code)
    if kind not in ("xlsx", "csv"):
        raise Http404
    with transaction.atomic():
        shown = underground_of(home(), mine, query, at)
        if not shown.below.known:
            raise Http404
        _record(user, "underground.exported", mine, query, shown, at)
        heads = (*NAME_HEADS, *HEADS) if query.names else HEADS
        content = _sheet(heads, _rows(shown, query)) if kind == "xlsx" else _csv(heads, _rows(shown, query))
    answer = HttpResponse(content, content_type=CONTENT_TYPE if kind == "xlsx" else "text/csv; charset=utf-8")
    name = quote(f"{mine.name}{TITLE}{shown.at.astimezone(BEIJING):%Y%m%d%H%M%S}.{kind}", safe="")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def _asked(request: HttpRequest, code: str) -> tuple[User, Mine, UndergroundQuery, datetime]:
    """Who asks for what. 403 without the permission, 404 outside the scope, 403 for names without that permission."""
    user, at = require(request, "underground.view"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    query = UndergroundQuery.parse(request.GET)
    if query.names and not may(user, "underground.names"):
        raise PermissionDenied
    return user, mine, query, at


def _record(user: User, action: str, mine: Mine, query: UndergroundQuery, shown: Underground, at: datetime) -> None:
    content = {
        "moment": shown.at.isoformat(),
        "snapshot": shown.snapshot.isoformat() if shown.snapshot else "",
        "area": query.area,
        "names": query.names,
        "rows": len(shown.people),
    }
    audit.record(actor=user, action=action, kind="mine", ident=mine.code, content=content, at=at)


def _rows(shown: Underground, query: UndergroundQuery) -> Iterator[Sequence[Any]]:
    for row in shown.people:
        named = (row.name, row.trade, row.post, row.team) if query.names else ()
        yield (
            *named,
            row.card,
            row.area,
            row.area_since,
            row.station,
            row.station_since,
            row.entered,
            row.distance,
            row.work_state,
            "是" if row.leader else "",
            "是" if row.special else "",
        )


def _sheet(heads: Sequence[str], rows: Iterator[Sequence[Any]]) -> bytes:
    out = BytesIO()
    write_sheet(out, TITLE, heads, rows)
    return out.getvalue()


def _csv(heads: Sequence[str], rows: Iterator[Sequence[Any]]) -> bytes:
    """Comma-separated text that opens in Excel: with a byte order mark, times in Beijing time, nothing that would be run."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_text(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else harmless(str(value))
