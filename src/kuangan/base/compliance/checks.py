"""What a check is: one clause or more, judged for all subjects of a kind at once. Rooms export tables of them.

CHECKS = {"SX34-1": (monthly_meeting,)} in a room's `checks.py`; `site.wiring` joins the tables and installs them here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final, Literal, TypeAlias

from kuangan.base.registry.models import MineKind

SubjectKind: TypeAlias = Literal[
    "mine", "parent", "county", "city", "department", "bureau", "training_body", "service_body", "vendor"
]
Json: TypeAlias = str | int | float | bool | list[str] | None
Clauses: TypeAlias = "Mapping[str, tuple[Check, ...]]"


class State(StrEnum):
    """What is known of a clause for a subject. `DETERMINED` is never the answer of a check: a person's signed act makes it."""

    NOT_APPLICABLE = "na"
    PROVED = "proved"
    PAPER = "paper"
    SUSPECTED = "suspected"
    DETERMINED = "determined"
    UNKNOWN = "unknown"


ANSWERS: Final = frozenset(State) - {State.DETERMINED}
NO_ANSWER: Final = "no_answer"
"""Why of a subject for which a check gave nothing: unknown, whatever the check meant by it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A page that shows what a finding rests on: `route` with its arguments, `query` as `?mine=…`."""

    label: str
    route: str
    args: tuple[str | int, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer for one subject. `inputs` fill the words of `why`, and only change when the answer is to be told anew.

    `data_at` is the newest time of the data it was made from.
    """

    subject: str
    state: State
    why: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    data_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()

    def mark(self, version: int) -> str:
        """16 hex digits that differ when state, why, inputs or the version of the check do."""
        told = json.dumps(
            [version, self.state, self.why, self.inputs], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return blake2b(told.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a clause binds: a mine by its code, a county or city by its region, everything else by the id of its organisation.

    `kind` and `sector` are those of a mine; `region` is the narrowest known one; `organisation` answers for the subject.
    """

    id: str
    name: str
    kind: str = ""
    sector: str = ""
    county: str = ""
    city: str = ""
    organisation: int | None = None

    @property
    def region(self) -> str:
        return self.county or self.city or "140000"


@dataclass(frozen=True, slots=True)
class Subjects:
    """All subjects of a kind that a check is asked about."""

    kind: SubjectKind
    rows: Mapping[str, Subject]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self.rows)

    def __iter__(self) -> Iterator[Subject]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def of_kinds(self, kinds: frozenset[str] | None) -> Subjects:
        """Those of certain kinds of mine; None: all."""
        if kinds is None:
            return self
        return Subjects(self.kind, {ident: row for ident, row in self.rows.items() if row.kind in kinds})


Judge: TypeAlias = Callable[[Subjects, datetime], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class Check:
    """`judge` answers for every subject it is given, from what held at a time, in a number of queries that does not grow with them.

    `words` has a sentence for every `why`, with the names of inputs in braces. `mine_kinds` are the kinds of mine it judges
    (None: all); where a clause binds more, they stay unknown. `version` goes up with what it judges by.
    """

    id: str
    title: str
    subject: SubjectKind
    judge: Judge
    words: Mapping[str, str]
    mine_kinds: frozenset[str] | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if self.mine_kinds is not None and (strange := self.mine_kinds - set(MineKind.values)):
            raise ValueError(f"check {self.id}: no kinds of mine {sorted(strange)}")

    def told(self, why: str, inputs: Mapping[str, Json]) -> str:
        """The sentence of a finding, with what it was made from."""
        if why == NO_ANSWER:
            return "检查没有给出结果"
        return self.words[why].format_map({name: _said(value) for name, value in inputs.items()})


def _said(value: Json) -> str:
    if value is None:
        return "未知"
    if isinstance(value, list):
        return "、".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


class Registry:
    """The checks of all rooms by clause and by id. `whole` are clauses of which checks judge everything, not a part."""

    def __init__(self, tables: Iterable[Clauses] = (), whole: Iterable[str] = ()) -> None:
        self.whole = frozenset(whole)
        self.clauses: dict[str, tuple[Check, ...]] = {}
        self.checks: dict[str, Check] = {}
        for table in tables:
            for clause, checks in table.items():
                known = self.clauses.get(clause, ())
                self.clauses[clause] = (*known, *(check for check in checks if check not in known))
                for check in checks:
                    if self.checks.setdefault(check.id, check) is not check:
                        raise ValueError(f"two checks are called {check.id}")
        self.clauses_of: dict[str, tuple[str, ...]] = {
            ident: tuple(clause for clause, checks in self.clauses.items() if check in checks)
            for ident, check in self.checks.items()
        }


_installed: list[Registry] = [Registry()]


def install(tables: Iterable[Clauses], whole: Iterable[str] = ()) -> None:
    """Take over the tables of all rooms. Raises ValueError when two checks share an id."""
    _installed[0] = Registry(tables, whole)


def registry() -> Registry:
    """The checks that are installed."""
    return _installed[0]
