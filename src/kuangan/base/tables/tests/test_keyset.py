from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kuangan.base.registry.models import Mine, MineFact
from kuangan.base.tables.keyset import BadMark, keyset_page

pytestmark = pytest.mark.django_db


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(0, 4), max_size=12), size=st.integers(1, 5))
def test_pages_show_every_row_once_in_order_forwards_and_backwards(mine_a: Mine, moment, hours, size) -> None:
    MineFact.objects.all().delete()
    MineFact.objects.bulk_create(
        MineFact(
            mine=mine_a, attribute="x", value=n, valid_from=moment + timedelta(hours=h), recorded_at=moment, basis=""
        )
        for n, h in enumerate(hours)
    )
    order = ("-valid_from", "id")
    expected = list(MineFact.objects.order_by(*order))
    forwards, page = [], keyset_page(MineFact.objects.all(), order, size)
    assert page.before is None
    last = page
    while True:
        forwards += page.rows
        last = page
        if page.after is None:
            break
        page = keyset_page(MineFact.objects.all(), order, size, after=page.after)
    assert forwards == expected
    backwards = list(last.rows)
    while last.before is not None:
        last = keyset_page(MineFact.objects.all(), order, size, before=last.before)
        backwards = list(last.rows) + backwards
    assert backwards == expected


def test_a_page_costs_one_query(cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert len(keyset_page(Mine.objects.all(), ("code",), 1).rows) == 1


@pytest.mark.parametrize("mark", ["", "###", "bnVsbA", "WzEsMl0", "WyJhIl0"])
def test_a_foreign_mark_is_refused(cast, moment, mark: str) -> None:
    with pytest.raises(BadMark):
        keyset_page(MineFact.objects.all(), ("-valid_from", "id"), 5, after=mark)
