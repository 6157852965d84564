"""Numbers of cases: without gaps per prefix and Beijing day; a voided number stays in the sequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from kuangan.base import audit, clock
from kuangan.base.case.models import NumberSeries, VoidedNumber
from kuangan.base.people.models import User

PREFIXES = {
    "alert": "GJ",
    "announcement": "BB",
    "announcement_check": "BH",
    "system_fault": "XG",
    "callout": "JY",
    "handover": "JB",
    "weather": "QX",
    "suspicion": "YD",
    "determination": "RD",
    "measure": "CZ",
    "objection": "YY",
    "selfcheck": "ZC",
}
"""Kind of case → first letters of its numbers."""


def next_number(kind: str, at: datetime) -> str:
    """The next number of a kind, such as GJ-20261121-0042. See `next_numbers`."""
    return next_numbers(kind, [at])[0]


@transaction.atomic
def next_numbers(kind: str, moments: Sequence[datetime]) -> list[str]:
    """A number for each moment, in order. They are taken in the caller's transaction: what it rolls back is given out again.

    KeyError for a kind without a prefix.
    """
    prefix = PREFIXES[kind]
    days = [clock.beijing_day(at) for at in moments]
    following = {day: _take(prefix, day, count) for day, count in sorted(Counter(days).items())}
    numbers = []
    for day in days:
        numbers.append(f"{prefix}-{day:%Y%m%d}-{following[day]:04d}")
        following[day] += 1
    return numbers


def void_number(number: str, *, by: User, at: datetime, reason: str) -> VoidedNumber:
    """Record that a number was given out and will not be used. ValueError without a reason."""
    if not reason.strip():
        raise ValueError("voiding a number needs a reason")
    with transaction.atomic():
        voided = VoidedNumber.objects.create(number=number, by=by, at=at, reason=reason)
        audit.record(actor=by, action="void", kind="number", ident=number, content={}, at=at, reason=reason)
    return voided


def _take(prefix: str, day: date, count: int) -> int:
    """Reserve `count` serials and return the first. The row stays locked until the transaction ends: no gaps, no doubles."""
    NumberSeries.objects.bulk_create([NumberSeries(prefix=prefix, day=day)], ignore_conflicts=True)
    series = NumberSeries.objects.select_for_update().get(prefix=prefix, day=day)
    NumberSeries.objects.filter(pk=series.pk).update(last=series.last + count)
    return series.last + 1
