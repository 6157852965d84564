from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import transaction

from kuangan.base import audit
from kuangan.base.audit.digest import canonical, sm3
from kuangan.base.audit.models import AppendOnlyError, AuditEntry, AuditLink, AuditPending

AT = datetime(2026, 11, 21, 1, 2, 3, 456_789, tzinfo=UTC)


def note(ident: str = "1", **content: object) -> audit.Note:
    return audit.Note(None, "change", "thing", ident, AT, content)


def test_sm3_agrees_with_the_published_example() -> None:
    assert sm3("abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_canonical_json_does_not_depend_on_order_or_time_zone() -> None:
    east = AT.astimezone(timezone(timedelta(hours=8)))
    assert canonical({"b": AT, "a": Decimal("0.80")}) == canonical({"a": Decimal("0.80"), "b": east})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_without_json_are_refused(value: float) -> None:
    with pytest.raises(ValueError):
        canonical({"value": value})


@pytest.mark.django_db
def test_a_rolled_back_change_leaves_no_entry() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record(actor=None, action="a", kind="k", ident="1", content={}, at=AT)
        raise RuntimeError
    assert not AuditEntry.objects.exists()
    assert not AuditPending.objects.exists()


@pytest.mark.django_db
def test_sealing_links_entries_in_order_and_once() -> None:
    entries = audit.record_many([note("1"), note("2"), note("3")])
    assert audit.seal(AT) == 3
    assert audit.seal(AT) == 0
    assert list(AuditLink.objects.order_by("sequence").values_list("sequence", "entry_id")) == [
        (number, entry.pk) for number, entry in enumerate(entries, start=1)
    ]
    assert audit.verify() == []


@pytest.mark.django_db
def test_an_entry_that_commits_late_gets_a_later_place() -> None:
    early, late = audit.record_many([note("early"), note("late")])
    AuditPending.objects.filter(entry=early).delete()  # as if its transaction had not committed yet
    assert audit.seal(AT) == 1
    AuditPending.objects.create(entry=early)
    assert audit.seal(AT) == 1
    assert list(AuditLink.objects.order_by("sequence").values_list("entry_id", flat=True)) == [late.pk, early.pk]
    assert audit.verify() == []


@pytest.mark.django_db
def test_an_empty_chain_and_entries_that_wait_are_whole() -> None:
    assert audit.verify() == []
    audit.record_many([note()])
    assert audit.verify() == []


@pytest.mark.django_db
def test_sealing_and_verifying_take_a_fixed_number_of_queries(django_assert_max_num_queries) -> None:
    audit.record_many([note(str(i)) for i in range(400)])
    with django_assert_max_num_queries(20):
        audit.seal(AT)
    with django_assert_max_num_queries(9):
        assert audit.verify() == []


@pytest.mark.django_db
def test_the_models_refuse_to_change_or_delete() -> None:
    entry = audit.record(actor=None, action="a", kind="k", ident="1", content={"n": 1}, at=AT, reason="why")
    audit.seal(AT)
    link = AuditLink.objects.get()
    for row in (entry, link):
        for act in (
            row.save,
            row.delete,
            type(row).objects.all().delete,
            lambda row=row: type(row).objects.update(pk=9),
        ):
            with pytest.raises(AppendOnlyError):
                act()


@pytest.mark.django_db
def test_an_entry_keeps_who_what_when_and_why(county_officer) -> None:
    audit.record(actor=county_officer, action="a", kind="k", ident="1", content={"n": 1}, at=AT, reason="why")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_name) == (county_officer, "county_officer")
    assert (entry.content, entry.at, entry.reason) == ('{"n":1}', AT, "why")
