"""What other rooms give the exchange: the facts of their cases, and who takes a step. Installed from above."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kuangan.base.case.models import Case
from kuangan.base.people.models import User

Facts = Callable[[Collection[int]], Iterable[dict[str, Any]]]
"""Ids of cases → their facts, in a constant number of queries. Besides what mappings name, each has `case` (its id),
`number`, `state`, `grade`, `region`, `sector`, `drill`, and `gone` (why it no longer stands; empty while it does)."""
Act = Callable[..., Case]
"""act(case, step, by=, at=, form=): takes a step through `perform`; raises what that raises."""
Taker = Callable[[Case, str], int | None]
"""taker(case, step): id of the organisation whose people may take the step now, the nearest to the mine; None: nobody's."""


@dataclass(frozen=True)
class Source:
    """One kind of case that can be exchanged."""

    facts: Facts
    act: Act
    taker: Taker


_installed: dict[str, Source] = {}


def install(sources: Mapping[str, Source]) -> None:
    """Take over the table: kind of case → source."""
    _installed.clear()
    _installed.update(sources)


def source_of(kind: str) -> Source:
    """KeyError for a kind that nobody gives."""
    return _installed[kind]


def act(case: Case, step: str, *, by: User, at: datetime, form: Mapping[str, object]) -> Case:
    """Take a step on a case of any kind."""
    return source_of(case.kind).act(case, step, by=by, at=at, form=form)


def taker(case: Case, step: str) -> int | None:
    """The organisation that may take a step on a case of any kind."""
    return source_of(case.kind).taker(case, step)
