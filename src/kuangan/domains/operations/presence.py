"""People below ground in a stopped mine: only those on an approved list, and no more of them at once than it allows.

Unknown is never judged: a mine whose snapshot is too old, or whose state nobody recorded, gives no finding.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from kuangan.base import audit, notices
from kuangan.base.clock import beijing_day, from_ms, to_ms
from kuangan.base.notices.models import Channel, Notice
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine, MineAlias
from kuangan.base.registry.supervision import mine_organisation, supervisors
from kuangan.domains.operations.caretakers import lawful
from kuangan.library.telemetry.underground import totals

STOPPED: Final = frozenset({"stopped", "suspended", "closing", "closed"})
"""States of production in which nobody but caretakers may be below ground."""
ACTION: Final = "caretakers.exceeded"


@dataclass(frozen=True, slots=True)
class Excess:
    """More people than allowed: `most` is None where no approved list holds."""

    mine: str
    persons: int
    most: int | None
    snapshot: datetime | None

    @property
    def words(self) -> str:
        if self.most is None:
            return f"停产矿井下有 {self.persons} 人，没有生效的看护人员名单"
        return f"停产矿井下有 {self.persons} 人，超过看护名单同时最多 {self.most} 人"


def exceeded(state: str, persons: int | None, most: int | None) -> bool:
    """Whether more people are below ground than allowed: persons > (most, or 0 without a list), in a stopped mine only."""
    return state in STOPPED and persons is not None and persons > (most or 0)


def excess_of(mine: Mine, persons: int | None, snapshot: datetime | None, at: datetime) -> Excess | None:
    """The finding on one mine whose head-count is known already. Two queries."""
    found = _judged({mine.code: (persons, snapshot)}, at)
    return found[0] if found else None


def excesses(home: Path, at: datetime) -> list[Excess]:
    """The finding on every mine that can be counted at `at`, by code."""
    aliases = dict(MineAlias.objects.values_list("alias", "mine_id"))
    rows = totals(home, to_ms(at), aliases).iter_rows(named=True)
    return _judged({row["mine"]: (row["persons"], from_ms(row["snapshot"])) for row in rows}, at)


def _judged(counted: dict[str, tuple[int | None, datetime | None]], at: datetime) -> list[Excess]:
    states = facts_as_of(counted, ["state"], at)
    allowed = dict(lawful(counted, at).values_list("mine_id", "most"))
    return [
        Excess(mine, persons or 0, allowed.get(mine), snapshot)
        for mine, (persons, snapshot) in sorted(counted.items())
        if exceeded(str(states.get(mine, {}).get("state", "")), persons, allowed.get(mine))
    ]


def tell_excesses(home: Path, at: datetime) -> int:
    """Tell the direct supervisor and the mine of every finding, once a Beijing day and mine; how many mines were told of anew."""
    found = excesses(home, at)
    if not found:
        return 0
    with transaction.atomic():
        return _tell(found, at)


def _tell(found: Collection[Excess], at: datetime) -> int:
    codes = [row.mine for row in found]
    names = dict(Mine.objects.filter(pk__in=codes).values_list("code", "name"))
    own, over = mine_organisation(codes, at), supervisors(codes, at, ("direct",))
    day = f"{beijing_day(at):%Y%m%d}"
    drafts = {
        row: [
            _draft(row, names[row.mine], body.pk, day)
            for body in [*over.get(row.mine, {}).get("direct", []), *([own[row.mine]] if row.mine in own else [])]
        ]
        for row in found
        if row.mine in names
    }
    keys = [draft.key for of_mine in drafts.values() for draft in of_mine]
    known = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = {row: new for row, of_mine in drafts.items() if (new := [d for d in of_mine if d.key not in known])}
    audit.record_many(audit.Note(None, ACTION, "mine", row.mine, at, _content(row)) for row in fresh)
    notices.send_many([draft for new in fresh.values() for draft in new], at)
    return len(fresh)


def _content(row: Excess) -> dict[str, object]:
    snapshot = row.snapshot.isoformat() if row.snapshot else ""
    return {"persons": row.persons, "most": row.most, "snapshot": snapshot}


def _draft(row: Excess, name: str, organisation: int, day: str) -> notices.Draft:
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(organisation),
        subject=f"看护人数：{name}",
        body=f"{row.words}。请核实；名单、人数以看护人员页和井下人员页为准。",
        subject_kind="mine",
        subject_id=row.mine,
        key=f"caretakers:{row.mine}:{day}:{organisation}",
    )
