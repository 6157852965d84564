"""From events of the rules `tamper.*` to suspicions. No alert, no notice, no clock: nobody outside the group is told.

The caller opens the transaction; only a higher revision is taken. A case is opened when a suspicion is first recommended for a check
and stays when it is over. The number of queries does not depend on the number of events.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from kuangan.base.audit.writing import Note, record_many
from kuangan.base.case.models import Case
from kuangan.base.case.numbers import next_numbers
from kuangan.base.case.visibility import SEALED
from kuangan.base.clock import from_ms
from kuangan.base.people.models import Organisation, OrganisationKind
from kuangan.base.registry.models import Mine
from kuangan.domains.suspicions.flow import GROUP, SUSPICION
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.words import rule_word
from kuangan.library.warning.events import Event

PREFIX: Final = "tamper."
FIELDS: Final = (
    *("rev", "rule", "rule_version", "tier", "grade", "mine", "subject_kind", "subject", "location", "maker"),
    *("system_model", "onset", "end", "status", "changed_at", "inputs", "case"),
)


def is_suspicion(rule: str) -> bool:
    return rule.startswith(PREFIX)


def apply_suspicions(events: Iterable[Event], at: datetime) -> int:
    """Take over every event whose revision is higher than the stored one; returns how many suspicions changed."""
    newest: dict[str, Event] = {}
    for event in events:
        if event.id not in newest or event.rev > newest[event.id].rev:
            newest[event.id] = event
    if not newest:
        return 0
    known = {row.event_id: row for row in Suspicion.objects.select_for_update().filter(event_id__in=list(newest))}
    fresh = [e for e in newest.values() if e.id not in known or e.rev > known[e.id].rev]
    mines = Mine.objects.in_bulk({event.mine for event in fresh})
    rows = [_read(known.get(event.id) or Suspicion(event_id=event.id), event, mines) for event in fresh]
    _open_cases([row for row in rows if row.tier == Suspicion.Tier.CHECK and row.case_id is None])
    Suspicion.objects.bulk_create([row for row in rows if row.pk is None])
    Suspicion.objects.bulk_update([row for row in rows if row.event_id in known], FIELDS)
    record_many(_note(row, row.event_id not in known, at) for row in rows)
    return len(rows)


def _read(row: Suspicion, event: Event, mines: dict[str, Mine]) -> Suspicion:
    inputs = dict(event.inputs)
    row.rev, row.rule, row.rule_version = event.rev, event.rule, event.rule_version
    row.tier, row.grade, row.status = inputs.get("tier", "watch"), event.grade, event.status
    row.mine, row.mine_code = mines.get(event.mine), event.mine
    row.subject_kind, row.subject = event.subject_kind, event.subject
    row.location = str(inputs.get("location", ""))[:120]
    row.maker, row.system_model = str(inputs.get("maker", ""))[:120], str(inputs.get("system_model", ""))[:80]
    row.onset, row.end = from_ms(event.onset), None if event.end is None else from_ms(event.end)
    row.raised_at, row.changed_at, row.inputs = from_ms(event.raised_at), from_ms(event.changed_at), inputs
    return row


def _open_cases(rows: list[Suspicion]) -> None:
    """Sealed cases, owned by the province: the county that would be told may be the one from which it leaks."""
    if not rows:
        return
    province = Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, level="province", active=True).first()
    numbers = next_numbers(SUSPICION.kind, [row.raised_at for row in rows])
    cases = [_case(row, number, province) for row, number in zip(rows, numbers, strict=True)]
    Case.objects.bulk_create(cases)
    for row, case in zip(rows, cases, strict=True):
        row.case = case


def _case(row: Suspicion, number: str, province: Organisation | None) -> Case:
    name = row.mine.name if row.mine else row.mine_code
    return Case(
        kind=SUSPICION.kind,
        number=number,
        mine=row.mine,
        region=row.mine.region_code if row.mine else f"{row.mine_code[:2]}0000",
        sector=row.mine.sector if row.mine else "",
        state=SUSPICION.initial,
        severity=row.grade,
        owner=province,
        opened=row.raised_at,
        title=f"{name} {rule_word(row.rule)} {row.location}".strip()[:200],
        secrecy=SEALED + GROUP,
        origin="engine",
    )


def _note(row: Suspicion, fresh: bool, at: datetime) -> Note:
    content = {"event": row.event_id, "rev": row.rev, "tier": row.tier, "status": row.status}
    action = "suspicion.raised" if fresh else "suspicion.revised"
    return Note(actor=None, action=action, kind=SUSPICION.kind, ident=row.event_id, at=at, content=content)
