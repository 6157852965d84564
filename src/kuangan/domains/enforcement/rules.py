"""Pure decisions about entered inspections."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

STATES: Final = {"here": "在矿", "unended": "未登记离矿", "left": "已离矿", "void": "已作废"}
MOST: Final = 200
"""People of one team; more is a slip of the finger."""


@dataclass(frozen=True)
class Draft:
    """An arrival as the body fills it in; `left_at` where the inspectors have left already."""

    kind: str
    lead: str
    team: int
    arrived_at: datetime
    left_at: datetime | None = None
    official_number: str = ""
    note: str = ""


def problems(draft: Draft, kinds: Collection[str], at: datetime, back: timedelta) -> dict[str, str]:
    """Field → what is wrong with it. Empty when it may be entered at `at`: the arrival has happened, at most `back` ago."""
    found: dict[str, str] = {}
    if draft.kind not in kinds:
        found["kind"] = "没有这种检查方式"
    if not draft.lead.strip():
        found["lead"] = "必填"
    if not 0 < draft.team <= MOST:
        found["team"] = f"人数须在 1 与 {MOST} 之间"
    if draft.arrived_at > at:
        found["arrived_at"] = "只登记已经到矿的检查，不登记计划"
    elif draft.arrived_at < at - back:
        found["arrived_at"] = f"到矿已超过 {back.days} 日，不能补登"
    if draft.left_at is not None and (wrong := leaving_problem(draft.arrived_at, draft.left_at, at)):
        found["left_at"] = wrong
    return found


def leaving_problem(arrived_at: datetime, left_at: datetime, at: datetime) -> str:
    """What is wrong with a leaving entered at `at`; empty when nothing is."""
    if left_at <= arrived_at:
        return "离矿时间须晚于到矿时间"
    return "离矿时间不得晚于当前时间" if left_at > at else ""


def state_of(
    arrived_at: datetime, left_at: datetime | None, voided_at: datetime | None, at: datetime, open_span: timedelta
) -> str:
    """A key of STATES: `unended` is a visit whose leaving nobody entered within `open_span`."""
    if voided_at is not None:
        return "void"
    if left_at is not None:
        return "left"
    return "here" if at < arrived_at + open_span else "unended"


def presence(arrived_at: datetime, left_at: datetime | None, open_span: timedelta) -> tuple[datetime, datetime]:
    """[from, to] in which the inspectors are taken to be at the mine.

    Without a leaving it ends after `open_span`, not now: what is told to the engine changes with an entry, not with the clock.
    """
    return arrived_at, left_at if left_at is not None else arrived_at + open_span
