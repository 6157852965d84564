"""Visits, logs, confirmations and problems of leaders and officers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.registry.models import Supervision
from kuangan.domains.responsibility import field
from kuangan.domains.responsibility.acts import void
from kuangan.domains.responsibility.field_lists import PROBLEM_STATES, problem_state, state_of
from kuangan.domains.responsibility.models import LeaderVisit, Problem
from kuangan.domains.responsibility.rhythm import (
    last_days,
    late,
    logged_days,
    missing_days,
    pulse,
    with_last,
)
from kuangan.domains.responsibility.rules import DAY
from kuangan.domains.responsibility.tests.conftest import Make


@pytest.fixture
def visited(cast: Any, moment: datetime) -> Make:
    def make(row: Supervision, day: date, by: Any = None) -> LeaderVisit:
        return field.enter_visit(row, day, underground=True, said="示例", by=by or cast.county_officer, at=moment)

    return make


def state(row: Supervision, today: date) -> str:
    """How the row stands, told from it alone; the filter must say the same."""
    found = pulse(row, last_days([row]).get(row.pk), today).state
    filtered = with_last(Supervision.objects.filter(pk=row.pk), row.role).filter(late(row.role, today)).exists()
    assert filtered == (found == "due")
    return found


def test_a_leader_of_a_county_is_late_on_the_thirty_first_day(named: Make, visited: Make, today: date) -> None:
    row = named(first=today - 60 * DAY)
    assert state(row, today) == "due"
    visited(row, today - 31 * DAY)
    assert state(row, today) == "due"
    visited(row, today - 30 * DAY)
    assert state(row, today) == "in_time"
    assert state(named("示例新领导", first=today - 30 * DAY), today) == "in_time"


def test_a_leader_of_the_city_has_more_time(named: Make, cast: Any, visited: Make, today: date) -> None:
    row = named(body=cast.organisations["city"], by=cast.city_leader, first=today - 200 * DAY)
    assert state(row, today) == "due"
    visited(row, today - 60 * DAY, by=cast.county_officer)
    assert state(row, today) == "in_time"


def test_a_visit_is_entered_when_it_has_happened_and_within_the_term(named: Make, visited: Make, today: date) -> None:
    row = named(first=today - 20 * DAY)
    for day, said in ((today + DAY, "不登记计划"), (today - 80 * DAY, "不能补登"), (today - 30 * DAY, "任期")):
        with pytest.raises(MissingFields, match=said):
            visited(row, day)
    visited(row, today)
    with pytest.raises(MissingFields, match="已登记"):
        visited(row, today)


def test_visits_are_entered_by_the_body_or_the_direct_supervisor(
    named: Make, cast: Any, visited: Make, today: date
) -> None:
    row = named()
    for person in (cast.city_officer, cast.neighbour_officer, cast.mine_a_manager, cast.province_officer, cast.nobody):
        with pytest.raises(Forbidden):
            visited(row, today, by=person)
    assert visited(row, today, by=cast.county_leader).mine == cast.mine_a


def test_a_voided_visit_counts_no_more(named: Make, visited: Make, cast: Any, moment: datetime, today: date) -> None:
    row = named(first=today - 90 * DAY)
    made = visited(row, today)
    void(made, by=cast.county_officer, at=moment, reason="日期误录")
    assert state(row, today) == "due"
    assert visited(row, today).pk != made.pk


def test_an_officer_writes_one_log_a_shift_and_missing_days_show(
    named: Make, cast: Any, moment: datetime, today: date
) -> None:
    row = named("示例驻矿员", kind="stationed", body=cast.organisations["county"], first=today - 6 * DAY)
    said = {"by": cast.county_officer, "at": moment}
    for back in (6, 5, 3, 1):
        field.write_log(row, today - back * DAY, "day", "示例日志", **said)
    field.write_log(row, today - DAY, "night", "示例日志", **said)
    with pytest.raises(MissingFields, match="已有日志"):
        field.write_log(row, today - DAY, "day", "再写", **said)
    known = logged_days([row], today - 40 * DAY)[row.pk]
    assert missing_days(row, known, today) == [today - 4 * DAY, today - 2 * DAY]
    assert state(row, today) == "in_time"
    assert state(row, today + DAY) == "due"


def test_a_leader_writes_no_log_and_an_officer_enters_no_visit(
    named: Make, cast: Any, moment: datetime, today: date
) -> None:
    leader, officer = named(), named("示例专员", kind="commissioner", body=cast.organisations["county"])
    said = {"by": cast.county_officer, "at": moment}
    with pytest.raises(MissingFields):
        field.write_log(leader, today, "day", "示例", **said)
    with pytest.raises(MissingFields):
        field.enter_visit(officer, today, underground=False, said="", **said)


def test_a_confirmation_lies_in_the_past(named: Make, cast: Any, moment: datetime) -> None:
    row = named("示例专员", kind="commissioner", body=cast.organisations["county"])
    given = {"operation": "hot_work", "place": "示例巷", "fit": False, "note": "无监护人"}
    said = {"by": cast.county_officer, "at": moment}
    with pytest.raises(MissingFields):
        field.confirm(row, given | {"confirmed_at": moment + timedelta(hours=1)}, **said)
    assert field.confirm(row, given | {"confirmed_at": moment}, **said).fit is False


def test_each_problem_is_in_one_state_and_the_filter_finds_the_same(
    named: Make, cast: Any, moment: datetime, today: date
) -> None:
    row, said = named(), {"by": cast.county_officer, "at": moment}

    def found(back: int, days: int, solved: int | None = None) -> Problem:
        first = today - back * DAY
        given = {"found_on": first, "text": "示例问题", "owner": "示例单位", "due": first + days * DAY}
        made = field.find(row, given, **said)
        return field.solve(made, today - solved * DAY, "已整改", **said) if solved is not None else made

    rows = [found(3, 9), found(20, 5), found(20, 15, 10), found(20, 5, 10), found(4, 9)]
    void(rows[4], by=cast.county_officer, at=moment, reason="重复")
    told = {each.pk: state_of(each, today) for each in Problem.objects.all()}
    assert [told[each.pk] for each in rows] == ["open", "overdue", "solved", "late", "void"]
    wider = {"open": {"open", "overdue"}, "solved": {"solved", "late"}}
    for name in PROBLEM_STATES:
        known = set(Problem.objects.filter(problem_state(name, today)).values_list("pk", flat=True))
        assert known == {pk for pk, each in told.items() if each in wider.get(name, {name})}


def test_a_problem_is_solved_once_and_not_before_it_was_found(
    named: Make, cast: Any, moment: datetime, today: date
) -> None:
    row, said = named(), {"by": cast.county_officer, "at": moment}
    given = {"found_on": today - 5 * DAY, "text": "示例", "owner": "示例", "due": today}
    with pytest.raises(MissingFields):
        field.find(row, given | {"due": today - 6 * DAY}, **said)
    made = field.find(row, given, **said)
    with pytest.raises(MissingFields):
        field.solve(made, today - 6 * DAY, "已整改", **said)
    with pytest.raises(Forbidden):
        field.solve(made, today, "已整改", by=cast.mine_a_manager, at=moment)
    field.solve(made, today, "已整改", **said)
    with pytest.raises(MissingFields, match="已解决"):
        field.solve(made, today, "再次", **said)
