"""Writing notices, inside the transaction of what they tell of, and reading the inbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from kuangan.base.notices.models import Channel, Notice, Reading
from kuangan.base.people.models import User


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before it is written. The same `key` is never sent twice."""

    channel: Channel
    to: str
    subject: str
    body: str
    subject_kind: str
    subject_id: str
    key: str


def send(
    *, channel: Channel, to: str, subject: str, body: str, subject_kind: str, subject_id: str, key: str, at: datetime
) -> Notice:
    """Put one notice into the outbox and return it; the notice that stands when the key was used before."""
    return send_many([Draft(channel, to, subject, body, subject_kind, subject_id, key)], at)[0]


def send_many(drafts: Iterable[Draft], at: datetime) -> list[Notice]:
    """Put notices into the outbox with one statement; keys used before are left as they stand. In the order given."""
    drafts = list(drafts)
    Notice.objects.bulk_create([_notice(draft, at) for draft in drafts], batch_size=500, ignore_conflicts=True)
    standing = {notice.key: notice for notice in Notice.objects.filter(key__in=[draft.key for draft in drafts])}
    return [standing[draft.key] for draft in drafts]


def to_user(user: User) -> str:
    """The inbox address of a person."""
    return f"user:{user.pk}"


def to_organisation(organisation_id: int) -> str:
    """The inbox address of an organisation: each of its people reads it."""
    return f"organisation:{organisation_id}"


def inbox(user: User) -> QuerySet[Notice]:
    """In-app notices of a person and of the person's organisation, newest first, with `is_read`."""
    addresses = [to_user(user)] + ([to_organisation(user.organisation_id)] if user.organisation_id else [])
    mine = Notice.objects.filter(channel=Channel.INBOX, to__in=addresses)
    return mine.annotate(is_read=_read_by(user)).order_by("-created_at", "-pk")


def unread(user: User) -> QuerySet[Notice]:
    """What of `inbox` the person has not read."""
    return inbox(user).filter(~_read_by(user))


def _read_by(user: User) -> Exists:
    return Exists(Reading.objects.filter(notice=OuterRef("pk"), user=user))


def mark_read(user: User, notices: Iterable[int], at: datetime) -> int:
    """Mark notices of the person's own inbox as read; others are passed over. Returns how many were the person's."""
    own = list(inbox(user).filter(pk__in=list(notices)).values_list("pk", flat=True))
    Reading.objects.bulk_create([Reading(notice_id=pk, user=user, at=at) for pk in own], ignore_conflicts=True)
    return len(own)


def _notice(draft: Draft, at: datetime) -> Notice:
    return Notice(
        channel=draft.channel,
        to=draft.to,
        subject=" ".join(draft.subject.split())[:200],
        body=draft.body,
        subject_kind=draft.subject_kind,
        subject_id=draft.subject_id,
        key=draft.key,
        created_at=at,
        next_at=at,
    )
