"""Deadlines of cases in people's hands: what may be done with one, by whom, and the acts; the case's own `due` follows.

Whoever owes something, or supervises, asks for more time; a leader of an authority on the level of whoever owes it, or above, and
somebody else, agrees. Such a leader suspends and resumes. Which deadlines stand open to it says their ladder or the flow of the case;
clocks that follow events never do. Sealed cases are left out: every look at one is a record of its own room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from kuangan.base import deadlines
from kuangan.base.case.errors import Forbidden
from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case, CaseQuerySet
from kuangan.base.case.performing import SUBJECT
from kuangan.base.case.visibility import OPEN
from kuangan.base.deadlines.ladders import LADDERS, Act
from kuangan.base.deadlines.models import ASKED_STATES, AnswerState, Deadline, DeadlineState, ExtensionRequest
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import Level
from kuangan.base.people.scope import scope_of

NOTHING: frozenset[Act] = frozenset()
RANKS: Mapping[str, int] = {Level.COUNTY: 1, Level.CITY: 2, Level.PROVINCE: 3}


def reachable(user: User | AnonymousUser, at: datetime) -> CaseQuerySet:
    """The open cases of a person's scope, none of which is sealed."""
    return Case.objects.visible_to(user, at).filter(secrecy=OPEN)


def adjustable(case: Case, clock: Deadline) -> frozenset[Act]:
    """What may be done by hand with a deadline: as the flow says for its code, else as its ladder does."""
    ladder = LADDERS.get(clock.ladder)
    return flow_of(case.kind).adjusts.get(clock.code, ladder.acts if ladder else NOTHING)


def clauses_of(kind: str, code: str) -> tuple[str, ...]:
    """The places that a deadline follows from: those of the step it asks for; none where its code names no step."""
    return next((step.clause for step in flow_of(kind).transitions if step.name == code), ())


@dataclass(frozen=True, slots=True)
class Acts:
    """What one person may do with one deadline now."""

    ask: bool = False
    answer: bool = False
    withdraw: bool = False
    suspend: bool = False
    resume: bool = False

    @property
    def any(self) -> bool:
        return self.ask or self.answer or self.withdraw or self.suspend or self.resume


def acts_of(user: User, case: Case, clock: Deadline, asked: ExtensionRequest | None, at: datetime) -> Acts:
    """The acts that permission, person and state leave. `asked` is the request that waits for an answer."""
    may_be = adjustable(case, clock) if clock.state in ASKED_STATES else NOTHING
    own = asked is not None and asked.by_id == user.pk
    above = _stands_above(user, clock)
    return Acts(
        ask="extend" in may_be and asked is None and _may_ask(user, clock),
        answer=asked is not None and not own and above and may(user, "deadline.agree"),
        withdraw=own,
        suspend="suspend" in may_be
        and clock.state == DeadlineState.RUNNING
        and at <= clock.due
        and above
        and may(user, "deadline.suspend"),
        resume=clock.state == DeadlineState.SUSPENDED and above and may(user, "deadline.suspend"),
    )


def _may_ask(user: User, clock: Deadline) -> bool:
    owes = clock.owner_id is None or clock.owner_id == user.organisation_id
    return may(user, "deadline.ask") and (owes or _of_authority(user))


def _of_authority(user: User) -> bool:
    return scope_of(user).region_prefix is not None


def _stands_above(user: User, clock: Deadline) -> bool:
    """An authority of the level of whoever owes it, or of a higher one."""
    owner, body = clock.owner, user.organisation
    return _of_authority(user) and body is not None and _rank(body.level) >= (_rank(owner.level) if owner else 0)


def _rank(level: str) -> int:
    return RANKS.get(level, 0)


def open_clocks(case: Case) -> Sequence[Deadline]:
    """The open deadlines of a case, the nearest first."""
    rows = Deadline.objects.filter(subject_kind=SUBJECT, subject_id=str(case.pk), ended_at__isnull=True)
    return list(rows.select_related("owner").order_by("due", "pk"))


def asked_for(clocks: Sequence[Deadline]) -> Mapping[int, ExtensionRequest]:
    """Deadline → the request that waits for an answer."""
    rows = ExtensionRequest.objects.filter(deadline__in=[clock.pk for clock in clocks], state=AnswerState.ASKED)
    return {row.deadline_id: row for row in rows.select_related("by")}


@transaction.atomic
def ask(case: Case, clock: Deadline, *, due: datetime, reason: str, by: User, at: datetime) -> ExtensionRequest:
    """Raises Forbidden, or deadlines' refusal in words."""
    _require(acts_of(by, case, clock, None, at).ask)
    return deadlines.ask(clock, due=due, reason=reason, by=by, at=at)


@transaction.atomic
def agree(case: Case, asked: ExtensionRequest, *, by: User, at: datetime, answer: str = "") -> Deadline:
    _require(acts_of(by, case, asked.deadline, asked, at).answer)
    later = deadlines.agree(asked, by=by, at=at, answer=answer)
    follow(case)
    return later


@transaction.atomic
def refuse(case: Case, asked: ExtensionRequest, *, by: User, at: datetime, answer: str) -> ExtensionRequest:
    _require(acts_of(by, case, asked.deadline, asked, at).answer)
    return deadlines.refuse(asked, by=by, at=at, answer=answer)


@transaction.atomic
def withdraw(case: Case, asked: ExtensionRequest, *, by: User, at: datetime) -> ExtensionRequest:
    _require(acts_of(by, case, asked.deadline, asked, at).withdraw)
    return deadlines.withdraw(asked, by=by, at=at)


@transaction.atomic
def suspend(case: Case, clock: Deadline, *, reason: str, basis: str, by: User, at: datetime) -> None:
    _require(acts_of(by, case, clock, None, at).suspend)
    deadlines.suspend(clock, reason=reason, basis=basis, by=by, at=at)
    follow(case)


@transaction.atomic
def resume(case: Case, clock: Deadline, *, reason: str, by: User, at: datetime) -> None:
    _require(acts_of(by, case, clock, None, at).resume)
    deadlines.resume(clock, reason=reason, by=by, at=at)
    follow(case)


def follow(case: Case) -> None:
    """The case shows the nearest deadline that runs."""
    Case.objects.filter(pk=case.pk).update(due=deadlines.next_due(SUBJECT, str(case.pk)))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Forbidden("您不能对该时限执行此操作")
