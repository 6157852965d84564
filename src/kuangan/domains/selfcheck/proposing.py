"""A mine that does not meet the hard measures leads to a proposal to its direct supervisor. It is no order, and no step of a penalty."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kuangan.base import audit, notices
from kuangan.base.case.errors import Forbidden, MissingFields, NotYet
from kuangan.base.case.performing import SUBJECT
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.selfcheck import hooks
from kuangan.domains.selfcheck.models import Proposal, Sheet
from kuangan.domains.selfcheck.rules import DECISION_WORDS, proposal_nodes
from kuangan.domains.selfcheck.words import named
from kuangan.library.policy import shipped

HARD = "SX34"
"""The document that implements the hard measures."""


def unmet_nodes(sheet: Sheet) -> list[str]:
    """Clauses of the hard measures that the mine itself calls not met, or that were verified to be so."""
    unmet = sheet.answers.filter(replaced_at=None, value="unmet").values_list("node", flat=True)
    verified = sheet.differences.filter(result="real").values_list("node", flat=True)
    return proposal_nodes(unmet, verified, [node for node in shipped().nodes if node.startswith(f"{HARD}-")])


@transaction.atomic
def propose(sheet: Sheet, *, at: datetime, reason: str) -> Proposal | None:
    """The proposal for what is not met now; None when nothing is, or the same was proposed before."""
    nodes = unmet_nodes(sheet)
    key = f"{sheet.pk}:{','.join(nodes)}"
    if not nodes or Proposal.objects.filter(key=key[:160]).exists():
        return None
    row = Proposal.objects.create(
        sheet=sheet, supervisor_id=sheet.supervisor_id, nodes=nodes, reason=reason, key=key[:160], made_at=at
    )
    case = sheet.case
    if sheet.supervisor_id is not None:
        notices.send(
            channel=Channel.INBOX,
            to=to_organisation(sheet.supervisor_id),
            subject=f"建议研究处置：{sheet.mine.name}",
            body=f"{case.number} 有 {len(nodes)} 条不符合（{named(nodes)}）。本件为建议，由贵单位决定，不是停产指令。",
            subject_kind=SUBJECT,
            subject_id=str(case.pk),
            key=f"selfcheck:{case.pk}:proposal:{row.pk}",
            at=at,
        )
    content = {"nodes": nodes, "reason": reason}
    audit.record(actor=None, action="proposal.made", kind=case.kind, ident=case.number, content=content, at=at)
    return row


@transaction.atomic
def decide(row: Proposal, *, decision: str, text: str, by: User, at: datetime) -> Proposal:
    """What a leader of the supervising body decides. Raises Forbidden, MissingFields, NotYet when it is decided."""
    held = Proposal.objects.select_for_update(of=("self",)).select_related("sheet__case").get(pk=row.pk)
    if not may(by, "selfcheck.decide") or not hooks.judges(held.sheet, by):
        raise Forbidden("由直接监管单位负责人决定")
    if held.decided_at is not None:
        raise NotYet("decided", "decide", "已决定")
    wrong = {} if decision in DECISION_WORDS else {"decision": "请选择"}
    if not text.strip():
        wrong["text"] = "必填"
    if wrong:
        raise MissingFields(wrong)
    held.decision, held.decided_text, held.decided_by, held.decided_at = decision, text.strip(), by, at
    held.save(update_fields=["decision", "decided_text", "decided_by", "decided_at"])
    case = held.sheet.case
    content = {"proposal": held.pk, "decision": decision}
    audit.record(
        actor=by, action="proposal.decided", kind=case.kind, ident=case.number, content=content, at=at, reason=text
    )
    return held
