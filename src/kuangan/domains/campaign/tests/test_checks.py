"""What programmes tell of cities, counties and departments, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import ANSWERS, Check, Finding, State
from kuangan.base.compliance.subjects import load
from kuangan.domains.campaign import items, organising, submitting
from kuangan.domains.campaign.checks import CHECKS, CITY_LIAISON, COUNTY_ITEMS, COUNTY_LIST, SUBMISSIONS
from kuangan.domains.campaign.models import Programme, Submission
from kuangan.domains.campaign.tests.conftest import DAY, Make, noon, on
from kuangan.library.policy import shipped

ALL = {check.id: check for checks in CHECKS.values() for check in checks}
CITY, COUNTY = "140400", "140404"


def told(check: Check, at: datetime) -> dict[str, Finding]:
    return {one.subject: one for one in check.judge(load(check.subject), at)}


def test_every_check_answers_for_every_subject_in_words(late: Programme, line: Make, moment: datetime) -> None:
    line(late)
    for check in ALL.values():
        subjects, found = load(check.subject), told(check, moment)
        assert set(found) == set(subjects.ids), check.id
        for one in found.values():
            assert one.state in ANSWERS
            assert check.told(one.why, one.inputs)


def test_without_a_programme_everything_is_unknown(people: Any, moment: datetime) -> None:
    for check in ALL.values():
        assert {one.state for one in told(check, moment).values()} <= {State.UNKNOWN}


def test_clauses_bind_the_subjects_that_are_judged() -> None:
    for clause, checks in CHECKS.items():
        assert {check.subject for check in checks} <= set(shipped().nodes[clause].binds), clause


def test_a_city_that_sent_in_time_is_paper_until_it_is_taken(people: Any, early: Programme) -> None:
    plan = Submission.objects.get(kind="plan")
    contact = Submission.objects.get(kind="contact")
    at = noon(2024, 2, 28)
    for row in (plan, contact):
        submitting.send(row, on=on("2024-02-28"), text="方案", number="", by=people.city_officer, at=at)
    assert told(SUBMISSIONS, noon(2024, 3, 5))[CITY].state == State.PAPER
    for row in (plan, contact):
        submitting.take(row, by=people.province_officer, at=at)
    assert told(SUBMISSIONS, noon(2024, 3, 5))[CITY].state == State.PROVED
    late = told(SUBMISSIONS, noon(2024, 12, 11))[CITY]
    assert (late.state, late.why, late.inputs["overdue"]) == (State.SUSPECTED, "late", 1)


def test_history_that_nobody_entered_is_unknown_not_guilty(late: Programme, moment: datetime) -> None:
    found = told(SUBMISSIONS, moment)[CITY]
    assert (found.state, found.why) == (State.UNKNOWN, "unrecorded")


def test_a_county_is_judged_by_its_own_list(people: Any, late: Programme, line: Make, moment: datetime) -> None:
    assert told(COUNTY_LIST, moment)[COUNTY].why == "no_list"
    row = line(late)
    assert (told(COUNTY_LIST, moment)[COUNTY].why, told(COUNTY_LIST, moment)["140403"].why) == ("nameless", "no_list")
    assert told(COUNTY_ITEMS, moment)[COUNTY].why == "on_time"
    behind = told(COUNTY_ITEMS, moment + 40 * DAY)[COUNTY]
    assert (behind.state, behind.inputs["overdue"]) == (State.SUSPECTED, 1)
    items.finish(row, beijing_day(moment), "验收", by=people.county_officer, at=moment)
    assert told(COUNTY_ITEMS, moment + 40 * DAY)[COUNTY].state == State.PAPER


def test_a_liaison_officer_counts_while_in_office(people: Any, late: Programme, moment: datetime) -> None:
    city = people.organisations["city"]
    assert told(CITY_LIAISON, moment)[CITY].why == "unnamed"
    post = organising.appoint(
        late, organising.Person("liaison", city.name, "示例", on("2024-03-01"), city), by=people.city_officer, at=moment
    )
    assert told(CITY_LIAISON, moment)[CITY].state == State.PAPER
    organising.end(post, on("2026-11-01"), by=people.city_officer, at=moment)
    assert told(CITY_LIAISON, moment)[CITY].why == "unnamed"


def test_a_check_asks_the_same_for_one_and_for_all(late: Programme, moment: datetime) -> None:
    for check in ALL.values():
        subjects = load(check.subject)
        with CaptureQueriesContext(connection) as asked:
            list(check.judge(subjects, moment))
        assert len(asked) <= 5, check.id
