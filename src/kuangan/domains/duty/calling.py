"""Call-outs: who was called about what, and how each of them answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from kuangan.base import audit, notices
from kuangan.base.case.errors import Forbidden, WrongState
from kuangan.base.case.models import Case
from kuangan.base.notices.models import Channel, Notice, NoticeState
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.domains.duty.flow import CALLOUT
from kuangan.domains.duty.models import Call, CallOut
from kuangan.domains.duty.opening import open_case

SENT_BY: dict[str, Channel] = {"voice": Channel.VOICE, "sms": Channel.SMS}
TIMES = {"answered_at": "接通", "acted_at": "响应"}


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom to call."""

    phone: str
    name: str = ""
    post: str = ""
    organisation: Organisation | None = None


@transaction.atomic
def open_callout(
    matter: str, *, by: User, at: datetime, about: Case | None = None, mine: Mine | None = None
) -> CallOut:
    """Begin a call-out about an alert (or another case) or a matter of its own. Raises Forbidden without the role."""
    if not may(by, "duty.call") or by.organisation is None:
        raise Forbidden("没有叫应的权限")
    case = open_case(
        CALLOUT,
        matter,
        by=by,
        at=at,
        mine=about.mine if about else mine,
        severity=about.severity if about else "none",
        drill=about.drill if about else False,
        content={"matter": matter, "about": about.number if about else ""},
    )
    return CallOut.objects.create(case=case, about=about, matter=matter[:200], opened_by=by)


@transaction.atomic
def call(callout: CallOut, callee: Callee, means: str, *, by: User, at: datetime, note: str = "") -> Call:
    """Call one person. Voice and SMS leave through the outbox; a call made by hand is only recorded.

    Raises Forbidden for people of another organisation, WrongState when the call-out is closed.
    """
    case = _held(callout, by)
    row = Call.objects.create(
        callout=callout,
        organisation=callee.organisation,
        post=callee.post,
        name=callee.name,
        phone=callee.phone,
        means=means,
        called_at=at,
        called_by=by,
        note=note,
    )
    if means in SENT_BY:
        row.notice = _send(case, row, at)
        row.save(update_fields=["notice"])
    said = {"name": row.name, "post": row.post, "phone": row.phone, "means": means, "note": note}
    _note("callout.called", case, row, said, by, at)
    return row


@transaction.atomic
def mark(row: Call, what: str, *, by: User, at: datetime, note: str = "") -> Call:
    """Record that somebody answered or acted, once each, and a note. KeyError for another word than those of TIMES."""
    TIMES[what]
    case = _held(row.callout, by)
    held = Call.objects.select_for_update().get(pk=row.pk)
    if getattr(held, what) is None:
        setattr(held, what, at)
    if note:
        held.note = "；".join(filter(None, (held.note, note)))[:400]
    held.save(update_fields=[what, "note"])
    _note("callout.marked", case, held, {"what": what, "note": note}, by, at)
    return held


def answered(notice: Notice, at: datetime) -> None:
    """What the voice gateway tells: the call was answered and a key was pressed. Other notices pass by."""
    row = Call.objects.select_related("callout__case").filter(notice=notice).first()
    if row is None:
        return
    row.key, row.pressed_at = notice.answer, notice.answered_at
    row.answered_at = row.answered_at or notice.answered_at
    row.save(update_fields=["key", "pressed_at", "answered_at"])
    _note("callout.pressed", row.callout.case, row, {"key": row.key}, None, at)


def callouts(cases: QuerySet[Case]) -> QuerySet[CallOut]:
    """The call-outs among cases, with how many were called and how many of them answered or acted."""
    return (
        CallOut.objects.filter(case__in=cases.filter(kind=CALLOUT.kind))
        .select_related("case", "case__mine", "case__owner", "about", "opened_by")
        .annotate(
            called=Count("calls"),
            reached=Count("calls", filter=Q(calls__answered_at__isnull=False)),
            acted=Count("calls", filter=Q(calls__acted_at__isnull=False)),
        )
    )


def state_words(row: Call) -> str:
    """How far a call has come."""
    if row.acted_at:
        return "已响应"
    if row.key:
        return f"已按键 {row.key}"
    if row.answered_at:
        return "已接通"
    if row.notice is None:
        return "未接通"
    return {NoticeState.SENT: "已拨出" if row.means == "voice" else "已发出"}.get(
        NoticeState(row.notice.state), str(NoticeState(row.notice.state).label)
    )


def _send(case: Case, row: Call, at: datetime) -> Notice:
    mark = "【演练】" if case.drill else ""
    ask = "请按 1 键确认收到。" if row.means == "voice" else "收到请回电。"
    return notices.send(
        channel=SENT_BY[row.means],
        to=row.phone,
        subject=f"{mark}【叫应】{case.title}"[:200],
        body=f"{mark}{case.owner} 叫应：{case.title}。{ask}",
        subject_kind="case",
        subject_id=str(case.pk),
        key=f"callout:{row.pk}",
        at=at,
    )


def _held(callout: CallOut, by: User) -> Case:
    case = Case.objects.select_for_update(of=("self",)).select_related("owner").get(pk=callout.pk)
    if not may(by, "duty.call") or case.owner_id != by.organisation_id:
        raise Forbidden("只有发起单位可以登记叫应")
    if case.state in CALLOUT.final:
        raise WrongState(case.state, "call")
    return case


def _note(action: str, case: Case, row: Call, content: Mapping[str, object], by: User | None, at: datetime) -> None:
    audit.record(
        actor=by, action=action, kind=CALLOUT.kind, ident=case.number, content={"call": row.pk, **content}, at=at
    )
