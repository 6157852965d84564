"""What a deadline is about, in words: each kind of subject is named by its room, installed from above as one literal table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """What a subject is called, its page, and the organisation that watches over it, which is told what is proposed."""

    title: str
    address: str
    office_id: int | None = None


Naming = Callable[[Collection[str]], Mapping[str, About]]
"""Ids of subjects of one kind → what they are, with a fixed number of queries."""
_installed: dict[str, Naming] = {}


def install(table: Mapping[str, Naming]) -> None:
    """Take over the table: kind of subject → who names it."""
    _installed.clear()
    _installed.update(table)


def about(subjects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], About]:
    """(kind, id) → what it is; subjects of kinds that nobody names are absent."""
    wanted: dict[str, set[str]] = {}
    for kind, ident in subjects:
        if kind in _installed:
            wanted.setdefault(kind, set()).add(ident)
    found: dict[tuple[str, str], About] = {}
    for kind, idents in wanted.items():
        found |= {(kind, ident): said for ident, said in _installed[kind](idents).items()}
    return found
