"""Facts of mines with dates of effect, and what was known when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Q, QuerySet

from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine, MineFact

MineCodes: TypeAlias = Collection[str] | QuerySet[Mine, Any]
"""Codes of mines, or a query that gives them."""


class FactOverlap(ValueError):
    """A new fact overlaps a recorded one and does not say that it corrects it."""


@dataclass(frozen=True, slots=True)
class NewFact:
    """What is to be recorded; the interval is [valid_from, valid_to). `basis` goes before the one of the whole batch."""

    mine: str
    attribute: str
    value: Any
    valid_from: datetime
    valid_to: datetime | None = None
    basis: str = ""


def facts_as_of(
    mine_codes: MineCodes | None,
    attributes: Collection[str] | None,
    at: datetime,
    known_at: datetime | None = None,
) -> dict[str, dict[str, Any]]:
    """What held at `at` as it was known at `known_at` (None: all that is known), as {mine: {attribute: value}}.

    None for mines or attributes means all of them. Of several rows covering `at`, the one recorded last wins. One query.
    """
    found: dict[str, dict[str, Any]] = {}
    rows = _covering(at, known_at)
    if mine_codes is not None:
        rows = rows.filter(mine__in=mine_codes)
    if attributes is not None:
        rows = rows.filter(attribute__in=attributes)
    for mine, attribute, value in rows.values_list("mine_id", "attribute", "value"):
        found.setdefault(mine, {})[attribute] = value
    return found


def _covering(at: datetime, known_at: datetime | None) -> Any:
    in_effect = Q(valid_to__isnull=True) | Q(valid_to__gt=at)
    rows = MineFact.objects.filter(valid_from__lte=at)
    if known_at is not None:
        in_effect |= Q(end_recorded_at__gt=known_at)
        rows = rows.filter(recorded_at__lte=known_at)
    return rows.filter(in_effect).order_by("recorded_at", "id")


def record_facts(
    facts: Iterable[NewFact], *, at: datetime, basis: str, by: User | None = None, correcting: bool = False
) -> int:
    """Record facts at `at`; the running fact of the same mine and attribute ends where the new one begins.

    A fact equal to the one in force adds nothing. Raises FactOverlap when a new fact begins before, or lies across, a
    recorded one, unless `correcting`: then it is added beside it and the later record wins. Returns rows added.
    """
    new = list(facts)
    if not new:
        return 0
    with transaction.atomic():
        standing = _standing({fact.mine for fact in new}, {fact.attribute for fact in new})
        ended: list[MineFact] = []
        added: list[MineFact] = []
        for fact in new:
            rows = standing.setdefault((fact.mine, fact.attribute), [])
            if not correcting:
                if _already_in_force(rows, fact):
                    continue
                ended += _make_room(rows, fact, at)
            row = MineFact(
                mine_id=fact.mine,
                attribute=fact.attribute,
                value=fact.value,
                valid_from=fact.valid_from,
                valid_to=fact.valid_to,
                end_recorded_at=at if fact.valid_to else None,
                basis=(fact.basis or basis)[:200],
                recorded_at=at,
                recorded_by=by,
            )
            rows.append(row)
            added.append(row)
        MineFact.objects.bulk_update([row for row in ended if row.pk], ["valid_to", "end_recorded_at"], batch_size=500)
        MineFact.objects.bulk_create(added, batch_size=500)
    return len(added)


def _standing(mines: set[str], attributes: set[str]) -> dict[tuple[str, str], list[MineFact]]:
    rows: dict[tuple[str, str], list[MineFact]] = {}
    query = MineFact.objects.select_for_update().filter(mine__in=mines, attribute__in=attributes)
    for row in query.order_by("valid_from", "recorded_at"):
        rows.setdefault((row.mine_id, row.attribute), []).append(row)
    return rows


def _already_in_force(rows: list[MineFact], fact: NewFact) -> bool:
    if not rows or fact.valid_to is not None:
        return False
    last = max(rows, key=lambda row: (row.recorded_at, row.valid_from))
    return last.valid_to is None and last.valid_from <= fact.valid_from and bool(last.value == fact.value)


def _make_room(rows: list[MineFact], fact: NewFact, at: datetime) -> list[MineFact]:
    """End the open rows that begin earlier; anything else in the way is an overlap."""
    ended = []
    for row in rows:
        if row.valid_to is None and row.valid_from < fact.valid_from:
            row.valid_to, row.end_recorded_at = fact.valid_from, at
            ended.append(row)
        elif _overlaps(row, fact):
            raise FactOverlap(f"{fact.mine} {fact.attribute}: {fact.valid_from:%Y-%m-%d} overlaps a recorded fact")
    return ended


def _overlaps(row: MineFact, fact: NewFact) -> bool:
    begins_before_end = row.valid_to is None or fact.valid_from < row.valid_to
    return begins_before_end and (fact.valid_to is None or row.valid_from < fact.valid_to)
