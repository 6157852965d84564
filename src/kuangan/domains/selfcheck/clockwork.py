"""What the clock does with sheets that are late: it tells who owes them and who looks after it. It orders nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from kuangan.base import notices
from kuangan.base.case.performing import SUBJECT
from kuangan.base.clock import BEIJING
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.registry.supervision import parent_organisation
from kuangan.domains.selfcheck.models import Sheet


def chase(due: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the ladder of sheets: the mine, its parent company and its direct supervisor are told."""
    wanted = {int(row.subject_id): row for row in due if row.subject_kind == SUBJECT}
    sheets = list(Sheet.objects.filter(pk__in=wanted).select_related("case", "mine", "round").order_by("pk"))
    parents = parent_organisation([sheet.mine_id for sheet in sheets], at)
    drafts = [
        _draft(sheet, wanted[sheet.pk], rung, body)
        for sheet in sheets
        for body in _bodies(sheet, parents[sheet.mine_id].pk if sheet.mine_id in parents else None)
    ]
    notices.send_many(drafts, at)


def _bodies(sheet: Sheet, parent: int | None) -> Iterator[int]:
    """Each once: who fills in, the parent company of a mine that fills in itself, who supervises."""
    company = parent if sheet.round.rules.by_mine else None
    yield from dict.fromkeys(body for body in (sheet.filler_id, company, sheet.supervisor_id) if body is not None)


def _draft(sheet: Sheet, deadline: Deadline, rung: Rung, body: int) -> notices.Draft:
    due = deadline.due.astimezone(BEIJING)
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(body),
        subject=f"{rung.notice}：{sheet.mine.name} {sheet.round.title}",
        body=f"编号 {sheet.case.number}，应于 {due:%Y-%m-%d %H:%M} 前提交，已答 {sheet.answered}/{sheet.asked} 条。",
        subject_kind=deadline.subject_kind,
        subject_id=deadline.subject_id,
        key=f"deadline:{deadline.pk}:{rung.code}:{body}",
    )
