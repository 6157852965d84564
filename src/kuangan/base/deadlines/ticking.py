"""The hand of the clock: fires what is due, each rung once and in order, however long nobody looked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import F, QuerySet

from kuangan.base import audit
from kuangan.base.deadlines.ladders import LADDERS, Ladder, Rung
from kuangan.base.deadlines.models import OPEN_STATES, Deadline, DeadlineState

RETRY = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Handler(Protocol):
    def __call__(self, deadlines: Sequence[Deadline], rung: Rung, at: datetime, /) -> None:
        """Do what a rung asks for all deadlines that reached it, in the transaction that moves them up."""


def tick(at: datetime, handlers: Mapping[str, Handler]) -> int:
    """Fire every rung due at `at` and return how many (deadline, rung) pairs fired.

    Calling it again for the same time does nothing. After a standstill each deadline climbs all the rungs it missed, in
    order. A handler that fails keeps only the deadlines it fails for: they are tried again a minute later. KeyError when
    the action of a rung that is due has no handler.
    """
    fired = 0
    for _ in LADDERS:  # a handler may start a clock that is due by now; it fires in the same tick
        more = _pass(at, handlers)
        fired += more
        if not more:
            break
    return fired


def _pass(at: datetime, handlers: Mapping[str, Handler]) -> int:
    """Fire once through the ladders that have something due."""
    waiting = Deadline.objects.filter(next_at__lte=at, state__in=OPEN_STATES)
    names = set(waiting.order_by().values_list("ladder", flat=True).distinct())
    fired = 0
    for name, ladder in ((name, ladder) for name, ladder in LADDERS.items() if name in names):
        for index, rung in enumerate(ladder.rungs):
            fired += _fire(name, ladder, index, at, handlers[rung.action]) if _due(name, index, at).exists() else 0
    return fired


def _due(ladder: str, index: int, at: datetime) -> QuerySet[Deadline]:
    return Deadline.objects.filter(next_at__lte=at, ladder=ladder, rung=index, state__in=OPEN_STATES)


def _fire(name: str, ladder: Ladder, index: int, at: datetime, handler: Handler) -> int:
    """All deadlines at one rung together; one by one when that fails."""
    try:
        return _move(_due(name, index, at), ladder, index, at, handler)
    except Exception:
        log.exception("ladder %s, rung %s: trying each deadline alone", name, index)
    fired = 0
    for pk in list(_due(name, index, at).order_by("next_at", "pk").values_list("pk", flat=True)):
        one = _due(name, index, at).filter(pk=pk)
        try:
            fired += _move(one, ladder, index, at, handler)
        except Exception:
            log.exception("deadline %s, rung %s: trying again later", pk, index)
            one.update(next_at=at + RETRY, failures=F("failures") + 1)
    return fired


@transaction.atomic
def _move(due: QuerySet[Deadline], ladder: Ladder, index: int, at: datetime, handler: Handler) -> int:
    """Claim the rows, move them up one rung with one UPDATE, and call the handler, all or nothing."""
    claimed = list(due.select_for_update(skip_locked=True).order_by("next_at", "pk"))
    if not claimed:
        return 0
    rung = ladder.rungs[index]
    for deadline in claimed:
        deadline.rung, deadline.next_at = index + 1, ladder.fires_at(index + 1, deadline.due)
        deadline.state = DeadlineState.LAPSED if rung.lapses else deadline.state
    _store(claimed, ladder, index, rung)
    audit.record_many(
        [
            audit.Note(None, "rung", "deadline", str(deadline.pk), at, {"code": deadline.code, "rung": rung.code})
            for deadline in claimed
        ]
    )
    handler(claimed, rung, at)
    return len(claimed)


def _store(claimed: Sequence[Deadline], ladder: Ladder, index: int, rung: Rung) -> None:
    """The rows as they stand now: in one UPDATE, but for working days, which the database cannot count."""
    if ladder.in_working_days:
        Deadline.objects.bulk_update(claimed, ["rung", "next_at", "state"], batch_size=200)
        return
    state = {"state": DeadlineState.LAPSED} if rung.lapses else {}
    following = F("due") + ladder.rungs[index + 1].after if index + 1 < len(ladder.rungs) else None
    rows = Deadline.objects.filter(pk__in=[deadline.pk for deadline in claimed])
    rows.update(rung=index + 1, next_at=following, **state)
