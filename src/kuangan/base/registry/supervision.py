"""Which body supervises which mine at a date. Exactly one of them is the direct supervisor."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.facts import MineCodes, facts_as_of
from kuangan.base.registry.models import Mine, Supervision, SupervisionRole


class SupervisionConflict(ValueError):
    """The change would give a mine two direct supervisors at one date, or a body that cannot supervise."""


def in_force(at: datetime, prefix: str = "") -> Q:
    """The condition `valid_from <= at < valid_to` on a dated relation reached through `prefix`."""
    begun = Q(**{f"{prefix}valid_from__lte": at})
    return begun & (Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": at}))


def assign_direct_supervisor(
    mine: Mine, body: Organisation, at: datetime, *, basis: str = "", by: User | None = None
) -> Supervision:
    """Make `body` the direct supervisor of `mine` from `at` on; the one before ends then.

    Raises SupervisionConflict when a direct supervision begins at `at` or later, or `body` is no public authority.
    """
    if body.kind not in PUBLIC_KINDS:
        raise SupervisionConflict(f"{body.name} is no supervising authority")
    with transaction.atomic():
        Mine.objects.select_for_update().get(pk=mine.pk)
        rows = Supervision.objects.filter(mine=mine, role=SupervisionRole.DIRECT)
        if rows.filter(Q(valid_from__gte=at) | Q(valid_to__gt=at)).exists():
            raise SupervisionConflict(f"{mine.code} already has a direct supervisor after {at:%Y-%m-%d}")
        rows.filter(valid_to__isnull=True).update(valid_to=at, end_recorded_at=at)
        return Supervision.objects.create(
            mine=mine,
            body=body,
            role=SupervisionRole.DIRECT,
            valid_from=at,
            basis=basis[:200],
            recorded_at=at,
            recorded_by=by,
        )


def mines_without_one_direct(at: datetime) -> dict[str, int]:
    """Mines whose number of direct supervisors at `at` is not one, with that number. One query."""
    direct = in_force(at, "supervision__") & Q(supervision__role=SupervisionRole.DIRECT)
    counted = Mine.objects.annotate(direct=Count("supervision", filter=direct)).exclude(direct=1)
    return dict(counted.order_by("code").values_list("code", "direct"))


def supervisors(
    mine_codes: MineCodes, at: datetime, roles: Collection[str] | None = None
) -> dict[str, dict[str, list[Organisation]]]:
    """All bodies in force at `at`, as {mine: {role: [body, …]}}, the nearest first. One query."""
    rows = Supervision.objects.filter(in_force(at), mine__in=mine_codes).select_related("body")
    if roles is not None:
        rows = rows.filter(role__in=roles)
    found: dict[str, dict[str, list[Organisation]]] = {}
    for row in rows.order_by("-body__region", "id"):
        found.setdefault(row.mine_id, {}).setdefault(row.role, []).append(row.body)
    return found


def direct_supervisor(mine_codes: MineCodes, at: datetime) -> dict[str, Organisation]:
    """The direct supervisor of each mine at `at`; mines without one are absent. One query."""
    found = supervisors(mine_codes, at, [SupervisionRole.DIRECT])
    return {mine: roles[SupervisionRole.DIRECT][0] for mine, roles in found.items()}


def parent_organisation(mine_codes: MineCodes, at: datetime) -> dict[str, Organisation]:
    """The parent company of each mine at `at` as an organisation; mines without one are absent. Three queries."""
    facts = facts_as_of(mine_codes, ["parent_company"], at)
    current = dict(
        Mine.objects.filter(pk__in=mine_codes, parent_company__isnull=False).values_list("code", "parent_company__code")
    )
    company_of = current | {mine: row["parent_company"] for mine, row in facts.items()}
    organisations = _by_company(set(company_of.values()))
    return {mine: organisations[code] for mine, code in company_of.items() if code in organisations}


def _by_company(codes: set[str]) -> dict[str, Organisation]:
    rows: QuerySet[Organisation] = Organisation.objects.filter(
        kind=OrganisationKind.PARENT_COMPANY, company_code__in=codes, active=True
    )
    return {row.company_code: row for row in rows}


def mine_organisation(mine_codes: Collection[str], at: datetime) -> dict[str, Organisation]:
    """The mine's own organisation, whose people answer for it; mines without one are absent. One query.

    A mine and its organisation share one code for life, so `at` does not change the answer.
    """
    rows = Organisation.objects.filter(kind=OrganisationKind.MINE, mine__in=mine_codes)
    return {row.mine: row for row in rows}
