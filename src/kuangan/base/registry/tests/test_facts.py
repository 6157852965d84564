from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kuangan.base.registry.facts import FactOverlap, NewFact, facts_as_of, record_facts
from kuangan.base.registry.models import Mine, MineFact

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def when(day: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + day * DAY


def capacity(mine: Mine, value: int, begins: int, ends: int | None = None) -> NewFact:
    return NewFact(mine.code, "capacity", value, when(begins), None if ends is None else when(ends))


def read(mine: Mine, at: int, known: int | None = None) -> object:
    known_at = None if known is None else when(known)
    return facts_as_of([mine.code], ["capacity"], when(at), known_at).get(mine.code, {}).get("capacity")


def test_a_new_fact_ends_the_one_before(mine_a: Mine) -> None:
    record_facts([capacity(mine_a, 90, 0)], at=when(0), basis="批复一")
    record_facts([capacity(mine_a, 120, 10)], at=when(12), basis="批复二")
    assert [read(mine_a, day) for day in (-1, 0, 9, 10, 99)] == [None, 90, 90, 120, 120]


def test_what_was_known_at_a_time_is_not_changed_by_what_was_recorded_later(mine_a: Mine) -> None:
    record_facts([capacity(mine_a, 90, 0)], at=when(0), basis="批复一")
    record_facts([capacity(mine_a, 120, 10)], at=when(12), basis="批复二")
    assert (read(mine_a, 11, known=11), read(mine_a, 11, known=12)) == (90, 120)


def test_a_correction_is_added_beside_the_wrong_row_and_wins_from_then_on(mine_a: Mine) -> None:
    record_facts([capacity(mine_a, 90, 0)], at=when(0), basis="录入")
    record_facts([capacity(mine_a, 60, 0)], at=when(5), basis="更正录入错误", correcting=True)
    assert (read(mine_a, 3), read(mine_a, 3, known=4)) == (60, 90)
    assert MineFact.objects.count() == 2


@pytest.mark.parametrize(("begins", "ends"), [(0, None), (-5, None), (5, 7)])
def test_an_overlap_without_saying_that_it_corrects_is_refused(mine_a: Mine, begins: int, ends: int | None) -> None:
    record_facts([capacity(mine_a, 90, 0, 10)], at=when(0), basis="批复一")
    with pytest.raises(FactOverlap):
        record_facts([capacity(mine_a, 120, begins, ends)], at=when(1), basis="批复二")
    assert MineFact.objects.count() == 1


def test_the_same_fact_again_adds_nothing(mine_a: Mine) -> None:
    assert record_facts([capacity(mine_a, 90, 0)], at=when(0), basis="导入") == 1
    assert record_facts([capacity(mine_a, 90, 3)], at=when(3), basis="导入") == 0


def test_facts_of_many_mines_are_read_in_one_query(
    mine_a: Mine, mine_b: Mine, django_assert_num_queries: object
) -> None:
    rows = [NewFact(mine.code, name, "x", when(0)) for mine in (mine_a, mine_b) for name in ("state", "gas_grade")]
    record_facts(rows, at=when(0), basis="导入")
    with django_assert_num_queries(1):
        found = facts_as_of(None, None, when(1))
    assert found == {mine.code: {"state": "x", "gas_grade": "x"} for mine in (mine_a, mine_b)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), min_size=1, max_size=6))
def test_without_corrections_no_two_rows_of_a_fact_ever_overlap(mine_a: Mine, changes: list[tuple[int, int]]) -> None:
    MineFact.objects.all().delete()
    for step, (day, value) in enumerate(changes):
        try:
            record_facts([capacity(mine_a, value, day)], at=when(100 + step), basis="批复")
        except FactOverlap:
            continue
    for day in range(35):
        covering = [
            r
            for r in MineFact.objects.all()
            if r.valid_from <= when(day) and (not r.valid_to or when(day) < r.valid_to)
        ]
        assert len(covering) <= 1
