"""Drills: a marked alert goes its real way, and how long each level took is read off what it left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.notices.models import Channel, Notice
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.domains.duty.models import Drill
from kuangan.domains.duty.rules import ACK_LADDER, seconds_between

Raise = Callable[[Mine, str, str, datetime], Case]
_raise: list[Raise] = []


def install(raise_drill: Raise) -> None:
    """Say who raises the marked alert: it belongs to another room."""
    _raise[:] = [raise_drill]


@transaction.atomic
def start_drill(mine: Mine, grade: str, *, by: User, at: datetime, purpose: str = "") -> Drill:
    """Raise a drill alert at a mine. Raises Forbidden without the role."""
    if not may(by, "duty.drill") or by.organisation is None:
        raise Forbidden("没有发起演练的权限")
    case = _raise[0](mine, grade, f"{mine.code}-{by.pk}-{to_ms(at)}", at)
    row = Drill.objects.create(
        case=case,
        mine=mine,
        grade=grade,
        organisation=by.organisation,
        started_by=by,
        started_at=at,
        purpose=purpose,
    )
    content = {"mine": mine.code, "grade": grade, "purpose": purpose}
    audit.record(actor=by, action="drill.started", kind="drill", ident=case.number, content=content, at=at)
    return row


@dataclass(frozen=True, slots=True)
class Reached:
    """How one organisation was told and answered; times None for what has not happened."""

    organisation: Organisation
    asked_at: datetime
    told_at: datetime | None
    rung_at: datetime | None
    pressed_at: datetime | None
    acknowledged_at: datetime | None
    due: datetime
    late: bool
    raised_at: datetime

    @property
    def to_told(self) -> int | None:
        """Seconds from raised to told."""
        return seconds_between(self.raised_at, self.told_at)

    @property
    def to_acknowledged(self) -> int | None:
        """Seconds from raised to acknowledged."""
        return seconds_between(self.raised_at, self.acknowledged_at)


def result(drill: Drill, at: datetime) -> list[Reached]:
    """Every organisation that owed an acknowledgement, in the order in which they were asked. Two queries."""
    clocks = list(
        Deadline.objects.filter(subject_kind="case", subject_id=str(drill.pk), ladder=ACK_LADDER)
        .select_related("owner")
        .order_by("started_at", "due", "id")
    )
    told = list(Notice.objects.filter(subject_kind="case", subject_id=str(drill.pk)).order_by("created_at", "id"))
    return [_reached(drill, clock, clock.owner, told, at) for clock in clocks if clock.owner is not None]


def _reached(drill: Drill, clock: Deadline, owner: Organisation, told: list[Notice], at: datetime) -> Reached:
    inbox = [n for n in told if n.channel == Channel.INBOX and n.to == to_organisation(owner.pk)]
    own = f"roster:{clock.pk}:"
    voice = [n for n in told if n.channel == Channel.VOICE]
    calls = [n for n in voice if n.key.startswith(own) or (owner.phone and n.to == owner.phone)]
    met = clock.ended_at if clock.state == DeadlineState.MET else None
    return Reached(
        organisation=owner,
        asked_at=clock.started_at,
        told_at=_first([n.sent_at for n in inbox]),
        rung_at=_first([n.sent_at for n in calls]),
        pressed_at=_first([n.answered_at for n in calls]),
        acknowledged_at=met,
        due=clock.due,
        late=(met or clock.ended_at or at) > clock.due,
        raised_at=drill.case.opened,
    )


def _first(moments: list[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
