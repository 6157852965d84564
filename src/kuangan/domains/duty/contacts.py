"""The phone book: entering, replacing and ending lines, and who stands in it now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base import audit
from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.supervision import in_force
from kuangan.domains.duty.models import Contact
from kuangan.domains.duty.rules import POST_WORDS


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the phone book before it is recorded."""

    post: str
    phone: str
    name: str = ""
    note: str = ""


def book(organisations: Collection[int] | QuerySet[Organisation], at: datetime) -> QuerySet[Contact]:
    """The lines in force at a moment."""
    return Contact.objects.filter(in_force(at), organisation__in=organisations).select_related("organisation")


def in_order(lines: Iterable[Contact]) -> list[Contact]:
    """Lines as the table of posts has them: the dispatch room first."""
    place = {code: number for number, code in enumerate(POST_WORDS)}
    return sorted(lines, key=lambda line: (place.get(line.post, len(place)), line.pk))


@transaction.atomic
def enter_contact(organisation: Organisation, line: Line, *, by: User | None, at: datetime, reason: str) -> Contact:
    row = Contact.objects.create(
        organisation=organisation, **asdict(line), valid_from=at, recorded_at=at, recorded_by=by
    )
    _note("contact.entered", row, asdict(line), by, at, reason)
    return row


@transaction.atomic
def replace_contact(contact: Contact, line: Line, *, by: User, at: datetime, reason: str) -> Contact:
    """Another line in the place of one from now on. Raises Contact.DoesNotExist when it is no longer in force."""
    held = Contact.objects.select_for_update().get(pk=contact.pk, valid_to__isnull=True)
    Contact.objects.filter(pk=held.pk).update(valid_to=at)
    row = Contact.objects.create(
        organisation=held.organisation, **asdict(line), valid_from=at, recorded_at=at, recorded_by=by, replaces=held
    )
    _note("contact.replaced", row, {"before": _line(held), "after": asdict(line)}, by, at, reason)
    return row


@transaction.atomic
def end_contact(contact: Contact, *, by: User, at: datetime, reason: str) -> None:
    """Take a line out of the book from now on. Raises Contact.DoesNotExist when it is no longer in force."""
    held = Contact.objects.select_for_update().get(pk=contact.pk, valid_to__isnull=True)
    Contact.objects.filter(pk=held.pk).update(valid_to=at)
    _note("contact.ended", held, _line(held), by, at, reason)


def _line(row: Contact) -> dict[str, object]:
    return {name: getattr(row, name) for name in Line.__dataclass_fields__}


def _note(action: str, row: Contact, content: Mapping[str, object], by: User | None, at: datetime, reason: str) -> None:
    more = {"organisation": row.organisation_id, **content}
    audit.record(actor=by, action=action, kind="contact", ident=str(row.pk), content=more, at=at, reason=reason)
