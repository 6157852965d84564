"""The ladders that deadlines climb, as data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.library.shipped import read_yaml

Unit = Literal["seconds", "minutes", "hours", "days"]


class Rung(BaseModel):
    """One rung: it fires `offset` after the time due."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(min_length=1)
    offset: dict[Unit, int] = Field(min_length=1)
    action: str = Field(min_length=1)
    notice: str = ""
    lapses: bool = False

    @property
    def after(self) -> timedelta:
        return timedelta(**self.offset)


class Ladder(BaseModel):
    """Rungs in the order of their offsets."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str
    rungs: tuple[Rung, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if any(earlier.after > later.after for earlier, later in pairwise(self.rungs)):
            raise ValueError("rungs must stand in the order of their offsets")
        if sum(rung.lapses for rung in self.rungs) != 1:
            raise ValueError("exactly one rung lapses the deadline")
        return self

    def fires_at(self, rung: int, due: datetime) -> datetime | None:
        """When the rung of that index fires; None beyond the last."""
        return due + self.rungs[rung].after if rung < len(self.rungs) else None

    def first_after(self, due: datetime, start: datetime) -> int:
        """The first rung that does not lie before the start: a short deadline skips reminders that would be past."""
        return next(i for i, rung in enumerate(self.rungs) if due + rung.after >= start or rung.lapses)


class LadderFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date
    ladders: dict[str, Ladder]


def load(text: str) -> dict[str, Ladder]:
    """The ladders of a file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return LadderFile.model_validate(read_yaml(text)).ladders


def in_force(own: Path | None) -> dict[str, Ladder]:
    """The shipped ladders, those that `own` describes in their place.

    Raises OSError when there is no such file, ValueError when it has a ladder or an action that we do not know.
    """
    ladders = load((files("kuangan.base.deadlines") / "ladders.yaml").read_text(encoding="utf-8"))
    if own is None:
        return ladders
    replaced = load(own.read_text(encoding="utf-8"))
    for name, ladder in replaced.items():
        known = {(rung.code, rung.action) for rung in ladders[name].rungs} if name in ladders else set()
        if strange := [rung.code for rung in ladder.rungs if (rung.code, rung.action) not in known]:
            raise ValueError(f"{own}: ladder {name}: unknown rungs {strange}")
    return ladders | replaced


LADDERS = in_force(settings.KUANGAN.ladders)
