"""What the flow of a sheet adds to every step: who may take it, what hinders it, what is kept, which clocks run."""

from __future__ import annotations

from datetime import datetime

from kuangan.base.case.flow import Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import SUBJECT
from kuangan.base.deadlines.clocks import cancel, meet
from kuangan.base.people.models import User
from kuangan.base.people.roles import PUBLIC_KINDS, Role
from kuangan.domains.selfcheck.kinds import FILE
from kuangan.domains.selfcheck.models import Sheet

FILLING = frozenset({"sign", "sign_last", "amend", "submit"})
JUDGES = frozenset({Role.INSPECTOR, Role.LEADER})


def fills(sheet: Sheet, user: User) -> bool:
    """Whether the person belongs to whoever fills the sheet in; for an authority also that it may inspect at all."""
    body = user.organisation
    if body is None or not body.active or sheet.filler_id != body.pk:
        return False
    return sheet.round.rules.by_mine or (body.kind in FILE.bodies and bool(JUDGES & set(user.roles)))


def judges(sheet: Sheet, user: User) -> bool:
    """Whether the person's body judges the sheet: the direct supervisor, any authority in scope where none is registered."""
    body = user.organisation
    if body is None or body.kind not in PUBLIC_KINDS or not JUDGES & set(user.roles):
        return False
    return sheet.supervisor_id in (None, body.pk)


def may_move(case: Case, user: User, transition: Transition) -> bool:
    sheet = case.selfcheck_sheet
    if transition.name in FILLING:
        return fills(sheet, user)
    own = sheet.signatures.filter(by=user, voided_at=None).exists()
    return judges(sheet, user) and not own


def hindrance(case: Case, transition: Transition) -> str:
    sheet = case.selfcheck_sheet
    if transition.name == "submit" and sheet.answered < sheet.asked:
        return f"还有 {sheet.asked - sheet.answered} 条未答"
    if transition.name == "close" and sheet.differing:
        return f"还有 {sheet.differing} 条与监测数据不一致待核实"
    if transition.name == "close" and sheet.proposals.filter(decided_at=None).exists():
        return "有处置建议尚未决定"
    return ""


def after(case: Case, step: Step) -> None:
    """Times of the sheet follow its steps; a clock that the new state does not ask for ends."""
    sheet, name = case.selfcheck_sheet, step.name
    if name == "submit":
        Sheet.objects.filter(pk=sheet.pk).update(submitted_at=step.at)
    elif name == "accept":
        number = str(step.form.get("official_number", ""))[:60]
        Sheet.objects.filter(pk=sheet.pk).update(accepted_at=step.at, official_number=number)
    elif name == "send_back":
        Sheet.objects.filter(pk=sheet.pk).update(submitted_at=None)
        cancel(SUBJECT, str(case.pk), at=step.at, codes=("accept", "verify"), by=step.by)


def met_when_verified(sheet: Sheet, user: User, at: datetime) -> None:
    """The clock of verification is met with the last difference."""
    if not sheet.differing:
        meet(SUBJECT, str(sheet.pk), "verify", at=at, by=user)
