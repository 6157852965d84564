"""Enrolling a system of a mine: an account that is shut until an authority's administrator has confirmed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base import audit
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.datalink.models import Enrolment, EnrolmentState, Sender, SenderKind
from kuangan.domains.datalink.senders import create_sender, set_disabled


class Decided(Exception):
    """Somebody has already decided on this enrolment."""


def visible(user: User, at: datetime) -> QuerySet[Enrolment]:
    """The enrolments of the mines within a person's scope."""
    rows = Enrolment.objects.filter(mine__in=visible_mines(user, at))
    return rows.select_related("mine", "sender", "applied_by", "decided_by")


def enrol(
    mine: Mine,
    *,
    system: str,
    maker: str,
    carrier: str,
    types: Sequence[str],
    contact: str,
    public_key: str,
    by: User,
    at: datetime,
) -> tuple[Enrolment, str]:
    """The enrolment and its token, which is shown once and works from the confirmation on."""
    with transaction.atomic():
        sender, token = create_sender(
            name=_free_name(f"{mine.name} {system}"[:72]),
            kind=SenderKind.MINE,
            codes=[mine.code],
            by=by,
            at=at,
            disabled=True,
        )
        made = Enrolment.objects.create(
            mine=mine,
            system=system,
            maker=maker,
            carrier=carrier,
            types=list(types),
            contact=contact,
            public_key=public_key,
            sender=sender,
            applied_at=at,
            applied_by=by,
        )
        content = {"carrier": carrier, "types": list(types), "sender": str(sender.pk), "system": system}
        _note(made, "enrolment.apply", by, at, content)
    return made, token


def decide(enrolment: Enrolment, accepted: bool, *, by: User, at: datetime, reason: str) -> None:
    """Confirm, and the account works; or not, and it never does. Raises Decided when somebody was first."""
    with transaction.atomic():
        row = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
        if not row.open:
            raise Decided
        row.state = EnrolmentState.CONFIRMED if accepted else EnrolmentState.REFUSED
        row.decided_at, row.decided_by, row.reason = at, by, reason
        row.save()
        _note(row, "enrolment.confirm" if accepted else "enrolment.refuse", by, at, {}, reason)
        if accepted:
            set_disabled(Sender.objects.get(pk=row.sender_id), False, by=by, at=at, reason=reason)


def waits_for_decision(sender: Sender) -> bool:
    """Whether the account belongs to an enrolment that was not confirmed: then only the confirmation opens it."""
    return Enrolment.objects.filter(sender=sender).exclude(state=EnrolmentState.CONFIRMED).exists()


def _free_name(wanted: str) -> str:
    taken = set(Sender.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    return next(name for name in (wanted, *(f"{wanted} {n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _note(
    enrolment: Enrolment, action: str, by: User, at: datetime, content: Mapping[str, object], reason: str = ""
) -> None:
    audit.record(
        actor=by,
        action=action,
        kind="enrolment",
        ident=str(enrolment.pk),
        content={"mine": enrolment.mine_id, **content},
        at=at,
        reason=reason,
    )
