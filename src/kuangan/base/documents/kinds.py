"""The kinds of drawings a mine keeps, as data: `drawings.yaml` says what the fields mean."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuangan.base.registry.models import MineKind
from kuangan.library.shipped import read_yaml

DEFAULT_MARK: Final = "系统默认，非官方分级"
BEING_BUILT: Final = frozenset({"building", "construction"})
STRICT: Final = ConfigDict(extra="forbid", frozen=True)


class DrawingKind(BaseModel):
    """One kind of drawing."""

    model_config = STRICT
    label: str = Field(min_length=1)
    needed: frozenset[MineKind]
    article: str
    confidence: Literal["S", "M", "I"]
    months: int = Field(gt=0)
    building: int = Field(gt=0)
    months_mark: Literal["official", "default"]

    def term(self, state: str) -> int:
        """Months after which a drawing of a mine in this state of production counts as not kept up."""
        return self.building if state in BEING_BUILT else self.months


class DrawingFile(BaseModel):
    model_config = STRICT
    version: int
    source: str
    in_force_from: date
    largest_mb: int = Field(gt=0)
    ahead_days: int = Field(ge=0)
    kinds: Mapping[str, DrawingKind]


LAW: Final = DrawingFile.model_validate(
    read_yaml((files("kuangan.base.documents") / "drawings.yaml").read_text("utf-8"))
)
KINDS: Final = LAW.kinds
LARGEST: Final = LAW.largest_mb << 20


def needed_by(mine_kind: str) -> list[str]:
    """Codes of the drawings that a mine of this kind must have, in the order of the table."""
    return [code for code, kind in KINDS.items() if mine_kind in kind.needed]


def months_later(day: date, months: int) -> date:
    """The same day so many months later, the last one of that month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
