"""One thing, one lead: which department leads and which assist in a matter of a region; gaps and overlaps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import PUBLIC_KINDS, OrganisationKind
from kuangan.base.registry.models import Region
from kuangan.domains.responsibility.access import may_assign, visible_regions
from kuangan.domains.responsibility.acts import note, require_days
from kuangan.domains.responsibility.kinds import MATTERS
from kuangan.domains.responsibility.models import STANDING, MatterDuty, MatterRole, held_on
from kuangan.domains.responsibility.rules import Span, in_the_way

STATES: Final = {"one": "一个牵头", "none": "无人牵头", "several": "多头牵头"}
KINDS: Final = PUBLIC_KINDS | {OrganisationKind.POWER}


@dataclass(frozen=True)
class Line:
    """A matter of a region with who leads and who assists."""

    matter: str
    leads: tuple[MatterDuty, ...] = ()
    assists: tuple[MatterDuty, ...] = ()

    @property
    def state(self) -> str:
        return {0: "none", 1: "one"}.get(len(self.leads), "several")

    @property
    def word(self) -> str:
        return STATES[self.state]

    @property
    def label(self) -> str:
        return MATTERS[self.matter].label

    @property
    def hint(self) -> str:
        return MATTERS[self.matter].hint


def lines_of(regions: Collection[str], day: date) -> dict[str, list[Line]]:
    """Every matter of each region on a day, in the order of the table. One query."""
    rows: dict[tuple[str, str, str], list[MatterDuty]] = {}
    found = (
        MatterDuty.objects.filter(held_on(day))
        .filter(region__in=regions)
        .select_related("body")
        .order_by("valid_from", "pk")
    )
    for row in found:
        rows.setdefault((row.region_id, row.matter, row.role), []).append(row)
    return {
        region: [
            Line(
                matter, *(tuple(rows.get((region, matter, role), ())) for role in (MatterRole.LEAD, MatterRole.ASSIST))
            )
            for matter in MATTERS
        ]
        for region in regions
    }


def counts(lines: Mapping[str, list[Line]]) -> dict[str, dict[str, int]]:
    """{region: {state: number of matters}}."""
    return {
        region: {state: sum(line.state == state for line in each) for state in STATES} for region, each in lines.items()
    }


@transaction.atomic
def take_on(
    region: Region, matter: str, body: Organisation, role: str, first: date, *, basis: str, by: User, at: datetime
) -> MatterDuty:
    """A department leads or assists from a day on; its other part in the same matter ends then. Raises Forbidden, MissingFields."""
    if not may_assign(by) or not visible_regions(by).filter(pk=region.pk).exists():
        raise Forbidden("只有本地监管机关、政府和安委会可以登记牵头部门")
    if body.kind not in KINDS or not body.region.startswith(_prefix(region)):
        raise MissingFields({"body": "须是本地区的部门"})
    if matter not in MATTERS:
        raise MissingFields({"matter": "没有这一事项"})
    require_days(first, at)
    Region.objects.select_for_update().get(pk=region.pk)
    rows = list(MatterDuty.objects.filter(STANDING).filter(region=region, matter=matter, body=body))
    if in_the_way([Span(row.valid_from, row.valid_to) for row in rows], Span(first)) is not None:
        raise MissingFields({"valid_from": "与该部门已登记的期间重叠"})
    standing = [row.pk for row in rows if row.valid_to is None]
    MatterDuty.objects.filter(pk__in=standing).update(valid_to=first, end_recorded_at=at)
    row = MatterDuty.objects.create(
        region=region,
        matter=matter,
        body=body,
        role=role,
        valid_from=first,
        basis=basis[:200],
        recorded_at=at,
        entered_by=by,
    )
    content = {"region": region.pk, "matter": matter, "body": body.pk, "role": role, "from": first}
    note("responsibility.matter_taken", row, content, by, at, basis)
    return row


@transaction.atomic
def give_up(row: MatterDuty, last: date, *, by: User, at: datetime, reason: str) -> MatterDuty:
    """The department's part ends on `last`. Raises Forbidden or MissingFields."""
    if not may_assign(by) or not visible_regions(by).filter(pk=row.region_id).exists():
        raise Forbidden("只有本地监管机关、政府和安委会可以修改")
    held = MatterDuty.objects.select_for_update().get(pk=row.pk)
    if held.valid_to is not None or held.voided_at is not None:
        raise MissingFields({"valid_to": "已经结束"})
    if not held.valid_from <= last <= beijing_day(at):
        raise MissingFields({"valid_to": "须在起始日之后，不晚于今日"})
    held.valid_to, held.end_recorded_at = last, at
    held.save(update_fields=["valid_to", "end_recorded_at"])
    note("responsibility.matter_ended", held, {"until": last}, by, at, reason)
    return held


def _prefix(region: Region) -> str:
    return {"province": region.code[:2], "city": region.code[:4]}.get(region.level, region.code)


def in_state(state: str, day: date) -> Q:
    """Regions with at least one matter in a state on a day; the cuts of `Line.state`."""
    led: dict[tuple[str, str], int] = {}
    rows = MatterDuty.objects.filter(held_on(day)).filter(role=MatterRole.LEAD).values_list("region", "matter")
    for region, matter in rows:
        led[region, matter] = led.get((region, matter), 0) + 1
    several = {region for (region, _), number in led.items() if number > 1}
    if state == "several":
        return Q(pk__in=several)
    full = {region for region, _ in led if all((region, matter) in led for matter in MATTERS)}
    return ~Q(pk__in=full) if state == "none" else Q(pk__in=full - several)
