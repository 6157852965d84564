"""What the clock does with announcements: begins and ends them at their times, and marks those that were not ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kuangan.base import audit, deadlines
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import SUBJECT
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.domains.operations import hooks
from kuangan.domains.operations.checking import find_overrun
from kuangan.domains.operations.flow import ANNOUNCEMENT
from kuangan.domains.operations.kinds import KINDS
from kuangan.domains.operations.models import Announcement


def turn(due: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Handler of the ladders of announcements; runs in the transaction that moved the deadlines."""
    wanted = {int(row.subject_id): row for row in due if row.subject_kind == SUBJECT}
    cases = Case.objects.select_for_update().filter(pk__in=wanted, kind=ANNOUNCEMENT.kind).order_by("pk")
    for case in cases:
        name = _step_of(wanted[case.pk].code, KINDS[case.announcement.kind].ends)
        if case.state in ANNOUNCEMENT.transition(name).from_:
            move(case, name, at)


def _step_of(code: str, ends: str) -> str:
    if code == "end":
        return "overrun" if ends == "reported" else "finish_on_time"
    return {"start": "begin_on_time", "lapse": "lapse"}[code]


def move(case: Case, name: str, at: datetime) -> None:
    """Take a step of the clock: nobody performs it, all else is as with `base.case.perform`."""
    transition = ANNOUNCEMENT.transition(name)
    step = Step.objects.create(case=case, name=name, from_state=case.state, to_state=transition.to, at=at)
    case.state = transition.to
    case.closed = at if transition.to in ANNOUNCEMENT.final else None
    case.save(update_fields=["state", "closed"])
    hooks.after(case, step)
    Case.objects.filter(pk=case.pk).update(due=deadlines.next_due(SUBJECT, str(case.pk)))
    content = {"from": step.from_state, "to": step.to_state, "form": {}}
    audit.record(actor=None, action=name, kind=case.kind, ident=case.number, content=content, at=at)
    if name == "overrun":
        find_overrun(Announcement.objects.select_related("case", "mine").get(case=case), at)
