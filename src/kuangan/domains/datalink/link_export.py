"""The tabs of the link page as Excel files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from operator import itemgetter
from typing import Any, Final
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from kuangan.base import audit
from kuangan.base.clock import now
from kuangan.base.tables.excel import CONTENT_TYPE, write_sheet
from kuangan.domains.datalink.linkstate import links
from kuangan.domains.datalink.queries import TABS, LinkQuery
from kuangan.domains.datalink.scope import View, view_of
from kuangan.domains.datalink.views import (
    home,
    member,
    narrowed,
    shown_frame,
    shown_reject,
    tab_events,
    tab_frames,
    tab_rejects,
    tab_reported,
)

EXPORTED: Final = 50_000
EVENT_COLUMNS = (
    *("mine", "mine_name", "code", "place", "type_word", "category_word", "level_word", "start", "end"),
    *("value", "limit", "unit", "text", "cause", "handler", "rest"),
)
REPORTED_COLUMNS = ("mine", "mine_name", "code", "location", "start", "end", "max", "unit", "cause", "measure")
HEADS = {
    "mines": ("矿山编码", "矿山", "状态", "最近到达", "数据时间", "迟到秒", "静默起始"),
    "frames": ("到达时间", "矿山编码", "矿山", "文件", "类型", "结果", "原因", "有效记录", "拒绝记录", "网关", "序号"),
    "reported": (
        "到达时间",
        "矿山编码",
        "矿山",
        "测点",
        "位置",
        "开始",
        "结束",
        "最大值",
        "单位",
        "原因",
        "措施",
        "有对应告警",
    ),
    "events": (
        *("到达时间", "矿山编码", "矿山", "对象", "地点", "类型", "类别", "等级", "开始", "结束"),
        *("数值", "限值", "单位", "内容", "原因", "处理人", "其他"),
    ),
    "rejects": ("到达时间", "矿山编码", "矿山", "文件", "记录", "列", "原因", "内容", "网关", "序号"),
}


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The tab as an Excel file, with the same query and scope."""
    user, at, query = member(request, "link.view"), now(), LinkQuery.parse(request.GET)
    view = view_of(user, at)
    heads = HEADS.get(query.tab, HEADS["frames"])
    out = BytesIO()
    with transaction.atomic():
        count = write_sheet(out, TABS[query.tab], heads, exported(query, view, at))
        content = {"rows": count, "query": query.address()}
        audit.record(actor=user, action="list.exported", kind="list", ident="link", content=content, at=at)
    answer = HttpResponse(out.getvalue(), content_type=CONTENT_TYPE)
    name = quote(f"{TABS[query.tab]}.xlsx")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


of_reject: Final = itemgetter(
    "at", "mine", "mine_name", "name", "record", "column", "reason_word", "excerpt", "gateway", "seq"
)
of_frame: Final = itemgetter(
    "at", "mine", "mine_name", "name", "type", "outcome_word", "reason_word", "good", "rejected", "gateway", "seq"
)


def exported(query: LinkQuery, view: View, at: datetime) -> Iterator[Sequence[Any]]:
    """The rows of the sheet, in the order of `HEADS`."""
    if query.tab == "mines":
        for link in narrowed(links(home(), view, at), query):
            late = None if link.lateness_ms is None else link.lateness_ms / 1000
            yield (
                link.mine.code,
                link.mine.name,
                link.word,
                link.last_arrival,
                link.last_data_time,
                late,
                link.silent_since,
            )
        return
    for row in tab_reported(query, view, at, EXPORTED):
        yield (row["received_at"], *(row[name] for name in REPORTED_COLUMNS), "是" if row["matched"] else "否")
    for row in tab_events(query, view, at, EXPORTED):
        yield (row["received_at"], *(row[name] for name in EVENT_COLUMNS))
    for row in tab_rejects(query, view, at, EXPORTED):
        yield of_reject(shown_reject(row, view))
    for row in tab_frames(query, view, at, EXPORTED):
        yield of_frame(shown_frame(row, view))
