"""Checks on grades and capacities of the register against the numbers of the clauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import Check, Evidence, Finding, State, Subject, Subjects
from kuangan.base.compliance.helpers import NO_FACTS, Facts, facts_of, pages_of
from kuangan.base.registry.models import MineKind
from kuangan.base.registry.words import value_word

COAL: Final = frozenset({MineKind.UNDERGROUND_COAL.value, MineKind.OPEN_PIT_COAL.value})
NONCOAL: Final = frozenset(MineKind.values) - COAL
GRADE: Final = {"first": 1, "second": 2, "third": 3, "none": 4}
"""A mine without a grade stands below the third."""
PRODUCING: Final = frozenset({"producing", "operating"})
BUILDING: Final = frozenset({"building", "construction"})
REGISTER: Final = Evidence("一矿一档", "registry:mine", ("{subject}",))
Answer = tuple[State, str, dict[str, Any]]


def threshold(clause: str, name: str) -> float:
    """A number of a clause. StopIteration when it has none of that name."""
    from kuangan.library.policy import shipped

    return float(next(row.value for row in shipped().nodes[clause].thresholds if row.name == name))


def due(clause: str, what: str) -> date:
    """The last date of a clause whose words begin so. StopIteration when it has none."""
    from kuangan.library.policy import shipped

    return next(row.on for row in shipped().nodes[clause].deadlines if row.on and row.what.startswith(what))


def coal_grade(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-T3 and SX36-23: a coal mine that produces holds grade one or two. What the grade rests on is not judged."""
    most = threshold("SX36-T3", "standardisation_grade")
    known = facts_of(("state", "standard_grade"), at)
    for subject in subjects:
        held = known.get(subject.id, NO_FACTS)
        yield _finding(subject, held, _coal(held.values, most))


def _coal(facts: Mapping[str, Any], most: float) -> Answer:
    state, grade = facts.get("state"), facts.get("standard_grade")
    if state and state not in PRODUCING:
        return State.NOT_APPLICABLE, "not_producing", {"now": value_word("state", state)}
    if not state:
        return State.UNKNOWN, "no_state", {}
    if grade not in GRADE:
        return State.UNKNOWN, "no_grade", {}
    said = {"grade": value_word("standard_grade", grade)}
    return (State.PAPER, "held", said) if GRADE[grade] <= most else (State.SUSPECTED, "below", said)


def noncoal_grade(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-23: mines other than coal that produce hold grade three by the end of 2026, of medium size on grade two by 2025.

    The register has no size of these mines nor class of ponds: of a third grade it is unknown whether it is enough.
    """
    enough, least = threshold("SX36-23", "medium_noncoal_grade"), threshold("SX36-23", "noncoal_grade")
    over = beijing_day(at) > due("SX36-23", "所有正常生产")
    known = facts_of(("state", "standard_grade"), at)
    for subject in subjects:
        held = known.get(subject.id, NO_FACTS)
        yield _finding(subject, held, _noncoal(held.values, enough, least, over))


def _noncoal(facts: Mapping[str, Any], enough: float, least: float, over: bool) -> Answer:
    state, grade = facts.get("state"), facts.get("standard_grade")
    if state and state not in PRODUCING:
        return State.NOT_APPLICABLE, "not_producing", {"now": value_word("state", state)}
    if not state:
        return State.UNKNOWN, "no_state", {}
    if grade not in GRADE:
        return State.UNKNOWN, "no_grade", {}
    said = {"grade": value_word("standard_grade", grade)}
    if GRADE[grade] <= enough:
        return State.PAPER, "held", said
    if GRADE[grade] <= least:
        return State.UNKNOWN, "no_size", said
    return (State.SUSPECTED, "below", said) if over else (State.UNKNOWN, "not_due", said)


def admission(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-55 and SX36-11: no new coal mine below 120, with outburst above 500, of high gas above 800 (10 000 t a year).

    Judged of mines being built by their capacity on record. The date of their approval is not: below a bound it stays unknown.
    """
    low, outburst, high = (
        threshold("SX34-55", name) for name in ("coal_capacity_refused", "capacity_outburst", "capacity_high_gas")
    )
    most = {"outburst": outburst, "high": high}
    known = facts_of(("state", "capacity", "gas_grade"), at)
    for subject in subjects:
        held = known.get(subject.id, NO_FACTS)
        yield _finding(subject, held, _admission(held.values, low, most))


def _admission(facts: Mapping[str, Any], low: float, most: dict[str, float]) -> Answer:
    state, capacity = facts.get("state"), facts.get("capacity")
    if not state:
        return State.UNKNOWN, "no_state", {}
    if state not in BUILDING:
        return State.NOT_APPLICABLE, "not_building", {"now": value_word("state", state)}
    if not isinstance(capacity, int | float):
        return State.UNKNOWN, "no_capacity", {}
    bound = most.get(str(facts.get("gas_grade", "")), float("inf"))
    said = {"capacity": float(capacity)}
    return (State.UNKNOWN, "outside", said) if capacity < low or capacity > bound else (State.PAPER, "inside", said)


def _finding(subject: Subject, held: Facts, answer: Answer) -> Finding:
    state, why, inputs = answer
    return Finding(subject.id, state, why, inputs, held.recorded_at, pages_of(subject, REGISTER))


STATE_WORDS: Final = {
    "not_producing": "生产状态为{now}，只要求正常生产的矿山",
    "no_state": "未登记生产状态，无从核对",
    "no_grade": "未登记标准化等级，无从核对",
    "held": "登记的标准化等级为{grade}",
}
GRADES: Final = Check(
    id="register.coal_grade",
    title="生产煤矿标准化等级",
    subject="mine",
    judge=coal_grade,
    words={**STATE_WORDS, "below": "登记为正常生产，标准化等级为{grade}，低于二级，待核实"},
    mine_kinds=COAL,
)
GRADING: Final = Check(
    id="register.noncoal_grade",
    title="生产非煤矿山标准化等级",
    subject="mine",
    judge=noncoal_grade,
    words={
        **STATE_WORDS,
        "no_size": "标准化等级为{grade}；规模或者库等别未登记，不能判断是否须达二级",
        "not_due": "标准化等级为{grade}，三级及以上的期限为 2026-12-31",
        "below": "登记为正常生产，标准化等级为{grade}，期限已过，待核实",
    },
    mine_kinds=NONCOAL,
)
ADMISSION: Final = Check(
    id="register.admission",
    title="建设煤矿产能界限",
    subject="mine",
    judge=admission,
    words={
        "not_building": "生产状态为{now}，不是建设矿山",
        "no_state": "未登记生产状态，无从核对",
        "no_capacity": "建设煤矿，未登记产能",
        "inside": "建设煤矿，登记产能 {capacity} 万吨/年，在界限之内",
        "outside": "建设煤矿，登记产能 {capacity} 万吨/年，在停止审批的界限之外；批准日期未登记，不能判断",
    },
    mine_kinds=COAL,
)
