"""What is done with texts, reading lists and records. Each act is audited in its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from kuangan.base import audit, notices
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import BEIJING, beijing_day
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.models import Mine
from kuangan.domains.selfcheck.publicity.models import (
    Attempt,
    GroupReading,
    OwnText,
    Publicity,
    Reading,
    ReadingList,
)
from kuangan.domains.selfcheck.publicity.owed import bodies_of, owes
from kuangan.domains.selfcheck.publicity.rules import FORM_WORDS, KIND_WORDS, Question, score, stored
from kuangan.domains.selfcheck.publicity.visits import Told

BITE = 500
BACK = timedelta(days=35)
"""How far back a record of an inspection may be written."""


@dataclass(frozen=True)
class Wish:
    """A reading list as it is filled in."""

    title: str
    texts: tuple[str, ...]
    sides: tuple[str, ...]
    roles: tuple[str, ...]
    mine_kinds: tuple[str, ...]
    due: datetime
    note: str = ""
    questions: tuple[Question, ...] = ()
    pass_mark: int = 80


@transaction.atomic
def enter_text(fields: Mapping[str, Any], *, by: User, at: datetime) -> OwnText:
    """A text that does not come with the system. Raises Forbidden or MissingFields."""
    body = by.organisation
    if body is None or body.kind not in PUBLIC_KINDS or not may(by, "standard.keep"):
        raise Forbidden("只有监管监察机关可以登记")
    wrong = {} if fields.get("kind") in KIND_WORDS else {"kind": "请选择"}
    if fields.get("first") and fields.get("until") and fields["until"] < fields["first"]:
        wrong["until"] = "失效日期早于施行日期"
    if OwnText.objects.filter(name=fields["name"], version=fields.get("version", ""), withdrawn_at=None).exists():
        wrong["name"] = "该版本已登记"
    if wrong:
        raise MissingFields(wrong)
    row = OwnText.objects.create(**fields, organisation=body, by=by, at=at)
    _note("text.entered", "text", row.pk, dict(fields), by, at)
    return row


@transaction.atomic
def withdraw_text(row: OwnText, *, by: User, at: datetime) -> OwnText:
    held = OwnText.objects.select_for_update().get(pk=row.pk)
    if by.organisation_id != held.organisation_id or not may(by, "standard.keep"):
        raise Forbidden("只有登记单位可以撤回")
    if held.withdrawn_at is None:
        held.withdrawn_at, held.withdrawn_by = at, by
        held.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _note("text.withdrawn", "text", held.pk, {"name": held.name}, by, at)
    return held


@transaction.atomic
def issue(wish: Wish, *, by: User, at: datetime) -> ReadingList:
    """Give out a list; the bodies whose people must read it are told. Raises Forbidden or MissingFields."""
    body = by.organisation
    if body is None or body.kind not in PUBLIC_KINDS or not may(by, "standard.keep"):
        raise Forbidden("只有监管监察机关可以发布")
    wrong = {name: "必填" for name in ("title", "texts", "sides", "roles") if not getattr(wish, name)}
    if wish.due <= at:
        wrong["due"] = "截止时间须晚于当前时间"
    if wrong:
        raise MissingFields(wrong)
    row = ReadingList.objects.create(
        title=wish.title,
        body=body,
        texts=list(wish.texts),
        note=wish.note,
        sides=list(wish.sides),
        roles=list(wish.roles),
        mine_kinds=list(wish.mine_kinds),
        questions=stored(wish.questions),
        pass_mark=wish.pass_mark,
        issued_at=at,
        due=wish.due,
        by=by,
    )
    bodies = list(bodies_of(row, at).values_list("pk", flat=True))
    notices.send_many([_draft(row, organisation) for organisation in bodies], at)
    _note("list.issued", "reading_list", row.pk, {"title": row.title, "bodies": len(bodies)}, by, at)
    return row


def _draft(row: ReadingList, organisation: int) -> notices.Draft:
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(organisation),
        subject=f"必学清单：{row.title}",
        body=f"请相关岗位人员于 {row.due.astimezone(BEIJING):%Y-%m-%d} 前学习并签收。",
        subject_kind="reading_list",
        subject_id=str(row.pk),
        key=f"reading_list:{row.pk}:{organisation}",
    )


@transaction.atomic
def read(row: ReadingList, *, by: User, at: datetime) -> Reading:
    """The person says to have read it; once. Raises Forbidden for whom it does not concern."""
    if not owes(row, by, at):
        raise Forbidden("本清单不要求您学习")
    found, new = Reading.objects.get_or_create(
        reading_list=row, user=by, defaults={"organisation": by.organisation, "at": at}
    )
    if new:
        _note("list.read", "reading_list", row.pk, {}, by, at)
    return found


@transaction.atomic
def attempt(row: ReadingList, answers: Sequence[int | None], *, by: User, at: datetime) -> Attempt:
    """A test; every one is kept with its score. Raises Forbidden, MissingFields before the receipt or without questions."""
    if not owes(row, by, at):
        raise Forbidden("本清单不要求您学习")
    if not row.questions:
        raise MissingFields({"answers": "本清单没有测试"})
    if not Reading.objects.filter(reading_list=row, user=by).exists():
        raise MissingFields({"answers": "请先学习并签收"})
    points = score(row.questions, answers)
    made = Attempt.objects.create(
        reading_list=row, user=by, answers=list(answers), score=points, passed=points >= row.pass_mark, at=at
    )
    _note("list.tested", "reading_list", row.pk, {"score": points}, by, at)
    return made


@transaction.atomic
def tell_group(row: ReadingList, mine: Mine, fields: Mapping[str, Any], *, by: User, at: datetime) -> GroupReading:
    """A mine told the list to a shift. Raises Forbidden or MissingFields."""
    if by.organisation is None or by.organisation.mine != mine.pk or not may(by, "reading.tell"):
        raise Forbidden("只有本矿人员可以登记")
    wrong = {} if fields["attended"] <= fields["expected"] else {"attended": "实到不能多于应到"}
    if fields["on"] > beijing_day(at):
        wrong["on"] = "日期不能晚于今天"
    if wrong:
        raise MissingFields(wrong)
    made = GroupReading.objects.create(reading_list=row, mine=mine, by=by, at=at, **fields)
    _note("list.told", "reading_list", row.pk, {"mine": mine.pk, **fields}, by, at)
    return made


@transaction.atomic
def end(row: ReadingList, *, by: User, at: datetime) -> ReadingList:
    held = ReadingList.objects.select_for_update().get(pk=row.pk)
    if by.organisation_id != held.body_id or not may(by, "standard.keep"):
        raise Forbidden("只有发布单位可以结束")
    if held.ended_at is None:
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        _note("list.ended", "reading_list", held.pk, {}, by, at)
    return held


@transaction.atomic
def record(told: Told, fields: Mapping[str, Any], *, by: User, at: datetime) -> Publicity:
    """What was told of the law at one inspection, by the body that inspected; once. Raises Forbidden or MissingFields."""
    if by.organisation_id != told.body or not may(by, "publicity.enter"):
        raise Forbidden("由检查单位登记")
    wrong = {} if fields.get("form") in FORM_WORDS else {"form": "请选择"}
    if not fields.get("texts"):
        wrong["texts"] = "至少选一项"
    if told.arrived_at < at - BACK:
        wrong["visit"] = f"检查已超过 {BACK.days} 日，不能补登"
    if Publicity.objects.filter(visit=told.visit, voided_at=None).exists():
        wrong["visit"] = "本次检查已登记普法记录"
    if wrong:
        raise MissingFields(wrong)
    on: date = beijing_day(told.arrived_at)
    row = Publicity.objects.create(
        visit=told.visit, mine_id=told.mine, body_id=told.body, on=on, by=by, at=at, **fields
    )
    _note("publicity.recorded", "publicity", row.pk, {"visit": told.visit, "mine": told.mine, **fields}, by, at)
    return row


@transaction.atomic
def void_record(row: Publicity, *, reason: str, by: User, at: datetime) -> Publicity:
    held = Publicity.objects.select_for_update().get(pk=row.pk)
    if by.organisation_id != held.body_id or not may(by, "publicity.enter"):
        raise Forbidden("只有登记单位可以作废")
    if held.voided_at is not None or not reason.strip():
        raise MissingFields({"reason": "已作废" if held.voided_at else "必填"})
    held.voided_at, held.voided_by, held.void_reason = at, by, reason.strip()[:200]
    held.save(update_fields=["voided_at", "voided_by", "void_reason"])
    _note("publicity.voided", "publicity", held.pk, {}, by, at, held.void_reason)
    return held


def _note(
    action: str, kind: str, ident: int, content: Mapping[str, Any], by: User, at: datetime, reason: str = ""
) -> None:
    audit.record(actor=by, action=action, kind=kind, ident=str(ident), content=content, at=at, reason=reason)
