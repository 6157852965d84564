"""Who is in the programme, and what its meetings decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.people.models import Organisation, User
from kuangan.domains.campaign import items
from kuangan.domains.campaign.acts import not_ahead, note, required, still_runs
from kuangan.domains.campaign.models import Decision, Meeting, Post, Programme
from kuangan.domains.campaign.scope import below, runs
from kuangan.domains.campaign.words import ROLES


@dataclass(frozen=True)
class Person:
    """A person as entered. `organisation` None: a unit that the register of organisations does not hold."""

    role: str
    unit: str
    name: str
    valid_from: date
    organisation: Organisation | None = None
    position: str = ""
    phone: str = ""
    basis: str = ""


@transaction.atomic
def appoint(programme: Programme, person: Person, *, by: User | None, at: datetime) -> Post:
    """Enter a person; the liaison officer of the same unit before ends the same day. The office enters everybody, a unit
    its own liaison officer.
    """
    still_runs(programme)
    if person.role not in ROLES:
        raise MissingFields({"role": "没有这种职责"})
    required(unit=person.unit, name=person.name)
    if by is not None and not runs(by, programme) and not _own_liaison(person, by):
        raise Forbidden("由办公室登记；联络员可由本单位登记")
    standing = Post.objects.filter(programme=programme, role=person.role, unit=person.unit, valid_to=None)
    if person.role in ("liaison", "leader", "office_head"):
        if standing.filter(valid_from__gt=person.valid_from).exists():
            raise MissingFields({"valid_from": "早于现任的起始日期"})
        standing.update(valid_to=person.valid_from)
    row = Post.objects.create(
        programme=programme,
        recorded_at=at,
        recorded_by=by,
        **{name: getattr(person, name) for name in Person.__dataclass_fields__},
    )
    note(
        "appointed", "post", row.pk, {"role": person.role, "unit": person.unit, "from": person.valid_from}, by=by, at=at
    )
    return row


def _own_liaison(person: Person, by: User) -> bool:
    return (
        person.role == "liaison"
        and person.organisation is not None
        and below(by).filter(pk=person.organisation.pk).exists()
        and person.organisation.pk == by.organisation_id
    )


@transaction.atomic
def end(row: Post, on: date, *, by: User, at: datetime) -> Post:
    """The person leaves the post; the row stays."""
    held = Post.objects.select_for_update(of=("self",)).select_related("programme").get(pk=row.pk)
    if not runs(by, held.programme) and held.organisation_id != by.organisation_id:
        raise Forbidden("由办公室或者本单位登记")
    if held.valid_to is not None or on < held.valid_from:
        raise MissingFields({"valid_to": "不得早于起始日期"})
    held.valid_to = on
    held.save(update_fields=["valid_to"])
    note("post_ended", "post", held.pk, {"to": on}, by=by, at=at)
    return held


@dataclass(frozen=True)
class Record:
    """A meeting as entered."""

    title: str
    held_on: date
    chair: str
    attended: str = ""
    summary: str = ""


@transaction.atomic
def hold(programme: Programme, record: Record, *, by: User, at: datetime) -> Meeting:
    """Enter a meeting that was held. The office keeps those of the leading group, a city or county its own."""
    still_runs(programme)
    required(title=record.title, chair=record.chair)
    not_ahead("held_on", record.held_on, at)
    if by.organisation is None or not below(by).filter(pk=by.organisation.pk).exists():
        raise Forbidden("由参加行动的机关登记")
    fields = {name: getattr(record, name) for name in Record.__dataclass_fields__}
    row = Meeting.objects.create(
        programme=programme, organisation=by.organisation, recorded_at=at, recorded_by=by, **fields
    )
    note("meeting_held", "meeting", row.pk, {"title": record.title, "on": record.held_on}, by=by, at=at)
    return row


@transaction.atomic
def decide(meeting: Meeting, line: items.Line, *, by: User, at: datetime) -> Decision:
    """What the meeting decided goes at once to the list of whoever is to carry it out."""
    held = Meeting.objects.select_for_update(of=("self",)).select_related("programme").get(pk=meeting.pk)
    if held.organisation_id != by.organisation_id:
        raise Forbidden("由登记会议的单位登记")
    if held.voided_at is not None:
        raise MissingFields({"state": "会议登记已作废"})
    required(text=line.text)
    number = held.decisions.count() + 1
    row = Decision.objects.create(meeting=held, number=number, text=line.text.strip()[:300])
    items.add(held.programme, line, by=by, at=at, decision=row)
    note("decided", "decision", row.pk, {"meeting": held.pk, "text": row.text}, by=by, at=at)
    return row


@transaction.atomic
def void(meeting: Meeting, reason: str, *, by: User, at: datetime) -> Meeting:
    """Entered by mistake; only while nothing was decided in it."""
    held = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if held.organisation_id != by.organisation_id:
        raise Forbidden("由登记会议的单位作废")
    required(reason=reason)
    if held.voided_at is not None or held.decisions.exists():
        raise MissingFields({"reason": "已有议定事项或者已作废"})
    held.voided_at, held.void_reason = at, reason.strip()[:200]
    held.save(update_fields=["voided_at", "void_reason"])
    note("meeting_voided", "meeting", held.pk, {}, by=by, at=at, reason=reason.strip())
    return held


def member_posts(programme: Programme, roles: Sequence[str], on: date) -> list[Post]:
    """Who holds these roles on a day. One query."""
    rows = Post.objects.filter(programme=programme, role__in=roles, valid_from__lte=on).select_related("organisation")
    return [row for row in rows if row.valid_to is None or row.valid_to > on]
