"""The wall plan: areas by months, each milestone as a mark with colour, shape and word. Pure but for the rows it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from kuangan.domains.campaign.models import Milestone, Programme
from kuangan.domains.campaign.queries import milestone_state
from kuangan.domains.campaign.rules import days_late, months
from kuangan.domains.campaign.words import DUE_STATES, SHAPES


@dataclass(frozen=True, slots=True)
class Mark:
    row: Milestone
    state: str
    late: int

    @property
    def shape(self) -> str:
        return SHAPES[self.state]

    @property
    def word(self) -> str:
        return DUE_STATES[self.state] + (f"，晚 {self.late} 天" if self.state == "late" else "")


@dataclass(slots=True)
class Area:
    code: str
    title: str
    cells: list[list[Mark]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(len(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    current: bool

    @property
    def word(self) -> str:
        return f"{self.first.month}月"


def head(programme: Programme, today: date) -> list[tuple[int, list[Month]]]:
    """(year, its months) of the programme."""
    found: dict[int, list[Month]] = {}
    for first in months(programme.since, programme.until):
        found.setdefault(first.year, []).append(Month(first, (first.year, first.month) == (today.year, today.month)))
    return list(found.items())


def areas(
    programme: Programme, rows: Iterable[Milestone], today: date, titles: Mapping[str, str] = MappingProxyType({})
) -> list[Area]:
    """Every area with one cell for each month; each milestone stands in exactly one cell, that of its day.

    A day outside the programme stands in its first or last month. `titles` are areas that are shown even without a milestone.
    """
    span = months(programme.since, programme.until)
    found = {code: Area(code, title, [[] for _ in span]) for code, title in sorted(titles.items())}
    for row in sorted(rows, key=lambda one: (one.task is None, one.task.area if one.task else "", one.due, one.pk)):
        code = row.task.area if row.task else "G"
        title = row.task.area_title if row.task else "保障"
        area = found.setdefault(code, Area(code, title, [[] for _ in span]))
        place = min(max(row.due.replace(day=1), span[0]), span[-1])
        area.cells[span.index(place)].append(
            Mark(row, milestone_state(row, programme, today), days_late(row.due, row.done_on))
        )
    return list(found.values())
