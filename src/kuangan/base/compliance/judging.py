"""One pass of the checks: every answer for every subject, what changed of it stored, and the states of clauses made from it.

A pass over everything reads with a handful of queries and the checks' own; it writes what changed in short transactions, so that an
engine on the same SQLite never waits long. A check that fails keeps its answers of before and is named in the pass.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, Final, TypeAlias

from django.db import connection, transaction

from kuangan.base.compliance import subjects as binding
from kuangan.base.compliance.cells import refresh
from kuangan.base.compliance.checks import (
    ANSWERS,
    NO_ANSWER,
    Check,
    Evidence,
    Finding,
    Registry,
    State,
    Subject,
    SubjectKind,
    Subjects,
    registry,
)
from kuangan.base.compliance.models import Pass, Spell
from kuangan.base.people.models import User
from kuangan.base.registry.pauses import Pace

log = logging.getLogger(__name__)
Key: TypeAlias = tuple[str, str]
"""(id of a check, id of a subject)"""
LONGEST_FAULT: Final = 200


@dataclass(frozen=True, slots=True)
class Held:
    """An open spell as far as a pass needs it."""

    pk: int
    mark: str


Change: TypeAlias = tuple[int | None, Spell | None]
"""(key of the spell that ends, spell that begins) of one check and subject; a pair is written at once or not at all."""


def run(
    at: datetime,
    *,
    by: User | None = None,
    checks: Collection[str] | None = None,
    only: Mapping[SubjectKind, Collection[str]] | None = None,
    pace: Callable[[], Pace] = lambda: Pace(size=300, aim=0.06, least=150, most=1_500),
) -> Pass:
    """Judge at `at` and store what changed. `checks` are ids (None: all), `only` the subjects of each kind (None: all of them)."""
    began = perf_counter()
    known = registry()
    chosen = [check for check in known.checks.values() if checks is None or check.id in checks]
    failed: dict[str, str] = {}
    findings = changed = 0
    for kind in dict.fromkeys(check.subject for check in chosen):
        of_kind = [check for check in chosen if check.subject == kind]
        rows = _narrowed(binding.load(kind), only)
        answers = {check.id: found for check in of_kind if (found := _answers(check, rows, at, failed)) is not None}
        findings += sum(map(len, answers.values()))
        changed += store(rows, answers, at, known, pace(), everyone=only is None)
        refresh(rows, at, pace(), clauses=_clauses(known, answers), everyone=only is None)
    return Pass.objects.create(
        at=at,
        by=by,
        checks=len(chosen),
        findings=findings,
        changed=changed,
        failed=failed,
        seconds=round(perf_counter() - began, 3),
    )


def _narrowed(rows: Subjects, only: Mapping[SubjectKind, Collection[str]] | None) -> Subjects:
    if only is None:
        return rows
    wanted = set(only.get(rows.kind, ()))
    return Subjects(rows.kind, {ident: row for ident, row in rows.rows.items() if ident in wanted})


def _clauses(known: Registry, answered: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clause for check in answered for clause in known.clauses_of[check]))


def _answers(check: Check, rows: Subjects, at: datetime, failed: dict[str, str]) -> dict[str, Finding] | None:
    """The answers of one check by subject; None when it failed, which `failed` then says."""
    asked = rows.of_kinds(check.mine_kinds)
    try:
        with _kept_apart():
            found = {finding.subject: finding for finding in check.judge(asked, at) if finding.subject in asked.rows}
    except Exception as fault:
        log.exception("check %s failed", check.id)
        failed[check.id] = f"{type(fault).__name__}: {fault}"[:LONGEST_FAULT]
        return None
    if wrong := {finding.state for finding in found.values()} - ANSWERS:
        failed[check.id] = f"gave {', '.join(sorted(wrong))}, which only a signed act may"
        return None
    return {ident: found.get(ident) or Finding(ident, State.UNKNOWN, NO_ANSWER) for ident in asked.rows}


def _kept_apart() -> AbstractContextManager[object]:
    """Inside a transaction a check gets a savepoint of its own; outside it reads without one, which on SQLite would hold up writers."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def store(
    rows: Subjects,
    answers: Mapping[str, Mapping[str, Finding]],
    at: datetime,
    known: Registry,
    pace: Pace,
    *,
    everyone: bool,
) -> int:
    """End the spells whose answer is another now and begin the new ones; an answer that stays writes nothing. Returns how many changed.

    With `everyone`, the spells of subjects that are gone end too.
    """
    held = _held(rows, answers, everyone)
    changes = [*_changes(rows, answers, at, known, held), *_gone(held, answers)]
    count = len(changes)
    while changes:
        pace.timed(lambda size: _written(changes, size, at))
    return count


def _held(rows: Subjects, checks: Collection[str], everyone: bool) -> dict[Key, Held]:
    spells = Spell.objects.filter(subject_kind=rows.kind, check_id__in=checks, ended_at=None)
    return {
        (check, subject): Held(pk, mark)
        for pk, check, subject, mark in spells.values_list("pk", "check_id", "subject", "mark")
        if everyone or subject in rows.rows
    }


def _changes(
    rows: Subjects,
    answers: Mapping[str, Mapping[str, Finding]],
    at: datetime,
    known: Registry,
    held: Mapping[Key, Held],
) -> Iterator[Change]:
    for ident, found in answers.items():
        check = known.checks[ident]
        for subject, finding in found.items():
            before, mark = held.get((ident, subject)), finding.mark(check.version)
            if before is None or before.mark != mark:
                yield before.pk if before else None, _spell(check, rows.rows[subject], finding, mark, at)


def _gone(held: Mapping[Key, Held], answers: Mapping[str, Mapping[str, Finding]]) -> Iterator[Change]:
    return ((spell.pk, None) for (check, subject), spell in held.items() if subject not in answers[check])


def _written(changes: list[Change], size: int, at: datetime) -> int:
    """Take up to `size` changes from the end of the list into one transaction."""
    taken, changes[:] = changes[-size:], changes[:-size]
    with transaction.atomic():
        Spell.objects.filter(pk__in=[pk for pk, _ in taken if pk is not None], ended_at=None).update(ended_at=at)
        Spell.objects.bulk_create([spell for _, spell in taken if spell is not None], batch_size=500)
    return len(taken)


def about(kind: SubjectKind, subject: Subject) -> dict[str, Any]:
    """The fields of `OfSubject` for a subject."""
    return {
        "subject_kind": kind,
        "subject": subject.id,
        "mine_id": subject.id if kind == "mine" else None,
        "region": subject.region,
        "city": subject.city,
        "organisation_id": subject.organisation,
    }


def _spell(check: Check, subject: Subject, finding: Finding, mark: str, at: datetime) -> Spell:
    return Spell(
        **about(check.subject, subject),
        check_id=check.id,
        state=finding.state,
        why=finding.why,
        inputs=dict(finding.inputs),
        evidence=[_kept(one) for one in finding.evidence],
        version=check.version,
        mark=mark,
        data_at=finding.data_at,
        began_at=at,
    )


def _kept(evidence: Evidence) -> dict[str, object]:
    return {"label": evidence.label, "route": evidence.route, "args": list(evidence.args), "query": evidence.query}
