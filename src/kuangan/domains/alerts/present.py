"""What the desk and the alert page show of an alert, worked out for a whole page in a constant number of queries."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kuangan.base.case.announced import Cover, Question, covers
from kuangan.base.clock import to_ms
from kuangan.base.deadlines.models import OPEN_STATES, Deadline, DeadlineState
from kuangan.domains.alerts.clocks import SUBJECT
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.marks import Marks
from kuangan.domains.alerts.models import Acknowledgement, Alert
from kuangan.domains.alerts.reading import kind_words
from kuangan.domains.alerts.routing import Routing, RoutingBook
from kuangan.domains.alerts.rules import (
    DEFAULT_MARK,
    GRADE_ICONS,
    GRADE_WORDS,
    LEVEL_WORDS,
    RULE_CLAUSES,
    level_of_code,
    missing_acknowledgements,
    required,
)
from kuangan.domains.alerts.words import duration, left, limit_words, moment, tier_words, value_words

WHOLE_MINE = ("mine", "card")
"""Kinds of subject that name no place."""


@dataclass(frozen=True)
class Row:
    """One alert as a line of the desk."""

    alert: Alert
    number: str
    address: str
    grade: str
    word: str
    icon: str
    kind: str
    tier: str
    place: str
    mine: str
    region: str
    value: str
    limit: str
    onset: str
    lasting: str
    who: str
    who_note: str
    due_ms: int | None
    left: str
    overdue: bool
    clauses: tuple[str, ...]
    badges: tuple[tuple[str, str], ...]
    open: bool
    cleared: bool
    announced: tuple[Cover, ...] = ()
    parent: str = ""
    mark: str = DEFAULT_MARK


@dataclass(frozen=True)
class Acts:
    """Deadlines, acknowledgements and announced work of a page of alerts."""

    open_clocks: dict[str, list[Deadline]]
    acknowledged: dict[int, list[Acknowledgement]]
    book: RoutingBook
    announced: Mapping[Hashable, tuple[Cover, ...]]

    @classmethod
    def of(cls, alerts: Sequence[Alert]) -> Acts:
        """Four queries and those for announced work, whatever the number of alerts."""
        idents = [str(alert.pk) for alert in alerts]
        clocks: dict[str, list[Deadline]] = {}
        rows = Deadline.objects.filter(subject_kind=SUBJECT, subject_id__in=idents, state__in=OPEN_STATES)
        for row in rows.select_related("owner").order_by("due", "id"):
            clocks.setdefault(row.subject_id, []).append(row)
        given: dict[int, list[Acknowledgement]] = {}
        for ack in Acknowledgement.objects.filter(alert__in=[alert.pk for alert in alerts]):
            given.setdefault(ack.alert_id, []).append(ack)
        return cls(clocks, given, RoutingBook(), covers([question(alert) for alert in alerts]))

    def routing(self, alert: Alert) -> Routing:
        return self.book.on(alert.raised_at)

    def required(self, alert: Alert) -> tuple[str, ...]:
        """Levels that must acknowledge this colour and have somebody to do it."""
        return required(self.routing(alert).told(alert.grade), alert.organisations)

    def missing(self, alert: Alert) -> tuple[str, ...]:
        given = [(ack.level, ack.grade) for ack in self.acknowledged.get(alert.pk, [])]
        return missing_acknowledgements(alert.grade, self.required(alert), given)


def question(alert: Alert) -> Question:
    """Was this alert inside announced work when it began?"""
    mine = alert.case.mine_id or ""
    return Question(alert.pk, mine, alert.rule, alert.subject_kind, alert.subject, alert.onset, alert.location)


def rows(alerts: Sequence[Alert], at: datetime, flapping: Mapping[tuple[str, str], int] | None = None) -> list[Row]:
    """The lines of a page; `flapping` when it is known already."""
    acts, marks = Acts.of(alerts), Marks.of(alerts, at, flapping)
    return [row(alert, acts, marks, at) for alert in alerts]


def row(alert: Alert, acts: Acts, marks: Marks, at: datetime) -> Row:
    """One line."""
    case = alert.case
    clocks = acts.open_clocks.get(str(alert.pk), [])
    next_clock = clocks[0] if clocks else None
    is_open = case.state not in FLOW.final
    due = next_clock.due if next_clock and is_open else None
    return Row(
        alert=alert,
        number=case.number,
        address=f"/alerts/{case.number}/",
        grade=alert.grade,
        word=GRADE_WORDS[alert.grade],
        icon=GRADE_ICONS[alert.grade],
        kind=kind_words(alert),
        tier=tier_words(alert),
        place=alert.location or ("全矿" if alert.subject_kind in WHOLE_MINE else alert.subject),
        mine=alert.mine_name,
        region=region_words(alert),
        value=value_words(alert),
        limit=limit_words(alert),
        onset=moment(alert.onset, at),
        lasting=("已 " if alert.end is None else "历时 ") + duration(alert, at),
        who=who(next_clock, alert) if is_open else "—",
        who_note=who_note(alert, acts),
        due_ms=None if due is None else to_ms(due),
        left=left(due, at),
        overdue=due is not None and due < at,
        clauses=RULE_CLAUSES.get(alert.rule, ()),
        badges=(*badges(alert), *marks.badges(alert)),
        open=is_open,
        cleared=is_cleared(alert),
        announced=acts.announced.get(alert.pk, ()),
        parent=marks.parent(alert),
    )


def region_words(alert: Alert) -> str:
    """市 县 of the mine; a code whose county is unknown is filed under its city."""
    mine = alert.case.mine
    if mine is None:
        return f"区划 {alert.case.region}"
    names = [region.name for region in (mine.city, mine.county) if region is not None]
    return " ".join(
        [*names, *(["旧区划码"] if mine.old_region_code else []), *(["未登记"] if mine.provisional else [])]
    )


def who(clock: Deadline | None, alert: Alert) -> str:
    """Who must act next: the owner of the nearest clock."""
    if alert.void:
        return "直接监管部门"
    if clock is None:
        return "—"
    level = level_of_code(clock.code) or ("direct" if clock.code == "close" else "mine")
    if level in ("direct", "city", "province") and clock.owner is not None:
        return str(clock.owner)
    return LEVEL_WORDS[level]


def who_note(alert: Alert, acts: Acts) -> str:
    """How far it has come: the state, and how many of the levels that must acknowledge have done so."""
    if alert.void:
        return "作废待确认"
    word = FLOW.states.get(alert.case.state, alert.case.state)
    required, missing = acts.required(alert), acts.missing(alert)
    if alert.case.state in FLOW.final or len(required) < 2 or not missing:
        return word
    given = f"{len(required) - len(missing)}/{len(required)}"
    climbed = any(clock.state == DeadlineState.LAPSED for clock in acts.open_clocks.get(str(alert.pk), []))
    return f"已升级 {given}" if climbed else f"已确认 {given} 级"


def is_cleared(alert: Alert) -> bool:
    """Whether the values are back to normal; the case goes on until it is closed."""
    return alert.physically_cleared_at is not None and not alert.void


def badges(alert: Alert) -> tuple[tuple[str, str], ...]:
    """(code, word) of what must be seen at once."""
    found = []
    if alert.drill:
        found.append(("drill", "演练"))
    if alert.void:
        found.append(("void", "作废待确认"))
    if alert.late:
        found.append(("late", "迟到数据"))
    if alert.told_late:
        found.append(("told-late", "补判"))
    if alert.merged_into:
        found.append(("merged", "已并入"))
    if is_cleared(alert):
        found.append(("cleared", "现场已解除"))
    if alert.inputs.get("limit_source") == "system_default":
        found.append(("default", "限值系统默认"))
    if "direct" not in alert.organisations:
        found.append(("unsupervised", "无直接监管部门"))
    return tuple(found)
