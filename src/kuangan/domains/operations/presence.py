"""People below ground in a stopped mine, as pages say it: more of them than the approved list allows at once.

The rule `people.stopped_mine` of the engine tells of it; this is the same comparison for the snapshot that a page shows. Unknown is
never judged: a mine whose snapshot is too old, or whose state nobody recorded, gives no finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine, MineAlias
from kuangan.domains.operations.caretakers import lawful
from kuangan.library.telemetry.underground import totals
from kuangan.library.warning.people.counts import beyond_caretakers
from kuangan.library.warning.register import STOPPED


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
    return state in STOPPED and persons is not None and beyond_caretakers(persons, most) > 0


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
