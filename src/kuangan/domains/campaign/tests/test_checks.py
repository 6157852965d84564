"""What programmes tell of cities, counties and departments, in a number of queries that does not grow."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.clock import beijing_day
from kuangan.base.compliance.checks import ANSWERS, Finding, State
from kuangan.base.compliance.subjects import load
from kuangan.base.people.models import Organisation
from kuangan.domains.campaign import items, organising, progress, submitting, targets
from kuangan.domains.campaign.checks import CHECKS
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.loading import put_in_force
from kuangan.domains.campaign.models import Milestone, Programme, Submission, Target
from kuangan.domains.campaign.tests.conftest import ACTION, DAY, Make, answered, noon, on
from kuangan.library.policy import shipped

ALL = {check.id: check for checks in CHECKS.values() for check in checks}
CITY, COUNTY = "140400", "140404"
SUBMISSIONS = "campaign.submissions"
LISTS = {"campaign.list_city": ("city", CITY), "campaign.list_county": ("county", COUNTY)}
ITEMS = {"campaign.items_city": ("city", CITY), "campaign.items_county": ("county", COUNTY)}
CITY_LIAISON, MEMBER_LIAISON = "campaign.liaison_city", "campaign.liaison_department"
MILESTONES = {
    "campaign.milestones_4": "SX36-4",
    "campaign.milestones_9": "SX36-9",
    "campaign.milestones_10": "SX36-10",
    "campaign.milestones_11": "SX36-11",
    "campaign.milestones_13": "SX36-13",
    "campaign.milestones_15": "SX36-15",
    "campaign.milestones_17": "SX36-17",
    "campaign.milestones_18": "SX36-18",
    "campaign.milestones_19": "SX36-19",
    "campaign.milestones_20": "SX36-20",
    "campaign.milestones_27": "SX36-27",
}
BASELINES = {
    "underground_base_year": "2023",
    "underground_base_persons": "100000",
    "deaths_base_year": "2023",
    "deaths_base_number": "40",
    "deaths_base_rate": "0.1",
}
REACHED = {"T2": "90000", "T5": "20", "T7-D": "36", "T7-R": "0.09", "T9-C": "61", "T9-E": "60.5"}
SHORT = {"T2": "90001", "T5": "19.9", "T7-D": "37", "T7-R": "0.091", "T9-C": "60", "T9-E": "60"}
TARGETS = {
    "campaign.target_t2": "SX36-T2",
    "campaign.target_t5": "SX36-T5",
    "campaign.target_t7": "SX36-T7",
    "campaign.target_t9": "SX36-T9",
}


def told(ident: str, at: datetime) -> dict[str, Finding]:
    """Subject → finding, once every finding could be put into words."""
    check = ALL[ident]
    found = {one.subject: one for one in check.judge(load(check.subject), at)}
    for one in found.values():
        assert "{" not in check.told(one.why, one.inputs)
    return found


def answer(ident: str, subject: object, at: datetime) -> tuple[State, str]:
    one = told(ident, at)[str(subject)]
    return one.state, one.why


def test_every_check_answers_for_every_subject_in_words(late: Programme, line: Make, moment: datetime) -> None:
    line(late)
    for ident, check in ALL.items():
        subjects, found = load(check.subject), told(ident, moment)
        assert set(found) == set(subjects.ids), ident
        assert {one.state for one in found.values()} <= ANSWERS


@pytest.mark.parametrize("ident", sorted(ALL))
def test_without_a_programme_everything_is_unknown(people: Any, moment: datetime, ident: str) -> None:
    found = told(ident, moment).values()
    assert {(one.state, one.why) for one in found} == {(State.UNKNOWN, "no_programme")}


def test_clauses_bind_the_subjects_that_are_judged() -> None:
    for clause, checks in CHECKS.items():
        assert {check.subject for check in checks} <= set(shipped().nodes[clause].binds), clause


def test_every_judge_says_which_clause_it_is_about() -> None:
    for clause, checks in CHECKS.items():
        for check in checks:
            assert clause in (check.judge.__doc__ or ""), check.id


def test_a_city_that_sent_in_time_is_paper_until_it_is_taken(people: Any, early: Programme) -> None:
    assert answer(SUBMISSIONS, CITY, noon(2024, 2, 25)) == (State.NOT_APPLICABLE, "not_due")
    plan = Submission.objects.get(kind="plan")
    contact = Submission.objects.get(kind="contact")
    at = noon(2024, 2, 28)
    for row in (plan, contact):
        submitting.send(row, on=on("2024-02-28"), text="方案", number="", by=people.city_officer, at=at)
    assert answer(SUBMISSIONS, CITY, noon(2024, 3, 5)) == (State.PAPER, "untaken")
    for row in (plan, contact):
        submitting.take(row, by=people.province_officer, at=at)
    assert answer(SUBMISSIONS, CITY, noon(2024, 3, 5)) == (State.PROVED, "in_time")
    late = told(SUBMISSIONS, noon(2024, 12, 11))[CITY]
    assert (late.state, late.why, late.inputs["overdue"]) == (State.SUSPECTED, "late", 1)


def test_history_that_nobody_entered_is_unknown_not_guilty(late: Programme, moment: datetime) -> None:
    assert answer(SUBMISSIONS, CITY, moment) == (State.UNKNOWN, "unrecorded")


@pytest.mark.parametrize("ident", LISTS)
def test_a_place_is_judged_by_its_own_list_and_by_who_answers_for_its_lines(
    people: Any, late: Programme, line: Make, moment: datetime, ident: str
) -> None:
    owner, place = LISTS[ident]
    assert answer(ident, place, moment) == (State.UNKNOWN, "no_list")
    by = people.people[f"{owner}_officer"]
    row = line(late, by=by, owner=owner)
    found = told(ident, moment)
    assert (found[place].state, found[place].why) == (State.PAPER, "nameless")
    assert {one.why for subject, one in found.items() if subject != place} == {"no_list"}
    items.change(row, due=row.due, person="演示员", reason="落实责任人", by=by, at=moment)
    assert answer(ident, place, moment) == (State.PAPER, "listed")


@pytest.mark.parametrize("ident", ITEMS)
def test_lines_past_their_day_speak_against_a_place_until_they_are_done(
    people: Any, late: Programme, line: Make, moment: datetime, ident: str
) -> None:
    owner, place = ITEMS[ident]
    assert answer(ident, place, moment) == (State.UNKNOWN, "no_items")
    by = people.people[f"{owner}_officer"]
    row = line(late, by=by, owner=owner)
    assert answer(ident, place, moment) == (State.PAPER, "on_time")
    behind = told(ident, moment + 40 * DAY)[place]
    assert (behind.state, behind.why, behind.inputs["overdue"]) == (State.SUSPECTED, "behind", 1)
    items.finish(row, beijing_day(moment), "验收", by=by, at=moment)
    assert answer(ident, place, moment + 40 * DAY) == (State.PAPER, "on_time")


@pytest.mark.parametrize("ident", ITEMS)
def test_a_line_of_which_nothing_is_told_is_behind_before_its_day(
    people: Any, late: Programme, line: Make, moment: datetime, ident: str
) -> None:
    owner, place = ITEMS[ident]
    line(late, by=people.people[f"{owner}_officer"], owner=owner, due=beijing_day(moment) + 300 * DAY)
    silent = late.stale_days * DAY
    assert answer(ident, place, moment + silent) == (State.PAPER, "on_time")
    behind = told(ident, moment + silent + DAY)[place]
    assert (behind.why, behind.inputs["stale"], behind.inputs["overdue"]) == ("behind", 1, 0)


def test_a_liaison_officer_counts_while_in_office(people: Any, late: Programme, moment: datetime) -> None:
    city = people.organisations["city"]
    assert answer(CITY_LIAISON, CITY, moment) == (State.UNKNOWN, "unnamed")
    post = organising.appoint(
        late, organising.Person("liaison", city.name, "示例", on("2024-03-01"), city), by=people.city_officer, at=moment
    )
    assert answer(CITY_LIAISON, CITY, moment) == (State.PAPER, "named")
    organising.end(post, on("2026-11-01"), by=people.city_officer, at=moment)
    assert answer(CITY_LIAISON, CITY, moment) == (State.UNKNOWN, "unnamed")


def test_member_units_name_a_liaison_officer_and_no_other_department(
    people: Any, late: Programme, moment: datetime
) -> None:
    province, county = people.organisations["province"], people.organisations["county"]
    assert answer(MEMBER_LIAISON, province.pk, moment) == (State.UNKNOWN, "unnamed")
    assert answer(MEMBER_LIAISON, county.pk, moment) == (State.NOT_APPLICABLE, "no_member")
    person = organising.Person("liaison", province.name, "示例", on("2024-03-01"), province)
    organising.appoint(late, person, by=people.province_officer, at=moment)
    assert answer(MEMBER_LIAISON, province.pk, moment) == (State.PAPER, "named")


@pytest.mark.parametrize(("ident", "node"), MILESTONES.items())
def test_days_of_the_document_are_asked_of_who_leads_alone(
    people: Any, early: Programme, ident: str, node: str
) -> None:
    office, county = people.organisations["province"].pk, people.organisations["county"].pk
    assert answer(ident, office, noon(2024, 2, 25)) == (State.NOT_APPLICABLE, "not_due")
    assert answer(ident, county, noon(2024, 2, 25)) == (State.NOT_APPLICABLE, "not_leading")
    rows = list(Milestone.objects.filter(node=node, since=False).order_by("due"))
    after = noon(rows[-1].due.year, 12, 31) + DAY
    overdue = told(ident, after)[str(office)]
    assert (overdue.state, overdue.why, overdue.inputs["overdue"]) == (State.SUSPECTED, "late", len(rows))
    for row in rows:
        progress.record_done(row, row.due, "印发文件", by=people.province_officer, at=after)
    assert answer(ident, office, after) == (State.PAPER, "reached")
    progress.record_done(rows[0], rows[0].due + DAY, "以印发日为准", by=people.province_officer, at=after)
    once = told(ident, after)[str(office)]
    assert (once.state, once.why, once.inputs["late"], once.inputs["overdue"]) == (State.SUSPECTED, "late", 1, 0)


@pytest.mark.parametrize("ident", MILESTONES)
def test_days_before_this_system_are_asked_for_not_held_against(
    people: Any, late: Programme, moment: datetime, ident: str
) -> None:
    assert answer(ident, people.organisations["province"].pk, moment) == (State.UNKNOWN, "unrecorded")


def test_a_day_is_led_by_the_unit_that_the_document_names(people: Any, moment: datetime) -> None:
    energy = Organisation.objects.create(kind="energy", name="示例能源局", level="province", region="140000")
    put_in_force(definitions()[ACTION], by=None, at=moment)
    assert answer("campaign.milestones_20", energy.pk, moment) == (State.UNKNOWN, "unrecorded")
    office = people.organisations["province"].pk
    assert answer("campaign.milestones_20", office, moment) == (State.NOT_APPLICABLE, "not_leading")


def entered(people: Any, node: str, values: dict[str, str], at: datetime) -> None:
    """What the office entered for the targets of a clause, and the baselines that two persons answered."""
    for key, value in BASELINES.items():
        answered(key, value, people.province_officer, at)
    for row in Target.objects.filter(node=node, code__in=values):
        given: dict[str, Any] = {"value": Decimal(values[row.code]), "source": "年度统计"}
        targets.enter_value(row, on=on("2026-11-01"), by=people.province_officer, at=at, **given)


@pytest.mark.parametrize(("ident", "node"), TARGETS.items())
def test_a_target_is_open_until_it_is_reached_or_its_day_is_past(
    people: Any, late: Programme, moment: datetime, ident: str, node: str
) -> None:
    office = people.organisations["province"].pk
    assert answer(ident, office, moment) == (State.UNKNOWN, "open")
    assert answer(ident, office, noon(2027, 1, 15)) == (State.UNKNOWN, "open")
    assert answer(ident, people.organisations["county"].pk, moment) == (State.NOT_APPLICABLE, "not_office")
    entered(people, node, SHORT, moment)
    assert answer(ident, office, moment) == (State.UNKNOWN, "open")
    assert answer(ident, office, noon(2027, 1, 15)) == (State.SUSPECTED, "missed")


@pytest.mark.parametrize("ident", ["campaign.target_t2", "campaign.target_t5", "campaign.target_t9"])
def test_a_target_that_the_entered_values_reach_is_paper(
    people: Any, late: Programme, moment: datetime, ident: str
) -> None:
    entered(people, TARGETS[ident], REACHED, moment)
    office = people.organisations["province"].pk
    assert answer(ident, office, moment) == (State.PAPER, "reached")
    assert answer(ident, office, noon(2027, 1, 15)) == (State.PAPER, "reached")


def test_deaths_stay_open_because_the_text_gives_accidents_no_number(
    people: Any, late: Programme, moment: datetime
) -> None:
    entered(people, "SX36-T7", REACHED, moment)
    found = told("campaign.target_t7", moment)[str(people.organisations["province"].pk)]
    assert (found.state, found.why) == (State.UNKNOWN, "open")
    assert found.inputs["targets"] == [
        "矿山事故遇难人数：现值已达到",
        "煤矿百万吨死亡率：现值已达到",
        "矿山事故起数：文本未给数值",
    ]


def test_a_check_asks_the_same_for_one_and_for_all(late: Programme, moment: datetime) -> None:
    for check in ALL.values():
        subjects = load(check.subject)
        with CaptureQueriesContext(connection) as asked:
            list(check.judge(subjects, moment))
        assert len(asked) <= 5, check.id
