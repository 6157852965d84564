"""The words of programmes: every code has one, and the shape that stands beside a colour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from kuangan.base.clock import BEIJING

ROLES: Final[Mapping[str, str]] = {
    "leader": "组长",
    "deputy": "副组长",
    "member": "成员",
    "office_head": "办公室主任",
    "task_force": "专班成员",
    "liaison": "联络员",
}
ITEM_STATES: Final[Mapping[str, str]] = {"open": "进行中", "done": "已完成", "dropped": "已取消", "handed": "已移交"}
MEASURES: Final[Mapping[str, str]] = {
    "value": "按现值",
    "reduction": "比基准下降",
    "rise_points": "比基准提高（百分点）",
    "rise_ratio": "比基准提高（比例）",
    "words": "只列进展",
}
SUBMISSION_STATES: Final[Mapping[str, str]] = {"owed": "未报", "sent": "已报", "returned": "退回", "accepted": "已接收"}
REPORT_KINDS: Final[Mapping[str, str]] = {"dispatch": "月度调度通报", "yearly": "年度工作总结", "final": "评估报告"}
REPORT_STATES: Final[Mapping[str, str]] = {"planned": "待生成", "draft": "草稿", "issued": "已印发"}
DUE_STATES: Final[Mapping[str, str]] = {
    "met": "按期完成",
    "late": "逾期完成",
    "since": "已起算",
    "unrecorded": "历史期限，未登记",
    "overdue": "已逾期",
    "near": "临期",
    "ahead": "未到期",
    "dropped": "已取消",
    "handed": "已移交",
}
"""State of anything with a day, see `rules.due_state`."""
SHAPES: Final[Mapping[str, str]] = {
    "met": "●",
    "late": "◐",
    "since": "▷",
    "unrecorded": "？",
    "overdue": "▲",
    "near": "◆",
    "ahead": "○",
    "dropped": "×",
    "handed": "→",
}
CHIPS: Final[Mapping[str, str]] = {
    "met": "ka-chip-ok",
    "late": "ka-chip-warn",
    "overdue": "ka-chip-bad",
    "near": "ka-chip-warn",
    "owed": "",
    "returned": "ka-chip-warn",
    "accepted": "ka-chip-ok",
    "reached": "ka-chip-ok",
    "not_reached": "ka-chip-warn",
}
TARGET_STATES: Final[Mapping[str, str]] = {
    "reached": "现值已达到",
    "not_reached": "现值未达到",
    "no_baseline": "基准未定",
    "no_value": "未报数值",
    "no_number": "文本未给数值",
}
PROJECT_STATES: Final[Mapping[str, str]] = {
    "final": "已完成",
    "accepted": "已验收",
    "started": "已开工",
    "planned": "未开工",
    "excluded": "批准不计入",
}
ACTS: Final[Mapping[str, str]] = {
    "created": "列入",
    "told": "进展",
    "done": "完成",
    "returned": "退回",
    "dropped": "取消",
    "changed": "调整",
    "disputed": "提出异议",
    "answered": "答复异议",
    "handed": "移交",
    "taken": "接续",
    "recorded": "登记完成",
    "corrected": "更正",
    "sent": "报送",
    "accepted": "接收",
    "chased": "催报",
}
OPERATORS: Final[Mapping[str, str]] = {"<": "＜", "<=": "≤", "==": "＝", ">=": "≥", ">": "＞"}


def choices(words: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(words.items())


def day_words(day: date | None) -> str:
    """2026年11月30日, — where there is none."""
    return "—" if day is None else f"{day.year}年{day.month}月{day.day}日"


def moment(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def plain(value: Decimal | None) -> str:
    """Without zeros that say nothing: 10, 0.083; — where unknown."""
    if value is None:
        return "—"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
