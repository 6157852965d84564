"""What a decision of a person changes of the state of a clause, in the transaction of its step."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from kuangan.base.case.models import Case, Step
from kuangan.base.compliance import subjects
from kuangan.base.compliance.cells import refresh_one
from kuangan.base.compliance.checks import SubjectKind, Subjects, registry
from kuangan.base.compliance.models import Determination, Objection, OfFinding, Spell


def determined(case: Case, step: Step) -> None:
    """A determination begins or ceases to count."""
    _anew(Determination.objects.get(case=case), step.at)


def objected(case: Case, step: Step) -> None:
    """An objection that is upheld sets its answer aside for as long as that lasts."""
    row = Objection.objects.get(case=case)
    if step.to_state == "upheld" and row.spell_id is not None:
        Spell.objects.filter(pk=row.spell_id).update(set_aside=case)
        _anew(row, step.at, tuple(registry().clauses_of.get(_check(row.spell_id), ())))


def _check(spell: int) -> str:
    return str(Spell.objects.values_list("check_id", flat=True).get(pk=spell))


def _anew(row: OfFinding, at: datetime, clauses: tuple[str, ...] = ()) -> None:
    kind = cast("SubjectKind", row.subject_kind)
    found = subjects.load(kind).rows.get(row.subject)
    if found is None:
        return
    for clause in clauses or (row.clause,):
        refresh_one(Subjects(kind, {row.subject: found}), clause, at)
