"""Drafts in shadow: judged in the worker from the spool every ten minutes, beside the engine and without raising anything.

The engine has no part in it: judging twice there would cost what every other mine's judgement needs, and a fault of a draft could
hold up what counts. What each shadow costs is counted with it. It judges the mines chosen only, in a folder of its own, from a
checkpoint of its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.models import Mine
from kuangan.domains.rulebook.judging import Stretch, definitions, feed_spool, held_since, register_at
from kuangan.domains.rulebook.models import Shadow, ShadowEvent
from kuangan.domains.rulebook.parts import replaced
from kuangan.domains.rulebook.publishing import content_of, standing
from kuangan.library.telemetry.upkeep import Retention, Upkeep
from kuangan.library.warning.compared import Pair, compare
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners.past import Past, discard

log = logging.getLogger("kuangan")
BEHIND: Final = timedelta(minutes=2)
"""How long ago a frame must have come before it is judged: gateways have committed it by then."""
UPDATED: Final = ("rev", "grade", "status", "merged", "onset", "end", "peak", "location")


@dataclass(frozen=True)
class Raised:
    """An alert that the rule in force raised."""

    ident: str
    rule: str
    mine: str
    subject: str
    grade: str
    onset: datetime
    end: datetime | None
    raised_at: datetime


Raising = Callable[[Sequence[str], Sequence[str], datetime, datetime], list[Raised]]
"""Mines, rules, from, to → what counts that was raised there."""
_raising: list[Raising] = []


def install(raising: Raising) -> None:
    """Say who knows what the rules in force raised."""
    _raising[:] = [raising]


def turn(home: Path, at: datetime) -> None:
    """Take every running shadow up to now."""
    ended = Shadow.objects.filter(stopped_at=None, until__lte=at)
    ended.update(stopped_at=F("until"))
    for shadow in Shadow.objects.filter(stopped_at=None, since__lte=at):
        try:
            judge(home, shadow, at)
        except Exception as fault:
            log.exception("shadow %s failed", shadow.pk)
            discard(home / "run" / "shadows" / str(shadow.pk))  # it begins again where it last stored what it found
            Shadow.objects.filter(pk=shadow.pk).update(fault=str(fault)[:300] or type(fault).__name__)
    live = {str(pk) for pk in Shadow.objects.filter(stopped_at=None).values_list("pk", flat=True)}
    for folder in (home / "run" / "shadows").glob("*"):
        if folder.name not in live:
            discard(folder)


def judge(home: Path, shadow: Shadow, at: datetime) -> None:
    """The frames since the last turn, by the draft."""
    begun = time.process_time()
    folder = home / "run" / "shadows" / str(shadow.pk)
    end = to_ms(at - BEHIND)
    fresh = not (folder / "engine").is_dir()
    wanted = to_ms(shadow.judged_until or shadow.since) - shadow.warm_days * 86_400_000
    first = max(wanted, held_since(home, end))
    book = replaced(standing(home), shadow.part, shadow.content)
    past = Past(folder, content_of(book, []), register_at(from_ms(first)), first)
    if fresh:
        past.define(definitions(shadow.mines, from_ms(first), archived=False), first)
    start = first if fresh else past.arrival
    feed_spool(home, [past], Stretch(shadow.mines, start, end), lambda clock: None)
    past.settle_last()
    past.flush()
    _look_after(past, shadow, to_ms(at))
    _store(shadow, past, at, end, time.process_time() - begun)


def _look_after(past: Past, shadow: Shadow, now: int) -> None:
    upkeep = Upkeep(past.home, [past.archive.kept()], Retention(archive_days=shadow.warm_days + 2))
    upkeep.flushed(past.positions, now)
    upkeep.turn(now)
    upkeep.close()


@transaction.atomic
def _store(shadow: Shadow, past: Past, at: datetime, end: int, cpu: float) -> None:
    known = set(Mine.objects.filter(pk__in=shadow.mines).values_list("pk", flat=True))
    events = [
        event
        for event in past.collected.events.values()
        if event.mine in known and event.raised_at >= to_ms(shadow.since)
    ]
    ShadowEvent.objects.bulk_create(
        [_row(shadow, event) for event in events],
        update_conflicts=True,
        update_fields=UPDATED,
        unique_fields=("shadow", "event_id"),
        batch_size=500,
    )
    Shadow.objects.filter(pk=shadow.pk).update(
        judged_until=from_ms(end),
        turns=F("turns") + 1,
        cpu_seconds=F("cpu_seconds") + cpu,
        readings=F("readings") + past.tally.archived,
        fault="",
    )


def _row(shadow: Shadow, event: Event) -> ShadowEvent:
    return ShadowEvent(
        shadow=shadow,
        event_id=event.id,
        rev=event.rev,
        rule=event.rule,
        mine_id=event.mine,
        subject=event.subject[:200],
        location=str(event.inputs.get("location") or "")[:200],
        grade=event.grade,
        status=event.status,
        merged=event.merged_into is not None,
        onset=from_ms(event.onset),
        end=None if event.end is None else from_ms(event.end),
        peak=event.peak,
        raised_at=from_ms(event.raised_at),
    )


def daily(shadow: Shadow, mines: Sequence[str]) -> list[tuple[date, list[Pair]]]:
    """Day by day, the newest first, what the draft and what the rule in force raised at some of the mines."""
    until = shadow.judged_until
    if until is None or until <= shadow.since:
        return []
    rows = ShadowEvent.objects.filter(shadow=shadow, mine__in=mines, merged=False).exclude(status="void")
    drafted = [_event(row.event_id, row) for row in rows]
    rules = sorted({event.rule for event in drafted} | {shadow.part})
    counted = [_event(one.ident, one) for raising in _raising for one in raising(mines, rules, shadow.since, until)]
    pairs = compare(counted, drafted, to_ms(shadow.since), to_ms(until))
    by_day: dict[date, list[Pair]] = {}
    for pair in pairs:
        by_day.setdefault(from_ms(pair.either.raised_at + 8 * 3_600_000).date(), []).append(pair)
    return sorted(by_day.items(), reverse=True)


def _event(ident: str, row: ShadowEvent | Raised) -> Event:
    nothing: Mapping[str, Any] = {}
    location = {"location": row.location} if isinstance(row, ShadowEvent) else nothing
    end = None if row.end is None else to_ms(row.end)
    mine = row.mine if isinstance(row, Raised) else row.mine_id
    told = to_ms(row.raised_at)
    return Event(
        ident, 1, row.rule, 0, mine, "", row.subject, to_ms(row.onset), end, None, None, row.grade,
        "open", None, False, told, told, location,
    )  # fmt: skip
