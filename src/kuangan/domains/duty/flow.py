"""The lives of a call-out and of a handover as literal tables."""

from __future__ import annotations

from kuangan.base.case.flow import Flow, Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.people.models import User
from kuangan.domains.duty.models import CallOut, Handover


def _own(case: Case, user: User, transition: Transition) -> bool:
    """Only people of the organisation that keeps the case take its steps."""
    return case.owner_id is not None and case.owner_id == user.organisation_id


def _waits_for(case: Case, transition: Transition) -> str:
    """A call-out without a single call is not closed: it is no record of anything."""
    if transition.name == "close" and not CallOut.objects.get(case=case).calls.exists():
        return "尚无呼叫记录，不能办结；误建的请写明后作废"
    return ""


def _after_handover(case: Case, step: Step) -> None:
    """Who signed and when; what was signed is frozen by `handing.sign` before the step."""
    row = Handover.objects.get(case=case)
    if step.name == "sign":
        row.outgoing, row.signed_at = step.by, step.at
    elif step.name == "return":
        row.outgoing, row.signed_at, row.digest = None, None, ""
    elif step.name == "accept":
        row.incoming, row.accepted_at = step.by, step.at
    row.save()


CALLOUT = Flow(
    kind="callout",
    label="叫应",
    states={"open": "叫应中", "closed": "已办结", "void": "已作废"},
    initial="open",
    final=("closed", "void"),
    transitions=(
        Transition(
            name="close",
            from_=("open",),
            to="closed",
            may="duty.call",
            needs=("outcome",),
            clause=("SX34-29", "SX34-44"),
            label="办结",
        ),
        Transition(
            name="void",
            from_=("open",),
            to="void",
            may="duty.call",
            needs=("reason",),
            clause=("SX34-29", "SX34-44"),
            label="作废",
        ),
    ),
    may_perform=_own,
    hindrance=_waits_for,
    page="duty:callout",
)

HANDOVER = Flow(
    kind="handover",
    label="交接班",
    states={"draft": "待交班", "signed": "待接班", "accepted": "已交接"},
    initial="draft",
    final=("accepted",),
    transitions=(
        Transition(
            name="sign",
            from_=("draft",),
            to="signed",
            may="duty.handover",
            clause=("SX34-29",),
            label="签字交班",
        ),
        Transition(
            name="return",
            from_=("signed",),
            to="draft",
            may="duty.handover",
            needs=("reason",),
            clause=("SX34-29",),
            label="退回",
            four_eyes="sign",
        ),
        Transition(
            name="accept",
            from_=("signed",),
            to="accepted",
            may="duty.handover",
            clause=("SX34-29",),
            label="签字接班",
            four_eyes="sign",
        ),
    ),
    may_perform=_own,
    after=_after_handover,
    page="duty:handover",
)
