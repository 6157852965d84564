"""Pages of the duty desk over a million alerts: how long an answer takes, for an officer of the province, a city and a county.

One alert in five hundred is open, the rest is the past; they lie spread over the mines of the register and the last
two years: a pattern of twenty thousand, copied so and so often.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from kuangan.library.simulate import fleet
from kuangan.site.bench.live import _people
from kuangan.site.bench.stages import Task

OPEN_EVERY: Final = 500
PAST_MINUTES: Final = 730 * 24 * 60
PATTERN: Final = 20_000
STEP_MINUTES: Final = PAST_MINUTES // 50
ROUNDS: Final = 10
LISTS: Final = (
    "/desk/",
    "/desk/?grade=red",
    "/desk/?state=lapsed",
    "/desk/?state=all",
    "/desk/?state=all&grade=orange",
    "/desk/?state=closed&after=1-{middle}",
    "/desk/?state=all&hours=24",
    "/desk/?state=all&mine={mine}",
    "/desk/?state=all&hours=5000",
    "/desk/?state=all&q=GJ-2025-04",
    "/desk/?state=all&q=GJ-2025-0000",
    "/desk/?state=closed&q=煤业",
    "/desk/?state=all&q=上隅角",
    "/desk/arrivals?newest=0",
    "/api/v1/alerts?state=all",
    "/search/?q=GJ-2025-04",
    "/search/?q=上隅角",
    "/todo/",
)
GRADES: Final = ("blue", "blue", "blue", "blue", "yellow", "yellow", "orange", "red")


def measure(task: Task) -> dict[str, Any]:
    """Shares of all answers in ms, and the slowest list by its own 95 of a hundred. `task.alerts` 0 leaves it out."""
    if not task.alerts:
        return {"lists_alerts": 0, "lists_p50_ms": None, "lists_p95_ms": None, "lists_slowest": "", "lists_each_ms": {}}
    from kuangan.site.configuration import Configuration
    from kuangan.site.processes import set_up

    home = Configuration().prepared_home()
    set_up()
    from kuangan.base import clock

    _people(home, fleet(task.seed, 1), task.seed)
    at, began = clock.now(), time.perf_counter()
    values = _fill(task.alerts, at)
    filled = time.perf_counter() - began
    each = _asked(values, min(ROUNDS, 1 + task.alerts // 1000))
    answers = sorted(found for times in each.values() for found in times)
    by_list = {name: _share(sorted(times), 0.95) for name, times in each.items()}
    slowest = max(by_list, key=lambda name: by_list[name])
    return {
        "lists_alerts": task.alerts,
        "lists_fill_s": filled,
        "lists_p50_ms": _share(answers, 0.5),
        "lists_p95_ms": _share(answers, 0.95),
        "lists_slowest": slowest,
        "lists_each_ms": by_list,
    }


def _fill(count: int, at: Any) -> dict[str, str]:
    """Alerts and their cases, and the analysis that the database makes by itself over night; values for the addresses."""
    from django.db import connection, transaction

    from kuangan.base.case.models import Case
    from kuangan.base.registry.models import Mine
    from kuangan.domains.alerts.models import Alert

    mines = list(Mine.objects.values_list("code", "county_id"))
    pattern = range(min(count, PATTERN))
    with transaction.atomic():
        cases = Case.objects.bulk_create(_case(number, mines, at) for number in pattern)
        Alert.objects.bulk_create(_alert(case, number, at) for number, case in zip(pattern, cases, strict=True))
        if count > PATTERN:
            with connection.cursor() as cursor:
                for model in (Case, Alert):
                    cursor.execute(_copies(model, connection.vendor), [count // PATTERN - 1])
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    last = Case.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return {"middle": str(last - count // 2), "mine": mines[0][0]}


def _copies(model: Any, vendor: str) -> str:
    """A statement that repeats the pattern, each copy some days later than the one before; its parameter is how often."""
    shifted = {
        "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', {0}, '+' || (c * {1}) || ' minutes')",
        "postgresql": "{0} + make_interval(mins => c * {1})",
    }[vendor]
    numbered = {
        "sqlite": "printf('GJ-2025-%%07d', cast(substr({0}, 9) as integer) + c * {1})",
        "postgresql": "'GJ-2025-' || lpad((substr({0}, 9)::integer + c * {1})::text, 7, '0')",
    }
    columns = {field.column: f'"{field.column}"' for field in model._meta.concrete_fields}
    own = dict(columns)
    for field in model._meta.concrete_fields:
        if field.get_internal_type() == "DateTimeField":
            own[field.column] = shifted.format(columns[field.column], STEP_MINUTES)
    own[model._meta.pk.column] = f"{columns[model._meta.pk.column]} + c * {PATTERN}"
    if "event_id" in own:
        own["event_id"] = f"{columns['event_id']} || '-' || c"
    if "number" in own:
        own["number"] = numbered[vendor].format(columns["number"], PATTERN)
    table = model._meta.db_table
    return (
        "with recursive copies(c) as (select 1 union all select c + 1 from copies where c < %s) "
        f'insert into "{table}" ({", ".join(columns.values())}) select {", ".join(own.values())} '
        f'from "{table}" cross join copies order by c, "{model._meta.pk.column}"'
    )


def _raised(number: int, at: Any) -> Any:
    return at - timedelta(minutes=PAST_MINUTES - number * STEP_MINUTES / PATTERN)


def _case(number: int, mines: Sequence[tuple[str, str]], at: Any) -> Any:
    from kuangan.base.case.models import Case

    code, county = mines[number * 7919 % len(mines)]
    raised, is_open = _raised(number, at), number % OPEN_EVERY == 0
    return Case(
        kind="alert",
        number=f"GJ-2025-{number:07d}",
        mine_id=code,
        region=county or "140000",
        sector="coal",
        state="raised" if is_open else "closed",
        severity=GRADES[number % len(GRADES)],
        opened=raised,
        closed=None if is_open else raised + timedelta(hours=2),
        due=raised + timedelta(minutes=30) if is_open else None,
        title="合成告警",
    )


def _alert(case: Any, number: int, at: Any) -> Any:
    from kuangan.domains.alerts.models import Alert
    from kuangan.domains.alerts.rules import grade_rank

    raised = _raised(number, at)
    return Alert(
        case=case,
        event_id=case.number,
        rev=1,
        rule="gas.over_limit" if number % 3 else "link.sensor_offline",
        rule_version=1,
        subject_kind="point",
        subject=f"{case.mine_id}{number % 40:04d}",
        grade=case.severity,
        rank=grade_rank(case.severity),
        graded_at=raised,
        onset=raised,
        event_status="cleared" if case.closed else "open",
        raised_at=raised,
        changed_at=case.closed or raised,
    )


def _asked(values: dict[str, str], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every answer by list; each person asks once before it counts."""
    from django.test import Client

    each: dict[str, list[float]] = {name: [] for name in LISTS}
    for client in _officers(Client):
        for name in LISTS:
            address = name.format(**values)
            for turn in range(rounds + 1):
                began = time.perf_counter()
                answer = client.get(address)
                took = (time.perf_counter() - began) * 1000
                if answer.status_code != 200:
                    raise RuntimeError(f"{address} answered {answer.status_code}")
                if turn:
                    each[name].append(took)
    return each


def _officers(client: Any) -> Iterator[Any]:
    from django.conf import settings

    from kuangan.base.people.models import Organisation, User

    for level in ("province", "city", "county"):
        body = Organisation.objects.filter(kind="emergency", level=level).order_by("region").first()
        user = User.objects.create(username=f"reader-{level}", organisation=body, roles=["duty_officer"])
        reader = client()
        reader.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        yield reader


def _share(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]
