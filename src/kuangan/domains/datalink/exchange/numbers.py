"""The official number: typed by a person or read back from the platform; one number, one case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Platform

THEIR_SIDE = ("their_state", "their_at", "told_at")


class NumberTaken(Exception):
    """Another case has this number; says which."""


class ReasonNeeded(Exception):
    """A number that stands is only replaced with a reason."""


@transaction.atomic
def type_number(
    platform: Platform, case: Case, number: str, *, by: User, at: datetime, reason: str = ""
) -> Counterpart:
    """A person types the number that the official system gave. Raises NumberTaken, ReasonNeeded."""
    locked = Platform.objects.select_for_update().get(pk=platform.pk)
    row = Counterpart.objects.filter(platform=locked, case=case).first()
    row = row or Counterpart.objects.create(platform=locked, case=case)
    if row.official_number == number:
        return row
    if row.official_number and not reason:
        raise ReasonNeeded
    adopt(row, number, "typed", by=by, at=at, reason=reason)
    return row


def adopt(row: Counterpart, number: str, source: str, *, by: User | None, at: datetime, reason: str = "") -> None:
    """Give a case its official number, joining what they had told under it alone. Raises NumberTaken.

    The caller holds the platform's row. The entry names the case, so that a package with the number follows.
    """
    case = row.case
    assert case is not None
    other = Counterpart.objects.filter(platform_id=row.platform_id, official_number=number).exclude(pk=row.pk).first()
    if other is not None and other.case is not None:
        raise NumberTaken(other.case.number)
    if other is not None:
        _join(row, other)
    before, row.official_number = row.official_number, number
    row.number_source, row.number_at, row.number_by = source, at, by
    row.save()
    content = {"platform": row.platform_id, "before": before, "after": number, "source": source}
    audit.record(
        actor=by, action="exchange.number", kind=case.kind, ident=case.number, content=content, at=at, reason=reason
    )


def _join(row: Counterpart, other: Counterpart) -> None:
    """What was only theirs turns out to be ours: its records move over and the row goes."""
    Handling.objects.filter(counterpart=other).update(counterpart=row, case=row.case)
    if other.their_at is not None and (row.their_at is None or other.their_at > row.their_at):
        for name in THEIR_SIDE:
            setattr(row, name, getattr(other, name))
    other.delete()
