"""How fast alerts were answered, by who answered and by how grave they are: half of them within, all but one in twenty within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
from django.db.models import Min, QuerySet

from kuangan.base.case.models import Case, Step
from kuangan.base.people.models import Organisation
from kuangan.base.people.roles import Level
from kuangan.domains.alerts.models import Acknowledgement
from kuangan.domains.alerts.quality import address_of
from kuangan.domains.alerts.queries import ANSWERED, Query
from kuangan.domains.alerts.rules import GRADES

MOST: Final = 200_000
SHOWN: Final = 60
ORDER: Final = {level: place for place, level in enumerate(("mine", "parent", "county", "city", "province"))}


@dataclass(frozen=True, slots=True)
class Answer:
    """One body's answers of one kind; minutes from the raising of the alert. `late`: told late, not timed."""

    step: str
    step_word: str
    level: str
    body: str
    count: int
    half: float | None
    most: float | None
    late: int
    address: str


@dataclass(frozen=True, slots=True)
class GradeAnswer:
    """The first answers of one kind to alerts of one grade, whoever gave them; minutes, counts and `late` as in `Answer`."""

    step: str
    step_word: str
    grade: str
    count: int
    half: float | None
    most: float | None
    late: int


def answers(cases: QuerySet[Case], told: Query) -> tuple[list[Answer], list[GradeAnswer]]:
    """First answers of each body to the alerts, by kind, level and body; and of any body, by kind and grade.

    Those told late are counted and not timed. Four queries.
    """
    by_body: dict[tuple[str, int], list[tuple[float, bool]]] = {}
    first: dict[tuple[str, str], dict[str, tuple[float, bool]]] = {}
    for step, found in (
        ("ack", _acknowledged(cases)),
        ("verify", _steps(cases, "verify")),
        ("close", _steps(cases, "close")),
    ):
        for case, grade, organisation, raised, answered, late in found[:MOST]:
            if organisation is not None:
                spent = ((answered - raised) / timedelta(minutes=1), late)
                by_body.setdefault((step, organisation), []).append(spent)
                known = first.setdefault((step, grade), {})
                known[case] = min(known.get(case, spent), spent)
    bodies = Organisation.objects.in_bulk({organisation for _, organisation in by_body})
    rows = [_answer(step, bodies[body], values, told) for (step, body), values in by_body.items()]
    names = list(ANSWERED)
    rows.sort(key=lambda row: (names.index(row.step), ORDER.get(row.level, 9), -row.count, row.body))
    graded = [
        GradeAnswer(step, ANSWERED[step], grade, *_spread(list(values.values())))
        for (step, grade), values in first.items()
    ]
    return rows, sorted(graded, key=lambda row: (names.index(row.step), -GRADES.index(row.grade)))


def _acknowledged(cases: QuerySet[Case]) -> Any:
    first = Acknowledgement.objects.filter(alert__in=cases.order_by().values("pk")).order_by()
    keys = ("alert_id", "alert__grade", "organisation_id", "alert__raised_at", "alert__told_late")
    return _first(first.values(*keys), keys)


def _steps(cases: QuerySet[Case], name: str) -> Any:
    first = Step.objects.filter(case__in=cases.order_by().values("pk"), name=name).order_by()
    keys = (
        "case_id",
        "case__alert__grade",
        "organisation_id",
        "case__alert__raised_at",
        "case__alert__told_late",
    )
    return _first(first.values(*keys), keys)


def _first(grouped: Any, keys: Sequence[str]) -> Any:
    return grouped.annotate(first=Min("at")).values_list(*keys[:4], "first", keys[4])


def _answer(step: str, body: Organisation, values: Sequence[tuple[float, bool]], told: Query) -> Answer:
    count, half, most, late = _spread(values)
    address = address_of(replace(told, answered=f"{step}.{body.pk}"))
    return Answer(step, ANSWERED[step], body.level, body.name, count, half, most, late, address)


def _spread(values: Sequence[tuple[float, bool]]) -> tuple[int, float | None, float | None, int]:
    """How many, the minutes within which half and 95 of 100 came (None where none was timed), and how many were not timed."""
    timed = np.array([spent for spent, late in values if not late])
    half, most = (np.percentile(timed, [50, 95]).tolist()) if len(timed) else (None, None)
    return len(values), half, most, len(values) - len(timed)


def level_word(level: str) -> str:
    return str(Level(level).label) if level in Level.values else level


def minutes(value: float | None) -> str:
    """A span in words: minutes below two hours, hours below two days, days; — for none."""
    if value is None:
        return "—"
    if value < 120:
        return f"{value:.0f} 分" if value >= 1 else "不足 1 分"
    return f"{value / 60:.1f} 小时" if value < 2880 else f"{value / 1440:.1f} 天"
