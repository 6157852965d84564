"""Whether a mine followed weather warnings that had people leave (SX34-44, the last part of SX34-H21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import CharField, F, Q
from django.db.models.functions import Cast

from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subjects
from kuangan.base.compliance.helpers import QUARTER, pages_of
from kuangan.base.deadlines.models import OPEN_STATES, Deadline, DeadlineState
from kuangan.domains.duty.weather.models import SpotCheck, Withdrawal

GRAVEST: Final = ("staying", "late", "undecided", "running", "reported", "checked", "declined")
"""Of several warnings the first of these is told."""
STATES: Final = {
    "staying": State.SUSPECTED,
    "late": State.SUSPECTED,
    "undecided": State.UNKNOWN,
    "running": State.UNKNOWN,
    "reported": State.PAPER,
    "checked": State.PROVED,
    "declined": State.NOT_APPLICABLE,
}
NAMES: Final = ("pk", "mine_id", "case__number", "case__state", "case__opened", "ordered_at", "reported_at")


def withdrawals(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """What became of the warnings of the last 90 days whose rule proposes that people leave. Numbers a mine reports are its own word.

    Whether the weather was extreme is not judged: the rule of the warning is taken as it was.
    """
    rows = Withdrawal.objects.filter(action="withdraw", case__drill=False, case__opened__lte=at)
    rows = rows.filter(case__opened__gt=at - QUARTER).order_by("case__opened", "pk")
    late, verdicts = _late(rows.values("pk"), at), _verdicts(at)
    found: dict[str, tuple[str, str, datetime]] = {}
    for pk, mine, number, state, opened, ordered, reported in rows.values_list(*NAMES):
        why = _became(state, ordered, reported, verdicts.get(pk, ""), pk in late)
        known = found.get(mine)
        if known is None or GRAVEST.index(why) <= GRAVEST.index(known[0]):
            found[mine] = (why, number, max(filter(None, (opened, ordered, reported))))
    for subject in subjects:
        if subject.id not in found:
            pages = pages_of(subject, Evidence("气象预警", "duty:weather"))
            yield Finding(subject.id, State.NOT_APPLICABLE, "none", evidence=pages)
            continue
        why, number, newest = found[subject.id]
        page = Evidence("预警处置", "duty:weather_case", (number,))
        yield Finding(subject.id, STATES[why], why, {"number": number}, newest, (page,))


def _became(state: str, ordered: datetime | None, reported: datetime | None, verdict: str, late: bool) -> str:
    """A key of `STATES`."""
    if verdict == "staying":
        return "staying"
    if ordered is None:
        return "declined" if state == "closed" else "undecided"
    if late:
        return "late"
    if reported is None:
        return "running"
    return "checked" if verdict == "out" else "reported"


def _late(rows: Any, at: datetime) -> frozenset[int]:
    """Orders whose clocks of beginning or of reporting everybody out ran past their time. One query."""
    keys = Withdrawal.objects.filter(pk__in=rows).annotate(key=Cast("pk", CharField())).values("key")
    clocks = Deadline.objects.filter(subject_kind="case", subject_id__in=keys, code__in=("begin", "report_out"))
    missed = Q(state__in=OPEN_STATES, due__lt=at) | Q(state=DeadlineState.MET, ended_at__gt=F("due"))
    return frozenset(map(int, clocks.filter(missed).order_by().values_list("subject_id", flat=True)))


def _verdicts(at: datetime) -> dict[int, str]:
    """The last result of a spot check, by withdrawal. One query."""
    done = SpotCheck.objects.filter(at__gt=at - QUARTER, at__lte=at).exclude(verdict="").order_by("at", "pk")
    return dict(done.values_list("withdrawal_id", "verdict"))


WEATHER: Final = Check(
    id="duty.weather_followed",
    title="极端天气停产撤人",
    subject="mine",
    judge=withdrawals,
    words={
        "staying": "预警处置 {number}：抽查时仍有人员，待核实",
        "late": "预警处置 {number}：下令后未按时开始撤人或者报告撤出，待核实",
        "undecided": "预警处置 {number}：规则建议停产撤人，尚未决定",
        "running": "预警处置 {number}：已下令，撤人时限未到",
        "reported": "近 90 日的撤人指令均已报告撤出（矿方报告，未抽查）",
        "checked": "近 90 日的撤人指令均已报告撤出，并经抽查属实",
        "declined": "近 90 日建议停产撤人的预警，均写明理由不下令或者已结束",
        "none": "近 90 日没有建议该矿停产撤人的预警",
    },
)
