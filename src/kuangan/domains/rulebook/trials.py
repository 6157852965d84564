"""Trials that wait are carried out one by one in the worker: the same past judged by the rule in force and by the rule drafted.

A trial is claimed by one conditional UPDATE. A worker that dies leaves one whose beat stands still; it is taken up again from the
beginning, three times at most. Nothing of a trial touches the engine's files: each judge has a folder of its own, removed at the end.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q

from kuangan.base.clock import from_ms
from kuangan.domains.rulebook.judging import ARCHIVE, Stretch, definitions, feed, midnight, register_at, sources
from kuangan.domains.rulebook.models import Finding, Trial
from kuangan.domains.rulebook.parts import Book, replaced
from kuangan.domains.rulebook.publishing import content_of
from kuangan.library.warning.compared import Pair, compare
from kuangan.library.warning.runners.past import FROM_READINGS, Past, discard
from kuangan.library.warning.settings import rank

log = logging.getLogger("kuangan")
STALE: Final = timedelta(seconds=120)
ATTEMPTS: Final = 3
BEAT: Final = timedelta(seconds=1)
DAY: Final = 86_400_000
Clock = Callable[[], datetime]


class Cancelled(Exception):
    """Somebody cancelled the trial while it ran."""


def turn(home: Path, clock: Clock) -> int:
    """Carry out what waits; how many trials were taken up."""
    count = 0
    while (trial := claim(clock())) is not None:
        carry_out(home, trial, clock)
        count += 1
    return count


def claim(at: datetime) -> Trial | None:
    """The oldest trial that waits, or that a worker left, now ours."""
    left = Q(state=Trial.State.RUNNING, beat_at__lt=at - STALE)
    Trial.objects.filter(left, attempts__gte=ATTEMPTS).update(
        state=Trial.State.FAILED, ended_at=at, fault="后台进程多次中断，未能完成"
    )
    free = Q(state=Trial.State.WAITING) | left
    for pk in list(Trial.objects.filter(free).order_by("id").values_list("pk", flat=True)[:5]):
        ours = Trial.objects.filter(free, pk=pk)
        if ours.update(state=Trial.State.RUNNING, started_at=at, beat_at=at, progress=0, attempts=F("attempts") + 1):
            return Trial.objects.get(pk=pk)
    return None


def carry_out(home: Path, trial: Trial, clock: Clock) -> None:
    """One trial to its end; what goes wrong is kept with it."""
    folder = home / "run" / "trials" / str(trial.pk)
    begun = time.process_time()
    try:
        discard(folder)
        found, readings, held = _judged(home, folder, trial, clock)
    except Cancelled:
        log.info("trial %s cancelled", trial.pk)
    except Exception as fault:
        log.exception("trial %s failed", trial.pk)
        _running(trial).update(
            state=Trial.State.FAILED, ended_at=clock(), fault=str(fault)[:300] or type(fault).__name__
        )
    else:
        _keep(trial, found, readings, held, time.process_time() - begun, clock())
    finally:
        discard(folder)


def _judged(home: Path, folder: Path, trial: Trial, clock: Clock) -> tuple[list[Pair], int, dict[str, str]]:
    start, end = midnight(trial.first), midnight(trial.last) + DAY
    begin = start - trial.warm_days * DAY
    held = sources(home, trial.first - timedelta(days=trial.warm_days), trial.last)
    judges = [
        _judge(folder / name, book, trial, begin, ARCHIVE in held.values())
        for name, book in (("now", trial.book), ("draft", replaced(trial.book, trial.part, trial.content)))
    ]
    noted = clock()

    def told(at: int) -> None:
        nonlocal noted
        if (moment := clock()) - noted >= BEAT:
            noted = moment
            progress = min(99, max(0, (at - begin) * 100 // (end - begin)))
            if not _running(trial).update(progress=progress, beat_at=moment):
                raise Cancelled

    feed(home, judges, Stretch(trial.mines, begin, end), told)
    for judge in judges:
        judge.settle_last()
    now, drafted = (list(judge.collected.events.values()) for judge in judges)
    pairs = [pair for pair in compare(now, drafted, start, end) if pair.either.mine in trial.mines]
    shown = {day: source for day, source in held.items() if day >= trial.first.isoformat()}
    return [pair for pair in pairs if judgeable(pair, shown)], judges[0].tally.archived, shown


def judgeable(pair: Pair, held: dict[str, str]) -> bool:
    """Whether what the days were judged from is enough for the rule of an alert."""
    return pair.either.rule in FROM_READINGS or ARCHIVE not in held.values()


def _judge(folder: Path, book: Book, trial: Trial, begin: int, archived: bool) -> Past:
    past = Past(folder, content_of(book, []), register_at(from_ms(begin)), begin)
    past.define(definitions(trial.mines, from_ms(begin), archived), begin)
    return past


def _running(trial: Trial) -> Any:
    return Trial.objects.filter(pk=trial.pk, state=Trial.State.RUNNING)


@transaction.atomic
def _keep(trial: Trial, pairs: list[Pair], readings: int, held: dict[str, str], cpu: float, at: datetime) -> None:
    """What came out, unless the trial was cancelled at the last moment."""
    done = _running(trial).update(
        state=Trial.State.DONE,
        progress=100,
        ended_at=at,
        beat_at=at,
        sources=held,
        readings=readings,
        cpu_seconds=round(cpu, 2),
        summary=summary(pairs),
    )
    if done:
        Finding.objects.filter(trial=trial).delete()
        Finding.objects.bulk_create(findings(trial, pairs), batch_size=500)


def summary(pairs: Iterable[Pair]) -> dict[str, Any]:
    """How many alerts each of the two raises, how many differ, by rule too."""
    kinds: Counter[str] = Counter()
    rules: dict[str, Counter[str]] = {}
    for pair in pairs:
        own = rules.setdefault(pair.either.rule, Counter())
        for counted in (kinds, own):
            counted[pair.kind] += 1
            counted["before"] += pair.before is not None
            counted["after"] += pair.after is not None
    return {"all": dict(kinds), "rules": {rule: dict(counted) for rule, counted in sorted(rules.items())}}


def findings(trial: Trial, pairs: Iterable[Pair]) -> list[Finding]:
    """The differences, what would be lost first and the gravest first."""
    rows = []
    for pair in pairs:
        if pair.kind == "same":
            continue
        event, before, after = pair.either, pair.before, pair.after
        kind = Finding.Kind(pair.kind)
        rows.append(
            Finding(
                trial=trial,
                order=Finding.ORDER[kind],
                rank=max(rank(one.grade) for one in (before, after) if one),
                kind=kind,
                rule=event.rule,
                mine_id=event.mine,
                subject=event.subject[:200],
                location=str(event.inputs.get("location") or "")[:200],
                before=before.grade if before else "",
                after=after.grade if after else "",
                onset=from_ms(event.onset),
                end=None if event.end is None else from_ms(event.end),
                peak=event.peak,
            )
        )
    return rows
