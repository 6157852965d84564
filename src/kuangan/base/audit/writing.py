"""Writing entries, inside the transaction of the change they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from kuangan.base.audit.digest import canonical, entry_digest, moment
from kuangan.base.audit.models import AuditEntry, AuditPending


@dataclass(frozen=True, slots=True)
class Note:
    """An entry before it is written. `actor` None: the system itself."""

    actor: AbstractBaseUser | None
    action: str
    kind: str
    ident: str
    at: datetime
    content: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""


def record(
    *,
    actor: AbstractBaseUser | None,
    action: str,
    kind: str,
    ident: str,
    content: Mapping[str, object],
    at: datetime,
    reason: str = "",
) -> AuditEntry:
    """Write one entry. It stands or falls with the caller's transaction; the sealer links it into the chain later."""
    return record_many([Note(actor, action, kind, ident, at, content, reason)])[0]


def record_many(notes: Iterable[Note]) -> list[AuditEntry]:
    """Write many entries with two statements, in the order given."""
    with transaction.atomic():
        entries = AuditEntry.objects.bulk_create([_entry(note) for note in notes], batch_size=500)
        AuditPending.objects.bulk_create([AuditPending(entry_id=entry.pk) for entry in entries], batch_size=500)
    return entries


def fields_of(entry: AuditEntry) -> dict[str, object]:
    """What the digest of an entry covers; also how an exported entry reads."""
    return {
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "kind": entry.kind,
        "ident": entry.ident,
        "content": entry.content,
        "at": moment(entry.at),
        "reason": entry.reason,
    }


def _entry(note: Note) -> AuditEntry:
    entry = AuditEntry(
        actor_id=note.actor.pk if note.actor else None,
        actor_name=note.actor.get_username() if note.actor else "",
        action=note.action,
        kind=note.kind,
        ident=note.ident,
        content=canonical(note.content),
        at=note.at,
        reason=note.reason,
    )
    entry.digest = entry_digest(fields_of(entry))
    return entry
