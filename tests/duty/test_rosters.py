"""Who is on duty, and what stays of a corrected roster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.domains.duty.contacts import Line, book, end_contact, enter_contact, replace_contact
from kuangan.domains.duty.models import Contact, Shift
from kuangan.domains.duty.rosters import correct_shift, entry_of, ladder_of, on_duty, people_of, withdraw_shift

HOUR = timedelta(hours=1)


def test_a_shift_holds_from_its_start_up_to_its_end(roster: Callable[..., Shift], moment: datetime) -> None:
    row = roster("county", start=moment, end=moment + HOUR)
    key = row.organisation_id
    assert on_duty([key], moment - timedelta(seconds=1)) == {}
    assert on_duty([key], moment) == {key: [row]}
    assert on_duty([key], moment + HOUR) == {}


def test_a_correction_adds_a_row_and_the_old_one_stays_readable(
    roster: Callable[..., Shift], cast: Any, moment: datetime
) -> None:
    row = roster("county")
    later = correct_shift(
        row, replace(entry_of(row), officer_name="新员"), by=cast.county_officer, at=moment, reason="调班"
    )
    key = row.organisation_id
    assert [one.officer_name for one in on_duty([key], moment)[key]] == ["新员"]
    assert [one.officer_name for one in on_duty([key], moment, moment - HOUR)[key]] == ["员county"]
    assert later.replaces == row
    entry = AuditEntry.objects.get(action="shift.corrected")
    assert entry.reason == "调班" and "新员" in str(entry.content)


def test_a_row_is_corrected_once(roster: Callable[..., Shift], cast: Any, moment: datetime) -> None:
    row = roster("county")
    withdraw_shift(row, by=cast.county_officer, at=moment, reason="误录")
    assert on_duty([row.organisation_id], moment) == {}
    with pytest.raises(Shift.DoesNotExist):
        correct_shift(row, entry_of(row), by=cast.county_officer, at=moment, reason="又改")


def test_names_of_own_people_are_joined_to_their_accounts(roster: Callable[..., Shift], cast: Any) -> None:
    row = roster("county", officer_name="县值班员", leader_name="市带班领导")
    assert row.officer == cast.county_officer
    assert row.leader is None, "of another organisation"


def test_the_officer_without_a_number_is_reached_by_the_phone_of_the_room(roster: Callable[..., Shift]) -> None:
    row = roster("county", officer_phone="", deputy_phone="")
    assert [(man.post, man.phone) for man in people_of(row)][:2] == [("officer", "0000-0002"), ("deputy", "")]


def test_the_levels_over_a_mine_are_named_with_their_persons_on_duty(
    staffed: dict[str, Shift], cast: Any, moment: datetime
) -> None:
    found = ladder_of(cast.mine_a.code, moment)
    assert [rung.organisation for rung in found] == [
        cast.organisations[key] for key in ("mine_a", "parent", "county", "city", "province")
    ]
    assert found[0].people[0].name == "员mine_a"
    assert all(len(rung.people) == 3 for rung in found)


def test_the_levels_cost_the_same_however_many_shifts_there_are(
    staffed: dict[str, Shift], roster: Callable[..., Shift], cast: Any, moment: datetime, django_assert_num_queries: Any
) -> None:
    for key in ("mine_a", "county"):
        roster(key, officer_name="另一员")
    with django_assert_num_queries(6):
        ladder_of(cast.mine_a.code, moment)


def test_the_phone_book_keeps_what_stood_in_it(cast: Any, moment: datetime) -> None:
    mine, by = cast.organisations["mine_a"], cast.mine_a_manager
    row = enter_contact(mine, Line("dispatch", "0000-1111"), by=by, at=moment, reason="登记")
    later = replace_contact(row, Line("dispatch", "0000-2222"), by=by, at=moment + HOUR, reason="换号")
    assert [one.phone for one in book([mine.pk], moment)] == ["0000-1111"]
    assert [one.phone for one in book([mine.pk], moment + HOUR)] == ["0000-2222"]
    end_contact(later, by=by, at=moment + 2 * HOUR, reason="撤销")
    assert not book([mine.pk], moment + 2 * HOUR).exists() and Contact.objects.count() == 2
    assert AuditEntry.objects.filter(kind="contact").count() == 3
