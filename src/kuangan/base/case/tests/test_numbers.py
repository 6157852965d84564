from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case import next_number, next_numbers, void_number
from kuangan.base.case.models import NumberSeries, VoidedNumber

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_numbers_run_on_within_a_beijing_day_and_start_anew_on_the_next() -> None:
    late = datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)
    assert next_number("alert", AT) == "GJ-20261121-0001"
    assert next_numbers("alert", [late, late + timedelta(seconds=1), AT]) == [
        "GJ-20261121-0002",
        "GJ-20261122-0001",
        "GJ-20261121-0003",
    ]


def test_more_than_9999_a_day_get_five_digits() -> None:
    NumberSeries.objects.create(prefix="GJ", day=AT.date(), last=9999)
    assert next_number("alert", AT) == "GJ-20261121-10000"


def test_a_number_that_is_rolled_back_is_given_out_again() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number("alert", AT)
        raise RuntimeError
    assert next_number("alert", AT) == "GJ-20261121-0001"


def test_a_voided_number_stays_in_the_sequence_with_its_reason(county_officer) -> None:
    spoiled = next_number("alert", AT)
    void_number(spoiled, by=county_officer, at=AT, reason="打印错误")
    kept = next_number("alert", AT)
    assert {spoiled, kept} == {"GJ-20261121-0001", "GJ-20261121-0002"}
    assert VoidedNumber.objects.get().reason == "打印错误"
    assert AuditEntry.objects.filter(action="void", ident=spoiled).count() == 1


def test_voiding_needs_a_reason_and_happens_once(county_officer) -> None:
    number = next_number("alert", AT)
    with pytest.raises(ValueError, match="reason"):
        void_number(number, by=county_officer, at=AT, reason=" ")
    void_number(number, by=county_officer, at=AT, reason="r")
    with pytest.raises(IntegrityError), transaction.atomic():
        void_number(number, by=county_officer, at=AT, reason="r")


def test_a_kind_without_prefix_has_no_numbers() -> None:
    with pytest.raises(KeyError):
        next_number("dance", AT)


def test_many_numbers_cost_as_many_queries_as_one(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(6):
        assert len(set(next_numbers("alert", [AT] * 1000))) == 1000
