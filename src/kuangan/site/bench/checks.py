"""All checks of the clauses for a thousand mines with alerts behind them, while the engine goes on writing to the same database.

The first pass writes every answer, the second finds nothing new, the third finds what a bad day changed: the mean of alerts of one
mine in twenty.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any, Final

from kuangan.site.bench.register import writing_engine
from kuangan.site.bench.stages import Task

MINES: Final = 1_000
ALERTS_A_MINE: Final = 30
FEW: Final = 40
"""Mines of a small run."""
NEW_EVERY: Final = 20


def measure(task: Task) -> dict[str, Any]:
    """Seconds of three passes, the number of answers and changes, and the waits of the engine's writes meanwhile in ms."""
    from kuangan.site.processes import set_up

    set_up()
    from kuangan.base.clock import now
    from kuangan.base.compliance.judging import run
    from kuangan.base.registry.models import Mine
    from kuangan.site.bench.lists import _fill

    mines = MINES if task.records > 100_000 else FEW
    at = now()
    Mine.objects.bulk_create(_mine(n) for n in range(mines - Mine.objects.count()))
    _fill(mines * ALERTS_A_MINE, at)
    waits: list[float] = []
    stop = threading.Event()
    engine = threading.Thread(target=writing_engine, args=(stop, waits))
    engine.start()
    try:
        first = run(at)
        second = run(at + timedelta(minutes=10))
        _bad_day(at)
        third = run(at + timedelta(minutes=20))
    finally:
        stop.set()
        engine.join()
    waits.sort()
    return {
        "checks": first.checks,
        "checks_mines": mines,
        "checks_answers": first.findings,
        "checks_failed": len(first.failed) + len(second.failed) + len(third.failed),
        "checks_first_s": first.seconds,
        "checks_unchanged_s": second.seconds,
        "checks_changed_s": third.seconds,
        "checks_changed": third.changed,
        "checks_engine_wait_p99_ms": waits[len(waits) * 99 // 100] if waits else 0.0,
    }


def _mine(number: int) -> Any:
    from kuangan.base.registry.models import Mine

    code = f"1404049{number:05d}"
    return Mine(
        code=code,
        name=f"示例{number}号煤业",
        pinyin=f"sl{number}hmy",
        kind="underground_coal",
        sector="coal",
        county_id="140404",
        city_id="140400",
    )


def _bad_day(at: Any) -> None:
    """A high over-limit that goes on, at every twentieth mine."""
    from django.db.models import OuterRef, Subquery

    from kuangan.base.registry.models import Mine
    from kuangan.domains.alerts.models import Alert

    chosen = list(Mine.objects.order_by("code").values_list("code", flat=True))[::NEW_EVERY]
    newest = Alert.objects.filter(case__mine=OuterRef("pk")).order_by("-raised_at").values("pk")[:1]
    keys = [key for key in Mine.objects.filter(pk__in=chosen).values_list(Subquery(newest), flat=True) if key]
    high = {"rule": "gas.over_limit", "peak": 2.5, "unit": "%CH4", "event_status": "open", "end": None}
    Alert.objects.filter(pk__in=keys).update(**high, onset=at, raised_at=at, changed_at=at)
