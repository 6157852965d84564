"""Readings and baselines as they stand on a day: what is shipped, and what two persons chose in its place.

`standing_readings(day)["base_year"].settings` is what a check reads; `standing_baselines(day)` gives None where nobody has answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from kuangan.base.compliance.choices import BaselineAnswer, ChoiceState, ReadingChoice
from kuangan.library.policy import shipped
from kuangan.library.policy.tables import Baseline, Reading


@dataclass(frozen=True, slots=True)
class Standing:
    """A reading with what holds on the day; `choice` None: what is shipped."""

    reading: Reading
    choice: ReadingChoice | None

    @property
    def text(self) -> str:
        return self.choice.text if self.choice else self.reading.reading

    @property
    def settings(self) -> Mapping[str, Any]:
        """Values of the types that are shipped, for what a choice does not know the shipped ones."""
        kept = self.choice.settings if self.choice else {}
        return {key: _like(kept.get(key, like), like) for key, like in self.reading.settings.items()}

    @property
    def default(self) -> bool:
        """Whether it is ours alone: neither read in a source nor chosen by the customer."""
        return self.choice is None and self.reading.conf != "S"


def _like(value: Any, like: Any) -> Any:
    """The database keeps days as words."""
    return date.fromisoformat(value) if isinstance(like, date) and isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Answered:
    """A baseline with the answer that holds on the day, if there is one."""

    baseline: Baseline
    answer: BaselineAnswer | None

    @property
    def value(self) -> int | float | date | None:
        """The answer as its kind says; None while it is open."""
        return None if self.answer is None else typed(self.baseline, self.answer.value)


def typed(baseline: Baseline, value: str) -> int | float | date:
    """A stored answer as a year, a number or a day. Raises ValueError for what is none."""
    if baseline.kind == "date":
        return date.fromisoformat(value)
    if baseline.kind == "year":
        return date(int(value), 1, 1).year
    number = float(value)
    if not isfinite(number) or number < 0:
        raise ValueError(f"{value!r} is no number of anything")
    return number


def standing_readings(day: date) -> Mapping[str, Standing]:
    """Every reading as it stands on a day in Beijing. One query."""
    chosen = _latest(ReadingChoice.objects.filter(state=ChoiceState.APPROVED, valid_from__lte=day))
    return {name: Standing(row, chosen.get(name)) for name, row in shipped().readings.items()}


def standing_baselines(day: date) -> Mapping[str, Answered]:
    """Every baseline as it stands on a day in Beijing. One query."""
    given = _latest(BaselineAnswer.objects.filter(state=ChoiceState.APPROVED, valid_from__lte=day))
    return {name: Answered(row, given.get(name)) for name, row in shipped().baselines.items()}


def _latest(rows: Any) -> dict[str, Any]:
    """Key → the row that begins last; of one day the one that was approved last."""
    return {
        row.key: row
        for row in rows.select_related("proposed_by", "decided_by").order_by("valid_from", "decided_at", "pk")
    }
