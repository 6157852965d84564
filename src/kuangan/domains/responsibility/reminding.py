"""The reminder of the monthly meeting: for every mine a deadline at the end of each month, until a meeting is entered.

`turn` may be called as often as one likes: what runs or has run for a month is not started again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction

from kuangan.base import deadlines
from kuangan.base.clock import beijing_day
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine
from kuangan.base.registry.supervision import mine_organisation
from kuangan.domains.responsibility.meetings import CODE, DEADLINE, ident_of
from kuangan.domains.responsibility.models import STANDING, Meeting, Reminder
from kuangan.domains.responsibility.rules import day_start, month_of, month_span

LADDER: Final = "monthly_meeting"
AT_ONCE: Final = 60
"""Mines a turn starts at most: the loop it runs in has other work."""
CLOSED: Final = frozenset({"closed"})


def turn(at: datetime) -> int:
    """Start what is missing of this month. Returns how many deadlines were started."""
    month = month_of(beijing_day(at))
    known = set(Reminder.objects.filter(month=month).values_list("mine", flat=True))
    held = set(Meeting.objects.filter(STANDING).filter(month=month, mine__isnull=False).values_list("mine", flat=True))
    mines = Mine.objects.filter(provisional=False).order_by("pk").values_list("pk", flat=True)
    waiting = [pk for pk in mines if pk not in known and pk not in held]
    if not waiting:
        return 0
    states = facts_as_of(waiting, ["state"], at)
    owing = [pk for pk in waiting if states.get(pk, {}).get("state") not in CLOSED]
    return remind_mines(owing[:AT_ONCE], month, at)


@transaction.atomic
def remind_mines(mines: Collection[str], month: str, at: datetime) -> int:
    """A deadline for each mine that has people of its own, due as the month ends."""
    span = month_span(month)
    assert span.until is not None
    bodies = mine_organisation(mines, at)
    rows = [Reminder(mine_id=code, month=month, started_at=at) for code in mines]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    for code in mines:
        owner = bodies.get(code)
        deadlines.set_deadline(
            subject_kind=DEADLINE,
            subject_id=ident_of(code, month),
            code=CODE,
            due=day_start(span.until),
            ladder=LADDER,
            at=at,
            owner_id=owner.pk if owner else None,
        )
    return len(mines)
