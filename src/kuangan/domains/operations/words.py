"""Timelines, spans and evidence in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kuangan.base.case.flow import Flow
from kuangan.base.case.models import Case, Step
from kuangan.base.clock import BEIJING
from kuangan.domains.operations.models import Announcement, Check, Part
from kuangan.domains.operations.rules import PART_WORDS

OPENING: Final = {"declare": "报备", "report": "报告故障"}
FIELDS: Final[Mapping[str, str]] = {
    "statement": "说明",
    "opinion": "意见",
    "outcome": "完成情况",
    "evidence": "凭证",
    "text": "情况",
    "measures": "措施",
}
SHOWN_PARTS: Final = 3


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    text: str
    detail: str


def moment(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def timeline(flow: Flow, case: Case) -> list[Entry]:
    """What people and the clock did, the latest first."""
    steps = Step.objects.filter(case=case).select_related("by", "organisation").order_by("-id")
    return [_entry(flow, step) for step in steps]


def _entry(flow: Flow, step: Step) -> Entry:
    label = OPENING.get(step.name) or flow.transition(step.name).label
    who = f"{step.organisation or ''} {step.by}".strip() if step.by else "系统到时"
    said = [
        f"{word}：{step.form[name]}" for name, word in FIELDS.items() if step.name != "amend" and step.form.get(name)
    ]
    if step.name == "ask_extension":
        said.append(f"延至 {moment(datetime.fromisoformat(str(step.form['ends'])))}")
    if step.reason:
        said.append(f"理由：{step.reason}")
    return Entry(step.at, f"{who} {label}", "；".join(said))


def part_word(part: Part) -> str:
    return "全矿" if part.kind == "mine" else f"{PART_WORDS[part.kind]} {part.ident}"


def parts_word(row: Announcement) -> str:
    """The first few parts, and how many there are."""
    parts = list(row.parts.all())
    shown = "、".join(part_word(part) for part in parts[:SHOWN_PARTS])
    return f"{shown} 等 {len(parts)} 处" if len(parts) > SHOWN_PARTS else shown


def evidence_lines(check: Check) -> list[tuple[str, str]]:
    """(what, words) of what was found."""
    found: Mapping[str, Any] = check.evidence
    if check.kind == "overrun":
        noticed = f"{moment(datetime.fromisoformat(found['noticed']))} 仍未报告结束"
        return [("报备结束时间", moment(datetime.fromisoformat(found["ends"]))), ("核对", noticed)]
    if check.kind == "repeated":
        head = ("判定", f"{found['days']} 日内超过 {found['more_than']} 次")
        return [head, *((ident, f"{len(n)} 次：{'、'.join(n)}") for ident, n in found["announcements"].items())]
    span = f"{moment(datetime.fromisoformat(found['from']))} 至 {moment(datetime.fromisoformat(found['to']))}"
    said = {
        "no_calibration_bit": "时段内有读数，但没有一个带标校状态位",
        "data_went_on": "时段内数据照常上传，没有停电应有的中断",
    }[found["said"]]
    return [("时段", span), ("判定", said), *((point, f"{n} 个读数") for point, n in found["readings"].items())]
