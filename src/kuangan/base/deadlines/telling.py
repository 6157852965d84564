"""The plain thing a rung does: tell the organisation whose deadline it is, and the office that watches over its subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from kuangan.base import notices
from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.base.deadlines.subjects import About, about
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation

PROPOSE = "propose"


def tell(deadlines: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Put one inbox notice for each deadline and addressee; a measure is named as a proposal, never taken here.

    The owner is told, and from the day it is due on the office of its subject too. What is proposed goes to the office alone
    where there is one.
    """
    known = about((deadline.subject_kind, deadline.subject_id) for deadline in deadlines)
    drafts = [
        _draft(deadline, rung, to, known.get((deadline.subject_kind, deadline.subject_id)))
        for deadline in deadlines
        for to in _addressees(deadline, rung, known.get((deadline.subject_kind, deadline.subject_id)))
    ]
    notices.send_many(drafts, at)


def _addressees(deadline: Deadline, rung: Rung, said: About | None) -> Iterator[int]:
    office = said.office_id if said else None
    if rung.action == PROPOSE and office is not None:
        yield office
        return
    if deadline.owner_id is not None:
        yield deadline.owner_id
    if office is not None and office != deadline.owner_id and rung.fires_at(deadline.due) >= deadline.due:
        yield office


def _draft(deadline: Deadline, rung: Rung, to: int, said: About | None) -> notices.Draft:
    what = f"{said.title}：" if said else ""
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(to),
        subject=f"时限提醒：{what}{rung.notice}",
        body=f"{what}应于 {deadline.due.astimezone(BEIJING):%Y-%m-%d %H:%M} 前完成。",
        subject_kind=deadline.subject_kind,
        subject_id=deadline.subject_id,
        key=f"deadline:{deadline.pk}:{rung.code}" + ("" if to == deadline.owner_id else f":{to}"),
    )
