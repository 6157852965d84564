"""Choosing another reading, and answering a baseline: one person of the office that may change it proposes, another approves.

Each act is audited in its transaction. Nothing reaches back: a choice is in force from the day of its proposal at the earliest, and
from that of its approval where that is later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.compliance.choices import BaselineAnswer, Choice, ChoiceState, ReadingChoice
from kuangan.base.compliance.readings_standing import typed
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.library.policy import shipped
from kuangan.library.policy.tables import Baseline, Changer, Reading

Row = TypeVar("Row", bound=Choice)
KINDS: Mapping[type[Choice], str] = {ReadingChoice: "reading", BaselineAnswer: "baseline"}
REQUIRED = "必填"


def changer_of(what: Reading | Baseline) -> Changer:
    return shipped().changers[what.changed_by]


def may_propose(user: User, changer: Changer) -> bool:
    """Officials of the level that may change it."""
    return may(user, "reading.propose") and _on_level(user, changer)


def may_decide(user: User, changer: Changer) -> bool:
    """The role of that level that may change it."""
    return may(user, "reading.approve") and changer.role in user.roles and _on_level(user, changer)


def _on_level(user: User, changer: Changer) -> bool:
    body = user.organisation
    return body is not None and body.active and body.level == changer.level


@transaction.atomic
def propose_reading(
    reading: Reading, *, text: str, settings: Mapping[str, Any], valid_from: date, reason: str, by: User, at: datetime
) -> ReadingChoice:
    """Raises Forbidden, or MissingFields: other settings than the reading has, a day that has passed, a proposal that waits."""
    _check(ReadingChoice, reading, {"text": text, "reason": reason}, valid_from, by, at)
    if settings.keys() != reading.settings.keys():
        raise MissingFields({"settings": "取值项与该口径不符"})
    row = ReadingChoice.objects.create(
        key=reading.id,
        text=text.strip(),
        settings={key: value.isoformat() if isinstance(value, date) else value for key, value in settings.items()},
        valid_from=valid_from,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    _note(row, "proposed", by, at, row.reason)
    return row


@transaction.atomic
def propose_answer(
    baseline: Baseline,
    *,
    value: str,
    source: str,
    source_date: date,
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> BaselineAnswer:
    """Raises Forbidden, or MissingFields: no value of its kind, a source of the future, a day that has passed, a proposal that waits."""
    _check(BaselineAnswer, baseline, {"value": value, "source": source, "reason": reason}, valid_from, by, at)
    try:
        typed(baseline, value)
    except ValueError:
        raise MissingFields({"value": "不是该项要求的数值"}) from None
    if source_date > beijing_day(at):
        raise MissingFields({"source_date": "来源日期不能晚于今日"})
    row = BaselineAnswer.objects.create(
        key=baseline.id,
        value=value,
        source=source.strip(),
        source_date=source_date,
        valid_from=valid_from,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    _note(row, "proposed", by, at, row.reason)
    return row


def _check(
    table: type[Choice], what: Reading | Baseline, words: Mapping[str, str], valid_from: date, by: User, at: datetime
) -> None:
    if not may_propose(by, changer_of(what)):
        raise Forbidden(f"变更权限：{changer_of(what).what}")
    if missing := {name: REQUIRED for name, word in words.items() if not word.strip()}:
        raise MissingFields(missing)
    if valid_from < beijing_day(at):
        raise MissingFields({"valid_from": "生效日不能早于今日"})
    if table._default_manager.filter(key=what.id, state=ChoiceState.PROPOSED).exists():
        raise MissingFields({"state": "已有一项变更待批准"})


@transaction.atomic
def decide(row: Row, *, approve: bool, opinion: str, by: User, at: datetime) -> Row:
    """Raises Forbidden, FourEyes for whoever proposed it, MissingFields without a word on a refusal or when it was decided."""
    held = _held(row)
    if not may_decide(by, _changer(held)):
        raise Forbidden(f"变更权限：{_changer(held).what}")
    if held.proposed_by_id == by.pk:
        raise FourEyes("须由提出人以外的人决定")
    if not approve and not opinion.strip():
        raise MissingFields({"opinion": REQUIRED})
    if approve:
        held.valid_from = max(held.valid_from, beijing_day(at))
    return _end(held, ChoiceState.APPROVED if approve else ChoiceState.REFUSED, by, at, opinion.strip())


@transaction.atomic
def withdraw(row: Row, *, by: User, at: datetime) -> Row:
    """Whoever proposed it takes it back. Raises Forbidden or MissingFields."""
    held = _held(row)
    if held.proposed_by_id != by.pk:
        raise Forbidden("只有提出人可以撤回")
    return _end(held, ChoiceState.WITHDRAWN, by, at, "")


def _changer(row: Choice) -> Changer:
    library = shipped()
    return changer_of(library.readings[row.key] if isinstance(row, ReadingChoice) else library.baselines[row.key])


def _held(row: Row) -> Row:
    held: Row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if held.state != ChoiceState.PROPOSED:
        raise MissingFields({"state": "该项已经决定或者撤回"})
    return held


def _end(held: Row, state: ChoiceState, by: User, at: datetime, opinion: str) -> Row:
    held.state, held.decided_by, held.decided_at, held.opinion = state, by, at, opinion
    held.save(update_fields=["state", "decided_by", "decided_at", "opinion", "valid_from"])
    _note(held, state.value, by, at, opinion)
    return held


def _note(row: Choice, action: str, by: User, at: datetime, reason: str) -> None:
    kind = KINDS[type(row)]
    said = ("text", "settings") if isinstance(row, ReadingChoice) else ("value", "source", "source_date")
    content = {"choice": row.pk, "valid_from": row.valid_from} | {name: getattr(row, name) for name in said}
    audit.record(actor=by, action=f"{kind}.{action}", kind=kind, ident=row.key, content=content, at=at, reason=reason)
