"""Which version was in force on a day, and what a mine has not kept up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.documents.kinds import KINDS, months_later, needed_by
from kuangan.base.documents.models import Drawing, DrawingVersion
from kuangan.base.documents.standing import CURRENT, MISSING, OVERDUE, in_force, later, lines, summary
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.models import MineKind

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


def version(number: int, valid_from: date, withdrawn: datetime | None = None, at: datetime = NOON) -> DrawingVersion:
    return DrawingVersion(number=number, valid_from=valid_from, withdrawn_at=withdrawn, at=at)


def test_the_newest_that_has_begun_counts() -> None:
    first, second = version(1, date(2026, 1, 1)), version(2, date(2026, 7, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [in_force([second, first], day) for day in days] == [None, first, first, second]


def test_of_one_day_the_later_number_counts() -> None:
    first, second = version(1, date(2026, 1, 1)), version(2, date(2026, 1, 1))
    assert in_force([first, second], date(2026, 1, 1)) is second


def test_a_withdrawn_one_counts_until_the_day_it_was_withdrawn() -> None:
    first, second = version(1, date(2026, 1, 1)), version(2, date(2026, 7, 1), datetime(2026, 8, 1, 2, tzinfo=UTC))
    assert in_force([first, second], date(2026, 7, 31)) is second
    assert in_force([first, second], date(2026, 8, 1)) is first


def test_what_was_handed_in_after_the_day_is_told() -> None:
    row = version(1, date(2026, 1, 1))
    assert later(row, date(2026, 11, 20))
    assert not later(row, date(2026, 11, 21))


DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1))


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6), DAYS)
def test_no_version_counts_before_its_day_or_after_its_withdrawal(
    rows: list[tuple[date, date | None]], day: date
) -> None:
    versions = [
        version(number, begins, datetime(end.year, end.month, end.day, 4, tzinfo=UTC) if end else None)
        for number, (begins, end) in enumerate(rows, start=1)
    ]
    found = in_force(versions, day)
    could = [
        row for row, (begins, end) in zip(versions, rows, strict=True) if begins <= day and (end is None or end > day)
    ]
    assert (found is None) == (not could)
    if found is not None:
        assert found in could
        assert all((row.valid_from, row.number) <= (found.valid_from, found.number) for row in could)


def test_months_end_where_the_month_does() -> None:
    assert months_later(date(2026, 8, 31), 3) == date(2026, 11, 30)
    assert months_later(date(2026, 11, 15), 3) == date(2027, 2, 15)
    assert months_later(date(2027, 12, 31), 2) == date(2028, 2, 29)


def test_every_kind_of_mine_needs_something_and_ours_is_marked() -> None:
    assert all(needed_by(kind) for kind in MineKind.values)
    assert {kind.months_mark for kind in KINDS.values() if not kind.article} == {"default"}


def enter(cast: Any, kind: str, valid_from: date) -> Drawing:
    by, organisation = cast.mine_a_manager, cast.organisations["mine_a"]
    drawing = Drawing.objects.create(
        mine=cast.mine_a, kind=kind, title=KINDS[kind].label, secrecy="internal", by=by, at=NOON
    )
    DrawingVersion.objects.create(
        drawing=drawing,
        number=1,
        valid_from=valid_from,
        name="a.pdf",
        format="pdf",
        size=1,
        sha256="0" * 64,
        organisation=organisation,
        by=by,
        at=NOON,
    )
    return drawing


@pytest.mark.django_db
def test_missing_and_old_drawings_are_told_and_those_not_needed_are_not(cast: Any) -> None:
    enter(cast, "ventilation", date(2026, 8, 21))
    enter(cast, "escape", date(2026, 8, 20))
    enter(cast, "pond_plan", date(2020, 1, 1))
    states = {line.kind: line.state for line in lines(cast.mine_a, date(2026, 11, 21), NOON)}
    assert states["ventilation"] == CURRENT
    assert states["escape"] == OVERDUE
    assert states["mining_plan"] == MISSING
    assert states["pond_plan"] == CURRENT
    sums = summary(cast.mine_a, NOON)
    needed = len(needed_by("underground_coal"))
    assert (sums.needed, sums.missing, sums.overdue) == (needed, needed - 2, 1)


@pytest.mark.django_db
def test_a_mine_being_built_must_renew_sooner(cast: Any) -> None:
    enter(cast, "ventilation", date(2026, 10, 1))
    fact = NewFact(cast.mine_a.code, "state", "building", NOON - timedelta(days=300))
    record_facts([fact], at=NOON - timedelta(days=300), basis="示例")
    states = {line.kind: line.state for line in lines(cast.mine_a, date(2026, 11, 21), NOON)}
    assert states["ventilation"] == OVERDUE


@pytest.mark.django_db
def test_a_list_asks_three_times_however_long_it_is(cast: Any, django_assert_num_queries: Any) -> None:
    for kind in needed_by("underground_coal"):
        enter(cast, kind, date(2026, 11, 1))
    with django_assert_num_queries(3):
        [
            (line.drawing, line.version and line.version.by.display_name)
            for line in lines(cast.mine_a, date(2026, 11, 21), NOON)
        ]
