"""Disagreement with an item or with a value of a target, and its answer by a date."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.deadlines import meet
from kuangan.base.people.models import User
from kuangan.domains.campaign.acts import note, required, write
from kuangan.domains.campaign.items import locked
from kuangan.domains.campaign.loading import start_clock
from kuangan.domains.campaign.models import Dispute, Item, Programme, Target
from kuangan.domains.campaign.scope import runs, stands_above, works_on

ANSWER_DAYS: Final = 10
"""Days in which a dispute is answered: ours, no text names any."""


@transaction.atomic
def dispute(row: Item, text: str, *, by: User, at: datetime) -> Dispute:
    """The owner disagrees with the line, its day or its being given back; the level above or the office answers."""
    held = locked(row)
    if not works_on(by, held.owner_id):
        raise Forbidden("只有责任单位可以提出异议")
    required(text=text)
    made = Dispute.objects.create(
        item=held,
        text=text.strip(),
        organisation=held.owner,
        by=by,
        at=at,
        answer_due=beijing_day(at) + timedelta(days=ANSWER_DAYS),
    )
    _ask_for_answer(made, held.owner.parent_id or held.programme.office_id, held.programme, at)
    write("disputed", text.strip(), by=by, at=at, item=held)
    note("disputed", "item", held.pk, {"text": text.strip()}, by=by, at=at)
    return made


@transaction.atomic
def answer(row: Dispute, text: str, *, by: User, at: datetime) -> Dispute:
    """The answer to a dispute, by somebody else than who raised it."""
    held = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("item__owner", "item__programme", "target__programme")
        .get(pk=row.pk)
    )
    about = held.item or held.target
    assert about is not None
    programme = about.programme
    above = held.item is not None and stands_above(by, held.item.owner)
    if held.by_id == by.pk or not (runs(by, programme) or above):
        raise Forbidden("由上级单位或者办公室答复，不得自己答复自己")
    if held.answered_at is not None:
        raise MissingFields({"answer": "已答复"})
    required(answer=text)
    held.answer, held.answered_at, held.answered_by = text.strip(), at, by
    held.save(update_fields=["answer", "answered_at", "answered_by"])
    meet("campaign_dispute", str(held.pk), "answer", at=at, by=by)
    if held.item is not None:
        write("answered", text.strip(), by=by, at=at, item=held.item)
    note("answered", "dispute", held.pk, {"answer": held.answer}, by=by, at=at)
    return held


def _ask_for_answer(row: Dispute, owner_id: int, programme: Programme, at: datetime) -> None:
    start_clock(programme, "campaign_dispute", row.pk, "answer", row.answer_due, owner_id, "campaign", at)


@transaction.atomic
def dispute_target(target: Target, text: str, *, by: User, at: datetime) -> Dispute:
    """Somebody disagrees with a value or a definition of a target; the office answers."""
    held = Target.objects.select_for_update().select_related("programme").get(pk=target.pk)
    if by.organisation is None:
        raise Forbidden("没有所属单位")
    required(text=text)
    made = Dispute.objects.create(
        target=held,
        text=text.strip(),
        organisation=by.organisation,
        by=by,
        at=at,
        answer_due=beijing_day(at) + timedelta(days=ANSWER_DAYS),
    )
    _ask_for_answer(made, held.programme.office_id, held.programme, at)
    note("disputed", "target", held.pk, {"text": text.strip()}, by=by, at=at)
    return made
