"""The list as an Excel workbook; text stays text, whatever sign it begins with."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from kuangan.base.case.models import Case
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.present import Row, rows
from kuangan.domains.alerts.queries import alert_cases
from kuangan.domains.alerts.rules import CAUSES, DEFAULT_MARK, WITHDRAWN
from kuangan.domains.alerts.spans import full_moment

ROW_CAP = 20_000
CHUNK = 500
HEADINGS = (
    "编号", "级别", "类别", "地点", "矿井", "区域", "峰值", "限值", "单位", "起始", "结束", "产生时间", "状态", "应处置", "到期",
    "原因", "撤人", "依据", "标记",
)  # fmt: skip
WIDTHS = (19, 6, 12, 30, 18, 18, 9, 9, 8, 20, 20, 20, 10, 18, 20, 14, 10, 12, 24)


def workbook(cases: QuerySet[Case], at: datetime, lines: int) -> bytes:
    """Up to 20,000 alerts, the gravest first, as bytes of an xlsx file. It says how many lines of the desk they are."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("告警")
    for index, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + index)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, word, bold=True) for word in HEADINGS])
    found = alert_cases(cases).order_by("-rank", "-case_id")[:ROW_CAP]
    alerts = list(found)
    for chunk in _chunks(alerts):
        for row in rows(chunk, at):
            sheet.append([_cell(sheet, value) for value in _values(row)])
    said = f"{len(alerts)} 条告警，值守台折叠为 {lines} 行（折叠只影响列表）；级别颜色与响应时限：{DEFAULT_MARK}"
    sheet.append([_cell(sheet, said)])
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def _chunks(alerts: list[Any]) -> Any:
    return (alerts[start : start + CHUNK] for start in range(0, len(alerts), CHUNK))


def _values(row: Row) -> tuple[object, ...]:
    alert, case = row.alert, row.alert.case
    return (
        row.number, row.word, row.kind, row.place, row.mine, row.region, alert.peak, alert.limit, alert.unit,
        full_moment(alert.onset), full_moment(alert.end), full_moment(alert.raised_at),
        FLOW.states.get(case.state, case.state), row.who, full_moment(case.due), CAUSES.get(alert.cause_code, ""),
        WITHDRAWN.get(alert.withdrawn, ""), "、".join(row.clauses), "、".join(word for _, word in row.badges),
    )  # fmt: skip


def _cell(sheet: Any, value: object, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
