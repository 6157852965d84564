"""One alert in full: why, by which rule, who must act, what happened so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser

from kuangan.base.case.flow import Transition
from kuangan.base.case.models import Step
from kuangan.base.clock import from_ms
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.notices.models import Channel, Notice, NoticeState
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.clocks import SUBJECT, clock_of
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.marks import Marks
from kuangan.domains.alerts.models import Alert, Change, Shelving
from kuangan.domains.alerts.present import Acts, Row, row
from kuangan.domains.alerts.routing import Routing
from kuangan.domains.alerts.rules import (
    ACTORS,
    CAUSES,
    DEFAULT_MARK,
    END_DRILL,
    GRADE_WORDS,
    LEVEL_WORDS,
    RULE_CLAUSES,
    WITHDRAWN,
    closing_waits_for,
    code_words,
    is_default_grade,
    levels_of,
)
from kuangan.domains.alerts.spans import full_moment, span
from kuangan.domains.alerts.words import left, moment, reasons

FIELD_WORDS: Mapping[str, str] = {
    "cause_code": "原因",
    "withdrawn": "撤人",
    "measures": "措施",
    "report": "反馈",
    "opinion": "意见",
    "note": "说明",
}


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `tone` colours its dot."""

    at: datetime
    when: str
    text: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True)
class ClockLine:
    """One obligation of the alert with its state and basis."""

    label: str
    owner: str
    due: str
    state: str
    left: str
    overdue: bool
    basis: str
    default: bool
    at: datetime


@dataclass(frozen=True)
class Action:
    """A step this user may take now."""

    name: str
    label: str
    levels: str = ""


@dataclass(frozen=True)
class Detail:
    row: Row
    why: list[str]
    rule: str
    source: str
    clauses: tuple[str, ...]
    routing: Routing
    onset: str
    data_time: str
    lateness: str
    cause: str
    withdrawn: str
    clocks: list[ClockLine]
    timeline: list[Entry]
    actions: list[Action]
    notes: list[str]
    mark: str = DEFAULT_MARK
    grade_mark: str = DEFAULT_MARK


def detail(alert: Alert, user: User | AnonymousUser, at: datetime) -> Detail:
    """Everything the drawer, the page and the sheet show."""
    acts = Acts.of([alert])
    routing = acts.routing(alert)
    clocks = list(Deadline.objects.filter(subject_kind=SUBJECT, subject_id=str(alert.pk)).select_related("owner"))
    return Detail(
        row=row(alert, acts, Marks.of([alert], at), at),
        why=reasons(alert, at),
        rule=f"{alert.rule} v{alert.rule_version}",
        source=str(alert.inputs.get("source") or ""),
        clauses=clauses_of(alert),
        routing=routing,
        grade_mark=DEFAULT_MARK if is_default_grade(alert.inputs) else "",
        onset=full_moment(alert.onset),
        data_time=full_moment(alert.end or alert.peak_at or alert.onset),
        lateness=lateness(alert),
        cause=CAUSES.get(alert.cause_code, ""),
        withdrawn=WITHDRAWN.get(alert.withdrawn, ""),
        clocks=[clock_line(clock, alert, routing, at) for clock in clocks if clock.state != DeadlineState.CANCELLED],
        timeline=timeline(alert, clocks, at),
        actions=actions(alert, acts, user),
        notes=notes(alert, acts),
    )


def clauses_of(alert: Alert) -> tuple[str, ...]:
    """The clauses the rule book named when the event was raised, else those of the rule."""
    named = alert.inputs.get("clauses")
    return tuple(map(str, named)) if isinstance(named, list) and named else RULE_CLAUSES.get(alert.rule, ())


def lateness(alert: Alert) -> str:
    """How long after the first sample over the limit the alert was raised."""
    return span(max((alert.raised_at - alert.onset).total_seconds(), 0))


def notes(alert: Alert, acts: Acts) -> list[str]:
    """What a reader must know before acting."""
    waits = closing_waits_for(alert.grade, acts.missing(alert)) if alert.case.state == "reviewed" else ""
    said = [waits] if waits else []
    if alert.drill:
        said.append("本条为演练，不计入任何统计")
    if alert.void:
        said.append("更正后的数据不再支持本告警：已标记作废，不删除，待直接监管部门确认")
    if alert.late:
        said.append("由迟到数据产生：响应时限自数据到达起算")
    if alert.told_late:
        said.append("由回放或积压的数据补判：响应时限自补判时起算；补判时已经结束的只提醒责任单位，不逐级升级")
    if alert.merged_into:
        said.append(f"已并入事件 {alert.merged_into}")
    if "direct" not in alert.organisations:
        said.append("该矿未登记直接监管部门，由上级监管部门代为处置")
    if "mine" not in alert.organisations:
        said.append("该矿未登记或没有账号，确认与核实由代管单位办理")
    return said


def clock_line(clock: Deadline, alert: Alert, routing: Routing, at: datetime) -> ClockLine:
    source = clock_of(routing, alert.grade, clock.code)
    running = clock.state in (DeadlineState.RUNNING, DeadlineState.LAPSED)
    overdue = clock.state == DeadlineState.LAPSED or (running and clock.due < at)
    return ClockLine(
        label=code_words(clock.code),
        owner=str(clock.owner or "—"),
        due=moment(clock.due, at),
        state=str(DeadlineState(clock.state).label),
        left=left(clock.due, at) if running else "",
        overdue=overdue,
        basis=source.basis if source else "下级逾期未确认，逐级升级",
        default=source is None or source.is_default,
        at=clock.due,
    )


def actions(alert: Alert, acts: Acts, user: User | AnonymousUser) -> list[Action]:
    """The steps this user may take now; the same tables decide again when the step is taken."""
    if not isinstance(user, User) or alert.case.state in FLOW.final:
        return []
    mine = set(levels_of(alert.organisations, user.organisation_id))
    found = [Action(step.name, step.label) for step in FLOW.transitions if _ends_drill(step, alert, user)]
    owed = owed_levels(alert, acts, mine)
    if owed and may(user, "alert.acknowledge") and not alert.void:
        found.append(Action("acknowledge", "确认", "、".join(LEVEL_WORDS[level] for level in owed)))
    for step in FLOW.transitions:
        fits = alert.case.state in step.from_ and step.name not in ("acknowledge", END_DRILL)
        if (
            fits
            and mine & set(ACTORS[step.name])
            and may(user, step.may)
            and alert.void == (step.name == "confirm_void")
            and not (step.name == "close" and closing_waits_for(alert.grade, acts.missing(alert)))
        ):
            found.append(Action(step.name, step.label))
    return found


def _ends_drill(step: Transition, alert: Alert, user: User) -> bool:
    return step.name == END_DRILL and alert.drill and may(user, step.may)


def owed_levels(alert: Alert, acts: Acts, mine: Iterable[str]) -> tuple[str, ...]:
    """Acknowledgements that these levels still owe: by the routing table, or because a breach drew them in."""
    drawn = {clock.code for clock in acts.open_clocks.get(str(alert.pk), [])}
    missing = set(acts.missing(alert))
    own = set(mine)
    return tuple(level for level in LEVEL_WORDS if level in own and (level in missing or f"ack_{level}" in drawn))


def timeline(alert: Alert, clocks: Iterable[Deadline], at: datetime) -> list[Entry]:
    """What happened, the latest first: engine, people, breaches, calls; then what is about to happen."""
    found = [_of_change(change, at) for change in Change.objects.filter(alert=alert)]
    for ack in alert.acknowledgements.select_related("by", "organisation"):
        started = "，已开始撤人" if ack.withdrawing else ""
        text = f"{LEVEL_WORDS[ack.level]}（{ack.organisation}）{ack.by} 确认{GRADE_WORDS[ack.grade]}色告警{started}"
        found.append(Entry(ack.at, moment(ack.at, at), text, ack.note, "ok"))
    steps = Step.objects.filter(case_id=alert.pk).exclude(name="acknowledge").select_related("by", "organisation")
    found += [_of_step(step, at) for step in steps]
    for kept in Shelving.objects.filter(alert=alert).select_related("by", "second", "organisation"):
        found += _of_shelving(kept, at)
    spoken = Notice.objects.filter(subject_kind=SUBJECT, subject_id=str(alert.pk), channel=Channel.VOICE)
    found += [_of_call(call, at) for call in spoken]
    if alert.physically_cleared_at is not None and not alert.void:
        cleared = alert.physically_cleared_at
        found.append(Entry(cleared, moment(cleared, at), "现场数值恢复正常（行政处置另行闭环）", "", "ok"))
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _of_change(change: Change, at: datetime) -> Entry:
    word = Change.KINDS[change.kind]
    if change.kind in ("raised", "grade"):
        word = f"{word}：{GRADE_WORDS.get(change.grade, '')}色"
    if change.level:
        word = f"{word}（{LEVEL_WORDS[change.level]}）"
    tone = {"raised": "bad", "grade": "bad", "climbed": "warn", "lapsed": "warn", "reopened": "bad"}.get(
        change.kind, ""
    )
    return Entry(change.at, moment(change.at, at), word, change.detail, tone)


def _of_step(step: Step, at: datetime) -> Entry:
    label = next((t.label for t in FLOW.transitions if t.name == step.name), step.name)
    by = f"{step.organisation or ''} {step.by or '系统'}".strip()
    said = [f"{word}：{_said(name, step.form[name])}" for name, word in FIELD_WORDS.items() if step.form.get(name)]
    if step.reason:
        said.append(f"理由：{step.reason}")
    return Entry(step.at, moment(step.at, at), f"{by} {label}", "；".join(said), "ok")


def _said(name: str, value: object) -> str:
    table = {"cause_code": CAUSES, "withdrawn": WITHDRAWN}.get(name, {})
    return str(table.get(str(value), value))


def _of_shelving(row: Shelving, at: datetime) -> list[Entry]:
    until = f"搁置至 {moment(row.until, at)}"
    asked = "申请" if row.state == Shelving.State.WAITING else ""
    second = f"，{row.second} 同意" if row.second is not None and row.state != Shelving.State.REFUSED else ""
    found = [Entry(row.at, moment(row.at, at), f"{row.organisation} {row.by} {asked}{until}{second}", row.reason)]
    if row.ended_at is not None:
        found.append(
            Entry(row.ended_at, moment(row.ended_at, at), f"{row.organisation} 搁置结束：{row.get_state_display()}")
        )
    return found


def _of_call(call: Notice, at: datetime) -> Entry:
    answered = "已按键确认" if call.answer else str(NoticeState(call.state).label)
    return Entry(call.created_at, moment(call.created_at, at), f"语音叫应 {call.to}（{answered}）", call.body)


def curve_window(alert: Alert, clock: datetime) -> tuple[datetime, datetime]:
    """What the curve of an alert shows: 40 minutes before the onset to 20 after its end, or to now while it lasts."""
    last = alert.end + timedelta(minutes=20) if alert.end else max(clock, alert.onset + timedelta(minutes=5))
    return alert.onset - timedelta(minutes=40), last


def grade_marks(alert: Alert) -> list[dict[str, object]]:
    """Moments at which the colour rose, for marks on the curve: [{at: ms, grade, word}]."""
    marks: list[dict[str, object]] = []
    grades = alert.inputs.get("grades")
    for item in grades if isinstance(grades, list) else []:
        if isinstance(item, list) and len(item) >= 2 and item[0] in GRADE_WORDS:
            marks.append({"at": item[1], "grade": item[0], "word": GRADE_WORDS[item[0]]})
    return marks


def grade_history(alert: Alert) -> list[tuple[str, str]]:
    """(moment, word) of each rise, for the printed sheet."""
    return [(full_moment(from_ms(int(str(m["at"])))), str(m["word"])) for m in grade_marks(alert)]
