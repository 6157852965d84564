"""What the settings of all rules share: grades, clocks, and the base of their models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

Grade = Literal["blue", "yellow", "orange", "red"]
GRADES: tuple[Grade, ...] = ("blue", "yellow", "orange", "red")
MINUTE = 60_000
Quantity = Literal["methane", "carbon_monoxide", "other"]
Confidence = Literal["S", "M", "I"]


def rank(grade: str) -> int:
    """Position of a grade in the order blue < yellow < orange < red."""
    return GRADES.index(grade)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Strict):
    """What every rule says of itself: `source` names law or origin, `confidence` S sourced, M from memory, I inferred."""

    version: int
    source: str
    confidence: Confidence


def clocks(minutes: Mapping[Grade, float]) -> list[tuple[int, Grade]]:
    """Thresholds in ms with the grade each gives, shortest first."""
    return sorted((int(value * MINUTE), grade) for grade, value in minutes.items())


def usable_pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as fault:
        raise ValueError(f"no regular expression: {value!r}: {fault}") from fault
    return value


Pattern = Annotated[str, AfterValidator(usable_pattern)]
