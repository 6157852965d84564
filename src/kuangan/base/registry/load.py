"""A whole register from plain rows, in a few bulk writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.db import transaction

from kuangan.base.people.models import Level, Organisation, OrganisationKind
from kuangan.base.registry.authorities import authorities, seed_authorities
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import SECTOR_OF_KIND, Company, Mine, MineAlias, Ownership, Supervision
from kuangan.base.registry.pinyin import initials
from kuangan.base.registry.regions import PROVINCE, load_regions, locate

MINE_COLUMNS: Final = (
    "name",
    "pinyin",
    "kind",
    "sector",
    "county",
    "city",
    "old_region_code",
    "provisional",
    "parent_company",
)
"""What a register says of a mine again and again; the rest of its row stays."""
BATCH: Final = 500
STRUCTURAL: Final = frozenset(
    {"code", "name", "kind", "county_code", "parent_company", "actual_controller", "direct_supervisor_level", "aliases"}
)
"""Columns that build the tree; every other column of a row is a fact of the mine under its own name."""
Row = Mapping[str, Any]


def company_code(name: str) -> str:
    """A stable code for a company that comes without one."""
    return f"Q{sha256(name.encode()).hexdigest()[:12].upper()}"


def load_register(rows: Iterable[Row], at: datetime, *, since: datetime | None = None, basis: str = "登记导入") -> int:
    """Enter mines with their companies, organisations, supervisors and facts; returns the number of mines.

    Columns: code, name, kind, county_code (may be empty: then from the code), parent_company, actual_controller,
    direct_supervisor_level (county, city or province), aliases (list), and any further column as a fact (state, capacity,
    gas_grade …; empty values are left out). Facts hold from `since` (default `at`). Idempotent; the number of queries
    does not grow with the rows beyond one per batch of 500.
    """
    register = list(rows)
    began = since or at
    with transaction.atomic():
        load_regions()
        seed_authorities()
        companies = enter_companies(register, began)
        mines = _enter_mines(register, companies)
        _enter_aliases(register)
        enter_organisations(mines)
        _enter_supervision(register, mines, began, at, basis)
        record_facts(_facts(register, began), at=at, basis=basis)
    return len(register)


def enter_companies(register: Sequence[Row], since: datetime) -> dict[str, Company]:
    names = {
        str(row[column]) for row in register for column in ("parent_company", "actual_controller") if row.get(column)
    }
    rows = [Company(code=company_code(name), name=name) for name in sorted(names)]
    Company.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    companies = {row.name: row for row in Company.objects.filter(code__in=[company_code(name) for name in names])}
    pairs = {
        (companies[row["parent_company"]].pk, companies[row["actual_controller"]].pk)
        for row in register
        if row.get("parent_company") and row.get("actual_controller")
    }
    children = {child for child, _ in pairs}
    open_rows = Ownership.objects.filter(valid_to__isnull=True, child__in=children)
    standing = set(open_rows.values_list("child", "owner"))
    Ownership.objects.bulk_create(
        Ownership(child_id=child, owner_id=owner, actual_controller=True, valid_from=since)
        for child, owner in sorted(pairs - standing)
        if child != owner
    )
    return companies


def _enter_mines(register: Sequence[Row], companies: Mapping[str, Company]) -> list[Mine]:
    by_code = locate({str(row["code"])[:6] for row in register})
    by_county = locate({str(row["county_code"]) for row in register if row.get("county_code")})
    mines = []
    for row in register:
        filed = by_code[str(row["code"])[:6]]
        place = by_county[str(row["county_code"])] if row.get("county_code") else filed
        company = companies.get(str(row.get("parent_company") or ""))
        mines.append(
            Mine(
                code=str(row["code"]),
                name=str(row["name"]),
                pinyin=initials(str(row["name"])),
                kind=row["kind"],
                sector=SECTOR_OF_KIND[row["kind"]],
                county_id=place.county,
                city_id=place.city,
                old_region_code=filed.old_code,
                provisional=False,
                parent_company=company,
            )
        )
    Mine.objects.bulk_create(
        mines, update_conflicts=True, unique_fields=["code"], update_fields=MINE_COLUMNS, batch_size=BATCH
    )
    return mines


def _enter_aliases(register: Sequence[Row]) -> None:
    rows = [MineAlias(alias=alias, mine_id=row["code"]) for row in register for alias in row.get("aliases") or ()]
    MineAlias.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def enter_organisations(mines: Sequence[Mine]) -> None:
    """One organisation per parent company and per mine; the mine's stands below its parent's."""
    parents = {mine.parent_company for mine in mines if mine.parent_company}
    Organisation.objects.bulk_create(
        [_parent_organisation(company) for company in sorted(parents, key=lambda row: row.code)],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    codes = {company.code for company in parents}
    parent_of = {row.company_code: row for row in Organisation.objects.filter(company_code__in=codes)}
    standing = {row.mine: row for row in Organisation.objects.filter(mine__in=[mine.code for mine in mines])}
    fresh, changed = [], []
    for mine in mines:
        parent = parent_of.get(mine.parent_company.code) if mine.parent_company else None
        organisation = standing.get(mine.code)
        if organisation is None:
            fresh.append(_mine_organisation(mine, parent))
        elif (organisation.name, organisation.parent_id) != (mine.name, parent.pk if parent else None):
            organisation.name, organisation.parent = mine.name, parent
            changed.append(organisation)
    Organisation.objects.bulk_create(fresh, batch_size=BATCH)
    Organisation.objects.bulk_update(changed, ["name", "parent"], batch_size=BATCH)


def _parent_organisation(company: Company) -> Organisation:
    return Organisation(
        kind=OrganisationKind.PARENT_COMPANY,
        name=company.name,
        short_name=company.name[:40],
        level=Level.PARENT,
        region=PROVINCE,
        company_code=company.code,
    )


def _mine_organisation(mine: Mine, parent: Organisation | None) -> Organisation:
    return Organisation(
        kind=OrganisationKind.MINE,
        name=mine.name,
        short_name=mine.name[:40],
        level=Level.MINE,
        region=mine.region_code,
        sectors=[mine.sector],
        parent=parent,
        mine=mine.code,
    )


def _enter_supervision(
    register: Sequence[Row], mines: Sequence[Mine], since: datetime, at: datetime, basis: str
) -> None:
    """Direct body by its level, the levels above as upper, the mine-safety bureau, and the energy bureau for coal."""
    bodies = {kind: authorities(kind) for kind in ("emergency", "energy", "mine_safety_bureau")}
    levels = {str(row["code"]): row.get("direct_supervisor_level") or "county" for row in register}
    wanted = {
        (mine.code, body.pk, role) for mine in mines for role, body in _bodies_of(mine, levels[mine.code], bodies)
    }
    standing = {
        (row.mine_id, row.body_id, row.role): row
        for row in Supervision.objects.filter(mine__in=[mine.code for mine in mines], valid_to__isnull=True)
        if row.role in {"direct", "upper", "mine_safety", "industry"}
    }
    over = [row for key, row in standing.items() if key not in wanted and row.valid_from < since]
    Supervision.objects.filter(pk__in=[row.pk for row in over]).update(valid_to=since, end_recorded_at=at)
    Supervision.objects.bulk_create(
        [
            Supervision(mine_id=mine, body_id=body, role=role, valid_from=since, basis=basis, recorded_at=at)
            for mine, body, role in sorted(wanted - set(standing))
        ],
        batch_size=BATCH,
    )


def _bodies_of(
    mine: Mine, level: str, bodies: Mapping[str, Mapping[str, Organisation]]
) -> list[tuple[str, Organisation]]:
    chain = [code for code in (mine.county_id, mine.city_id, PROVINCE) if code]
    lowest = {"county": 0, "city": chain.index(mine.city_id) if mine.city_id else 0, "province": len(chain) - 1}[level]
    own, above = chain[lowest], chain[lowest + 1 :]
    found = [("direct", bodies["emergency"][own])]
    found += [("upper", bodies["emergency"][code]) for code in above]
    found += [("mine_safety", body) for body in bodies["mine_safety_bureau"].values()]
    if mine.sector == "coal":
        found.append(("industry", bodies["energy"][own]))
    return found


def _facts(register: Sequence[Row], since: datetime) -> list[NewFact]:
    facts = [
        NewFact(str(row["code"]), column, value, since)
        for row in register
        for column, value in row.items()
        if column not in STRUCTURAL and value not in (None, "")
    ]
    facts += [
        NewFact(str(row["code"]), "parent_company", company_code(str(row["parent_company"])), since)
        for row in register
        if row.get("parent_company")
    ]
    return facts
