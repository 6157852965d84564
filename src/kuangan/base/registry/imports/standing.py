"""What the register holds beside the rows of a workbook, fetched by a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import PUBLIC_KINDS, OrganisationKind
from kuangan.base.people.scope import Scope, scope_of
from kuangan.base.registry.imports.columns import plain
from kuangan.base.registry.imports.rows import Row
from kuangan.base.registry.models import Mine, MineAlias, MineFact, Ownership, Region, Supervision
from kuangan.base.registry.scope import mines_within

Span = tuple[datetime, datetime | None, Any]
"""A recorded fact: from, to, value; later records stand behind earlier ones."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What does not change while rows are written. `named` finds a mine by city and plain name."""

    counties: dict[str, list[str]]
    levels: dict[str, str]
    bodies: dict[str, list[Organisation]]
    emergency: dict[str, Organisation]
    named: dict[tuple[str, str], str]
    authorities: dict[str, dict[str, Organisation]] = field(default_factory=dict)


@dataclass(slots=True)
class Standing:
    """The register as far as the rows touch it."""

    at: datetime
    scope: Scope
    mines: dict[str, Mine]
    within: frozenset[str]
    aliases: dict[str, str]
    facts: dict[tuple[str, str], list[Span]]
    direct: dict[str, Supervision]
    ground: Ground
    controllers: dict[str, set[str]] = field(default_factory=dict)

    def value(self, mine: str, attribute: str, at: datetime) -> Any:
        """What is known to hold at `at`, None for nothing."""
        spans = [
            row for row in self.facts.get((mine, attribute), ()) if row[0] <= at and (row[1] is None or at < row[1])
        ]
        return spans[-1][2] if spans else None

    def next_start(self, mine: str, attribute: str, at: datetime) -> datetime | None:
        """When the next fact after `at` begins."""
        return min((row[0] for row in self.facts.get((mine, attribute), ()) if row[0] > at), default=None)

    def begun(self, mine: str, attribute: str, at: datetime) -> bool:
        """Whether a fact begins at `at` or ends after it by a recorded end: a new one would overlap it."""
        rows = self.facts.get((mine, attribute), ())
        return any(row[0] >= at or (row[1] is not None and row[1] > at) for row in rows)

    def covers_new(self, county: str | None, city: str | None, sector: str) -> bool:
        """Whether a mine that is not entered yet would lie within the scope."""
        prefix = self.scope.region_prefix
        if prefix is None or sector not in self.scope.sectors:
            return False
        return (county or city or "140000").startswith(prefix)


def ground() -> Ground:
    """Regions, authorities and names. A fixed number of queries."""
    regions = list(Region.objects.values_list("code", "name", "level", "parent__name"))
    bodies = list(Organisation.objects.filter(kind__in=PUBLIC_KINDS, active=True).order_by("pk"))
    kinds: dict[str, dict[str, Organisation]] = {}
    for body in reversed(bodies):
        kinds.setdefault(body.kind, {})[body.region] = body
    return Ground(
        counties=_counties(regions),
        levels={code: level for code, _, level, _ in regions},
        bodies=_by_name(bodies),
        emergency=kinds.get(OrganisationKind.EMERGENCY, {}),
        named=_named(),
        authorities=kinds,
    )


def standing(rows: Iterable[Row | None], by: User, at: datetime, on: Ground) -> Standing:
    """Everything that these rows are judged by. The number of queries does not depend on the rows."""
    given = [row for row in rows if row is not None]
    scope = scope_of(by)
    codes = {code for row in given for code in (row.code, *(row.aliases or ()))}
    mines = {row.code: row for row in Mine.objects.filter(pk__in=codes).select_related("parent_company")}
    facts: dict[tuple[str, str], list[Span]] = {}
    recorded = MineFact.objects.filter(mine__in=mines).order_by("recorded_at", "id")
    for mine, attribute, began, ended, value in recorded.values_list(
        "mine_id", "attribute", "valid_from", "valid_to", "value"
    ):
        facts.setdefault((mine, attribute), []).append((began, ended, value))
    direct = Supervision.objects.filter(mine__in=mines, role="direct", valid_to__isnull=True).select_related("body")
    parents = {row.parent_company for row in given} | {
        mine.parent_company.name for mine in mines.values() if mine.parent_company
    }
    owners = Ownership.objects.filter(valid_to__isnull=True, child__name__in=parents - {None})
    return Standing(
        at=at,
        scope=scope,
        mines=mines,
        within=frozenset(mines_within(scope, at).filter(pk__in=codes).values_list("pk", flat=True)),
        aliases=dict(MineAlias.objects.filter(alias__in=codes).values_list("alias", "mine_id")),
        facts=facts,
        direct={row.mine_id: row for row in direct},
        ground=on,
        controllers=_grouped(owners.values_list("child__name", "owner__name")),
    )


def _named() -> dict[tuple[str, str], str]:
    rows = Mine.objects.order_by("code").values_list("code", "name", "city_id")
    return {(city or "", plain(name)): code for code, name, city in rows}


def _grouped(pairs: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for child, owner in pairs:
        found.setdefault(child, set()).add(owner)
    return found


def _counties(regions: Collection[tuple[str, str, str, str | None]]) -> dict[str, list[str]]:
    """County codes by code, by name, and by name with the city before it."""
    found: dict[str, list[str]] = {}
    for code, name, level, city in regions:
        if level == "county":
            for key in {code, plain(name), plain(f"{city or ''}{name}"), plain(f"山西省{city or ''}{name}")}:
                found.setdefault(key, []).append(code)
    return found


def _by_name(bodies: Collection[Organisation]) -> dict[str, list[Organisation]]:
    """Supervising authorities by plain name and short name."""
    found: dict[str, list[Organisation]] = {}
    for row in bodies:
        for key in {plain(row.name), plain(row.short_name)} - {""}:
            found.setdefault(key, []).append(row)
    return found
