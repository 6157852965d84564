"""People below ground in many mines at once: of each that can be counted, how many; the others are unknown, never 0."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

from django.db.models import QuerySet

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine, MineAlias, MineKind
from kuangan.base.registry.scope import visible_mines
from kuangan.library.telemetry.underground import approved, totals

WITH_PEOPLE_BELOW: Final = (MineKind.UNDERGROUND_COAL, MineKind.UNDERGROUND_NONCOAL)
KEPT_FOR: Final = timedelta(seconds=15)
"""Snapshots come every five minutes; every open desk asks each ten seconds."""
DEFINED_FOR: Final = timedelta(minutes=5)
"""Lists of persons come once a day."""


@dataclass(frozen=True, slots=True)
class Head:
    """Persons below ground in one mine by its newest snapshot; `unsure` when some records could not be read or placed."""

    persons: int
    snapshot: datetime
    unsure: bool


Heads = Mapping[str, Head]
_lock = Lock()
_kept: dict[Path, tuple[datetime, Heads]] = {}
_approved: dict[Path, tuple[datetime, Mapping[str, int]]] = {}


def heads(home: Path, at: datetime) -> Heads:
    """Every mine that can be counted at `at`, by its code; one look at the archive in fifteen seconds for a process."""
    with _lock:
        known = _kept.get(home)
        if known is not None and known[0] <= at < known[0] + KEPT_FOR:
            return known[1]
        aliases = dict(MineAlias.objects.values_list("alias", "mine_id"))
        found = {
            row["mine"]: Head(row["persons"], from_ms(row["snapshot"]), bool(row["unclear"] or row["rejected"]))
            for row in totals(home, to_ms(at), aliases).iter_rows(named=True)
        }
        _kept.clear()
        _kept[home] = (at, found)
        return found


def approved_numbers(home: Path, at: datetime) -> Mapping[str, int]:
    """Persons approved below ground at once, by mine, as the mines tell them; one look at the archive in five minutes for a process."""
    with _lock:
        known = _approved.get(home)
        if known is not None and known[0] <= at < known[0] + DEFINED_FOR:
            return known[1]
        aliases = dict(MineAlias.objects.values_list("alias", "mine_id"))
        found = approved(home, to_ms(at), aliases)
        _approved.clear()
        _approved[home] = (at, found)
        return found


def forget() -> None:
    """Drop what is remembered; for tests."""
    with _lock:
        _kept.clear()
        _approved.clear()


@dataclass(frozen=True, slots=True)
class MineRow:
    """One underground mine of a scope with its head-count, None where that is unknown."""

    mine: Mine
    head: Head | None


@dataclass(frozen=True, slots=True)
class Total:
    """Persons in the mines that could be counted, how many those are, of how many underground mines."""

    persons: int
    counted: int
    mines: int


def _underground(user: User, at: datetime) -> QuerySet[Mine]:
    return visible_mines(user, at).filter(kind__in=WITH_PEOPLE_BELOW)


def underground_mines(user: User, at: datetime) -> list[Mine]:
    """The underground mines within a person's scope. One query."""
    return list(_underground(user, at).select_related("county", "city").order_by("code"))


def total_within(home: Path, user: User, at: datetime) -> Total:
    """The sum of a person's scope, without its mines. One query."""
    found = heads(home, at)
    codes = list(_underground(user, at).order_by().values_list("code", flat=True))
    known = [found[code].persons for code in codes if code in found]
    return Total(sum(known), len(known), len(codes))


def rows_of(home: Path, mines: Collection[Mine], at: datetime) -> list[MineRow]:
    """Most people first, unknown ones last."""
    found = heads(home, at)
    rows = [MineRow(mine, found.get(mine.code)) for mine in mines]
    return sorted(rows, key=lambda row: (row.head is None, -(row.head.persons if row.head else 0), row.mine.code))


def total_of(rows: Collection[MineRow]) -> Total:
    known = [row.head.persons for row in rows if row.head is not None]
    return Total(sum(known), len(known), len(rows))
