"""Checks of our own whose answers a test says, over the mines of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from kuangan.base.compliance import checks as registering
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subjects
from kuangan.base.registry.pauses import Pace

Make = Callable[..., Any]
CLAUSE, OTHER = "SX34-48", "SX34-15"


@dataclass
class Answers:
    """What a check is to say: subject → finding; `broken` makes it fail; `asked` counts its calls."""

    found: dict[str, Finding] = field(default_factory=dict)
    broken: bool = False
    asked: int = 0

    def __call__(self, subjects: Subjects, at: datetime) -> Iterable[Finding]:
        self.asked += 1
        if self.broken:
            raise RuntimeError("no such table")
        return [finding for ident, finding in self.found.items() if ident in subjects.rows]

    def say(self, subject: str, state: State, why: str = "said", **inputs: Any) -> None:
        pages = (Evidence("矿山", "portal:mine", (subject,)),) if subject[:2].isdigit() and len(subject) > 6 else ()
        self.found[subject] = Finding(subject, state, why, inputs, None, pages)


@dataclass(frozen=True)
class Said:
    """Two checks of one clause and one of another, all of mines, and one of counties."""

    first: Answers
    second: Answers
    other: Answers
    county: Answers


def still() -> Pace:
    return Pace(size=500, rest=lambda seconds: None)


@pytest.fixture
def said(time_stands_still: None) -> Iterator[Said]:
    before = registering.registry()
    answers = Said(Answers(), Answers(), Answers(), Answers())
    words = {"said": "说明 {n}", "none": "没有台账"}

    def made(ident: str, subject: Any, judge: Answers) -> Check:
        return Check(id=ident, title=f"检查 {ident}", subject=subject, judge=judge, words=words)

    first, second = made("test.first", "mine", answers.first), made("test.second", "mine", answers.second)
    tables = [
        {CLAUSE: (first, second), OTHER: (made("test.other", "mine", answers.other),)},
        {"SX34-13": (made("test.county", "county", answers.county),)},
    ]
    registering.install(tables, whole=(OTHER,))
    yield answers
    registering._installed[0] = before


@pytest.fixture
def judge(moment: datetime) -> Make:
    from kuangan.base.compliance.judging import run

    def make(at: datetime = moment, **named: Any) -> Any:
        return run(at, pace=still, **named)

    return make
