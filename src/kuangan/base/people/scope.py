"""How far a person sees: territory, sectors and secrecy, or the mines of one's own enterprise."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import PUBLIC_KINDS, Level, OrganisationKind, Role

SIGNIFICANT_DIGITS = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6}


@dataclass(frozen=True)
class Scope:
    """`region_prefix` is None and `mines` a set for enterprises; `mines` is None for authorities."""

    level: str
    region_prefix: str | None
    sectors: frozenset[str]
    mines: frozenset[str] | None
    organisation_id: int | None
    secrecy: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        return self.region_prefix is None and not self.mines

    @property
    def company(self) -> bool:
        """A parent company: besides its mines it has affairs of its own, which name no mine."""
        return self.mines is not None and self.level == Level.PARENT

    @property
    def upper(self) -> bool:
        """An authority of a city or the province: it answers for its whole territory, whoever supervises the mines in it."""
        return self.region_prefix is not None and self.level in (Level.PROVINCE, Level.CITY)

    @property
    def province_wide(self) -> bool:
        return self.region_prefix is not None and len(self.region_prefix) == 2


NOWHERE = Scope("", None, frozenset(), frozenset(), None)


def scope_of(user: User | AnonymousUser) -> Scope:
    """The scope of a signed-in person; NOWHERE for strangers, disabled accounts and people without an organisation."""
    if not isinstance(user, User) or not user.is_active or user.organisation is None:
        return NOWHERE
    organisation = user.organisation
    if not organisation.active:
        return NOWHERE
    prefix = _territory(organisation, user)
    return Scope(
        level=organisation.level,
        region_prefix=prefix,
        sectors=frozenset(organisation.sectors),
        mines=None if prefix is not None else _own_mines(organisation),
        organisation_id=organisation.pk,
        secrecy=frozenset(user.sealed_groups),
    )


def _territory(organisation: Organisation, user: User) -> str | None:
    digits = SIGNIFICANT_DIGITS.get(Level(organisation.level))
    if organisation.kind not in PUBLIC_KINDS or digits is None or user.roles == [Role.INFORMANT_DESK]:
        return None
    return organisation.region[:digits]


def _own_mines(organisation: Organisation) -> frozenset[str]:
    """The mine itself, or every mine below a parent company; one query per level of companies."""
    if organisation.kind == OrganisationKind.MINE:
        return frozenset({organisation.mine})
    if organisation.kind != OrganisationKind.PARENT_COMPANY:
        return frozenset()
    mines: set[str] = set()
    seen, companies = {organisation.pk}, [organisation.pk]
    while companies:
        below = Organisation.objects.filter(parent__in=companies, active=True).values_list("pk", "kind", "mine")
        rows = [row for row in below if row[0] not in seen]
        seen.update(pk for pk, _, _ in rows)
        mines.update(mine for _, kind, mine in rows if kind == OrganisationKind.MINE)
        companies = [pk for pk, kind, _ in rows if kind == OrganisationKind.PARENT_COMPANY]
    return frozenset(mines)
