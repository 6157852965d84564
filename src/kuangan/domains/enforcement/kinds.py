"""Kinds, bodies and spans of the ledger, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuangan.base.people.roles import OrganisationKind
from kuangan.library.shipped import read_yaml

DEFAULT_MARK: Final = "系统默认，非官方分级"


class VisitFile(BaseModel):
    """The whole file; `visits.yaml` says what the fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date
    confidence: Literal["S", "M", "I"]
    bodies: frozenset[OrganisationKind] = Field(min_length=1)
    back_days: int = Field(ge=0)
    open_hours: int = Field(gt=0)
    published_days: int = Field(gt=0)
    kinds: dict[str, str] = Field(min_length=1)

    @property
    def back(self) -> timedelta:
        return timedelta(days=self.back_days)

    @property
    def open_span(self) -> timedelta:
        return timedelta(hours=self.open_hours)


def load(text: str) -> VisitFile:
    """A validated file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return VisitFile.model_validate(read_yaml(text))


FILE: Final = load((files("kuangan.domains.enforcement") / "visits.yaml").read_text(encoding="utf-8"))
KIND_WORDS: Final[Mapping[str, str]] = FILE.kinds
