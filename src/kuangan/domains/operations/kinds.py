"""The kinds of announced work and of safety systems, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuangan.library.shipped import read_yaml

DEFAULT_MARK: Final = "系统默认，非官方分级"
STRICT: Final = ConfigDict(extra="forbid", frozen=True)


class Repeat(BaseModel):
    """More than so many within so many days are looked at."""

    model_config = STRICT
    more_than: int = Field(gt=0)
    days: int = Field(gt=0)


class Kind(BaseModel):
    """One kind of announced work; `kinds.yaml` says what the fields mean."""

    model_config = STRICT
    label: str = Field(min_length=1)
    answer: bool
    ends: Literal["reported", "time"]
    where: Literal["points", "any"]
    lead_minutes: int = Field(ge=0)
    longest_minutes: int = Field(gt=0)
    marks: tuple[str, ...] = Field(min_length=1)
    expect: Literal["calibration_bit", "gap", ""]
    protected: bool
    repeat: Repeat
    confidence: Literal["S", "M", "I"]

    @property
    def lead(self) -> timedelta:
        return timedelta(minutes=self.lead_minutes)

    @property
    def longest(self) -> timedelta:
        return timedelta(minutes=self.longest_minutes)


class System(BaseModel):
    """One of the underground safety systems."""

    model_config = STRICT
    label: str = Field(min_length=1)
    test_days: int = Field(gt=0)
    repair_hours: int = Field(gt=0)
    confidence: Literal["S", "M", "I"]


class KindFile(BaseModel):
    """The whole file."""

    model_config = STRICT
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date
    settle_minutes: int = Field(ge=0)
    quiet_minutes: int = Field(gt=0)
    judged_points: int = Field(gt=0)
    explain_hours: int = Field(gt=0)
    kinds: dict[str, Kind]
    systems: dict[str, System]


def load(text: str) -> KindFile:
    """A validated file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return KindFile.model_validate(read_yaml(text))


FILE: Final = load((files("kuangan.domains.operations") / "kinds.yaml").read_text(encoding="utf-8"))
KINDS: Final[Mapping[str, Kind]] = FILE.kinds
SYSTEMS: Final[Mapping[str, System]] = FILE.systems
KIND_WORDS: Final = {code: kind.label for code, kind in KINDS.items()}
SYSTEM_WORDS: Final = {code: system.label for code, system in SYSTEMS.items()}
