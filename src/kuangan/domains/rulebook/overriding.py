"""Overrides for a mine or a point: stricter ones are free to propose, a second person agrees, none is laxer than the statutory table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine, Point
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.words import LIMIT_SOURCES
from kuangan.domains.rulebook.models import Override
from kuangan.domains.rulebook.publishing import publish
from kuangan.domains.rulebook.reading import in_force
from kuangan.domains.rulebook.words import QUANTITIES
from kuangan.library.warning.overrides import LIMIT
from kuangan.library.warning.rulebook import OVER_LIMIT, RuleBook

SETTINGS: Final = {
    "limit:methane": "甲烷报警限值（%CH4）",
    "limit:carbon_monoxide": "一氧化碳报警限值（ppm）",
    "merge_gap_min": "合并间隔（分钟）",
    "hold_min": "计入超限的最大样本间隔（分钟）",
}
"""What can be overridden, as chosen in the form: setting, with the quantity of a limit behind a colon."""
LONGEST_MINUTES: Final = 120


def setting_word(setting: str, quantity: str) -> str:
    """The setting of a row in words."""
    return SETTINGS.get(f"{setting}:{quantity}" if quantity else setting, setting)


@dataclass(frozen=True)
class Wish:
    """What somebody proposes."""

    mine: Mine
    point: str
    chosen: str
    value: float
    reason: str
    valid_to: datetime


@transaction.atomic
def propose(wish: Wish, *, by: User, at: datetime) -> Override:
    """Enter an override; it counts once another person agrees. Raises Forbidden, or MissingFields with what is wrong."""
    if not may(by, "rulebook.override") or not visible_mines(by, at).filter(pk=wish.mine.pk).exists():
        raise Forbidden("没有提请覆盖的权限")
    if wish.valid_to <= at:
        raise MissingFields({"valid_to": "止期须晚于当前时间"})
    if not wish.reason.strip():
        raise MissingFields({"reason": "必填"})
    setting, _, quantity = wish.chosen.partition(":")
    book = in_force(Path(settings.HOME)).book
    if setting == LIMIT:
        overridden = stricter(wish, quantity, book)
    else:
        overridden = f"{getattr(book.over_limit, setting):g} 分钟（规则表）"
        if not 0 <= wish.value <= LONGEST_MINUTES:
            raise MissingFields({"value": f"须在 0 至 {LONGEST_MINUTES} 分钟之间"})
    row = Override.objects.create(
        rule=OVER_LIMIT,
        setting=setting,
        quantity=quantity,
        mine=wish.mine,
        point=wish.point,
        value=wish.value,
        overridden=overridden,
        reason=wish.reason,
        proposed_by=by,
        proposed_at=at,
        valid_to=wish.valid_to,
    )
    content = {"setting": wish.chosen, "point": wish.point, "value": wish.value, "overrides": overridden}
    _note(row, "override.proposed", by, at, wish.reason, content | {"until": wish.valid_to})
    return row


def stricter(wish: Wish, quantity: str, book: RuleBook) -> str:
    """What a limit overrides, in words. Raises MissingFields where it would be laxer than the law, or change nothing."""
    if wish.value <= 0:
        raise MissingFields({"value": "须大于 0"})
    if wish.point:
        return _stricter_at_point(wish, quantity, book)
    rows = [row.alarm for row in book.statutory if row.quantity == quantity]
    highest = max([*rows, *([book.default_limit[quantity]] if quantity in book.default_limit else [])], default=None)
    if highest is None or wish.value >= highest:
        raise MissingFields({"value": f"宽于规程限值（最高 {highest:g}），不得放宽" if highest else "该对象没有限值"})
    return f"全矿{QUANTITIES[quantity]}各测点高于 {wish.value:g} 的执行限值（规程最高 {highest:g}）"


def _stricter_at_point(wish: Wish, quantity: str, book: RuleBook) -> str:
    point = Point.objects.filter(mine=wish.mine, code=wish.point, valid_to=None).first()
    if point is None:
        raise MissingFields({"point": "本矿没有这个测点"})
    kind = book.quantities.get(point.sensor_type)
    if kind is None or kind.quantity != quantity:
        raise MissingFields({"point": f"该测点不测{QUANTITIES[quantity]}"})
    if point.limit is None:
        raise MissingFields({"point": "该测点没有执行限值，不判超限"})
    if point.statutory is not None and wish.value > point.statutory:
        raise MissingFields({"value": f"宽于规程限值 {point.statutory:g}（{point.article}），不得放宽"})
    if wish.value >= point.limit and point.limit_source != "override":
        raise MissingFields({"value": f"不严于现行限值 {point.limit:g}"})
    return f"{point.limit:g}（{LIMIT_SOURCES.get(point.limit_source, point.limit_source)}）"


@transaction.atomic
def approve(row: Override, *, by: User, at: datetime) -> Override:
    """The second person agrees; rows for the same setting of the same mine and point end then."""
    held = _held(row, by, at)
    if held.valid_to <= at:
        raise MissingFields({"valid_to": "止期已过"})
    same = Override.objects.filter(
        state=Override.State.IN_FORCE,
        rule=held.rule,
        setting=held.setting,
        quantity=held.quantity,
        mine=held.mine_id,
        point=held.point,
    )
    same.filter(valid_to__gt=at).update(
        state=Override.State.ENDED, ended_at=at, valid_to=at, end_reason="由新的覆盖项取代"
    )
    held.state, held.decided_by, held.decided_at, held.valid_from = Override.State.IN_FORCE, by, at, at
    held.save()
    _note(held, "override.approved", by, at, "", {"until": held.valid_to})
    _write(at)
    return held


@transaction.atomic
def refuse(row: Override, *, by: User, at: datetime, reason: str) -> Override:
    """The second person does not agree."""
    held = _held(row, by, at)
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    held.state, held.decided_by, held.decided_at, held.end_reason = Override.State.REFUSED, by, at, reason
    held.save()
    _note(held, "override.refused", by, at, reason, {})
    return held


@transaction.atomic
def end(row: Override, *, by: User, at: datetime, reason: str) -> Override:
    """End one before its time, with a reason."""
    held = Override.objects.select_for_update().get(pk=row.pk)
    if not may(by, "rulebook.override_approve") or not visible_mines(by, at).filter(pk=held.mine_id).exists():
        raise Forbidden("没有终止覆盖的权限")
    if held.state != Override.State.IN_FORCE or held.valid_to <= at:
        raise MissingFields({"state": "该覆盖项未生效或已终止"})
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    held.state, held.ended_at, held.valid_to, held.end_reason = Override.State.ENDED, at, at, reason
    held.save()
    _note(held, "override.ended", by, at, reason, {})
    _write(at)
    return held


def _held(row: Override, by: User, at: datetime) -> Override:
    held = Override.objects.select_for_update().get(pk=row.pk)
    if not may(by, "rulebook.override_approve") or not visible_mines(by, at).filter(pk=held.mine_id).exists():
        raise Forbidden("没有批准覆盖的权限")
    if held.proposed_by_id == by.pk:
        raise FourEyes("不得由提请人批准")
    if held.state != Override.State.PROPOSED:
        raise MissingFields({"state": "已有决定"})
    return held


def _write(at: datetime) -> None:
    home = Path(settings.HOME)
    transaction.on_commit(lambda: publish(home, at))


def _note(row: Override, action: str, by: User, at: datetime, reason: str, content: dict[str, object]) -> None:
    audit.record(
        actor=by,
        action=action,
        kind="rule_override",
        ident=f"{row.mine_id}/{row.pk}",
        content=content,
        at=at,
        reason=reason,
    )
