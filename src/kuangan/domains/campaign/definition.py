"""A programme as data: `data/*.yaml`, typed. The head of the shipped file says what the fields mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kuangan.base.people.roles import OrganisationKind
from kuangan.library.policy import Node, shipped
from kuangan.library.shipped import read_yaml

DEFAULT_MARK: Final = "系统默认，非官方分级"
Confidence = Literal["S", "M", "I", "J"]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Words = Annotated[str, Field(min_length=1)]
Day = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Measure = Literal["value", "reduction", "rise_points", "rise_ratio", "words"]
Final_ = Literal["accepted", "connected"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Part(Strict):
    """What every part has: a code, a title, the place of the document it stands in, and how sure we are."""

    id: Code
    title: Words
    conf: Confidence

    @property
    def ours(self) -> bool:
        return self.conf != "S"


class RolePart(Part):
    places: int | None
    said: Words


class Member(Strict):
    unit: str
    organisation: OrganisationKind | None


class TargetPart(Part):
    node: str
    unit: str
    measure: Measure
    op: Literal["<", "<=", "==", ">=", ">"] | None = None
    value: float | None = None
    definition: Words
    baseline: int | None = None
    until: date | None = None
    reading: str = ""
    asks_year: str = ""
    asks_value: str = ""

    @model_validator(mode="after")
    def _a_number_where_one_is_compared(self) -> Self:
        if (self.measure == "words") != (self.op is None or self.value is None):
            raise ValueError("op and value belong to a target that is measured, and to no other")
        return self

    @property
    def needs_baseline(self) -> bool:
        return self.measure in ("reduction", "rise_points", "rise_ratio")


class LedgerPart(Part):
    node: str
    unit: Words
    planned: int | None
    mines: int | None = None
    due: date
    final: Final_


class Timed(Part):
    """Due on a day, on a day of every year, or on a day of every month after the month it is about."""

    node: str
    due: date | None = None
    yearly: Day | None = None
    monthly: Annotated[int, Field(ge=1, le=28)] | None = None
    first: int | None = None
    last: int | None = None

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        if sum(one is not None for one in (self.due, self.yearly, self.monthly)) != 1:
            raise ValueError("due, yearly and monthly exclude each other")
        if (self.yearly is None) != (self.first is None or self.last is None):
            raise ValueError("first and last belong to what comes every year")
        return self

    def periods(self, since: date, until: date) -> Iterator[tuple[str, date]]:
        """(period, day due): the period is a year `2025`, a month `2025-03`, or empty for what comes once."""
        if self.due is not None:
            yield "", self.due
        elif self.yearly is not None:
            for year in range(self.first or 0, (self.last or 0) + 1):
                yield str(year), date.fromisoformat(f"{year}-{self.yearly}")
        else:
            month = since.replace(day=1)
            while month <= until:
                following = (month + timedelta(days=31)).replace(day=1)
                yield f"{month:%Y-%m}", following.replace(day=self.monthly or 1)
                month = following


class SubmissionPart(Timed):
    who: Literal["cities", "committees", "members"]


class Definition(Strict):
    """The whole file."""

    version: Literal[1]
    in_force_from: date
    id: Code
    document: str
    number: Words
    title: Words
    since: date = Field(alias="from")
    until: date
    successor: str | None
    source: Literal["default", "official"]
    office: OrganisationKind
    not_milestones: frozenset[str]
    stale_days: int = Field(gt=0)
    near_days: int = Field(gt=0)
    roles: tuple[RolePart, ...]
    members: tuple[Member, ...]
    leads: dict[str, str]
    targets: tuple[TargetPart, ...]
    ledgers: tuple[LedgerPart, ...]
    submissions: tuple[SubmissionPart, ...]
    reports: tuple[Timed, ...]

    @model_validator(mode="after")
    def _what_it_names_is_there(self) -> Self:
        library = shipped()
        named: list[TargetPart | LedgerPart | Timed] = [*self.targets, *self.ledgers, *self.submissions, *self.reports]
        strange = {part.node for part in named} | self.not_milestones | set(self.leads)
        strange -= set(library.nodes)
        strange |= {member.unit for member in self.members} - set(library.authorities)
        strange |= {part.reading for part in self.targets if part.reading} - set(library.readings)
        strange |= {key for part in self.targets for key in (part.asks_year, part.asks_value) if key} - set(
            library.baselines
        )
        if strange:
            raise ValueError(f"unknown in the policy library: {sorted(strange)}")
        for group in (self.roles, self.targets, self.ledgers, self.submissions, self.reports):
            ids = [part.id for part in group]
            if len(set(ids)) != len(ids):
                raise ValueError(f"named twice: {ids}")
        return self

    @property
    def tasks(self) -> tuple[Node, ...]:
        return shipped().documents[self.document].of("clause")

    @property
    def areas(self) -> dict[str, str]:
        """Part → title of the parts that hold tasks, in the order of the document, then the safeguards."""
        held = {node.part for node in self.tasks} | {"G"}
        return {part.id: part.title for part in shipped().documents[self.document].parts if part.id in held}

    def target(self, code: str) -> TargetPart:
        return next(part for part in self.targets if part.id == code)

    def ledger(self, code: str) -> LedgerPart:
        return next(part for part in self.ledgers if part.id == code)


def load(text: str) -> Definition:
    """A validated programme. Raises pydantic.ValidationError or yaml.YAMLError."""
    return Definition.model_validate(read_yaml(text))


@cache
def definitions() -> Mapping[str, Definition]:
    """Every shipped programme by its id."""
    folder = files("kuangan.domains.campaign") / "data"
    found = [load(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {one.id: one for one in sorted(found, key=lambda one: one.since)}
