"""What a policy document is as data. Every field is explained in docs/developers/policy.md; a field that is not here is refused."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kuangan.library.policy.tables import Authority, Reading, Statute
from kuangan.library.policy.typed import (
    Cadence,
    Code,
    Confidence,
    Day,
    Kind,
    MineKind,
    NodeId,
    Operator,
    RoomName,
    Series,
    Strict,
    Subject,
    SystemId,
    Words,
    series_of,
)

LONGEST_TITLE = 24
LONGEST_SUMMARY = 150


class Head(Strict):
    """The document itself; `campaign_until` is the last day of the campaign it belongs to."""

    id: Annotated[str, Field(pattern=r"^[A-Z]+\d+$")]
    number: Words
    title: Words
    issuer: Words
    issued: datetime.date
    campaign_until: datetime.date | None = None


class Part(Strict):
    id: str
    title: Words


class Deadline(Strict):
    """A date of the text: `on` a day, or `yearly` on a day of every year `from`…`until`.

    `sense` says whether something must be done by then or counts since then; `said` is how the text puts the date.
    """

    on: datetime.date | None = None
    yearly: Day | None = None
    first: int | None = Field(None, alias="from")
    last: int | None = Field(None, alias="until")
    sense: Literal["by", "since"] = "by"
    what: Words
    said: Words

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Deadline:
        if (self.on is None) == (self.yearly is None):
            raise ValueError("a deadline is either on a day or yearly")
        if self.yearly is None and (self.first is not None or self.last is not None):
            raise ValueError("from and until belong to a yearly deadline")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError("until lies before from")
        return self

    def days(self, until: int) -> tuple[datetime.date, ...]:
        """Every day it names up to the end of the year `until`; a yearly one without `from` only that of its last year."""
        if self.on is not None:
            return (self.on,) if self.on.year <= until else ()
        last = until if self.last is None else min(self.last, until)
        first = last if self.first is None else self.first
        return tuple(datetime.date.fromisoformat(f"{year}-{self.yearly}") for year in range(first, last + 1))


class Threshold(Strict):
    """A number of the text: what is measured as `name` must be, or triggers when it is, `op value` in `unit`.

    A value that is no number (a degree, a class of size) stands in the words of the text.
    """

    name: Code
    op: Operator
    value: int | float | str
    unit: str
    what: Words
    said: Words


class Consequence(Strict):
    """A measure that the text has follow. `signs` is who may decide it by law; `mine_kinds` where it may be used at all."""

    measure: Code
    what: Words
    signs: Code | None = None
    mine_kinds: tuple[MineKind, ...] = ()
    note: str | None = None


class Cited(Strict):
    """An act that the node names or needs; `conf` says how sure it is that it applies."""

    id: Code
    conf: Confidence


class Node(Strict):
    """One place of a document that says something. `anchors` are words by which its passage is found where the text has no number."""

    id: NodeId
    part: str
    under: NodeId | None = None
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    summary: Annotated[str, Field(min_length=1, max_length=LONGEST_SUMMARY)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    binds: Annotated[tuple[Subject, ...], Field(min_length=1)]
    mine_kinds: tuple[MineKind, ...] = ()
    authorities: tuple[Code, ...] = ()
    our_authorities: tuple[Code, ...] = ()
    cadence: Cadence | None = None
    deadlines: tuple[Deadline, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    on_breach: tuple[Consequence, ...] = ()
    statutes: tuple[Cited, ...] = ()
    lasts: Literal["standing", "campaign"]
    duty_in_heading: bool = False
    room: RoomName
    systems: tuple[SystemId, ...] = ()
    readings: tuple[Code, ...] = ()
    same_as: tuple[NodeId, ...] = ()
    anchors: tuple[Words, ...] = ()

    @property
    def document(self) -> str:
        """Id of the document, as SX34."""
        return self.id.partition("-")[0]

    @property
    def key(self) -> str:
        """Place inside the document, as 14, H7 or N."""
        return self.id.partition("-")[2]

    @property
    def series(self) -> Series:
        return series_of(self.key)

    @property
    def owners(self) -> tuple[str, ...]:
        """Ids of the units that answer for it: those of the text, else our reading."""
        return self.authorities or self.our_authorities

    @property
    def owner_is_ours(self) -> bool:
        """Whether the text names no unit, so that the owner is our reading."""
        return not self.authorities


class Document(Strict):
    """One document file. Acts, units and readings that only it needs may stand in it, so that a new document is one file."""

    document: Head
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    authorities: tuple[Authority, ...] = ()
    statutes: tuple[Statute, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def id(self) -> str:
        return self.document.id

    def of(self, series: Series) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.series == series)
