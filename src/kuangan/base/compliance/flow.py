"""The lives of a determination, of a proposed measure and of an objection, as literal tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from kuangan.base import notices
from kuangan.base.case.flow import ClockRule, Flow, Transition
from kuangan.base.case.models import Case, Step
from kuangan.base.compliance import after
from kuangan.base.compliance.models import Objection
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User

ANSWER_DAYS: Final = 15
"""Days within which an objection is answered: a default of ours, no text names one."""
CLAUSES: Final = ("SX36-32",)


def _step(
    name: str,
    label: str,
    from_: tuple[str, ...],
    to: str,
    may: str,
    needs: tuple[str, ...] = (),
    *,
    four_eyes: str | None = None,
    notice: str | None = None,
) -> Transition:
    return Transition(
        name=name,
        from_=from_,
        to=to,
        may=may,
        label=label,
        clause=CLAUSES,
        needs=needs,
        four_eyes=four_eyes,
        notice=notice,
    )


def _answers(case: Case, user: User, transition: Transition) -> bool:
    """Whoever raised an objection may take it back; the body that owes the answer gives it."""
    if transition.name == "withdraw":
        return bool(Objection.objects.filter(case=case, organisation=user.organisation_id).exists())
    return case.owner_id is not None and case.owner_id == user.organisation_id


def _answered(case: Case, step: Step) -> Sequence[notices.Draft]:
    row = Objection.objects.get(case=case)
    if row.organisation_id is None:
        return ()
    return (
        notices.Draft(
            channel=Channel.INBOX,
            to=to_organisation(row.organisation_id),
            subject=f"异议答复：{case.title}",
            body=f"编号 {case.number}，{OBJECTION.transition(step.name).label}。",
            subject_kind="case",
            subject_id=str(case.pk),
            key=f"objection:{case.pk}:answer",
        ),
    )


DETERMINATION = Flow(
    kind="determination",
    page="compliance:case",
    label="不符认定",
    states={"drafted": "待复核", "standing": "已认定", "returned": "已退回", "lifted": "已解除"},
    initial="drafted",
    final=("returned", "lifted"),
    transitions=(
        _step("confirm", "复核无误", ("drafted",), "standing", "finding.confirm", four_eyes="drafted"),
        _step("return", "退回", ("drafted",), "returned", "finding.confirm", ("reason",)),
        _step("lift", "解除认定", ("standing",), "lifted", "finding.confirm", ("document", "reason")),
    ),
    after=after.determined,
)
MEASURE = Flow(
    kind="measure",
    page="compliance:case",
    label="处置建议",
    states={
        "proposed": "待决定",
        "approved": "已同意",
        "amended": "变更后同意",
        "rejected": "不采纳",
        "documented": "已出文书",
    },
    initial="proposed",
    final=("rejected", "documented"),
    transitions=(
        _step("approve", "同意", ("proposed",), "approved", "measure.decide", ("opinion",), four_eyes="proposed"),
        _step(
            "amend",
            "变更后同意",
            ("proposed",),
            "amended",
            "measure.decide",
            ("change", "opinion"),
            four_eyes="proposed",
        ),
        _step("reject", "不采纳", ("proposed",), "rejected", "measure.decide", ("reason",), four_eyes="proposed"),
        _step(
            "document",
            "登记文书",
            ("approved", "amended"),
            "documented",
            "finding.determine",
            ("document", "served_on"),
        ),
    ),
)
OBJECTION = Flow(
    kind="objection",
    page="compliance:case",
    label="结论异议",
    states={"raised": "待答复", "upheld": "异议成立", "dismissed": "异议不成立", "withdrawn": "已撤回"},
    initial="raised",
    final=("upheld", "dismissed", "withdrawn"),
    transitions=(
        _step("uphold", "异议成立", ("raised",), "upheld", "objection.answer", ("reason",), notice="answered"),
        _step("dismiss", "异议不成立", ("raised",), "dismissed", "objection.answer", ("reason",), notice="answered"),
        _step("withdraw", "撤回", ("raised",), "withdrawn", "objection.raise", ("reason",)),
    ),
    may_perform=_answers,
    after=after.objected,
    clocks={"answer": ClockRule(timedelta(days=ANSWER_DAYS), "supervision")},
    notices={"answered": _answered},
)
FLOWS: Final = (DETERMINATION, MEASURE, OBJECTION)
