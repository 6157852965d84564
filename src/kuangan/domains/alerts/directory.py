"""Who stands on which level for which mine: read for a whole batch of alerts in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kuangan.base.people.models import Organisation, OrganisationKind
from kuangan.base.registry.models import Mine
from kuangan.base.registry.supervision import direct_supervisor, mine_organisation, parent_organisation

UPPER = ("city", "province")


@dataclass(frozen=True)
class Standing:
    """One mine: where it is, and the organisation of each level that has one."""

    mine: Mine | None
    region: str = ""
    sector: str = ""
    levels: Mapping[str, Organisation] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, int]:
        return {level: organisation.pk for level, organisation in self.levels.items()}


NOWHERE = Standing(None)


def standings(mine_codes: Collection[str], at: datetime) -> dict[str, Standing]:
    """{mine code: standing} for the codes that the register knows. Eight queries at most, whatever the number."""
    mines = list(Mine.objects.filter(pk__in=mine_codes))
    own, parents = mine_organisation(mine_codes, at), parent_organisation(mine_codes, at)
    direct = direct_supervisor(mine_codes, at)
    upper = list(Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, level__in=UPPER, active=True))
    found = {mine.code: _standing(mine, own, parents, direct, upper) for mine in mines}
    return found | ({"": own_side()} if "" in mine_codes else {})


def own_side() -> Standing:
    """Who answers for an event about ourselves: the province, and no mine."""
    body = Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, level="province", active=True).first()
    return Standing(None, body.region, "", {"province": body}) if body is not None else NOWHERE


def _standing(
    mine: Mine,
    own: Mapping[str, Organisation],
    parents: Mapping[str, Organisation],
    direct: Mapping[str, Organisation],
    upper: Collection[Organisation],
) -> Standing:
    region, sector = mine.region_code, mine.sector
    found = {
        "mine": own.get(mine.code),
        "parent": parents.get(mine.code),
        "direct": direct.get(mine.code),
        "city": _of_territory(upper, "city", mine.city_id or region, 4, sector),
        "province": _of_territory(upper, "province", region, 2, sector),
    }
    return Standing(mine, region, sector, {level: body for level, body in found.items() if body is not None})


def _of_territory(
    bodies: Collection[Organisation], level: str, region: str, digits: int, sector: str
) -> Organisation | None:
    fits = (b for b in bodies if b.level == level and b.region[:digits] == region[:digits] and sector in b.sectors)
    return next(fits, None)
