"""Handing in, accepting, sending back, ending. The other side is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from kuangan.base import notices
from kuangan.base.case.models import Case
from kuangan.base.case.performing import SUBJECT, perform
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User
from kuangan.domains.selfcheck.differing import compare
from kuangan.domains.selfcheck.flow import SHEET
from kuangan.domains.selfcheck.models import Sheet
from kuangan.domains.selfcheck.proposing import propose
from kuangan.domains.selfcheck.rounds import adopt
from kuangan.domains.selfcheck.signing import check_signed, locked, void

TAKEN = ("submit", "accept", "send_back", "close", "cancel")
"""Steps that are taken here; signing has its own act."""


@transaction.atomic
def take(sheet: Sheet, name: str, *, by: User, at: datetime, form: Mapping[str, object], reason: str = "") -> Case:
    """Take a step of the flow. Raises what `perform` raises, NotYet where signatures are missing or do not fit."""
    held = locked(sheet)
    if name == "submit" and held.case.state == "signed":
        check_signed(held)
    moved = perform(held.case, name, by=by, at=at, form=form, reason=reason)
    if name == "send_back":
        void(held, by=by, at=at, reason="退回修改")
        adopt(held, by=by, at=at)
    if name == "submit":
        compare(held, at=at, by=by)
    if name == "accept":
        propose(held, at=at, reason="自查不符合" if held.round.rules.by_mine else "检查不符合")
    _tell(held, moved, name, by, at)
    moved.refresh_from_db()
    return moved


def _tell(sheet: Sheet, case: Case, name: str, by: User, at: datetime) -> None:
    other = sheet.supervisor_id if by.organisation_id == sheet.filler_id else sheet.filler_id
    if other is None or other == by.organisation_id:
        return
    notices.send(
        channel=Channel.INBOX,
        to=to_organisation(other),
        subject=f"{sheet.round.rules.short}{SHEET.transition(name).label}：{case.title}",
        body=f"编号 {case.number}。",
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        key=f"selfcheck:{case.pk}:{name}:{at:%Y%m%d%H%M%S%f}",
        at=at,
    )
