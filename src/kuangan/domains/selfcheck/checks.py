"""What the ledgers of this room say of clauses: sheets handed in, mines inspected, health checks solved, lists read.

A sheet that a mine handed in is paper. What inspectors found at the mine is not the mine's own word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Q

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.registry.supervision import in_force
from kuangan.domains.selfcheck.kinds import ROUND_KINDS
from kuangan.domains.selfcheck.models import Problem, Target
from kuangan.domains.selfcheck.publicity.models import ReadingList
from kuangan.domains.selfcheck.publicity.owed import people_of, standings

SOLVED_BY: Final = next(stage.on for stage in ROUND_KINDS["health"].stages if stage.code == "solved")
SHEET: Final = "自查表"
FIELDS: Final = (
    "mine_id",
    "round_id",
    "round__title",
    "round__due",
    "sheet_id",
    "sheet__case__number",
    "sheet__case__state",
    "sheet__submitted_at",
    "sheet__accepted_at",
    "sheet__unmet",
)
Row = Mapping[str, Any]


def _newest(kind: str, subjects: Subjects, at: datetime) -> dict[str, Row]:
    """The newest round of a kind that concerns each mine at `at`; one query."""
    rows = Target.objects.filter(round__kind=kind, mine__in=subjects.ids, round__opens__lte=at)
    return {row["mine_id"]: row for row in rows.order_by("round__opens", "round_id").values(*FIELDS)}


def _known_by(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at


def _evidence(row: Row) -> tuple[Evidence, ...]:
    number = row["sheet__case__number"]
    return (Evidence(SHEET, "selfcheck:sheet", (number,)),) if number else ()


def _round(row: Row) -> dict[str, str]:
    return {"round": row["round__title"], "due": f"{beijing_day(row['round__due']):%Y-%m-%d}"}


def handed_in(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-78: whether a mine handed in its sheet of the newest round of self-checks."""
    rows = _newest("selfcheck", subjects, at)
    for subject in subjects:
        row = rows.get(subject.id)
        if row is None:
            yield Finding(subject.id, State.UNKNOWN, "no_round")
        elif row["sheet__case__state"] == "cancelled":
            yield Finding(subject.id, State.NOT_APPLICABLE, "excused", _round(row), evidence=_evidence(row))
        elif _known_by(row["sheet__submitted_at"], at):
            when = row["sheet__submitted_at"]
            inputs = _round(row) | {"day": f"{beijing_day(when):%Y-%m-%d}"}
            yield Finding(subject.id, State.PAPER, "handed_in", inputs, when, _evidence(row))
        elif row["round__due"] < at:
            yield Finding(subject.id, State.SUSPECTED, "late", _round(row), row["round__due"], _evidence(row))
        else:
            yield Finding(subject.id, State.UNKNOWN, "running", _round(row), evidence=_evidence(row))


def health(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-24: whether the health check was done, and what it found put right once the text asks for it."""
    rows = _newest("health", subjects, at)
    sheets = [row["sheet_id"] for row in rows.values() if row["sheet_id"]]
    still = Q(verified_at=None) | Q(verified_at__gt=at)
    solved = dict(
        Problem.objects.filter(~still, sheet__in=sheets)
        .values("sheet")
        .annotate(n=Count("pk"))
        .values_list("sheet", "n")
    )
    asked = beijing_day(at) > SOLVED_BY
    for subject in subjects:
        row = rows.get(subject.id)
        if row is None:
            yield Finding(subject.id, State.UNKNOWN, "no_round")
        elif not _known_by(row["sheet__accepted_at"], at):
            late = row["round__due"] < at
            why, state = ("late", State.SUSPECTED) if late else ("running", State.UNKNOWN)
            yield Finding(subject.id, state, why, _round(row), evidence=_evidence(row))
        else:
            left = row["sheet__unmet"] - solved.get(row["sheet_id"], 0)
            state = State.SUSPECTED if left > 0 and asked else State.PAPER
            why = "unsolved" if left > 0 else "solved"
            inputs = _round(row) | {"left": left}
            yield Finding(subject.id, state, why, inputs, row["sheet__accepted_at"], _evidence(row))


def inspected(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-80: what inspectors found at a mine in the newest round of full coverage."""
    rows = _newest("coverage", subjects, at)
    for subject in subjects:
        row = rows.get(subject.id)
        if row is None or not _known_by(row["sheet__accepted_at"], at):
            yield Finding(subject.id, State.UNKNOWN, "not_yet" if row else "no_round", _round(row) if row else {})
            continue
        unmet = row["sheet__unmet"]
        state, why = (State.SUSPECTED, "unmet") if unmet else (State.PROVED, "met")
        inputs = _round(row) | {"unmet": unmet}
        yield Finding(subject.id, state, why, inputs, row["sheet__accepted_at"], _evidence(row))


def covered(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-80: how many of the mines that a department supervises directly it has inspected in the newest round of full coverage."""
    newest = Target.objects.filter(round__kind="coverage", round__opens__lte=at).order_by("-round__opens", "-round_id")
    last = newest.values_list("round_id", "round__title", "round__due").first()
    supervised = in_force(at, "mine__supervision__") & Q(mine__supervision__role="direct")
    rows = Target.objects.filter(supervised, round_id=last[0]) if last else Target.objects.none()
    done = Q(sheet__accepted_at__lte=at)
    counted = rows.values(body=F("mine__supervision__body")).annotate(all=Count("pk"), done=Count("pk", filter=done))
    counts = {str(row["body"]): row for row in counted}
    for subject in subjects:
        row = counts.get(subject.id)
        if last is None or row is None:
            why, state = ("no_mines", State.NOT_APPLICABLE) if last else ("no_round", State.UNKNOWN)
            yield Finding(subject.id, state, why)
            continue
        inputs = {"round": last[1], "all": row["all"], "done": row["done"]}
        evidence = (Evidence("检查批次", "selfcheck:round", (last[0],)),)
        state, why = _progress(row["all"], row["done"], last[2] < at)
        yield Finding(subject.id, state, why, inputs, evidence=evidence)


def _progress(every: int, done: int, over: bool) -> tuple[State, str]:
    if done == every:
        return State.PAPER, "done"
    return (State.SUSPECTED, "late") if over else (State.UNKNOWN, "running")


def readers(side: str) -> Callable[[Subjects, datetime], Iterable[Finding]]:
    """A check of one side: whether everybody who must has read the lists and passed their tests."""

    def read(subjects: Subjects, at: datetime) -> Iterator[Finding]:
        lists = ReadingList.objects.filter(issued_at__lte=at).filter(Q(ended_at=None) | Q(ended_at__gt=at))
        wanted = [row for row in lists.select_related("body") if side in row.sides]
        tallies: dict[int, dict[str, int]] = {}
        for row in wanted:
            _tally(tallies, row, at)
        for subject in subjects:
            yield _reading(subject, tallies.get(subject.organisation or 0), bool(wanted))

    read.__doc__ = (
        f"SX34-8, SX34-79, SX36-6, SX36-28: whether the people of the side {side} read their lists and passed."
    )
    return read


def _tally(tallies: dict[int, dict[str, int]], row: ReadingList, at: datetime) -> None:
    """Add who has done with a list, who is late and who still has time; one query for a list."""
    late = row.due < at
    for one in standings(row, people_of(row, at), at):
        tally = tallies.setdefault(one.user.organisation_id or 0, {"done": 0, "late": 0, "open": 0})
        done = one.state == "done" and _known_by(one.read_at, at)
        tally["done" if done else "late" if late else "open"] += 1


def _reading(subject: Subject, tally: Mapping[str, int] | None, lists: bool) -> Finding:
    evidence = (Evidence("必学清单", "selfcheck:lists"),)
    if tally is None:
        return Finding(subject.id, State.UNKNOWN, "no_account" if lists else "no_list", evidence=evidence)
    inputs = dict(tally)
    if tally["late"]:
        return Finding(subject.id, State.SUSPECTED, "late", inputs, evidence=evidence)
    state, why = (State.UNKNOWN, "running") if tally["open"] else (State.PAPER, "done")
    return Finding(subject.id, state, why, inputs, evidence=evidence)


READING_WORDS: Final = {
    "no_list": "没有正在进行的必学清单",
    "no_account": "没有须学习的账号，无法签收",
    "late": "{late} 人次逾期未学完，{done} 人次已学完",
    "running": "{open} 人次学习中，{done} 人次已学完",
    "done": "{done} 人次已签收并测试合格",
}
HANDED_IN: Final = Check(
    id="selfcheck.handed_in",
    title="企业自查表提交",
    subject="mine",
    judge=handed_in,
    words={
        "no_round": "没有涉及该矿的自查批次",
        "excused": "{round} 免报",
        "handed_in": "{round} 已于 {day} 提交",
        "late": "{round} 应于 {due} 前提交，逾期未提交",
        "running": "{round} 填报中，{due} 截止",
    },
)
HEALTH: Final = Check(
    id="selfcheck.health",
    title="体检式精查",
    subject="mine",
    judge=health,
    words={
        "no_round": "没有涉及该矿的体检式精查批次",
        "late": "{round} 应于 {due} 前完成，未完成",
        "running": "{round} 进行中，{due} 截止",
        "unsolved": "{round} 还有 {left} 个问题未核验销号",
        "solved": "{round} 已完成，问题均已核验",
    },
)
INSPECTED: Final = Check(
    id="selfcheck.inspected",
    title="全覆盖检查结果",
    subject="mine",
    judge=inspected,
    words={
        "no_round": "没有涉及该矿的全覆盖检查批次",
        "not_yet": "{round} 尚未检查该矿",
        "unmet": "{round} 检查发现 {unmet} 条不符合",
        "met": "{round} 检查未发现不符合",
    },
)
COVERED: Final = Check(
    id="selfcheck.covered",
    title="全覆盖检查进度",
    subject="department",
    judge=covered,
    words={
        "no_round": "没有全覆盖检查批次",
        "no_mines": "没有直接监管的矿山",
        "done": "{round} 应查 {all} 座，全部检查",
        "late": "{round} 已到期，应查 {all} 座，检查 {done} 座",
        "running": "{round} 应查 {all} 座，已检查 {done} 座",
    },
)
MINE_READS: Final = Check(
    id="selfcheck.mine_reads",
    title="矿山人员学习法规标准",
    subject="mine",
    judge=readers("mine"),
    words=READING_WORDS,
)
DEPARTMENT_READS: Final = Check(
    id="selfcheck.department_reads",
    title="监管人员学习法规标准",
    subject="department",
    judge=readers("authority"),
    words=READING_WORDS,
)
CHECKS: Final[Mapping[str, tuple[Check, ...]]] = {
    "SX34-78": (HANDED_IN,),
    "SX34-80": (INSPECTED, COVERED),
    "SX36-24": (HEALTH,),
    "SX34-79": (MINE_READS,),
    "SX34-8": (DEPARTMENT_READS,),
    "SX36-6": (MINE_READS, DEPARTMENT_READS),
    "SX36-28": (MINE_READS,),
}
