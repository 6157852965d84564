"""A step that they propose waits for a person: the organisation that may take it finds it in its inbox."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from kuangan.base import notices
from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import SUBJECT
from kuangan.base.clock import BEIJING
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.domains.datalink.exchange import sources
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.shapes import Record


def tell(mapping: Mapping, case: Case, step: str, record: Record, at: datetime) -> None:
    """One notice for a step that is proposed in a state of a case, however often they say it; again when the case came back to
    that state. Nobody is told where nobody may take the step. Call it in the transaction of the record."""
    body = sources.taker(case, step)
    if body is None:
        return
    label = flow_of(case.kind).transition(step).label
    notices.send(
        channel=Channel.INBOX,
        to=to_organisation(body),
        subject=f"{mapping.short}建议“{label}”：{case.title}",
        body=_words(mapping, label, record),
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        key=f"exchange:{mapping.platform}:{case.pk}:{step}:{_since(case)}:{body}",
        at=at,
    )


def _since(case: Case) -> int:
    """The step that led to the state the case is in; 0: it is in its first."""
    moved = Step.objects.filter(case=case).exclude(from_state=F("to_state"))
    return moved.order_by("-pk").values_list("pk", flat=True).first() or 0


def _words(mapping: Mapping, label: str, record: Record) -> str:
    when = f"{record.handled_at.astimezone(BEIJING):%m-%d %H:%M}" if record.handled_at else ""
    who = f"（{record.handler}）" if record.handler else ""
    note = f"，附言：{record.note}" if record.note else ""
    told = f"{mapping.short}{who}告知 {when} {mapping.state_words(record.state)}{note}。"
    return f"{told}请核对后在该事项的页面办理“{label}”；对方的告知不代替办理。"
