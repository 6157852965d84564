"""Checks of this room: whether a mine's data arrive, and whether its systems are enrolled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from kuangan.base.case.announced import Question, covers
from kuangan.base.clock import from_ms, to_ms
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.compliance.helpers import NO_FACTS, Facts, facts_of, few, minute, newest, pages_of, table
from kuangan.base.registry.models import Mine
from kuangan.base.registry.words import STOPPED
from kuangan.domains.datalink.models import Enrolment, EnrolmentState
from kuangan.domains.datalink.reading import mines as hot_mines
from kuangan.library.telemetry.hot import engine_clock

BEHIND: Final = timedelta(minutes=15)
"""An engine whose clock is further behind says nothing of now. A default of ours."""
OUTAGE: Final = "link.network_outage"
LINK: Final = Evidence("数据链路", "datalink:link", query="?mine={subject}")
ENROLMENTS: Final = Evidence("接入登记", "datalink:enrolments")
Row = Mapping[str, Any]


def link_up(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-18: data that can be connected are. Judged: files of the mine arrive at this system now.

    A mine that never sent may be connected elsewhere: unknown. A stopped mine is not asked for data.
    """
    home = Path(settings.HOME)
    clock = engine_clock(home)
    seen = {row["mine"]: row for row in hot_mines(home, subjects.ids)}
    states = facts_of(("state",), at)
    covered = _announced(seen, at)
    blind = clock is None or clock < to_ms(at - BEHIND)
    ever = frozenset(Mine.objects.filter(first_seen__isnull=False).order_by().values_list("pk", flat=True))
    for subject in subjects:
        stopped = _stopped(states.get(subject.id, NO_FACTS))
        lost = blind and (subject.id in seen or subject.id in ever)
        yield _link(subject, seen.get(subject.id), stopped, subject.id in covered, lost)


def _link(subject: Subject, row: Row | None, stopped: bool, announced: bool, lost: bool) -> Finding:
    pages = pages_of(subject, LINK)
    arrival = from_ms(row["last_arrival"]) if row and row["last_arrival"] is not None else None
    if lost:
        return Finding(subject.id, State.UNKNOWN, "blind", {}, arrival, pages)
    if arrival is not None and row is not None and row["silent_since"] is None:
        return Finding(subject.id, State.PROVED, "up", {}, arrival, pages)
    if stopped:
        return Finding(subject.id, State.NOT_APPLICABLE, "stopped", {}, arrival, pages)
    if arrival is None or row is None:
        return Finding(subject.id, State.UNKNOWN, "never", {}, None, pages)
    since = {"since": minute(from_ms(row["silent_since"]))}
    if announced:
        return Finding(subject.id, State.UNKNOWN, "announced", dict(since), arrival, pages)
    return Finding(subject.id, State.SUSPECTED, "silent", dict(since), arrival, pages)


def _announced(seen: Mapping[str, Row], at: datetime) -> frozenset[str]:
    """Silent mines whose silence an announcement covers now. Three queries at most."""
    silent = [code for code, row in seen.items() if row["silent_since"] is not None]
    asked = [Question(code, code, OUTAGE, "mine", code, at) for code in silent]
    return frozenset(str(code) for code in covers(asked))


def _stopped(held: Facts) -> bool:
    return held.values.get("state") in STOPPED


def enrolled(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-18: that the systems to be connected are on record with what they send, and an authority has confirmed it."""
    rows = Enrolment.objects.filter(applied_at__lte=at).order_by("applied_at", "pk")
    of_mine: dict[str, list[tuple[str, str, datetime | None]]] = {}
    for mine, system, state, applied, decided in rows.values_list(
        "mine_id", "system", "state", "applied_at", "decided_at"
    ):
        of_mine.setdefault(mine, []).append((system, state, newest(applied, decided)))
    for subject in subjects:
        yield _enrolled(subject, of_mine.get(subject.id, []))


def _enrolled(subject: Subject, systems: list[tuple[str, str, datetime | None]]) -> Finding:
    pages, at = pages_of(subject, ENROLMENTS), newest(*(moment for _, _, moment in systems))
    named = {
        state: few({name for name, held, _ in systems if held == state})
        for state in EnrolmentState.values
        if any(held == state for _, held, _ in systems)
    }
    if EnrolmentState.APPLIED in named:
        return Finding(subject.id, State.UNKNOWN, "waiting", {"systems": named["applied"]}, at, pages)
    if EnrolmentState.CONFIRMED in named:
        return Finding(subject.id, State.PAPER, "confirmed", {"systems": named["confirmed"]}, at, pages)
    if EnrolmentState.REFUSED in named:
        return Finding(subject.id, State.UNKNOWN, "refused", {"systems": named["refused"]}, at, pages)
    return Finding(subject.id, State.UNKNOWN, "none", {}, None, pages)


LINK_UP: Final = Check(
    id="datalink.link_up",
    title="数据联网",
    subject="mine",
    judge=link_up,
    words={
        "up": "数据正在到达",
        "silent": "自 {since} 起没有收到数据，原因待核实",
        "announced": "自 {since} 起没有收到数据，在报备的作业时段内",
        "never": "本系统从未收到该矿数据，是否已在其他平台联网未知",
        "stopped": "登记为停产停建或关闭，没有收到数据",
        "blind": "本系统接收或判断中断，链路状态未知",
    },
)
ENROLLED: Final = Check(
    id="datalink.enrolled",
    title="系统接入登记",
    subject="mine",
    judge=enrolled,
    words={
        "confirmed": "已确认接入登记：{systems}",
        "waiting": "接入登记待确认：{systems}",
        "refused": "接入登记未予确认：{systems}",
        "none": "没有接入登记",
    },
)
CHECKS: Final = table((LINK_UP, ("SX36-18",)), (ENROLLED, ("SX36-18",)))
