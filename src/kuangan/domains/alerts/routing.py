"""The routing table: shipped default, official tables imported over it, and which one applies on a day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Literal, Self

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.base.audit.writing import record
from kuangan.base.clock import BEIJING
from kuangan.base.people.models import User
from kuangan.domains.alerts.models import RoutingRow, RoutingTable
from kuangan.domains.alerts.rules import Clock, level_rank, told_levels
from kuangan.library.shipped import read_yaml

Colour = Literal["red", "orange", "yellow", "blue"]
LevelName = Literal["mine", "parent", "direct", "city", "province"]
StepName = Literal["acknowledge", "withdraw_start", "first_report", "onsite_verify", "written_feedback", "close"]
Source = Literal["default", "official"]
COLOURS: tuple[Colour, ...] = ("red", "orange", "yellow", "blue")


class Row(BaseModel):
    """One clock as it stands in a routing file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    colour: Colour
    level: LevelName
    step: StepName
    minutes: int = Field(gt=0, le=60 * 24 * 90)
    basis: str = Field(min_length=1, max_length=300)
    source: Source


class RoutingFile(BaseModel):
    """A whole routing file: shipped default or official annex."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Literal[1]
    name: str = Field(min_length=1, max_length=160)
    basis: str = Field(min_length=1, max_length=300)
    source: Source
    in_force_from: date
    in_force_until: date | None = None
    climb_ack_minutes: int = Field(gt=0)
    ceiling: dict[Colour, LevelName]
    rows: tuple[Row, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Every colour needs a ceiling and an acknowledgement by the mine; no clock may stand twice or above the ceiling."""
        keys = [(row.colour, row.level, row.step) for row in self.rows]
        if len(keys) != len(set(keys)):
            raise ValueError("a clock stands twice")
        for colour in COLOURS:
            if colour not in self.ceiling:
                raise ValueError(f"{colour} has no ceiling")
            if (colour, "mine", "acknowledge") not in keys:
                raise ValueError(f"{colour} is not acknowledged by the mine")
        for row in self.rows:
            if row.step == "acknowledge" and level_rank(row.level) > level_rank(self.ceiling[row.colour]):
                raise ValueError(f"{row.colour} is acknowledged above its ceiling")
        if self.in_force_until and self.in_force_until <= self.in_force_from:
            raise ValueError("the table ends before it begins")
        return self


@dataclass(frozen=True)
class Routing:
    """A routing table ready for use."""

    name: str
    basis: str
    source: str
    climb_ack_minutes: int
    ceiling: Mapping[str, str]
    clocks: Mapping[str, tuple[Clock, ...]]

    def told(self, grade: str) -> tuple[str, ...]:
        """Levels that are told at once, and must acknowledge, when `grade` is reached."""
        return told_levels(self.clocks.get(grade, ()))

    @property
    def is_default(self) -> bool:
        return self.source == "default"


def parse_routing(text: str) -> RoutingFile:
    """A validated routing file. Raises pydantic.ValidationError or yaml.YAMLError."""
    return RoutingFile.model_validate(read_yaml(text))


def routing_of(file: RoutingFile) -> Routing:
    clocks: dict[str, tuple[Clock, ...]] = {
        colour: tuple(
            Clock(row.level, row.step, row.minutes, row.basis, row.source) for row in file.rows if row.colour == colour
        )
        for colour in COLOURS
    }
    return Routing(
        file.name,
        file.basis,
        file.source,
        file.climb_ack_minutes,
        {str(colour): str(level) for colour, level in file.ceiling.items()},
        clocks,
    )


@lru_cache(maxsize=1)
def default_routing() -> Routing:
    """The table shipped with the package; all of it is ours, not official."""
    text = (files("kuangan.domains.alerts") / "routing.yaml").read_text(encoding="utf-8")
    return routing_of(parse_routing(text))


def import_routing(text: str, by: User, at: datetime) -> RoutingTable:
    """Store an official table; it replaces ours for alerts raised from `in_force_from` on.

    Raises pydantic.ValidationError or yaml.YAMLError when the file is not one.
    """
    file = parse_routing(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        table = RoutingTable.objects.create(
            name=file.name,
            basis=file.basis,
            source=file.source,
            in_force_from=file.in_force_from,
            in_force_until=file.in_force_until,
            climb_ack_minutes=file.climb_ack_minutes,
            ceiling=dict(file.ceiling),
            imported_at=at,
            imported_by=by,
            sha256=digest,
        )
        RoutingRow.objects.bulk_create([RoutingRow(table=table, **row.model_dump()) for row in file.rows])
        content = {"name": file.name, "in_force_from": file.in_force_from.isoformat(), "sha256": digest}
        record(actor=by, action="import_routing", kind="routing_table", ident=str(table.pk), content=content, at=at)
    return table


class RoutingBook:
    """All tables, read once (two queries); answers which one applies when."""

    def __init__(self) -> None:
        self._tables = [
            (table.in_force_from, table.in_force_until, _from_rows(table))
            for table in RoutingTable.objects.prefetch_related("rows").order_by("-in_force_from", "-imported_at")
        ]

    def on(self, at: datetime) -> Routing:
        """The table in force on the Beijing date of `at`; ours when no imported one holds."""
        day = at.astimezone(BEIJING).date()
        for start, until, routing in self._tables:
            if start <= day and (until is None or day < until):
                return routing
        return default_routing()


def _from_rows(table: RoutingTable) -> Routing:
    rows = list(table.rows.all())
    clocks: dict[str, tuple[Clock, ...]] = {
        colour: tuple(Clock(r.level, r.step, r.minutes, r.basis, r.source) for r in rows if r.colour == colour)
        for colour in COLOURS
    }
    return Routing(table.name, table.basis, table.source, table.climb_ack_minutes, table.ceiling, clocks)
