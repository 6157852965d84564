"""The figures of a programme on a day: pages, reports and tests count with these functions alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from kuangan.base.registry.models import Region
from kuangan.domains.campaign.models import Item, Ledger, Programme, Project, Submission
from kuangan.domains.campaign.queries import (
    counted,
    counts_of,
    day_is,
    grouped,
    item_is,
    milestone_is,
    milestones,
    submission_is,
)
from kuangan.domains.campaign.rules import Count as LedgerCount

MILESTONE_STATES = ("met", "late", "overdue", "near", "ahead", "unrecorded", "since")
ITEM_STATES = ("met", "late", "overdue", "near", "ahead", "unrecorded", "dropped", "handed", "stale")
SUBMISSION_STATES = ("met", "late", "overdue", "near", "ahead", "unrecorded")


def milestone_counts(programme: Programme, today: date) -> dict[str, int]:
    """State → milestones. One query."""
    rows = milestones(programme).order_by()
    return counted(rows, {state: milestone_is(state, programme, today) for state in MILESTONE_STATES})


def milestones_by_area(programme: Programme, today: date) -> dict[str, dict[str, int]]:
    """Area of the tasks → state → milestones; those of the safeguards under G. One query."""
    counts = counts_of({state: milestone_is(state, programme, today) for state in MILESTONE_STATES})
    found = grouped(milestones(programme), "task__area", counts)
    return {area or "G": {state: row[state] for state in MILESTONE_STATES} for area, row in found.items()}


def item_counts(rows: QuerySet[Item], programme: Programme, today: date) -> dict[str, int]:
    """State → items; `stale` overlaps with the others. One query."""
    return counted(rows.order_by(), {state: item_is(state, programme, today) for state in ITEM_STATES})


def submission_counts(rows: QuerySet[Submission], programme: Programme, today: date) -> dict[str, int]:
    return counted(rows.order_by(), {state: submission_is(state, programme, today) for state in SUBMISSION_STATES})


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Items of one city: its own and those of its counties; `region` 140000 is the province's own level."""

    region: str
    name: str
    total: int
    done: int
    overdue: int
    stale: int


def items_by_city(rows: QuerySet[Item], programme: Programme, today: date) -> list[PlaceCount]:
    """Items by city of their owner; the province's own are a line of their own, nothing is counted twice. Two queries."""
    counts = {
        "total": Q(state__in=("open", "done", "handed")),
        "done": Q(state="done") & (day_is("met", programme, today) | day_is("late", programme, today)),
        "overdue": item_is("overdue", programme, today),
        "stale": item_is("stale", programme, today),
    }
    found = grouped(rows, "owner__region", counts_of(counts))
    names = dict(Region.objects.filter(level__in=("city", "province")).values_list("code", "name"))
    cities: dict[str, dict[str, int]] = {}
    for region, row in found.items():
        here = cities.setdefault(f"{region[:4]}00", dict.fromkeys(counts, 0))
        for name in counts:
            here[name] += row[name]
    return [PlaceCount(code, _place(code, names), **counts) for code, counts in sorted(cities.items())]


def _place(code: str, names: dict[str, str]) -> str:
    return "省本级" if code.endswith("0000") else names.get(code, code)


@dataclass(frozen=True, slots=True)
class LedgerStanding:
    """How far a ledger is on a day, in things, mines and money (10,000 yuan)."""

    ledger: Ledger
    count: LedgerCount
    mines: int
    money: Decimal
    paid: Decimal
    last_told: date | None

    @property
    def gap(self) -> int | None:
        """How many fewer were entered than the text names; None where it names none."""
        return None if self.ledger.planned is None else self.ledger.planned - self.count.entered

    @property
    def reached(self) -> bool | None:
        """Whether as many are done as the text names; None where it names none."""
        return None if self.ledger.planned is None else self.count.final >= self.ledger.planned


def ledger_standings(programme: Programme, rows: QuerySet[Project], today: date) -> list[LedgerStanding]:
    """Every ledger of the programme with what of it `rows` holds. Two queries."""
    final = (Q(ledger__final="connected") & Q(connected_on__lte=today)) | (
        Q(ledger__final="accepted") & Q(accepted_on__lte=today)
    )
    kept = Q(excluded="")
    sums = {f"{name}_": Sum(name) for name in ("central", "local", "own", "paid")}
    counts = counts_of({"entered": Q(), "excluded_": ~kept, "done": kept & final})
    more = {"mines": Count("mine", distinct=True), "told": Max("told_on")}
    found = grouped(rows, "ledger", counts | more | sums)
    return [_ledger(ledger, found.get(ledger.pk, {})) for ledger in Ledger.objects.filter(programme=programme)]


def _ledger(ledger: Ledger, row: dict[str, Any]) -> LedgerStanding:
    def number(name: str) -> int:
        return int(row.get(name) or 0)

    return LedgerStanding(
        ledger,
        LedgerCount(number("entered"), number("excluded_"), number("done")),
        number("mines"),
        money=_sum(row.get(name) for name in ("central_", "local_", "own_")),
        paid=_sum([row.get("paid_")]),
        last_told=row.get("told"),
    )


def _sum(values: Iterable[object]) -> Decimal:
    return sum((value for value in values if isinstance(value, Decimal)), Decimal(0))
