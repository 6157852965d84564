"""When a leader was last at a mine, when an officer last wrote, and whether that is in time. The spans are defaults of ours."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import DateField, Max, OuterRef, Q, QuerySet, Subquery

from kuangan.base.clock import BEIJING
from kuangan.base.people.roles import Level
from kuangan.base.registry.models import Supervision, SupervisionRole
from kuangan.domains.responsibility.kinds import LEADER, ROOM, leader_days
from kuangan.domains.responsibility.models import STANDING, LeaderVisit, OfficerLog
from kuangan.domains.responsibility.rules import DAY, day_start, days_without, due_on

PULSES: Final = {"in_time": "按期", "due": "超期未到", "unnamed": "未登记姓名"}
LOOK_BACK: Final = 14


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last visit or log, the day by which the next is due, how far it is late."""

    state: str
    last: date | None
    due: date | None
    late: int = 0
    every: int = 0

    @property
    def word(self) -> str:
        return PULSES[self.state]


def begun_on(row: Supervision) -> date:
    return row.valid_from.astimezone(BEIJING).date()


def every_days(row: Supervision) -> int:
    """The span of a leader by the level of the body, of an officer by the kind."""
    if row.role == SupervisionRole.LEADER:
        return leader_days(row.body.level)
    holder = getattr(row, "holder", None)
    return ROOM.officers[holder.kind].log_days if holder is not None and holder.kind in ROOM.officers else 0


def pulse(row: Supervision, last: date | None, today: date) -> Pulse:
    """What a leader or officer last did against what is expected; other roles have none."""
    every = every_days(row)
    if getattr(row, "holder", None) is None or not every:
        return Pulse("unnamed", last, None)
    due = due_on(begun_on(row), last, every)
    return Pulse("due" if today > due else "in_time", last, due, max(0, (today - due).days), every)


def pulse_of(row: Supervision, today: date) -> Pulse | None:
    """The pulse of one row; None for roles that name nobody. One query."""
    if row.role not in (SupervisionRole.LEADER, SupervisionRole.OFFICER):
        return None
    return pulse(row, last_days([row]).get(row.pk), today)


def last_days(rows: Collection[Supervision]) -> dict[int, date]:
    """{row: the last day of a visit or log}. Two queries."""
    idents = [row.pk for row in rows]
    found: dict[int, date] = {}
    for model in (LeaderVisit, OfficerLog):
        known = model.objects.filter(STANDING).filter(supervision__in=idents).order_by().values("supervision")
        found |= dict(known.annotate(last=Max("day")).values_list("supervision", "last"))
    return found


def with_last(rows: QuerySet[Supervision], role: str) -> QuerySet[Supervision]:
    """Rows with `last_day`, to be filtered by it."""
    model = LeaderVisit if role == SupervisionRole.LEADER else OfficerLog
    known = model.objects.filter(STANDING).filter(supervision=OuterRef("pk")).order_by("-day").values("day")[:1]
    return rows.annotate(last_day=Subquery(known, output_field=DateField()))


def late(role: str, today: date) -> Q:
    """The condition that the next visit or log of a row of `with_last` is overdue: the same cuts as `pulse`."""
    found = Q(pk__in=[])
    for named, every in _spans(role):
        begun = Q(valid_from__lt=day_start(today - every * DAY))
        found |= named & begun & (Q(last_day__isnull=True) | Q(last_day__lt=today - every * DAY))
    return found


def _spans(role: str) -> Iterable[tuple[Q, int]]:
    if role == SupervisionRole.LEADER:
        known = ROOM.leader_days
        for level, days in known.items():
            yield Q(body__level=level, holder__kind=LEADER), days
        rest = Q(holder__kind=LEADER) & ~Q(body__level__in=list(known))
        yield rest, known[Level.COUNTY]
        return
    for kind, each in ROOM.officers.items():
        yield Q(holder__kind=kind), each.log_days


def missing_days(row: Supervision, logged: Collection[date], today: date) -> list[date]:
    """Days of the last fortnight on which an officer owed a log and none stands."""
    every = every_days(row)
    return days_without(begun_on(row), logged, every, today, LOOK_BACK) if every else []


def logged_days(rows: Collection[Supervision], since: date) -> dict[int, set[date]]:
    """{row: days with a standing log since a day}. One query."""
    found: dict[int, set[date]] = {}
    known = OfficerLog.objects.filter(STANDING).filter(supervision__in=[row.pk for row in rows], day__gte=since)
    for ident, day in known.values_list("supervision", "day"):
        found.setdefault(ident, set()).add(day)
    return found


def in_force_on(at: datetime) -> Any:
    return Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))
