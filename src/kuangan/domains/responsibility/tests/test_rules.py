"""Pure rules: months, intervals, rhythms, changes of a team, arithmetic of funds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.domains.responsibility.funds_rules import Sums, class_in_force, classes_of, required, shortfall, total
from kuangan.domains.responsibility.kinds import FUNDS, MATTERS, ROOM
from kuangan.domains.responsibility.rules import (
    DAY,
    Span,
    Term,
    changes,
    days_without,
    disjoint,
    due_on,
    in_the_way,
    month_of,
    month_span,
    months_before,
    vacant_days,
    year_before,
)

FIRST = date(2026, 1, 1)
days = st.integers(0, 900).map(lambda number: FIRST + number * DAY)
money = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False)


def test_a_month_knows_its_days_and_its_neighbours() -> None:
    assert month_span("2026-02") == Span(date(2026, 2, 1), date(2026, 3, 1))
    assert month_span("2024-12").until == date(2025, 1, 1)
    assert months_before("2026-01", 1) == "2025-12"
    assert months_before("2026-11", 24) == "2024-11"
    assert year_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    for wrong in ("2026-13", "", "26-1", "2026-1x"):
        with pytest.raises(ValueError, match=r"."):
            month_span(wrong)


@given(days)
def test_every_day_lies_in_its_month_alone(day: date) -> None:
    assert month_span(month_of(day)).covers(day)
    assert not month_span(months_before(month_of(day), 1)).covers(day)


@given(st.lists(st.tuples(days, st.none() | st.integers(1, 200)), max_size=12))
def test_intervals_that_are_let_in_never_overlap(asked: list[tuple[date, int | None]]) -> None:
    standing: list[Span] = []
    for first, length in asked:
        wanted = Span(first, first + length * DAY if length else None)
        if in_the_way(standing, wanted) is not None:
            continue
        standing = [Span(one.first, first) if one.until is None else one for one in standing] + [wanted]
        assert disjoint(standing)


def test_the_next_visit_is_due_after_the_last_or_after_the_beginning() -> None:
    assert due_on(FIRST, None, 30) == FIRST + 30 * DAY
    assert due_on(FIRST, FIRST + 10 * DAY, 30) == FIRST + 40 * DAY
    assert due_on(FIRST, FIRST - 10 * DAY, 30) == FIRST + 30 * DAY


def test_days_without_a_log_are_those_with_an_empty_window() -> None:
    today = FIRST + 20 * DAY
    every = {FIRST + number * DAY for number in range(20)}
    assert days_without(FIRST, every, 1, today, 14) == []
    assert days_without(FIRST, every - {FIRST + 15 * DAY}, 1, today, 14) == [FIRST + 15 * DAY]
    assert days_without(FIRST, {FIRST + 13 * DAY}, 7, today, 14) == [FIRST + n * DAY for n in (6, 7, 8, 9, 10, 11, 12)]
    assert days_without(today, set(), 1, today, 14) == []


def test_a_first_entry_is_no_change_and_the_same_name_again_neither() -> None:
    terms = [
        Term("manager", "甲", Span(FIRST, FIRST + 100 * DAY)),
        Term("manager", "乙", Span(FIRST + 100 * DAY, FIRST + 200 * DAY)),
        Term("manager", "乙", Span(FIRST + 210 * DAY)),
        Term("chief_engineer", "丙", Span(FIRST + 150 * DAY)),
    ]
    found = changes(terms, FIRST, FIRST + 300 * DAY)
    assert [(term.post, term.name) for term in found] == [("manager", "乙")]
    assert changes(terms, FIRST + 101 * DAY, FIRST + 300 * DAY) == []
    assert vacant_days(terms, "manager", FIRST, FIRST + 300 * DAY) == 10
    assert vacant_days(terms, "safety_deputy", FIRST, FIRST + 300 * DAY) == 0


def test_the_highest_of_several_classes_holds_and_hydro_is_thirty() -> None:
    def rate(kind: str, **facts: str) -> Decimal:
        return FUNDS.classes[classes_of(FUNDS.classes, kind, [{}, facts])[0]].rate

    assert rate("underground_coal") == 15
    assert rate("underground_coal", gas_grade="low") == 15
    assert rate("underground_coal", water_grade="complex") == 30
    assert rate("underground_coal", water_grade="extremely_complex") == 30
    assert rate("underground_coal", fire_grade="easy") == 30
    assert rate("underground_coal", gas_grade="high") == 30
    assert rate("underground_coal", gas_grade="outburst", water_grade="complex") == 50
    assert rate("open_pit_coal", gas_grade="outburst") == 5
    assert classes_of(FUNDS.classes, "underground_noncoal", [{}]) == []


def test_a_lower_declaration_does_not_lower_the_class_and_a_higher_one_raises_it() -> None:
    assert class_in_force(FUNDS.classes, ["high_gas", "underground"], "underground") == ("high_gas", True)
    assert class_in_force(FUNDS.classes, ["underground"], "rock_burst") == ("rock_burst", False)
    assert class_in_force(FUNDS.classes, [], "metal_open") == ("metal_open", False)
    assert class_in_force(FUNDS.classes, [], "") == ("", False)


@given(money, st.sampled_from(sorted({one.rate for one in FUNDS.classes.values()})), money)
def test_what_is_owed_is_exact_and_a_shortfall_is_never_negative(
    output: Decimal, rate: Decimal, drawn: Decimal
) -> None:
    owed = required(output, rate)
    assert abs(owed - output * rate) <= Decimal("0.005")
    short = shortfall(owed, drawn)
    assert short >= 0
    assert (short == 0) == (drawn >= owed)
    assert drawn + short >= owed


@given(st.lists(st.tuples(money, money, money), max_size=20))
def test_totals_add_up_and_the_balance_is_what_is_left(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    parts = [Sums(extracted=a, spent=b, opening=c, mines=1) for a, b, c in rows]
    whole = total(parts)
    assert whole.balance == sum((part.balance for part in parts), Decimal(0))
    assert whole == total([total(parts[:3]), total(parts[3:])])
    assert whole.mines == len(rows)


def test_data_of_the_room_say_what_the_law_and_our_defaults_say() -> None:
    assert {one.rate for one in FUNDS.classes.values() if one.conf == "S"} == {5, 15, 30, 50}
    assert [code for code, post in ROOM.posts.items() if post.five] == [
        "manager",
        "chief_engineer",
        "safety_deputy",
        "production_deputy",
        "mechanical_deputy",
    ]
    assert "open_pit_noncoal" not in ROOM.leader_kinds
    assert len(MATTERS) == 15
    assert ROOM.source == "default"
    assert timedelta(days=ROOM.back_days) > timedelta(days=31)
