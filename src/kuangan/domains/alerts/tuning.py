"""The numbers by which the desk folds, shelves and measures, as data."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.domains.alerts.rules import GRADES, grade_rank
from kuangan.library.shipped import read_yaml

Grade = Literal["red", "orange", "yellow", "blue"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Folding(Part):
    same_cause_minutes: int = Field(gt=0)
    county_outage_rule: str
    county_outage_minutes: int = Field(gt=0)
    county_outage_mines: int = Field(ge=2)
    alone: dict[str, tuple[Grade, ...]]
    parents: tuple[str, ...]
    children: tuple[str, ...]

    def stands_alone(self, rule: str, rank: int) -> bool:
        """Whether an alert of this rule and colour is never folded."""
        return any(grade_rank(grade) == rank for grade in self.alone.get(rule, ()))


class Flapping(Part):
    count: int = Field(ge=2)
    window_minutes: int = Field(gt=0)

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.window_minutes)


class ShelvingRule(Part):
    """What a colour allows: the longest time, a second person, and whether the clocks of the level stop meanwhile."""

    hours: int = Field(gt=0)
    second_person: bool
    clocks_stop: bool

    @model_validator(mode="after")
    def two_when_clocks_stop(self) -> Self:
        """A clock is put off only by two people, as everywhere else."""
        if self.clocks_stop and not self.second_person:
            raise ValueError("clocks stop only where a second person agrees")
        return self

    @property
    def longest(self) -> timedelta:
        return timedelta(hours=self.hours)


class Batch(Part):
    most: int = Field(gt=0)
    reason_from: Grade


class Quality(Part):
    seats: int = Field(gt=0)
    target_per_hour: float
    flood_alerts: int = Field(gt=0)
    flood_minutes: int = Field(gt=0)
    stale_hours: int = Field(gt=0)
    most_frequent: int = Field(gt=0)

    @property
    def stale_after(self) -> timedelta:
        return timedelta(hours=self.stale_hours)


class Hints(Part):
    least: int = Field(gt=0)
    candidates: int = Field(gt=0)
    shown: int = Field(gt=0)


class Recheck(Part):
    most: int = Field(gt=0)


class Tuning(Part):
    version: Literal[1]
    name: str
    source: Literal["default", "official"]
    in_force_from: date
    basis: str
    folding: Folding
    flapping: Flapping
    shelving: dict[str, ShelvingRule]
    batch: Batch
    quality: Quality
    hints: Hints
    recheck: Recheck

    @model_validator(mode="after")
    def red_is_shelved_by_two(self) -> Self:
        """Every colour is ruled, and red always wants a second person."""
        if set(self.shelving) != set(GRADES) or not self.shelving["red"].second_person:
            raise ValueError("each colour needs a row, and red a second person")
        return self


def load(text: str) -> Tuning:
    """The tuning of a file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return Tuning.model_validate(read_yaml(text))


TUNING: Final = load((files("kuangan.domains.alerts") / "desk.yaml").read_text(encoding="utf-8"))
