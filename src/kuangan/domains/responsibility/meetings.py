"""Monthly safety office meetings, their decisions, and declared days of principals at the mine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kuangan.base import deadlines
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.documents.files import HEAD, Kept, TooLarge, format_of, format_of_name, keep, plain_name
from kuangan.base.people.models import User
from kuangan.base.registry.models import Company, Mine
from kuangan.domains.responsibility.access import may_declare
from kuangan.domains.responsibility.acts import note, void
from kuangan.domains.responsibility.kinds import PRINCIPALS, ROOM
from kuangan.domains.responsibility.models import (
    STANDING,
    Meeting,
    Post,
    Presence,
    Resolution,
    held_on,
)
from kuangan.domains.responsibility.rules import month_of, month_span

MINUTES: Final = "minutes"
"""Folder of minutes below the home."""
LARGEST: Final = 20 << 20
FORMATS: Final = frozenset({"pdf", "png", "jpeg"})
DEADLINE: Final = "meeting_month"
"""Kind of the subject of a deadline: `mine:month`."""
CODE: Final = "monthly_meeting"


@dataclass(frozen=True, slots=True)
class Held:
    """What is said of a meeting that took place: `chair` is the post of the principal in the chair, None with `chair_name`."""

    day: date
    chair: Post | None
    chair_name: str
    attendants: tuple[str, ...]
    topics: str


def principals_of(subject: Mine | Company, day: date) -> list[Post]:
    """The principals in office on a day: legal representative, actual controller, actual head, manager or their like."""
    side = {"mine": subject} if isinstance(subject, Mine) else {"company": subject}
    return list(Post.objects.filter(held_on(day)).filter(post__in=PRINCIPALS, **side).order_by("post"))


@transaction.atomic
def hold(
    subject: Mine | Company, said: Held, file: UploadedFile[Any] | None, home: Path, *, by: User, at: datetime
) -> Meeting:
    """Enter a meeting. The reminder of its month is met. Raises Forbidden or MissingFields."""
    if not may_declare(by, subject):
        raise Forbidden("只有本单位可以登记会议")
    today = beijing_day(at)
    if said.day > today or (today - said.day).days > ROOM.back_days:
        raise MissingFields({"day": f"只登记已经召开的，可补登 {ROOM.back_days} 日内的"})
    if said.chair is not None and said.chair.pk not in {row.pk for row in principals_of(subject, said.day)}:
        raise MissingFields({"chair": "会议当日不担任主要负责人"})
    if said.chair is None and not said.chair_name.strip():
        raise MissingFields({"chair_name": "主要负责人没有主持的，填写主持人"})
    kept, name = _kept(file, home) if file is not None else (None, "")
    mine, company = (subject, None) if isinstance(subject, Mine) else (None, subject)
    row = Meeting.objects.create(
        mine=mine,
        company=company,
        day=said.day,
        month=month_of(said.day),
        chair_post=said.chair,
        chair_name=said.chair.name if said.chair else said.chair_name.strip(),
        attendants=list(said.attendants),
        topics=said.topics,
        file_name=name,
        file_sha256=kept.sha256 if kept else "",
        file_size=kept.size if kept else 0,
        recorded_at=at,
        entered_by=by,
    )
    content = {"subject": str(subject.pk), "day": said.day, "chair": row.chair_name, "in_person": row.in_person}
    note("responsibility.meeting_held", row, content | {"sha256": row.file_sha256}, by, at)
    if mine is not None:
        deadlines.meet(DEADLINE, ident_of(mine.pk, row.month), CODE, at=at, by=by)
    return row


def ident_of(mine: str, month: str) -> str:
    """The id under which the reminder of a mine's month runs."""
    return f"{mine}:{month}"


def _kept(file: UploadedFile[Any], home: Path) -> tuple[Kept, str]:
    """The minutes in their place. Raises MissingFields for what is neither PDF nor picture, or too large."""
    name, head = plain_name(file.name or ""), file.read(HEAD)
    file.seek(0)
    found = format_of(head)
    if found not in FORMATS or found != format_of_name(name):
        raise MissingFields({"file": "只接收 PDF、PNG、JPEG，且内容须与扩展名一致"})
    try:
        return keep(home / MINUTES, file.chunks(), LARGEST), name
    except TooLarge:
        raise MissingFields({"file": f"文件超过 {LARGEST >> 20} MB"}) from None


@transaction.atomic
def void_meeting(row: Meeting, *, by: User, at: datetime, reason: str) -> None:
    """The entry was wrong; the reminder of the month runs again while it lasts and no other meeting stands."""
    void(row, by=by, at=at, reason=reason)
    others = Meeting.objects.filter(STANDING).filter(mine=row.mine_id, month=row.month)
    if row.mine_id is None or others.exists():
        return
    span = month_span(row.month)
    assert span.until is not None
    if beijing_day(at) < span.until:
        from kuangan.domains.responsibility.reminding import remind_mines

        remind_mines([row.mine_id], row.month, at)


@transaction.atomic
def resolve(meeting: Meeting, text: str, owner: str, due: date, *, by: User, at: datetime) -> Resolution:
    """A decision of the meeting with its owner. Raises Forbidden or MissingFields."""
    if not may_declare(by, meeting.subject):
        raise Forbidden("只有本单位可以登记会议决定")
    if meeting.voided_at is not None:
        raise MissingFields({"text": "会议登记已作废"})
    if due < meeting.day:
        raise MissingFields({"due": "不得早于会议日期"})
    row = Resolution.objects.create(meeting=meeting, text=text, owner=owner, due=due)
    note("responsibility.resolved", row, {"meeting": meeting.pk, "text": text, "owner": owner, "due": due}, by, at)
    return row


@transaction.atomic
def finish(row: Resolution, day: date, said: str, *, by: User, at: datetime) -> Resolution:
    """A decision is carried out. Raises Forbidden or MissingFields."""
    held = Resolution.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=row.pk)
    if not may_declare(by, held.meeting.subject):
        raise Forbidden("只有本单位可以登记完成")
    if held.done_on is not None:
        raise MissingFields({"done_on": "已登记完成"})
    if not held.meeting.day <= day <= beijing_day(at):
        raise MissingFields({"done_on": "不早于会议日期，不晚于今日"})
    held.done_on, held.done_note, held.done_by, held.done_at = day, said, by, at
    held.save(update_fields=["done_on", "done_note", "done_by", "done_at"])
    note("responsibility.resolution_done", held, {"meeting": held.meeting_id, "on": day}, by, at, said)
    return held


@transaction.atomic
def declare_presence(post: Post, month: str, days: int, underground: int, *, by: User, at: datetime) -> Presence:
    """How many days of a month a principal was at the mine; a former entry is voided. Raises Forbidden or MissingFields."""
    if post.mine is None or not may_declare(by, post.mine):
        raise Forbidden("只有本矿可以登记")
    span = month_span(month)
    assert span.until is not None
    if span.first > beijing_day(at):
        raise MissingFields({"month": "不登记以后的月份"})
    most = (min(span.until, beijing_day(at)) - span.first).days + (span.until > beijing_day(at))
    if days > most or underground > days:
        raise MissingFields({"days": f"该月至今至多 {most} 天，下井天数不多于在矿天数"})
    Post.objects.select_for_update().get(pk=post.pk)
    for old in Presence.objects.filter(STANDING).filter(post=post, month=month):
        void(old, by=by, at=at, reason="重新登记")
    row = Presence.objects.create(
        post=post, month=month, days=days, underground=underground, recorded_at=at, entered_by=by
    )
    content = {"mine": post.mine_id, "name": post.name, "month": month, "days": days, "underground": underground}
    note("responsibility.presence_declared", row, content, by, at)
    return row


def names_of(text: str) -> tuple[str, ...]:
    """Names in a text: one a line, or with commas between."""
    for mark in "，、,；;":
        text = text.replace(mark, "\n")
    return tuple(dict.fromkeys(name.strip()[:40] for name in text.splitlines() if name.strip()))


def open_resolutions(meetings: Sequence[int], today: date) -> dict[int, tuple[int, int]]:
    """{meeting: (open, of these overdue)}. One query."""
    found: dict[int, tuple[int, int]] = {}
    rows = Resolution.objects.filter(meeting__in=meetings, done_on__isnull=True)
    for ident, due in rows.values_list("meeting", "due"):
        some, late = found.get(ident, (0, 0))
        found[ident] = (some + 1, late + (due < today))
    return found
