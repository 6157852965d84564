"""What every act on a programme does besides its own: the line of history, the audit entry, the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from kuangan.base import audit
from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.people.models import User
from kuangan.domains.campaign.models import Entry, Programme


def write(act: str, text: str, *, by: User | None, at: datetime, **of: Any) -> Entry:
    """A line of the history of an item, milestone, project or submission (named by keyword)."""
    organisation = by.organisation if by is not None else None
    return Entry.objects.create(act=act, text=text[:600], organisation=organisation, by=by, at=at, **of)


def note(
    action: str,
    kind: str,
    ident: object,
    content: Mapping[str, object],
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> None:
    audit.record(
        actor=by,
        action=f"campaign.{action}",
        kind=f"campaign_{kind}",
        ident=str(ident),
        content=content,
        at=at,
        reason=reason,
    )


def required(**fields: str) -> None:
    """Raises MissingFields for every text that is empty."""
    if empty := {name: "必填" for name, text in fields.items() if not text.strip()}:
        raise MissingFields(empty)


def not_ahead(name: str, day: date, at: datetime) -> None:
    """Raises MissingFields for a true day that has not come."""
    if day > beijing_day(at):
        raise MissingFields({name: "不得晚于今日"})


def still_runs(programme: Programme) -> None:
    """Raises MissingFields once the programme was handed over: it is read from then on."""
    if programme.handed_at is not None:
        raise MissingFields({"state": "该行动方案已移交，只供查阅"})
