"""How fast alerts were answered, by who answered: half of them within, all but one in twenty within."""

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


def answers(cases: QuerySet[Case], told: Query) -> list[Answer]:
    """First answers to the alerts, by kind, level and body; those told late are counted and not timed. Four queries."""
    rows: dict[tuple[str, int], list[tuple[float, bool]]] = {}
    for step, found in (
        ("ack", _acknowledged(cases)),
        ("verify", _steps(cases, "verify")),
        ("close", _steps(cases, "close")),
    ):
        for organisation, raised, answered, late in found[:MOST]:
            if organisation is not None:
                spent = (answered - raised) / timedelta(minutes=1)
                rows.setdefault((step, organisation), []).append((spent, late))
    bodies = Organisation.objects.in_bulk({organisation for _, organisation in rows})
    found = [_answer(step, bodies[body], values, told) for (step, body), values in rows.items()]
    names = list(ANSWERED)
    return sorted(found, key=lambda row: (names.index(row.step), ORDER.get(row.level, 9), -row.count, row.body))


def _acknowledged(cases: QuerySet[Case]) -> Any:
    first = Acknowledgement.objects.filter(alert__in=cases.order_by().values("pk")).order_by()
    grouped = first.values("alert_id", "organisation_id", "alert__raised_at", "alert__told_late").annotate(
        first=Min("at")
    )
    return grouped.values_list("organisation_id", "alert__raised_at", "first", "alert__told_late")


def _steps(cases: QuerySet[Case], name: str) -> Any:
    first = Step.objects.filter(case__in=cases.order_by().values("pk"), name=name).order_by()
    grouped = first.values("case_id", "organisation_id", "case__alert__raised_at", "case__alert__told_late")
    grouped = grouped.annotate(first=Min("at"))
    return grouped.values_list("organisation_id", "case__alert__raised_at", "first", "case__alert__told_late")


def _answer(step: str, body: Organisation, values: Sequence[tuple[float, bool]], told: Query) -> Answer:
    timed = np.array([spent for spent, late in values if not late])
    half, most = (np.percentile(timed, [50, 95]).tolist()) if len(timed) else (None, None)
    return Answer(
        step,
        ANSWERED[step],
        body.level,
        body.name,
        len(values),
        half,
        most,
        len(values) - len(timed),
        address_of(replace(told, answered=f"{step}.{body.pk}")),
    )


def level_word(level: str) -> str:
    return str(Level(level).label) if level in Level.values else level


def minutes(value: float | None) -> str:
    """A span in words: minutes below two hours, hours below two days, days; — for none."""
    if value is None:
        return "—"
    if value < 120:
        return f"{value:.0f} 分" if value >= 1 else "不足 1 分"
    return f"{value / 60:.1f} 小时" if value < 2880 else f"{value / 1440:.1f} 天"
