"""The tables that all documents share: units, measures, acts, readings, texts that are not loaded."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field

from kuangan.library.policy.typed import Code, Confidence, MineKind, NodeId, Settings, Strict, Words


class Authority(Strict):
    """A unit that documents make answer. `spellings` are its names in official texts, `organisation` its kind in the register."""

    id: Code
    name: Words
    full_name: Words
    spellings: tuple[Words, ...] = Field(min_length=1)
    kind: Literal["mines", "parents", "department", "departments", "bureau", "government", "committee"]
    organisation: Code | None = None
    mine_kinds: tuple[MineKind, ...] = ()
    named_in: tuple[str, ...] = ()
    conf: Confidence


class Measure(Strict):
    """A measure of the documents with its legal frame.

    `nature`, `signs`, `decides` and `prior` are keys of the tables beside it; `prior` must be on file before it is signed;
    it is never proposed for a mine whose kind `mine_kinds` lacks; `bases` are acts by kind of mine.
    """

    id: Code
    title: Words
    what: Words
    nature: Code
    scope: Literal["place", "area", "mine", "person", "body", "government", "authority"]
    hearing: bool
    hearing_when: str | None = None
    prior: tuple[Code, ...] = ()
    signs: tuple[Code, ...] = Field(min_length=1)
    decides: Code | None = None
    effective: Words
    mine_state: Code | None = None
    follows: tuple[Code, ...] = ()
    publish_workdays: int | None = None
    lifted_by: str | None = None
    mine_kinds: tuple[MineKind, ...] = ()
    bases: dict[MineKind, tuple[Code, ...]] = Field(default_factory=dict)
    note: str | None = None
    conf: Confidence


class Statute(Strict):
    """An act or an article of one; `from` and `until` are its first and last day in force, `about` is our note of it.

    `dated` marks a `from` of which only the month or the year is known. Without a date it is not bounded on that side.
    """

    id: Code
    name: Words
    article: str | None = None
    about: Words
    first: datetime.date | None = Field(None, alias="from")
    until: datetime.date | None = None
    dated: Literal["month", "year"] | None = None
    mine_kinds: tuple[MineKind, ...] = ()
    conf: Confidence

    def in_force(self, on: datetime.date) -> bool:
        return (self.first is None or self.first <= on) and (self.until is None or on <= self.until)


class Changer(Strict):
    """Who may choose another reading."""

    id: Code
    role: Code
    level: Code
    two_persons: bool
    what: Words


class Reading(Strict):
    """A contradiction or gap of the texts with the reading that is shipped; `ours` marks a gap that we met ourselves."""

    id: Code
    ours: bool = False
    title: Words
    nodes: tuple[NodeId, ...] = Field(min_length=1)
    texts: dict[NodeId, Words] = Field(min_length=1)
    reading: Words
    settings: Settings = Field(default_factory=dict)
    alternatives: tuple[Words, ...] = ()
    changed_by: Code
    conf: Confidence


class Baseline(Strict):
    """A value that a text needs and does not give: it is asked of the customer, never guessed.

    `kind` says what an answer looks like; `until_then` what is shown without one; `reading` the gap it belongs to.
    """

    id: Code
    question: Words
    nodes: tuple[NodeId, ...] = Field(min_length=1)
    kind: Literal["year", "number", "date"]
    unit: str = ""
    reading: Code | None = None
    until_then: Words
    changed_by: Code


class Baselines(Strict):
    baselines: tuple[Baseline, ...]


class NotLoaded(Strict):
    """An official text that the customer has to import; until then what rests on it is a default of ours."""

    id: Code
    name: Words
    needed_for: Words
    nodes: tuple[NodeId, ...] = ()
    statutes: tuple[Code, ...] = ()
    until_then: str | None = None
    conf: Confidence | None = None


class Measures(Strict):
    """The file of measures with the tables its rows point to: natures of law, who may sign, steps that go before."""

    natures: dict[Code, Words]
    signers: dict[Code, Words]
    steps: dict[Code, Words]
    measures: tuple[Measure, ...]


class Readings(Strict):
    changers: tuple[Changer, ...]
    readings: tuple[Reading, ...]


class Authorities(Strict):
    authorities: tuple[Authority, ...]


class Statutes(Strict):
    """`acts` are anchors of the file that its rows are merged from; nothing else reads them."""

    acts: Settings = Field(default_factory=dict)
    statutes: tuple[Statute, ...]


class Missing(Strict):
    not_loaded: tuple[NotLoaded, ...]
