"""What the flows of this room add to every step: who may take it, what is kept of it, which clocks run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from kuangan.base.case.flow import Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import SUBJECT
from kuangan.base.deadlines.clocks import cancel, meet, set_deadline
from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.registry.supervision import mine_organisation, supervisors
from kuangan.domains.operations.kinds import KINDS, SYSTEMS
from kuangan.domains.operations.models import Announcement, SystemFault
from kuangan.domains.operations.rules import covered

RESPONSE, BEGIN, FINISH, END = "response", "announcement_begin", "announcement_finish", "announcement_end"
CODES = ("answer", "lapse", "start", "end", "extension")
NEAREST = ("direct", "upper")
CLOCK_STEPS = frozenset({"begin_on_time", "finish_on_time", "overrun", "lapse"})
ANSWERS = {"note": False, "note_late": False, "agree": True, "refuse": True}
"""Steps of the supervisor → whether they belong to kinds that need an answer."""


def answering_body(mine: str, at: datetime) -> Organisation | None:
    """The direct supervisor of a mine; the nearest upper level where none is registered."""
    roles = supervisors([mine], at, NEAREST).get(mine, {})
    return next((roles[role][0] for role in NEAREST if role in roles), None)


def own_organisation(mine: str, at: datetime) -> int | None:
    """The organisation whose people answer for the mine."""
    body = mine_organisation([mine], at).get(mine)
    return body.pk if body else None


def may_move(case: Case, user: User, transition: Transition) -> bool:
    """Whether the step fits the kind of work and the user's body."""
    row, name = case.announcement, transition.name
    if name in CLOCK_STEPS:
        return False
    needs_answer = KINDS[row.kind].answer
    supervises = row.supervisor_id in (None, user.organisation_id) and not _of_mine(user)
    if name in ANSWERS:
        return supervises and ANSWERS[name] == needs_answer and (name != "note_late" or row.seen_at is None)
    if transition.may == "announcement.extend":
        return supervises or (_of_mine(user) and not needs_answer)
    return _of_mine(user)


def _of_mine(user: User) -> bool:
    return user.organisation is not None and user.organisation.kind == OrganisationKind.MINE


def hindrance(case: Case, transition: Transition) -> str:
    """Work that needs an answer does not start before it has one."""
    row = case.announcement
    unanswered = case.state == "declared" and KINDS[row.kind].answer
    return "须经直接监管部门同意后方可开始" if transition.name == "start" and unanswered else ""


def after(case: Case, step: Step) -> None:
    """Keep what the step says, when alerts are marked, and start the clocks of the new state."""
    row = case.announcement
    _keep(row, step)
    span = covered(
        KINDS[row.kind],
        case.state,
        starts=row.starts,
        ends=row.ends,
        declared=row.declared_at,
        agreed=row.agreed_at,
        ended=row.ended_at,
    )
    row.covers_from, row.covers_to = span or (None, None)
    row.save()
    run_clocks(row, case, step.at, step.by)


def _keep(row: Announcement, step: Step) -> None:
    name, at = step.name, step.at
    if name in ANSWERS and row.seen_at is None:
        row.seen_at = at
    if name == "agree":
        row.agreed_at = at
    elif name == "amend":
        row.agreed_at, row.seen_at = None, None
    elif name in ("start", "begin_on_time"):
        row.started_at = at
    elif name in ("end", "finish_on_time"):
        row.ended_at = min(at, row.ends) if name == "finish_on_time" else at
    elif name == "overrun":
        row.overrun_at = at
    elif name == "ask_extension":
        row.asked_ends = datetime.fromisoformat(str(step.form["ends"]))
    elif name == "grant_extension" and row.asked_ends is not None:
        row.ends, row.asked_ends, row.extensions = row.asked_ends, None, row.extensions + 1
        row.checked_at = None
    elif name == "refuse_extension":
        row.asked_ends = None


def run_clocks(row: Announcement, case: Case, at: datetime, by: User | None) -> None:
    """End the clocks that the state no longer asks for and start those it does."""
    kind, ident, state = KINDS[row.kind], str(case.pk), case.state
    wanted: dict[str, tuple[datetime, str, int | None]] = {}
    supervisor = row.supervisor_id
    if state == "declared" and kind.answer:
        wanted["answer"] = (row.starts, RESPONSE, supervisor)
        wanted["lapse"] = (row.ends, FINISH, case.owner_id)
    elif state in ("declared", "noted", "agreed"):
        wanted["start"] = (max(row.starts, at), BEGIN, case.owner_id)
    elif state == "running":
        wanted["end"] = (row.ends, END if kind.ends == "reported" else FINISH, case.owner_id)
    if state == "asked":
        wanted["extension"] = (row.ends, RESPONSE, supervisor if kind.answer else case.owner_id)
    kept = {"end"} if state in ("asked", "overrun") else set()  # the end runs on while an extension is asked for
    _stop(ident, [code for code in CODES if code not in kept | set(wanted)], at, by)
    for code, (due, ladder, owner) in wanted.items():
        set_deadline(
            subject_kind=SUBJECT, subject_id=ident, code=code, due=due, ladder=ladder, at=at, owner_id=owner, by=by
        )


def _stop(ident: str, codes: Collection[str], at: datetime, by: User | None) -> None:
    cancel(SUBJECT, ident, at=at, codes=tuple(codes), by=by)


def may_judge(case: Case, user: User, transition: Transition) -> bool:
    """The mine explains; the body that answered the announcement decides."""
    row = case.announcement_check.announcement
    if transition.name == "answer":
        return _of_mine(user)
    return row.supervisor_id in (None, user.organisation_id)


def may_verify(case: Case, user: User, transition: Transition) -> bool:
    """The mine repairs; its supervisor of the day verifies."""
    if transition.name == "repair":
        return _of_mine(user)
    fault = case.system_fault
    body = answering_body(fault.system.mine_id, fault.found_at)
    return body is None or body.pk == user.organisation_id


def after_fault(case: Case, step: Step) -> None:
    """The clock of the repair stops with it and starts again when it is sent back."""
    fault = case.system_fault
    if step.name == "repair":
        meet(SUBJECT, str(case.pk), "repair", at=step.at, by=step.by)
        SystemFault.objects.filter(pk=fault.pk).update(repaired_at=step.at)
    elif step.name == "reopen":
        SystemFault.objects.filter(pk=fault.pk).update(repaired_at=None)
        run_repair(fault, case, step.at, step.by)


def run_repair(fault: SystemFault, case: Case, at: datetime, by: User | None) -> None:
    """Start the clock of a repair."""
    set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code="repair",
        due=at + timedelta(hours=SYSTEMS[fault.system.kind].repair_hours),
        ladder=RESPONSE,
        at=at,
        owner_id=case.owner_id,
        by=by,
    )
