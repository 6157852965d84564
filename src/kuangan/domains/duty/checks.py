"""Checks of this room: rosters, handovers, drills of alarms, and what became of weather warnings (SX34-44, SX34-H21).

Rosters and handovers are one's own paper. That a roster stands says nothing of who sat there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max

from kuangan.base.case.models import Case
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.compliance.helpers import CLOCK_WORDS, QUARTER, WEEK, clocks_of, must_happen_within, pages_of, table
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.registry.models import Supervision
from kuangan.base.registry.supervision import in_force
from kuangan.domains.duty.models import Drill, Handover, Shift, standing
from kuangan.domains.duty.rules import ACK_LADDER, Span, gaps
from kuangan.domains.duty.weather.checks_of_mines import WEATHER
from kuangan.domains.duty.weather.flow import KIND

DAY: Final = timedelta(days=1)
HANDED_OVER: Final = timedelta(days=2)
"""A shift lasts a day; the handover of yesterday's must be there. A default of ours."""
HALF_YEAR: Final = timedelta(days=183)


def roster(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-44, of readiness: somebody is on the roster for the next 24 hours."""
    rows = Shift.objects.filter(standing(at), start__lt=at + DAY, end__gt=at).order_by("start")
    spans: dict[int, list[Span]] = {}
    recorded: dict[int, datetime] = {}
    for body, start, end, entered in rows.values_list("organisation_id", "start", "end", "recorded_at"):
        spans.setdefault(body, []).append(Span(start, end))
        recorded[body] = max(recorded.get(body, entered), entered)
    bodies = _asked(subjects, at)
    for subject in subjects:
        body = subject.organisation or 0
        state, why = _roster(body in bodies, spans.get(body, []), at)
        yield Finding(subject.id, state, why, {}, recorded.get(body), _rosters(subject))


def _roster(asked: bool, spans: Sequence[Span], at: datetime) -> tuple[State, str]:
    if not asked:
        return State.NOT_APPLICABLE, "not_asked"
    if not spans:
        return State.UNKNOWN, "none"
    return (State.UNKNOWN, "gap") if gaps(spans, at, at + DAY) else (State.PAPER, "filled")


def _rosters(subject: Subject) -> tuple[Evidence, ...]:
    if subject.organisation is None:
        return (Evidence("值班表", "duty:rosters"),)
    return (Evidence("值班表", "duty:roster", (subject.organisation,)),)


def _asked(subjects: Subjects, at: datetime) -> frozenset[int]:
    """Organisations that must be reached at any hour: mines, and authorities that supervise mines. One query."""
    if subjects.kind == "mine":
        return frozenset({0, *(subject.organisation or 0 for subject in subjects)})
    rows = Supervision.objects.filter(in_force(at)).order_by().values_list("body_id", flat=True)
    return frozenset(rows.distinct())


def handovers(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-44, of duty: a handover that two people signed in the last two days."""
    done = Handover.objects.filter(accepted_at__gt=at - HANDED_OVER, accepted_at__lte=at).order_by()
    known = dict(done.values_list("organisation_id").annotate(Max("accepted_at")))
    bodies = _asked(subjects, at)
    for subject in subjects:
        body = subject.organisation or 0
        pages = pages_of(subject, Evidence("交接班", "duty:handovers", query="?q={name}"))
        if body not in bodies:
            yield Finding(subject.id, State.NOT_APPLICABLE, "not_asked", evidence=pages)
        elif body in known:
            yield Finding(subject.id, State.PAPER, "signed", {}, known[body], pages)
        else:
            yield Finding(subject.id, State.UNKNOWN, "none", evidence=pages)


def alarm_drills(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-44, of the alarm going its way: the last drill of an authority at the mine that ended within half a year.

    It tries the alarm, not the way out: SX36-5 and SX34-49 ask for drills of another kind.
    """
    last: dict[str, tuple[int, datetime, str]] = {}
    rows = Drill.objects.filter(started_at__gt=at - HALF_YEAR, case__closed__lte=at).order_by("started_at")
    for mine, case, started, number in rows.values_list("mine_id", "case_id", "started_at", "case__number"):
        last[mine] = (case, started, number)
    told = _answers([str(case) for case, _, _ in last.values()])
    for subject in subjects:
        if subject.id not in last:
            pages = pages_of(subject, Evidence("演练", "duty:drills", query="?q={name}"))
            yield Finding(subject.id, State.UNKNOWN, "none", evidence=pages)
            continue
        case, started, number = last[subject.id]
        state, why = _drilled(told.get(str(case), frozenset()))
        page = Evidence("演练", "duty:drill", (number,))
        yield Finding(subject.id, state, why, {"number": number}, started, (page,))


def _answers(cases: Sequence[str]) -> dict[str, set[str]]:
    """How the acknowledgements of each drill ended: in_time, late, or unasked where the drill was over before. One query."""
    clocks = Deadline.objects.filter(subject_kind="case", subject_id__in=cases, ladder=ACK_LADDER).order_by()
    found: dict[str, set[str]] = {}
    for case, state, due, ended in clocks.values_list("subject_id", "state", "due", "ended_at"):
        in_time = ended is not None and ended <= due
        how = "late" if not in_time else "in_time" if state == DeadlineState.MET else "unasked"
        found.setdefault(case, set()).add(how)
    return found


def _drilled(how: Set[str]) -> tuple[State, str]:
    if "late" in how:
        return State.SUSPECTED, "late"
    return (State.PROVED, "answered") if how == {"in_time"} else (State.UNKNOWN, "cut_short")


def weather_answered(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-44: of weather warnings, calling the mine and deciding whether people leave, each within its clock."""
    cases = Case.objects.filter(kind=KIND, drill=False, opened__gt=at - QUARTER, opened__lte=at)
    clocks = clocks_of(cases, at - WEEK, at, ("call", "decide"))
    return must_happen_within(subjects, clocks, evidence=Evidence("气象预警", "duty:weather"))


ROSTER_WORDS: Final = {
    "filled": "今后 24 小时值班表已排（本单位登记）",
    "gap": "今后 24 小时值班表有空档",
    "none": "没有登记今后 24 小时的值班表",
    "not_asked": "没有登记监管的矿山",
}
MINE_ROSTER: Final = Check(
    id="duty.mine_roster",
    title="矿山值班表",
    subject="mine",
    judge=roster,
    words={why: word for why, word in ROSTER_WORDS.items() if why != "not_asked"},
)
BODY_ROSTER: Final = Check(
    id="duty.body_roster", title="监管部门值班表", subject="department", judge=roster, words=ROSTER_WORDS
)
BUREAU_ROSTER: Final = Check(
    id="duty.bureau_roster", title="监察机构值班表", subject="bureau", judge=roster, words=ROSTER_WORDS
)
HANDOVERS: Final = Check(
    id="duty.handovers",
    title="交接班签字",
    subject="department",
    judge=handovers,
    words={
        "signed": "近两日有双方签字的交接班记录",
        "none": "近两日没有双方签字的交接班记录",
        "not_asked": "没有登记监管的矿山",
    },
)
ALARM_DRILLS: Final = Check(
    id="duty.alarm_drills",
    title="告警演练",
    subject="mine",
    judge=alarm_drills,
    words={
        "answered": "半年内最近一次告警演练 {number}，各级均按时确认（只检验告警通知，不是撤离演练）",
        "late": "半年内最近一次告警演练 {number}，有层级未按时确认，待核实",
        "cut_short": "半年内最近一次告警演练 {number} 在各级确认之前结束",
        "none": "半年内没有已结束的告警演练记录",
    },
)
WEATHER_ANSWERED: Final = Check(
    id="duty.weather_answered",
    title="气象预警按时叫应和决定",
    subject="department",
    judge=weather_answered,
    words=CLOCK_WORDS,
)
CHECKS: Final = table(
    (MINE_ROSTER, ("SX34-44",)),
    (BODY_ROSTER, ("SX34-44",)),
    (BUREAU_ROSTER, ("SX34-44",)),
    (HANDOVERS, ("SX34-44",)),
    (ALARM_DRILLS, ("SX34-44",)),
    (WEATHER_ANSWERED, ("SX34-44",)),
    (WEATHER, ("SX34-44", "SX34-H21")),
)
