"""How many people are below ground: another room knows. It is installed from above; without it everything is unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from kuangan.base.people.models import User


@dataclass(frozen=True, slots=True)
class Below:
    """Persons in the mines that could be counted, how many those are, of how many, and the list of them."""

    persons: int = 0
    counted: int = 0
    mines: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class Inside:
    """Persons in one mine by the snapshot of a moment, and its page; None where that is unknown."""

    persons: int | None
    snapshot: datetime | None
    address: str


@dataclass(frozen=True, slots=True)
class Counting:
    """Who knows: `scope` for all mines of a person, `mine` for one by its code."""

    scope: Callable[[User | AnonymousUser, datetime], Below]
    mine: Callable[[str, datetime], Inside]


_installed: list[Counting] = []


def install(counting: Counting | None) -> None:
    """Say who knows; None: nobody."""
    _installed[:] = [] if counting is None else [counting]


def below(user: User | AnonymousUser, at: datetime) -> Below:
    return _installed[0].scope(user, at) if _installed else Below()


def inside(mine: str, at: datetime) -> Inside | None:
    return _installed[0].mine(mine, at) if _installed and mine else None
