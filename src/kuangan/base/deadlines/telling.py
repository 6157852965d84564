"""The plain thing a rung does: tell the organisation whose deadline it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.base import notices
from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation


def tell(deadlines: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Put one inbox notice for each deadline with an owner; a measure is named as a proposal, never taken here."""
    notices.send_many([_draft(deadline, rung) for deadline in deadlines if deadline.owner_id is not None], at)


def _draft(deadline: Deadline, rung: Rung) -> notices.Draft:
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(deadline.owner_id or 0),
        subject=f"时限提醒：{rung.notice}",
        body=f"应于 {deadline.due.astimezone(BEIJING):%Y-%m-%d %H:%M} 前完成。",
        subject_kind=deadline.subject_kind,
        subject_id=deadline.subject_id,
        key=f"deadline:{deadline.pk}:{rung.code}",
    )
