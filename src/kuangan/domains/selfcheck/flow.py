"""The life of a sheet as a literal table."""

from __future__ import annotations

from kuangan.base.case.flow import ClockRule, Flow, Transition
from kuangan.base.case.models import Case
from kuangan.domains.selfcheck import hooks
from kuangan.domains.selfcheck.kinds import FILE

CLAUSES = ("SX34-78", "SX34-80", "SX36-24")
LADDER = "selfcheck"


def _step(
    name: str,
    label: str,
    from_: tuple[str, ...],
    to: str,
    may: str,
    needs: tuple[str, ...] = (),
    due: str | None = None,
) -> Transition:
    return Transition(name=name, from_=from_, to=to, may=may, label=label, clause=CLAUSES, needs=needs, due=due)


def _supervisor(case: Case) -> int | None:
    owner: int | None = case.selfcheck_sheet.supervisor_id
    return owner


SHEET = Flow(
    kind="selfcheck",
    page="selfcheck:sheet",
    label="自查表",
    states={
        "drafting": "填报中",
        "signed": "已签字待提交",
        "submitted": "已提交待审核",
        "returned": "已退回",
        "accepted": "已受理",
        "closed": "已办结",
        "cancelled": "免报",
    },
    initial="drafting",
    final=("closed", "cancelled"),
    transitions=(
        _step("sign", "签字", ("drafting", "returned"), "drafting", "selfcheck.fill", ("title",)),
        _step("sign_last", "签字", ("drafting", "returned"), "signed", "selfcheck.fill", ("title",)),
        _step("amend", "修改内容", ("signed",), "drafting", "selfcheck.fill"),
        _step("submit", "提交", ("signed",), "submitted", "selfcheck.fill", due="accept"),
        _step("accept", "受理", ("submitted",), "accepted", "selfcheck.judge", ("opinion",)),
        _step("send_back", "退回", ("submitted",), "returned", "selfcheck.judge", ("reason",), due="submit"),
        _step("close", "办结", ("accepted",), "closed", "selfcheck.judge", ("opinion",)),
        _step("cancel", "免报", ("drafting", "returned", "signed"), "cancelled", "selfcheck.judge", ("reason",)),
    ),
    may_perform=hooks.may_move,
    hindrance=hooks.hindrance,
    after=hooks.after,
    clocks={
        "accept": ClockRule(FILE.review, "supervision", _supervisor),
        "submit": ClockRule(FILE.returned, LADDER),
    },
)
