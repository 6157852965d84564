"""The ladders that deadlines climb, as data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.base.deadlines.workdays import CALENDAR, moved
from kuangan.library.shipped import read_yaml

Unit = Literal["seconds", "minutes", "hours", "days", "working_days"]
Act = Literal["extend", "suspend"]
WORKING = "working_days"
DAY = timedelta(days=1)


class Rung(BaseModel):
    """One rung: it fires `offset` after the time due, working days first, at the same time of day."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(min_length=1)
    offset: dict[Unit, int] = Field(min_length=1)
    action: str = Field(min_length=1)
    notice: str = ""
    lapses: bool = False

    @property
    def after(self) -> timedelta:
        """The offset apart from its working days."""
        return timedelta(**{unit: count for unit, count in self.offset.items() if unit != WORKING})

    @property
    def working_days(self) -> int:
        return self.offset.get("working_days", 0)

    def fires_at(self, due: datetime) -> datetime:
        return moved(CALENDAR, due, self.working_days) + self.after


class Ladder(BaseModel):
    """Rungs in the order of their offsets. `acts` are what people may do with its deadlines by hand, with a reason.

    Where a rung counts working days, all do (one at the time due itself may say so in any unit), and what else it says only leads to
    an earlier time of the same day, so that their order holds on every calendar.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str
    rungs: tuple[Rung, ...] = Field(min_length=1)
    acts: frozenset[Act] = frozenset()

    @property
    def in_working_days(self) -> bool:
        return any(rung.working_days for rung in self.rungs)

    @model_validator(mode="after")
    def ordered(self) -> Self:
        offsets = [(rung.working_days, rung.after) for rung in self.rungs]
        if any(earlier > later for earlier, later in pairwise(offsets)):
            raise ValueError("rungs must stand in the order of their offsets")
        if self.in_working_days and not all(-DAY < after <= timedelta(0) for _, after in offsets):
            raise ValueError("beside working days a rung only names an earlier time of the day")
        if sum(rung.lapses for rung in self.rungs) != 1:
            raise ValueError("exactly one rung lapses the deadline")
        return self

    def fires_at(self, rung: int, due: datetime) -> datetime | None:
        """When the rung of that index fires; None beyond the last."""
        return self.rungs[rung].fires_at(due) if rung < len(self.rungs) else None

    def first_after(self, due: datetime, start: datetime) -> int:
        """The first rung that does not lie before the start: a short deadline skips reminders that would be past."""
        return next(i for i, rung in enumerate(self.rungs) if rung.fires_at(due) >= start or rung.lapses)


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
