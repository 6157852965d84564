"""Whom clauses bind: mines, enterprises, territories and bodies, each kind in one or two queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kuangan.base.compliance.checks import Subject, SubjectKind, Subjects
from kuangan.base.people.models import Organisation
from kuangan.base.people.roles import PUBLIC_KINDS, OrganisationKind
from kuangan.base.registry.models import Mine, MineKind, Region, RegionLevel

KIND_WORDS: Final[Mapping[SubjectKind, str]] = {
    "mine": "矿山",
    "parent": "上级企业",
    "county": "县级",
    "city": "市级",
    "department": "监管部门",
    "bureau": "监察机构",
    "training_body": "培训机构",
    "service_body": "技术服务机构",
    "vendor": "系统厂商",
}
"""Sheets of the board, in their order. Persons are judged inside the mine they work at."""
OTHERS: Final = frozenset({OrganisationKind.SAFETY_COMMITTEE, OrganisationKind.GOVERNMENT})
BODIES: Final[Mapping[SubjectKind, frozenset[str]]] = {
    "parent": frozenset({OrganisationKind.PARENT_COMPANY}),
    "department": frozenset(PUBLIC_KINDS - OTHERS - {OrganisationKind.MINE_SAFETY_BUREAU}),
    "bureau": frozenset({OrganisationKind.MINE_SAFETY_BUREAU}),
    "training_body": frozenset({OrganisationKind.TRAINING_BODY}),
    "service_body": frozenset({OrganisationKind.SERVICE_BODY}),
    "vendor": frozenset({OrganisationKind.VENDOR}),
}
"""Kind of subject → kinds of organisations that are one."""
POLICY_KINDS: Final[Mapping[str, str]] = {
    MineKind.UNDERGROUND_COAL: "coal",
    MineKind.OPEN_PIT_COAL: "coal",
    MineKind.UNDERGROUND_NONCOAL: "underground",
    MineKind.OPEN_PIT_NONCOAL: "open_pit",
    MineKind.TAILINGS_POND: "tailings",
}
"""Kind of mine in the register → kind in the documents."""


def load(kind: SubjectKind) -> Subjects:
    """Every subject of a kind; mines that only sent and are not registered are none."""
    if kind == "mine":
        rows = _mines()
    elif kind in ("county", "city"):
        rows = _regions(kind)
    else:
        rows = _bodies(BODIES[kind])
    return Subjects(kind, {row.id: row for row in rows})


def _mines() -> list[Subject]:
    of_mine = dict(Organisation.objects.filter(kind=OrganisationKind.MINE).values_list("mine", "pk"))
    named = Mine.objects.filter(provisional=False).order_by("code")
    return [
        Subject(code, name, kind, sector, county or "", city or "", of_mine.get(code))
        for code, name, kind, sector, county, city in named.values_list(
            "code", "name", "kind", "sector", "county_id", "city_id"
        )
    ]


def mine_subject(mine: Mine) -> Subject:
    """One mine as a subject. One query."""
    body = Organisation.objects.filter(kind=OrganisationKind.MINE, mine=mine.pk).values_list("pk", flat=True).first()
    return Subject(mine.pk, mine.name, mine.kind, mine.sector, mine.county_id or "", mine.city_id or "", body)


def _regions(kind: str) -> list[Subject]:
    found = Region.objects.filter(level=RegionLevel(kind)).order_by("code").values_list("code", "name", "parent_id")
    if kind == "city":
        return [Subject(code, name, city=code) for code, name, _ in found]
    return [Subject(code, name, county=code, city=parent or "") for code, name, parent in found]


def _bodies(kinds: frozenset[str]) -> list[Subject]:
    found = Organisation.objects.filter(kind__in=kinds, active=True).order_by("pk")
    return [
        Subject(str(pk), name, kind, county=_county(region), city=_city(region), organisation=pk)
        for pk, name, kind, region in found.values_list("pk", "name", "kind", "region")
    ]


def _county(region: str) -> str:
    return region if region and not region.endswith("00") else ""


def _city(region: str) -> str:
    return f"{region[:4]}00" if region and not region.endswith("0000") else ""
