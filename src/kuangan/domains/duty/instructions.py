"""批示: what a leader asked for, followed until it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.people.models import User
from kuangan.domains.duty.models import Instruction


@transaction.atomic
def give_instruction(*, leader: str, text: str, given_at: datetime, by: User, at: datetime) -> Instruction:
    """Record an instruction to the person's organisation. ValueError for a person without one."""
    if by.organisation is None:
        raise ValueError("an instruction is given to an organisation")
    row = Instruction.objects.create(
        organisation=by.organisation, leader=leader, text=text, given_at=given_at, recorded_at=at, recorded_by=by
    )
    _note("instruction.given", row, {"leader": leader, "text": text, "given_at": given_at}, by, at)
    return row


@transaction.atomic
def finish_instruction(instruction: Instruction, *, result: str, by: User, at: datetime) -> bool:
    """Record what came of it; False when somebody did so before."""
    open_ones = Instruction.objects.filter(pk=instruction.pk, done_at__isnull=True)
    if not open_ones.update(done_at=at, done_by=by, result=result):
        return False
    _note("instruction.done", instruction, {"result": result}, by, at)
    return True


def _note(action: str, row: Instruction, content: Mapping[str, object], by: User, at: datetime) -> None:
    audit.record(actor=by, action=action, kind="instruction", ident=str(row.pk), content=content, at=at)
