"""Inspections that ask for a record of what was told of the law. The ledger of inspections is another room's: the site gives its facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kuangan.base.people.models import User


@dataclass(frozen=True, slots=True)
class Told:
    """One inspection: its number in the ledger, where, by whom, when; `address` opens it, `enters` says whether the person may write."""

    visit: int
    mine: str
    mine_name: str
    body: int
    body_name: str
    arrived_at: datetime
    address: str
    enters: bool


Visits = Callable[[User, datetime, datetime], Sequence[Told]]
Address = Callable[[int], str]
_installed: list[tuple[Visits, Address]] = []


def install(visits: Visits, address: Address) -> None:
    """Say who gives the inspections a person sees, since a moment, the newest first; and where one is shown."""
    _installed[:] = [(visits, address)]


def visits_since(user: User, since: datetime, at: datetime) -> Sequence[Told]:
    return _installed[0][0](user, since, at) if _installed else ()


def address_of(visit: int) -> str:
    return _installed[0][1](visit) if _installed else ""
