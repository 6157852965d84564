"""What leaders and officers did at a mine: visits, logs, confirmations, problems. Entered after the fact, voided when wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.people.models import User
from kuangan.base.registry.models import Supervision, SupervisionRole
from kuangan.domains.responsibility.access import may_report
from kuangan.domains.responsibility.acts import note
from kuangan.domains.responsibility.kinds import ROOM
from kuangan.domains.responsibility.models import (
    STANDING,
    Confirmation,
    LeaderVisit,
    OfficerLog,
    Problem,
)
from kuangan.domains.responsibility.rhythm import begun_on


def day_problem(row: Supervision, day: date, at: datetime) -> str:
    """Why nothing can be entered for a day of an assignment; empty when it can."""
    today = beijing_day(at)
    if day > today:
        return "只登记已经发生的，不登记计划"
    if (today - day).days > ROOM.back_days:
        return f"已超过 {ROOM.back_days} 日，不能补登"
    ended = row.valid_to.astimezone(BEIJING).date() if row.valid_to else None
    return "不在任期内" if day < begun_on(row) or (ended is not None and day >= ended) else ""


def _locked(row: Supervision, role: str, by: User, at: datetime) -> Supervision:
    """The row, locked. Raises Forbidden for others than its body and the mine's direct supervisor."""
    held = Supervision.objects.select_for_update(of=("self",)).select_related("mine", "holder").get(pk=row.pk)
    if not may_report(by, held, at):
        raise Forbidden("只有所在单位和该矿直接监管部门可以登记")
    if held.role != role:
        raise MissingFields({"day": "这一登记不适用于该人员"})
    return held


def _require(row: Supervision, day: date, at: datetime, name: str = "day") -> None:
    if why := day_problem(row, day, at):
        raise MissingFields({name: why})


@transaction.atomic
def enter_visit(row: Supervision, day: date, *, underground: bool, said: str, by: User, at: datetime) -> LeaderVisit:
    """A leader was at the mine. Raises Forbidden or MissingFields."""
    held = _locked(row, SupervisionRole.LEADER, by, at)
    _require(held, day, at)
    if LeaderVisit.objects.filter(STANDING).filter(supervision=held, day=day).exists():
        raise MissingFields({"day": "这一日已登记"})
    made = LeaderVisit.objects.create(
        supervision=held, mine=held.mine, day=day, underground=underground, note=said, recorded_at=at, entered_by=by
    )
    note("responsibility.visited", made, {"mine": held.mine_id, "day": day, "underground": underground}, by, at)
    return made


@transaction.atomic
def write_log(row: Supervision, day: date, shift: str, text: str, *, by: User, at: datetime) -> OfficerLog:
    """An officer wrote of a shift. Raises Forbidden or MissingFields."""
    held = _locked(row, SupervisionRole.OFFICER, by, at)
    _require(held, day, at)
    if shift not in ROOM.shifts:
        raise MissingFields({"shift": "没有这个班次"})
    if OfficerLog.objects.filter(STANDING).filter(supervision=held, day=day, shift=shift).exists():
        raise MissingFields({"shift": "这一班已有日志；有误的先作废"})
    made = OfficerLog.objects.create(
        supervision=held, mine=held.mine, day=day, shift=shift, text=text, recorded_at=at, entered_by=by
    )
    note("responsibility.logged", made, {"mine": held.mine_id, "day": day, "shift": shift}, by, at)
    return made


@transaction.atomic
def confirm(row: Supervision, given: dict[str, Any], *, by: User, at: datetime) -> Confirmation:
    """An officer confirmed the conditions of a key operation, or found them wanting. Raises Forbidden or MissingFields."""
    held = _locked(row, SupervisionRole.OFFICER, by, at)
    moment: datetime = given["confirmed_at"]
    if moment > at:
        raise MissingFields({"confirmed_at": "只登记已经发生的，不登记计划"})
    _require(held, beijing_day(moment), at, "confirmed_at")
    made = Confirmation.objects.create(supervision=held, mine=held.mine, recorded_at=at, entered_by=by, **given)
    content = {"mine": held.mine_id, "operation": made.operation, "place": made.place, "fit": made.fit}
    note("responsibility.confirmed", made, content | {"confirmed_at": moment}, by, at)
    return made


@transaction.atomic
def find(row: Supervision, given: dict[str, Any], *, by: User, at: datetime) -> Problem:
    """A leader or an officer found something that somebody is to solve. Raises Forbidden or MissingFields."""
    held = _locked(row, row.role, by, at)
    _require(held, given["found_on"], at, "found_on")
    if given["due"] < given["found_on"]:
        raise MissingFields({"due": "不得早于发现日期"})
    made = Problem.objects.create(supervision=held, mine=held.mine, recorded_at=at, entered_by=by, **given)
    note("responsibility.problem_found", made, {"mine": held.mine_id, **given}, by, at)
    return made


@transaction.atomic
def solve(row: Problem, day: date, said: str, *, by: User, at: datetime) -> Problem:
    """The problem is solved. Raises Forbidden or MissingFields."""
    held = Problem.objects.select_for_update(of=("self",)).select_related("supervision").get(pk=row.pk)
    if not may_report(by, held.supervision, at):
        raise Forbidden("只有所在单位和该矿直接监管部门可以登记")
    if held.voided_at is not None or held.solved_on is not None:
        raise MissingFields({"solved_on": "已解决或已作废"})
    if not held.found_on <= day <= beijing_day(at):
        raise MissingFields({"solved_on": "不早于发现日期，不晚于今日"})
    held.solved_on, held.solved_note, held.solved_by, held.solved_at = day, said, by, at
    held.save(update_fields=["solved_on", "solved_note", "solved_by", "solved_at"])
    note("responsibility.problem_solved", held, {"mine": held.mine_id, "on": day}, by, at, said)
    return held
