"""Handing a shift over: the sheet is made from what is open, frozen when it is signed, and never changes once accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base.audit.digest import canonical, sm3
from kuangan.base.case.errors import Forbidden, WrongState
from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case
from kuangan.base.case.performing import perform
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.duty.calling import callouts
from kuangan.domains.duty.figures import ALERT, closed_states, figure, gravest_first, silent_mines
from kuangan.domains.duty.flow import HANDOVER
from kuangan.domains.duty.models import Handover, Instruction
from kuangan.domains.duty.opening import open_case
from kuangan.domains.duty.rosters import on_duty
from kuangan.domains.duty.rules import GRADE_WORDS, Span
from kuangan.domains.duty.weather.flow import KIND as WEATHER
from kuangan.domains.duty.weather.flow import ORDER_HOLDS
from kuangan.domains.duty.weather.models import Withdrawal
from kuangan.domains.duty.words import moment

LISTED: Final = 100
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Alerts that stand on one line of the duty desk: the gravest of them, how many they are, and what they have in common."""

    case: Case
    count: int = 1
    words: str = ""


Lines = Callable[[QuerySet[Case], datetime, int], Sequence[OpenLine]]


def one_by_one(alerts: QuerySet[Case], at: datetime, most: int) -> Sequence[OpenLine]:
    """Each alert on a line of its own, the gravest first."""
    return [OpenLine(case) for case in gravest_first(alerts.select_related("mine", "owner"))[:most]]


_lines: list[Lines] = [one_by_one]


def install(lines: Lines) -> None:
    """Say who knows how open alerts fold to lines; they belong to another room."""
    _lines[0] = lines


@transaction.atomic
def open_handover(*, by: User, at: datetime) -> Handover:
    """Begin the handover of the shift that is on; one that is under way is returned instead.

    Raises Forbidden without the role.
    """
    if not may(by, "duty.handover") or by.organisation is None:
        raise Forbidden("没有交接班的权限")
    own = Handover.objects.select_related("case").filter(organisation=by.organisation)
    under_way = own.filter(accepted_at__isnull=True).first()
    if under_way is not None:
        return under_way
    last = own.order_by("-accepted_at").first()
    shifts = on_duty([by.organisation.pk], at).get(by.organisation.pk, [])
    since = last.until if last else shifts[0].start if shifts else at
    case = open_case(HANDOVER, f"{by.organisation} 交接班", by=by, at=at)
    return Handover.objects.create(case=case, organisation=by.organisation, since=since, until=at)


@transaction.atomic
def sign(handover: Handover, *, by: User, at: datetime, remarks: str = "") -> Handover:
    """The outgoing officer signs the sheet as it stands now. What `perform` refuses is refused here too."""
    case = perform(handover.case, "sign", by=by, at=at, form={"remarks": remarks})
    row = Handover.objects.select_for_update().get(pk=case.pk)
    row.until, row.remarks = at, remarks
    row.content = sheet(by, Span(row.since, at), at)
    row.digest = digest_of(row)
    row.save()
    return row


def take(handover: Handover, name: str, *, by: User, at: datetime, reason: str = "") -> Case:
    """The incoming officer accepts or returns. Raises WrongState for another step, and what `perform` raises."""
    if name not in ("accept", "return"):
        raise WrongState(handover.case.state, name)
    return perform(handover.case, name, by=by, at=at, form={"digest": handover.digest}, reason=reason)


def digest_of(row: Handover) -> str:
    """SM3 over what was signed."""
    said = {"number": row.case.number, "since": row.since, "until": row.until, "remarks": row.remarks}
    return sm3(canonical(said | {"content": row.content}))


def sheet(user: User, period: Span, at: datetime) -> Content:
    """What the next shift must know, in the user's scope; lists are cut at a hundred and say so."""
    seen = Case.objects.visible_to(user, at).filter(drill=False)
    alerts = seen.filter(kind=ALERT).exclude(state__in=closed_states(ALERT))
    open_calls = callouts(seen).exclude(case__state__in=closed_states("callout"))
    silent = silent_mines(user, at)
    instructions = Instruction.objects.filter(organisation=user.organisation_id, done_at__isnull=True)
    lapsed = Deadline.objects.filter(subject_kind="case", state=DeadlineState.LAPSED, owner=user.organisation_id)
    lapsed = lapsed.exclude(subject_id__in=_drills()).order_by("due", "id")
    return {
        "shift": _shift(user, at),
        "figures": [_figure(name, user, period, at) for name in ("alerts_red", "alerts_orange", "alerts_closed")],
        "alerts": _alerts(alerts, at),
        "lapsed": _part(_lapsed(lapsed[:LISTED], user, at), lapsed.count()),
        "callouts": _part([_callout(row) for row in open_calls.order_by("pk")[:LISTED]], open_calls.count()),
        "orders": _orders(seen),
        "silent": _part([{"mine": row.name, "since": moment(row.since)} for row in silent[:LISTED]], len(silent)),
        "instructions": _part(
            [
                {"leader": row.leader, "text": row.text, "given_at": moment(row.given_at)}
                for row in instructions[:LISTED]
            ],
            instructions.count(),
        ),
    }


def _alerts(alerts: QuerySet[Case], at: datetime) -> Content:
    """Open alerts as the desk folds them; `total` counts alerts, not lines."""
    lines, total = _lines[0](alerts, at, LISTED), alerts.count()
    shown = sum(line.count for line in lines)
    return {"rows": [_alert(line) for line in lines], "total": total, "cut": total > shown, "shown": shown}


def _orders(seen: QuerySet[Case]) -> Content:
    """Orders to withdraw that hold: whoever takes over must know that nobody may go below."""
    cases = seen.filter(kind=WEATHER, state__in=ORDER_HOLDS)
    orders = Withdrawal.objects.filter(case__in=cases).select_related("case", "mine", "warning", "order_body")
    rows = [
        {
            "number": row.case.number,
            "mine": row.mine.name,
            "warning": row.warning.headline,
            "body": str(row.order_body or ""),
            "ordered": moment(row.ordered_at),
            "state": row.case.state_word,
            "out": row.out,
            "remaining": row.remaining,
        }
        for row in orders.order_by("ordered_at", "pk")[:LISTED]
    ]
    return _part(rows, orders.count())


def _part(rows: list[Content], total: int) -> Content:
    return {"rows": rows, "total": total, "cut": total > len(rows)}


def _shift(user: User, at: datetime) -> list[Content]:
    shifts = on_duty([user.organisation_id or 0], at).get(user.organisation_id or 0, [])
    return [
        {"officer": row.officer_name, "deputy": row.deputy_name, "leader": row.leader_name, "phone": row.phone}
        for row in shifts
    ]


def _figure(name: str, user: User, period: Span, at: datetime) -> Content:
    taken = figure(name, user, period, at)
    return {"label": taken.label, "value": taken.value, "unit": taken.unit, "source": taken.source}


def _alert(line: OpenLine) -> Content:
    case = line.case
    return {
        "count": line.count,
        "words": line.words,
        "number": case.number,
        "title": case.title,
        "grade": GRADE_WORDS.get(case.severity, ""),
        "severity": case.severity,
        "state": flow_of(case.kind).states.get(case.state, case.state),
        "opened": moment(case.opened),
        "due": moment(case.due),
    }


def _drills() -> list[str]:
    """Drills that go on; what ended has no clocks."""
    return [str(pk) for pk in Case.objects.filter(drill=True, closed__isnull=True).values_list("pk", flat=True)]


def _lapsed(rows: Any, user: User, at: datetime) -> list[Content]:
    """Clocks of the organisation that ran out, of cases that are no drill."""
    held = list(rows)
    cases = Case.objects.visible_to(user, at).filter(drill=False).in_bulk({int(row.subject_id) for row in held})
    return [
        {
            "number": cases[int(row.subject_id)].number,
            "title": cases[int(row.subject_id)].title,
            "what": LADDERS[row.ladder].label if row.ladder in LADDERS else row.code,
            "due": moment(row.due),
        }
        for row in held
        if int(row.subject_id) in cases
    ]


def _callout(row: Any) -> Content:
    return {
        "number": row.case.number,
        "matter": row.matter,
        "opened": moment(row.case.opened),
        "called": row.called,
        "reached": row.reached,
        "acted": row.acted,
    }
