"""From what changed to packages: set-based, in one transaction with the position, so that a kill loses and doubles nothing.

The log of changes is the audit chain: every change of a case writes its entry in its own transaction, and the sealer
gives entries one order in which nothing appears later below something already read. Ids of rows and times of changes do
not have that property: transactions commit out of their order, and a replay writes times of the past.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from kuangan.base.audit.digest import canonical
from kuangan.base.audit.models import AuditLink
from kuangan.base.case.models import Case
from kuangan.base.case.visibility import OPEN
from kuangan.domains.datalink.exchange.mapping import (
    OFFICIAL_NUMBER,
    STATE_TABLE,
    WITHDRAWN,
    Mapping,
    Untranslatable,
    translate,
    wire_time,
)
from kuangan.domains.datalink.exchange.models import Counterpart, Package, Platform
from kuangan.domains.datalink.exchange.shapes import OUT
from kuangan.domains.datalink.exchange.sources import source_of

LINKS = 2_000
FILL = 500
WRITTEN = ["our_state", "our_digest", "withdrawn", "stuck", "last_seq"]
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Made:
    """How many packages a round made, and whether there may be more to read."""

    packages: int
    more: bool


@transaction.atomic
def make(mapping: Mapping, at: datetime, links: int = LINKS, fill: int = FILL) -> Made:
    """One round for one platform: the next stretch of the chain, and of the open cases when it was just set up."""
    platform = Platform.objects.select_for_update().filter(pk=mapping.platform, enabled=True).first()
    if platform is None:
        return Made(0, False)
    freed = _freed(platform, mapping)
    changed, read_all = _changed(platform, mapping, links)
    filled = _filling(platform, mapping, fill)
    made = write(platform, mapping, {*freed, *changed, *filled}, at)
    platform.save(update_fields=["position", "filling", "mapping_version", "last_seq"])
    return Made(made, not read_all or platform.filling is not None)


def _freed(platform: Platform, mapping: Mapping) -> list[int]:
    """With another mapping, open cases are looked at anew, and those that the one before had no code for."""
    if platform.mapping_version == mapping.version:
        return []
    platform.mapping_version, platform.filling = mapping.version, 0
    rows = Counterpart.objects.filter(platform=platform, case__isnull=False).exclude(stuck="")
    return [pk for pk in rows.values_list("case_id", flat=True) if pk is not None]


def _changed(platform: Platform, mapping: Mapping, limit: int) -> tuple[list[int], bool]:
    """Cases named in the next links; the position moves behind them. Two queries."""
    links = AuditLink.objects.filter(sequence__gt=platform.position).order_by("sequence")
    rows = list(links.values_list("sequence", "entry__kind", "entry__ident")[:limit])
    if rows:
        platform.position = rows[-1][0]
    numbers = {ident for _, kind, ident in rows if kind in mapping.kinds}
    found = Case.objects.filter(number__in=numbers, kind__in=mapping.kinds) if numbers else Case.objects.none()
    return list(found.values_list("pk", flat=True)), len(rows) < limit


def _filling(platform: Platform, mapping: Mapping, limit: int) -> list[int]:
    """Cases that were open when the platform was set up and have not been looked at."""
    if platform.filling is None:
        return []
    rows = Case.objects.filter(kind__in=mapping.kinds, closed__isnull=True, pk__gt=platform.filling).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[:limit])
    platform.filling = found[-1] if len(found) == limit else None
    return found


def write(platform: Platform, mapping: Mapping, cases: Collection[int], at: datetime, again: bool = False) -> int:
    """Packages for those cases whose content differs from what was sent last (`again`: for all). The caller holds the row."""
    if not cases:
        return 0
    known = {row.case_id: row for row in Counterpart.objects.filter(platform=platform, case__in=cases)}
    work = _Writing(platform, mapping, at, again, known)
    for kind in mapping.kinds:
        for facts in source_of(kind).facts(cases):
            work.add(kind, facts)
    work.save()
    return len(work.packages)


@dataclass
class _Writing:
    """What one round writes, gathered first."""

    platform: Platform
    mapping: Mapping
    at: datetime
    again: bool
    known: dict[int | None, Counterpart]
    packages: list[Package] = field(default_factory=list)
    created: list[Counterpart] = field(default_factory=list)
    touched: list[Counterpart] = field(default_factory=list)

    def add(self, kind: str, facts: dict[str, Any]) -> None:
        """A drill and a sealed case never leave; what was never sent is not withdrawn."""
        row = self.known.get(facts["case"]) or Counterpart(platform=self.platform, case_id=facts["case"])
        if facts["drill"] or facts["secrecy"] != OPEN:
            return
        gone = facts["gone"] or ("" if within(self.platform, self.mapping, facts) else OUTSIDE)
        if gone and not row.last_seq:
            return
        try:
            data = self._translated(facts, row, gone)
        except Untranslatable as fault:
            row.stuck = str(fault)[:200]
            self._keep(row)
            return
        digest = _sha256(canonical(data))
        if digest != row.our_digest or self.again:
            self._send(kind, facts, row, data, bool(gone))
            row.our_digest, row.withdrawn, row.stuck = digest, bool(gone), ""
            row.our_state = self.mapping.tables[STATE_TABLE][WITHDRAWN if gone else facts["state"]]
            self._keep(row)

    def _translated(self, facts: dict[str, Any], row: Counterpart, gone: str) -> dict[str, Any]:
        state = WITHDRAWN if gone else facts["state"]
        return translate(self.mapping, {**facts, "state": state, OFFICIAL_NUMBER: row.official_number})

    def _keep(self, row: Counterpart) -> None:
        (self.created if row.pk is None else self.touched).append(row)

    def _send(self, kind: str, facts: dict[str, Any], row: Counterpart, data: dict[str, Any], gone: bool) -> None:
        event = "withdrawn" if gone else "changed" if row.last_seq else "raised"
        self.platform.last_seq += 1
        row.last_seq = self.platform.last_seq
        ident = f"{self.platform.code}-{row.last_seq:010d}"
        body = canonical(
            {
                "schema": OUT,
                "id": ident,
                "platform": self.platform.code,
                "mapping": self.mapping.version,
                "seq": row.last_seq,
                "kind": kind,
                "event": event,
                "again": self.again,
                "made_at": wire_time(self.at),
                "mark": self.mapping.mark,
                "data": data,
            }
        )
        self.packages.append(
            Package(
                platform=self.platform,
                seq=row.last_seq,
                ident=ident,
                case_id=facts["case"],
                event=event,
                region=facts["region"],
                again=self.again,
                body=body,
                digest=_sha256(body),
                made_at=self.at,
            )
        )

    def save(self) -> None:
        Package.objects.bulk_create(self.packages, batch_size=500)
        Counterpart.objects.bulk_create(self.created, batch_size=500)
        Counterpart.objects.bulk_update(self.touched, WRITTEN, batch_size=500)


def within(platform: Platform, mapping: Mapping, facts: dict[str, Any]) -> bool:
    """Whether a platform is sent this case: region, sector, colour."""
    sectors: Iterable[str] = platform.sectors
    place = facts["region"].startswith(platform.region) and facts["sector"] in {"", *sectors}
    return place and facts["grade"] in mapping.grades


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
