"""Which declared work covered something then. The work is declared in a domain; who knows of it is installed from above."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """Was this announced at `at`? `subject_kind` is point, station or mine, `subject` its code; `key` comes back."""

    key: Hashable
    mine: str
    rule: str
    subject_kind: str
    subject: str
    at: datetime
    location: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """An announcement that covered it, with the span in which it does."""

    number: str
    label: str
    address: str
    start: datetime
    end: datetime


Covering = Callable[[Sequence[Question]], Mapping[Hashable, tuple[Cover, ...]]]
"""Questions → covers of those keys that have some, the earliest first; in a constant number of queries."""


def nobody(questions: Sequence[Question]) -> Mapping[Hashable, tuple[Cover, ...]]:
    """No announcements: what holds until a source is installed."""
    return {}


_covering: list[Covering] = [nobody]


def install(covering: Covering) -> None:
    """Say who knows the announcements."""
    _covering[0] = covering


def covers(questions: Sequence[Question]) -> Mapping[Hashable, tuple[Cover, ...]]:
    """The covers of a page of questions."""
    return _covering[0](questions) if questions else {}
