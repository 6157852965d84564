"""Words of the room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kuangan.base.case.flow import Flow
from kuangan.base.case.models import Case, Step
from kuangan.base.clock import BEIJING

CSS: Final = {
    "drafting": "",
    "returned": "ka-chip-warn",
    "signed": "ka-chip-warn",
    "submitted": "ka-chip-warn",
    "accepted": "ka-chip-ok",
    "closed": "ka-chip-ok",
}
VALUE_CSS: Final = {"met": "ka-chip-ok", "unmet": "ka-chip-bad", "absent": ""}
FIELDS: Final = {"title": "职务", "opinion": "意见", "official_number": "官方系统编号"}
OPENING: Final = {"open": "下发", "begin": "到矿开始检查", "renew": "文件有更新"}
KNOWN_WORDS: Final = {
    "proved": "符合（数据证明）",
    "paper": "符合（仅材料）",
    "suspected": "疑似不符",
    "determined": "已认定不符",
    "unknown": "未知",
    "na": "不适用",
}
KNOWN_CSS: Final = {"proved": "ka-chip-ok", "suspected": "ka-chip-warn", "determined": "ka-chip-bad"}


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    text: str
    detail: str


def minute(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def timeline(flow: Flow, case: Case) -> list[Entry]:
    """What was done, the newest first."""
    steps = Step.objects.filter(case=case).select_related("by", "organisation").order_by("-id")
    return [_entry(flow, step) for step in steps]


def _entry(flow: Flow, step: Step) -> Entry:
    label = OPENING.get(step.name) or flow.transition(step.name).label
    who = f"{step.organisation or ''} {step.by}".strip() if step.by else "系统"
    said = [f"{word}：{step.form[name]}" for name, word in FIELDS.items() if step.form.get(name)]
    return Entry(step.at, f"{who} {label}", "；".join([*said, *([f"理由：{step.reason}"] if step.reason else [])]))


def named(items: Iterable[str], most: int = 6) -> str:
    found = list(items)
    return "、".join(found[:most]) + (f" 等 {len(found)} 条" if len(found) > most else "")
