"""The state of each clause for each subject: made from open spells and standing determinations, stored where it changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from django.db import transaction

from kuangan.base.compliance.checks import Registry, State, Subject, Subjects, registry
from kuangan.base.compliance.combining import combined
from kuangan.base.compliance.models import Cell, Determination, Spell
from kuangan.base.compliance.subjects import POLICY_KINDS
from kuangan.library.policy import shipped

if TYPE_CHECKING:
    from kuangan.base.registry.pauses import Pace

Told: TypeAlias = Mapping[tuple[str, str], State]
"""(check, subject) → what its open spell says."""
KEY = ("clause", "subject_kind", "subject")
CHANGING = ("mine", "region", "city", "organisation", "state", "part", "since")
STANDING = "standing"
"""State of a determination that counts."""


def refresh(rows: Subjects, at: datetime, pace: Pace, *, clauses: Collection[str], everyone: bool) -> int:
    """Make the cells of these clauses and subjects anew and write those that changed. Returns how many.

    With `everyone`, cells of subjects that are gone or no longer bound go. Four queries, and one for each short write.
    """
    known = registry()
    states, determined = _states(rows, clauses, known), _determined(rows, clauses)
    held = {
        (cell.clause, cell.subject): cell
        for cell in Cell.objects.filter(subject_kind=rows.kind, clause__in=clauses)
        if everyone or cell.subject in rows.rows
    }
    made: list[Cell] = []
    for clause in clauses:
        for subject in _bound(clause, rows):
            before = held.pop((clause, subject.id), None)
            state, part = _state(clause, subject, states, determined, known)
            if before is None or (before.state, before.part) != (state, part):
                made.append(_cell(rows, clause, subject, state, part, at))
    gone = [cell.pk for cell in held.values()]
    count = len(made) + len(gone)
    while made or gone:
        pace.timed(lambda size: _written(made, gone, size))
    return count


def refresh_one(rows: Subjects, clause: str, at: datetime) -> None:
    """The cell of one clause after an act of a person, in the caller's transaction."""
    from kuangan.base.registry.pauses import Pace

    refresh(rows, at, Pace(size=50, rest=lambda seconds: None), clauses=(clause,), everyone=False)


def _states(rows: Subjects, clauses: Collection[str], known: Registry) -> Told:
    checks = {check.id for clause in clauses for check in known.clauses.get(clause, ()) if check.subject == rows.kind}
    spells = Spell.objects.filter(subject_kind=rows.kind, check_id__in=checks, ended_at=None)
    return {
        (check, subject): State.UNKNOWN if aside else State(state)
        for check, subject, state, aside in spells.values_list("check_id", "subject", "state", "set_aside")
    }


def _determined(rows: Subjects, clauses: Collection[str]) -> set[tuple[str, str]]:
    standing = Determination.objects.filter(subject_kind=rows.kind, clause__in=clauses, case__state=STANDING)
    return set(standing.values_list("clause", "subject"))


def _bound(clause: str, rows: Subjects) -> Iterator[Subject]:
    """The subjects of a kind that a clause binds: mines of its kinds, all others."""
    node = shipped().nodes[clause]
    if rows.kind not in node.binds:
        return iter(())
    if rows.kind != "mine" or not node.mine_kinds:
        return iter(rows)
    return (subject for subject in rows if POLICY_KINDS[subject.kind] in node.mine_kinds)


def _state(
    clause: str, subject: Subject, states: Told, determined: Collection[tuple[str, str]], known: Registry
) -> tuple[str, str]:
    """(state, judged part) as they are stored; the part is empty where it says no more than the state."""
    if (clause, subject.id) in determined:
        return State.DETERMINED, ""
    found = [
        states[check.id, subject.id] for check in known.clauses.get(clause, ()) if (check.id, subject.id) in states
    ]
    state, part = combined(found, whole=clause in known.whole)
    return state, part if part is not None and part != state else ""


def _cell(rows: Subjects, clause: str, subject: Subject, state: str, part: str, at: datetime) -> Cell:
    return Cell(
        clause=clause,
        subject_kind=rows.kind,
        subject=subject.id,
        mine_id=subject.id if rows.kind == "mine" else None,
        region=subject.region,
        city=subject.city,
        organisation_id=subject.organisation,
        state=state,
        part=part,
        since=at,
    )


def _written(made: list[Cell], gone: list[int], size: int) -> int:
    taken, made[:] = made[-size:], made[:-size]
    away, gone[:] = gone[-size:], gone[:-size]
    with transaction.atomic():
        Cell.objects.filter(pk__in=away).delete()
        Cell.objects.bulk_create(
            taken, batch_size=500, update_conflicts=True, update_fields=CHANGING, unique_fields=KEY
        )
    return len(taken) + len(away)
