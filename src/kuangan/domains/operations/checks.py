"""Checks of this room: announced work, caretakers of stopped mines, safety systems. All of it is the mine's own paper but what data or an authority said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.compliance.helpers import NO_FACTS, facts_of, newest, pages_of, table
from kuangan.base.registry.models import MineKind
from kuangan.base.registry.words import STOPPED
from kuangan.domains.operations.flow import FAULT
from kuangan.domains.operations.kinds import SYSTEM_WORDS
from kuangan.domains.operations.models import Announcement, Caretakers, SafetySystem, SystemFault, SystemTest
from kuangan.domains.operations.models import Check as Checked

COAL: Final = frozenset({MineKind.UNDERGROUND_COAL.value, MineKind.OPEN_PIT_COAL.value})
UNDERGROUND: Final = frozenset({MineKind.UNDERGROUND_COAL.value, MineKind.UNDERGROUND_NONCOAL.value})
MONTH: Final = timedelta(days=30)
MONITORED: Final = ("monitoring", "positioning")


def announced(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-42: monitoring goes on, and where it is interrupted that was announced. Judged: announcements of 30 days agree with the data.

    Work that nobody announced is not found here.
    """
    recent = Q(declared_at__gt=at - MONTH) | Q(case__state="overrun")
    rows = Announcement.objects.filter(recent, declared_at__lte=at).order_by()
    number: Counter[str] = Counter()
    overrun: Counter[str] = Counter()
    since: dict[str, datetime] = {}
    for mine, state, declared in rows.values_list("mine_id", "case__state", "declared_at"):
        number[mine] += 1
        overrun[mine] += state == "overrun"
        since[mine] = max(since.get(mine, declared), declared)
    refused, waiting = _found(at)
    for subject in subjects:
        known = number[subject.id], overrun[subject.id], refused[subject.id], waiting[subject.id]
        yield _announced(subject, *known, since.get(subject.id))


def _found(at: datetime) -> tuple[Counter[str], Counter[str]]:
    """Checks on announcements of 30 days, by mine: those that the mine could not explain, those not yet judged. One query."""
    rows = Checked.objects.filter(found_at__gt=at - MONTH, found_at__lte=at).order_by()
    refused: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for mine, state in rows.values_list("announcement__mine_id", "case__state"):
        refused[mine] += state == "unexplained"
        waiting[mine] += state in ("raised", "answered")
    return refused, waiting


def _announced(subject: Subject, number: int, overrun: int, refused: int, waiting: int, at: datetime | None) -> Finding:
    pages = pages_of(
        subject,
        Evidence("报备", "operations:announcements", query="?q={subject}"),
        Evidence("报备核查", "operations:checks", query="?q={subject}"),
    )
    if refused:
        return Finding(subject.id, State.SUSPECTED, "unexplained", {"count": refused}, at, pages)
    if overrun:
        return Finding(subject.id, State.SUSPECTED, "overrun", {"count": overrun}, at, pages)
    if waiting:
        return Finding(subject.id, State.UNKNOWN, "waiting", {"count": waiting}, at, pages)
    if number:
        return Finding(subject.id, State.PAPER, "in_order", {}, at, pages)
    return Finding(subject.id, State.NOT_APPLICABLE, "none", evidence=pages)


def caretakers(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-34: a mine that is stopped is guarded against working at night. Judged: who may be there is on a list an authority approved."""
    states = facts_of(("state",), at)
    rows = Caretakers.objects.filter(recorded_at__lte=at).order_by("recorded_at", "pk")
    names = ("mine_id", "approved_at", "valid_from", "valid_to", "ended_at", "recorded_at")
    kept: dict[str, list[tuple[str, datetime]]] = {}
    for mine, approved, start, end, ended, recorded in rows.values_list(*names):
        over = end <= at or (ended is not None and ended <= at)
        held = "over" if over else "waiting" if approved is None or approved > at or start > at else "held"
        kept.setdefault(mine, []).append((held, max(filter(None, (recorded, approved)))))
    for subject in subjects:
        state = str(states.get(subject.id, NO_FACTS).values.get("state", ""))
        yield _caretakers(subject, state, kept.get(subject.id, []))


def _caretakers(subject: Subject, state: str, lists: list[tuple[str, datetime]]) -> Finding:
    pages = pages_of(subject, Evidence("看护人员", "operations:caretakers", query="?q={name}"))
    if not state:
        return Finding(subject.id, State.UNKNOWN, "no_state", evidence=pages)
    if state not in STOPPED:
        return Finding(subject.id, State.NOT_APPLICABLE, "not_stopped", evidence=pages)
    held = {word for word, _ in lists}
    at = newest(*(moment for _, moment in lists))
    if "held" in held:
        return Finding(subject.id, State.PAPER, "approved", {}, at, pages)
    why = "waiting" if "waiting" in held else "over" if held else "none"
    return Finding(subject.id, State.UNKNOWN, why, {}, at, pages)


def systems_sound(kinds: tuple[str, ...]) -> Callable[[Subjects, datetime], Iterator[Finding]]:
    """The judge of some safety systems: entered, tested within their term, no fault that is past its repair. The mine's own entries."""

    def judge(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        built, faults, tests = _built(kinds), _faults(kinds, at), _tests(kinds, at)
        for subject in subjects:
            own, open_ones = built.get(subject.id, {}), faults.get(subject.id, {})
            yield _sound(subject, kinds, own, open_ones, tests, beijing_day(at))

    return judge


Built = dict[str, tuple[int, date | None, date]]
"""Kind of system → its key, when it was tested last, when it must be next."""


def _built(kinds: tuple[str, ...]) -> dict[str, Built]:
    rows = SafetySystem.objects.filter(kind__in=kinds).order_by()
    found: dict[str, Built] = {}
    for pk, mine, kind, tested, due in rows.values_list("pk", "mine_id", "kind", "tested_on", "next_test"):
        found.setdefault(mine, {})[kind] = (pk, tested, due)
    return found


def _faults(kinds: tuple[str, ...], at: datetime) -> dict[str, dict[str, tuple[bool, datetime]]]:
    """Open faults by mine and kind: whether one is past its clock, and when it was found. One query."""
    rows = SystemFault.objects.filter(system__kind__in=kinds, found_at__lte=at).exclude(case__state__in=FAULT.final)
    found: dict[str, dict[str, tuple[bool, datetime]]] = {}
    named = rows.order_by("found_at").values_list("system__mine_id", "system__kind", "case__due", "found_at")
    for mine, kind, due, since in named:
        held = found.setdefault(mine, {})
        late = due is not None and due < at
        held[kind] = (late or held.get(kind, (False, since))[0], since)
    return found


def _tests(kinds: tuple[str, ...], at: datetime) -> dict[int, tuple[str, datetime]]:
    """Result of the last test of each system, and when it was entered. One query."""
    rows = SystemTest.objects.filter(system__kind__in=kinds, at__lte=at).order_by("tested_on", "pk")
    return {system: (result, entered) for system, result, entered in rows.values_list("system_id", "result", "at")}


def _sound(
    subject: Subject,
    kinds: tuple[str, ...],
    built: Built,
    faults: dict[str, tuple[bool, datetime]],
    tests: dict[int, tuple[str, datetime]],
    today: date,
) -> Finding:
    pages = pages_of(subject, Evidence("安全避险系统", "operations:board", ("{subject}",)))
    found = {
        "late": [kind for kind, (late, _) in faults.items() if late],
        "missing": [kind for kind in kinds if kind not in built],
        "faulty": list(faults),
        "failed": [kind for kind, (pk, _, _) in built.items() if pk in tests and tests[pk][0] == "failed"],
        "untested": [kind for kind, (_, tested, due) in built.items() if tested is None or due < today],
    }
    entered = (tests[pk][1] for pk, _, _ in built.values() if pk in tests)
    at = newest(*(since for _, since in faults.values()), *entered)
    for why, named in found.items():
        if named:
            state = State.SUSPECTED if why in ("late", "failed") else State.UNKNOWN
            words = [SYSTEM_WORDS[kind] for kind in kinds if kind in named]
            return Finding(subject.id, state, why, {"systems": words}, at, pages)
    return Finding(subject.id, State.PAPER, "sound", {}, at, pages)


def _systems(ident: str, title: str, kinds: tuple[str, ...]) -> Check:
    return Check(
        id=ident,
        title=title,
        subject="mine",
        judge=systems_sound(kinds),
        words={
            "sound": "各系统已登记，按期试验，没有未销号的故障（矿方登记）",
            "late": "故障超过修复时限：{systems}（时限为系统默认，非官方分级），待核实",
            "failed": "最近试验不合格：{systems}，待核实",
            "faulty": "有故障，修复时限未到：{systems}",
            "untested": "没有试验记录或者试验逾期：{systems}（周期为系统默认，非官方分级）",
            "missing": "未登记：{systems}",
        },
        mine_kinds=UNDERGROUND,
    )


ANNOUNCED: Final = Check(
    id="operations.announced",
    title="作业报备与数据相符",
    subject="mine",
    judge=announced,
    words={
        "in_order": "近 30 日的报备没有未说明的不符或者超期（矿方报备）",
        "unexplained": "近 30 日有 {count} 项报备核查，说明不成立",
        "overrun": "近 30 日有 {count} 项报备超期未结束，待核实",
        "waiting": "近 30 日有 {count} 项报备核查尚未判断",
        "none": "近 30 日没有报备",
    },
    mine_kinds=COAL,
)
CARETAKERS: Final = Check(
    id="operations.caretakers",
    title="停产矿山看护名单",
    subject="mine",
    judge=caretakers,
    words={
        "approved": "停产期间看护人员名单已经直接监管部门批准",
        "waiting": "看护人员名单尚未批准或者未到起期",
        "over": "看护人员名单已到期或者终止",
        "none": "没有看护人员名单",
        "not_stopped": "未登记为停产停建或关闭",
        "no_state": "未登记生产状态，无从核对",
    },
)
CHECKS: Final = table(
    (ANNOUNCED, ("SX34-42",)),
    (CARETAKERS, ("SX34-34",)),
    (_systems("operations.systems", "安全避险系统", tuple(SYSTEM_WORDS)), ("SX36-18",)),
    (_systems("operations.monitored", "监控和人员位置系统", MONITORED), ("SX34-32",)),
)
