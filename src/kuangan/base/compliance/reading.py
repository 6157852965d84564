"""What the rest of the system reads of findings: the open answers of checks for mines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kuangan.base.compliance.checks import Check, registry
from kuangan.base.compliance.models import Cell, Spell

GONE: Final = "该检查项已不在用"


@dataclass(frozen=True, slots=True)
class Told:
    """One open answer in words: clauses of the check, state, sentence, since when, how new its data were then."""

    spell: Spell
    check: Check | None
    clauses: tuple[str, ...]
    sentence: str

    @property
    def title(self) -> str:
        return self.check.title if self.check else self.spell.check_id


def told(spell: Spell) -> Told:
    """A spell in the words of its check; one of a check that is gone says so."""
    known = registry()
    check = known.checks.get(spell.check_id)
    if check is None:
        return Told(spell, None, (), GONE)
    return Told(spell, check, known.clauses_of[check.id], _sentence(check, spell))


def _sentence(check: Check, spell: Spell) -> str:
    """An answer of an older version may lack a word or an input that the present one has."""
    try:
        return check.told(spell.why, spell.inputs)
    except (KeyError, ValueError):
        return f"按第 {spell.version} 版检查得出，现行版本已无此说明"


def findings_of(
    mines: Collection[str], at: datetime | None = None, clauses: Collection[str] | None = None
) -> Mapping[str, list[Told]]:
    """Mine → its answers that stood at `at` (None: those that stand now). One query. The caller has checked the scope."""
    rows = Spell.objects.filter(subject_kind="mine", subject__in=mines)
    rows = rows.filter(ended_at=None) if at is None else rows.filter(began_at__lte=at).exclude(ended_at__lte=at)
    if clauses is not None:
        known = registry()
        rows = rows.filter(check_id__in={c.id for clause in clauses for c in known.clauses.get(clause, ())})
    found: dict[str, list[Told]] = {}
    for spell in rows.order_by("check_id"):
        found.setdefault(spell.subject, []).append(told(spell))
    return found


def cells_of(mines: Collection[str]) -> Mapping[str, dict[str, Cell]]:
    """Mine → clause → its cell. One query. The caller has checked the scope."""
    found: dict[str, dict[str, Cell]] = {}
    for cell in Cell.objects.filter(subject_kind="mine", subject__in=mines):
        found.setdefault(cell.subject, {})[cell.clause] = cell
    return found
