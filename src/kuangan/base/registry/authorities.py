"""The public authorities of province, cities and counties, named by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kuangan.base.people.models import Organisation, OrganisationKind
from kuangan.base.registry.models import Region

ALL: Final = ["coal", "noncoal", "tailings"]


@dataclass(frozen=True, slots=True)
class NameRule:
    """Endings of the names of one kind of authority on each level; an empty one means there is none on that level."""

    kind: OrganisationKind
    province: str
    city: str
    county: str
    short: str
    sectors: tuple[str, ...] = ("coal", "noncoal", "tailings")


NAME_RULES: Final = (
    NameRule(OrganisationKind.EMERGENCY, "应急管理厅", "应急管理局", "应急管理局", "应急"),
    NameRule(OrganisationKind.ENERGY, "能源局", "能源局", "能源局", "能源", ("coal",)),
    NameRule(OrganisationKind.NATURAL_RESOURCES, "自然资源厅", "规划和自然资源局", "自然资源局", "自然资源"),
    NameRule(OrganisationKind.PUBLIC_SECURITY, "公安厅", "公安局", "公安局", "公安"),
    NameRule(OrganisationKind.MARKET_REGULATION, "市场监督管理局", "市场监督管理局", "市场监督管理局", "市场监管"),
    NameRule(OrganisationKind.FIRE, "消防救援总队", "消防救援支队", "消防救援大队", "消防"),
    NameRule(OrganisationKind.METEOROLOGY, "气象局", "气象局", "气象局", "气象"),
    NameRule(OrganisationKind.SAFETY_COMMITTEE, "安全生产委员会", "安全生产委员会", "安全生产委员会", "安委会"),
    NameRule(OrganisationKind.GOVERNMENT, "人民政府", "人民政府", "人民政府", "政府"),
    NameRule(OrganisationKind.POWER, "供电单位", "供电单位", "", "供电"),
)
MINE_SAFETY_BUREAU: Final = "国家矿山安全监察局山西局"


def seed_authorities() -> int:
    """Create the authorities that are missing, with the level above as parent. Idempotent; returns how many were made."""
    regions = list(Region.objects.select_related("parent").order_by("code"))
    standing = set(Organisation.objects.filter(mine="", company_code="").values_list("kind", "region"))
    made = 0
    for level in ("province", "city", "county"):
        above = {(row.kind, row.region): row for row in Organisation.objects.exclude(level__in=("parent", "mine"))}
        rows = [
            _authority(rule, region, above.get((rule.kind, region.parent_id or "")))
            for region in regions
            if region.level == level
            for rule in NAME_RULES
            if getattr(rule, level) and (rule.kind, region.code) not in standing
        ]
        if level == "province":
            rows += [
                _bureau(region) for region in regions if region.level == level and not _has_bureau(standing, region)
            ]
        Organisation.objects.bulk_create(rows, batch_size=500)
        made += len(rows)
    return made


def authorities(kind: str) -> dict[str, Organisation]:
    """The authorities of one kind by region code."""
    return {row.region: row for row in Organisation.objects.filter(kind=kind, mine="", company_code="")}


def _authority(rule: NameRule, region: Region, parent: Organisation | None) -> Organisation:
    ending: str = getattr(rule, region.level)
    city = region.parent.name if region.level == "county" and region.parent else ""
    return Organisation(
        kind=rule.kind,
        name=f"{city}{region.name}{ending}",
        short_name=f"{region.name}{rule.short}",
        level=region.level,
        region=region.code,
        sectors=list(rule.sectors),
        parent=parent,
    )


def _has_bureau(standing: set[tuple[str, str]], region: Region) -> bool:
    return (OrganisationKind.MINE_SAFETY_BUREAU, region.code) in standing


def _bureau(region: Region) -> Organisation:
    return Organisation(
        kind=OrganisationKind.MINE_SAFETY_BUREAU,
        name=MINE_SAFETY_BUREAU,
        short_name="矿山安监局",
        level=region.level,
        region=region.code,
        sectors=ALL,
    )
