"""Checks made of what the engine judged: no event of some rules in a week, from data that could have shown one.

An alert is no determination: one that stands open, or was not found to have another cause, makes the clause suspected. Drills, void
and merged alerts, blue ones and those inside announced work do not count. Suspicions of tampering have no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q

from kuangan.base.case.announced import Question, covers
from kuangan.base.clock import from_ms, to_ms
from kuangan.base.compliance.checks import Check, Evidence, Finding, Json, State, Subject, Subjects
from kuangan.base.compliance.helpers import NO_FACTS, WEEK, facts_of, newest
from kuangan.base.registry.models import Mine, MineAlias
from kuangan.base.registry.words import STOPPED
from kuangan.domains.alerts.live import FRESH, Kind, Live, live
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.rules import RULE_WORDS, SEALED

OUTAGE: Final = "link.network_outage"
LEAST_RANK: Final = 1
"""Blue stays with the mine and accuses nobody."""
NOT_EXPLAINED: Final = frozenset({"", "unknown", "true_overlimit", "tampered"})
"""Causes after which an event still stands for what it warned of."""
LOOKED_AT: Final = frozenset({"reviewed", "closed"})
"""States in which an authority has looked at the cause that the mine gave."""
MOST_OUT: Final = 0.1
"""The share of the week that a link may have been out. A default of ours."""
NAMES: Final = ("pk", "case__mine_id", "rule", "subject_kind", "subject", "onset", "location", "cause_code")
MORE: Final = ("case__state", "case__closed", "changed_at")


@dataclass(frozen=True, slots=True)
class Counts:
    """What counts of a mine: words of the rules, how many events, how many of them still open, and when one changed last."""

    rules: tuple[str, ...]
    count: int
    open: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Stream:
    """What is judged: `rules` of the rule book, the kind of data they need, which of their alerts count, and whether stopped mines alone."""

    rules: tuple[str, ...]
    needs: Kind
    counts: Callable[[], Q] = Q
    stopped_only: bool = False

    def __post_init__(self) -> None:
        if any(rule.startswith(SEALED) or rule not in RULE_WORDS for rule in self.rules):
            raise ValueError(f"no open rules: {', '.join(self.rules)}")


def stream_check(ident: str, title: str, stream: Stream, mine_kinds: frozenset[str] | None, said: str = "") -> Check:
    """The check of a stream; `said` is what the events are called where the names of the rules do not say it."""

    def judge(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        return findings(stream, subjects, at)

    named = said or "、".join(RULE_WORDS[rule] for rule in stream.rules)
    words = {why: word.replace("{said}", named) for why, word in WORDS.items()}
    return Check(id=ident, title=title, subject="mine", judge=judge, words=words, mine_kinds=mine_kinds)


WORDS: Final[Mapping[str, str]] = {
    "open": "近 7 日监测数据出现{rules} {count} 次，其中 {open} 次未闭环，待核实",
    "happened": "近 7 日监测数据出现{rules} {count} 次，均已闭环，未查明为其他原因",
    "none": "近 7 日数据正常上传，没有出现：{said}",
    "blind": "本系统接收或判断中断，无法核对",
    "never": "本系统从未收到该矿数据",
    "silent": "该矿数据中断，无法核对",
    "no_data": "没有收到该类数据（或者已过时），无法核对",
    "fresh": "接入不满 7 日",
    "gaps": "近 7 日数据中断超过一成时间（系统默认，非官方分级），无法核对",
    "not_stopped": "未登记为停产停建或关闭",
    "no_state": "未登记生产状态，无从核对",
}


def findings(stream: Stream, subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """The answers of a stream, in a fixed number of queries and one look at the hot tables."""
    found = events(stream, at)
    aliases = dict(MineAlias.objects.values_list("alias", "mine_id"))
    heard = live(Path(settings.HOME), to_ms(at), aliases)
    ever, lost = ever_heard(), outages(at)
    states = facts_of(("state",), at) if stream.stopped_only else {}
    for subject in subjects:
        counted = found.get(subject.id)
        state = states.get(subject.id, NO_FACTS).values.get("state", "")
        if stream.stopped_only and state not in STOPPED:
            known = (State.NOT_APPLICABLE, "not_stopped") if state else (State.UNKNOWN, "no_state")
            yield Finding(subject.id, *known, evidence=_pages(stream, subject))
        elif counted is not None:
            yield _seen(stream, subject, counted)
        else:
            hindrance = _hindered(stream, subject, heard, subject.id in ever, lost.get(subject.id, 0.0), to_ms(at))
            yield _unseen(stream, subject, heard, hindrance)


def _seen(stream: Stream, subject: Subject, counted: Counts) -> Finding:
    inputs: dict[str, Json] = {"rules": list(counted.rules), "count": counted.count, "open": counted.open}
    why = "open" if counted.open else "happened"
    if not counted.open:
        del inputs["open"]
    return Finding(subject.id, State.SUSPECTED, why, inputs, counted.changed_at, _pages(stream, subject))


def _unseen(stream: Stream, subject: Subject, heard: Live, hindrance: str) -> Finding:
    """Nothing happened: proved only where it would have been seen."""
    time = heard.newest(stream.needs, subject.id)
    newest_at = None if time is None else from_ms(time)
    state, why = (State.UNKNOWN, hindrance) if hindrance else (State.PROVED, "none")
    return Finding(subject.id, state, why, {}, newest_at, _pages(stream, subject))


def _hindered(stream: Stream, subject: Subject, heard: Live, ever: bool, lost: float, now: int) -> str:
    """Why nothing can be said of the week; empty when it can. A mine that never sent is told so whether the engine runs or not."""
    week = int(WEEK.total_seconds() * 1000)
    known = subject.id in heard.mines
    if not known and not ever:
        return "never"
    if heard.blind or not known:
        return "blind" if heard.blind else "no_data"
    first, silent = heard.mines[subject.id]
    if silent is not None:
        return "silent"
    newest_time = heard.newest(stream.needs, subject.id)
    if newest_time is None or newest_time < now - FRESH[stream.needs]:
        return "no_data"
    if first is None or first > now - week:
        return "fresh"
    return "gaps" if lost > MOST_OUT else ""


def _pages(stream: Stream, subject: Subject) -> tuple[Evidence, ...]:
    """The week's alerts of the mine and its open ones; of one rule where there is but one."""
    rule = f"&rule={stream.rules[0]}" if len(stream.rules) == 1 else ""
    mine = f"?mine={subject.id}{rule}&drill=0"
    return (
        Evidence("近 7 日告警", "alerts:desk", query=f"{mine}&state=all&hours=168"),
        Evidence("未闭环告警", "alerts:desk", query=mine),
    )


def events(stream: Stream, at: datetime) -> dict[str, Counts]:
    """{mine: what counts of the stream's alerts}: raised in the last week, or open. Five queries at most."""
    listed = Alert.objects.filter(stream.counts(), rule__in=stream.rules, rank__gte=LEAST_RANK, raised_at__lte=at)
    listed = listed.filter(case__mine__isnull=False, drill=False, void=False, merged_into="").order_by()
    parts = (listed.filter(raised_at__gt=at - WEEK), listed.filter(case__kind="alert", case__closed__isnull=True))
    rows = {row[0]: row for part in parts for row in part.values_list(*NAMES, *MORE)}
    standing = [row for row in rows.values() if row[7] in NOT_EXPLAINED or row[8] not in LOOKED_AT]
    excused = covers([Question(*row[:7]) for row in standing])
    of_mine: dict[str, list[tuple[object, ...]]] = {}
    for row in standing:
        if row[0] not in excused:
            of_mine.setdefault(str(row[1]), []).append(row)
    return {mine: _counted(kept) for mine, kept in of_mine.items()}


def _counted(rows: Sequence[tuple[object, ...]]) -> Counts:
    words = sorted({RULE_WORDS[str(row[2])] for row in rows})
    changed = newest(*(row[10] for row in rows if isinstance(row[10], datetime)))
    assert changed is not None
    return Counts(tuple(words), len(rows), sum(row[9] is None for row in rows), changed)


def ever_heard() -> frozenset[str]:
    """Mines that the register has seen send. One query."""
    return frozenset(Mine.objects.filter(first_seen__isnull=False).order_by().values_list("pk", flat=True))


def outages(at: datetime) -> dict[str, float]:
    """{mine: share of the last week that its link was out}, by the alerts about it. One query."""
    start = at - WEEK
    alerts = Alert.objects.filter(rule=OUTAGE, onset__lt=at, drill=False, void=False, merged_into="")
    alerts = alerts.filter(Q(end__gt=start) | Q(end=None, event_status="open"), case__mine__isnull=False)
    spans: dict[str, list[tuple[int, int]]] = {}
    for mine, onset, end in alerts.order_by("onset").values_list("case__mine_id", "onset", "end"):
        spans.setdefault(mine, []).append((to_ms(max(onset, start)), to_ms(min(end or at, at))))
    return {mine: length(held) / (WEEK.total_seconds() * 1000) for mine, held in spans.items()}


def length(spans: Sequence[tuple[int, int]]) -> int:
    """How much spans, sorted by their beginnings, cover together."""
    covered, reached = 0, 0
    for begin, end in spans:
        covered += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return covered
