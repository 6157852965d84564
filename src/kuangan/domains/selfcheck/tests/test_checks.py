"""What the ledgers of the room say of clauses: the mine's own word is paper, what inspectors found is not, missing is unknown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.clock import BEIJING
from kuangan.base.compliance.checks import State, Subjects
from kuangan.base.compliance.subjects import load
from kuangan.base.people.models import User
from kuangan.domains.selfcheck import rounds, solving
from kuangan.domains.selfcheck.checks import CHECKS
from kuangan.domains.selfcheck.judging import take
from kuangan.domains.selfcheck.models import Sheet, Target
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.publicity.rules import Question
from kuangan.domains.selfcheck.tests.conftest import DAY, Make, again, filled, of_mine, signed
from kuangan.library.policy import shipped

ALL = {check.id: check for checks in CHECKS.values() for check in checks}
HANDED_IN, HEALTH = "selfcheck.handed_in", "selfcheck.health"
INSPECTED, COVERED = "selfcheck.inspected", "selfcheck.covered"
READS = {
    "selfcheck.mine_reads": ("mine", "mine_manager", "mine_a_manager", "mine_b"),
    "selfcheck.department_reads": ("authority", "inspector", "county_officer", "province"),
}
"""Check → side, role, a reader, an organisation of which nobody must read."""


def told(ident: str, at: datetime) -> dict[str, tuple[State, str]]:
    """Subject → (state, why), once every finding could be put into words."""
    check = ALL[ident]
    subjects = load(check.subject)
    found = list(check.judge(subjects, at))
    assert all("{" not in check.told(one.why, one.inputs) for one in found)
    assert len(found) == len(subjects)
    return {one.subject: (one.state, one.why) for one in found}


@pytest.fixture
def second(cast: Any) -> User:
    """Another inspector of the county."""
    return User.objects.create(
        username="second", organisation=cast.organisations["county"], roles=["inspector"], display_name="乙"
    )


@pytest.fixture
def visited(cast: Any, second: User, moment: datetime) -> Make:
    """The sheet of full coverage of mine A, filled in by two inspectors of the county and accepted by its leader."""

    def make(row: Any, **values: str) -> Sheet:
        sheet = rounds.begin(Target.objects.get(round=row, mine=cast.mine_a), by=cast.county_officer, at=moment)
        filled(sheet, cast.county_officer, moment, **values)
        signed(again(sheet), cast.county_officer, second, moment)
        take(again(sheet), "submit", by=second, at=moment, form={})
        take(again(sheet), "accept", by=cast.county_leader, at=moment, form={"opinion": "可"})
        return again(sheet)

    return make


@pytest.fixture
def examined(cast: Any, safety: User) -> Make:
    """The sheet of a health check of mine A, handed in and accepted."""

    def make(sheet: Sheet, at: datetime, **values: str) -> Sheet:
        filled(sheet, cast.mine_a_manager, at, **values)
        signed(again(sheet), cast.mine_a_manager, safety, at)
        take(again(sheet), "submit", by=cast.mine_a_manager, at=at, form={})
        take(again(sheet), "accept", by=cast.county_officer, at=at, form={"opinion": "可"})
        return again(sheet)

    return make


def test_every_clause_of_the_table_binds_what_its_checks_judge() -> None:
    for clause, checks in CHECKS.items():
        for check in checks:
            assert check.subject in shipped().nodes[clause].binds, (clause, check.id)


def test_every_judge_says_which_clause_it_is_about() -> None:
    for clause, checks in CHECKS.items():
        for check in checks:
            assert clause in (check.judge.__doc__ or ""), check.id


@pytest.mark.parametrize("ident", [HANDED_IN, HEALTH, INSPECTED, COVERED])
def test_without_a_round_nothing_is_known(cast: Any, moment: datetime, ident: str) -> None:
    assert set(told(ident, moment).values()) == {(State.UNKNOWN, "no_round")}


def test_a_sheet_is_paper_once_handed_in_and_suspected_once_late(handed_in: Make, cast: Any, moment: datetime) -> None:
    handed_in()
    a, b = cast.mine_a.pk, cast.mine_b.pk
    assert told(HANDED_IN, moment) == {a: (State.PAPER, "handed_in"), b: (State.UNKNOWN, "running")}
    later = told(HANDED_IN, moment + 31 * DAY)
    assert later == {a: (State.PAPER, "handed_in"), b: (State.SUSPECTED, "late")}
    assert told(HANDED_IN, moment - DAY)[a] == (State.UNKNOWN, "no_round")


def test_a_mine_that_was_excused_is_not_asked_even_when_the_day_is_past(
    sheet: Sheet, cast: Any, moment: datetime
) -> None:
    take(sheet, "cancel", by=cast.county_officer, at=moment, form={}, reason="停建")
    for at in (moment, moment + 31 * DAY):
        assert told(HANDED_IN, at)[cast.mine_a.pk] == (State.NOT_APPLICABLE, "excused")


def test_what_inspectors_found_is_proof_and_what_they_did_not_see_is_unknown(
    opened: Make, visited: Make, cast: Any, moment: datetime
) -> None:
    row = opened("coverage")
    assert set(told(INSPECTED, moment).values()) == {(State.UNKNOWN, "not_yet")}
    visited(row)
    assert told(INSPECTED, moment)[cast.mine_a.pk] == (State.PROVED, "met")
    county, neighbour, province = (str(cast.organisations[key].pk) for key in ("county", "neighbour", "province"))
    said = told(COVERED, moment)
    assert said[county] == (State.PAPER, "done")
    assert said[neighbour] == (State.UNKNOWN, "running")
    assert said[province] == (State.NOT_APPLICABLE, "no_mines")
    later = told(COVERED, moment + 31 * DAY)
    assert (later[county], later[neighbour]) == ((State.PAPER, "done"), (State.SUSPECTED, "late"))


def test_what_inspectors_found_wanting_speaks_against_the_mine(
    opened: Make, visited: Make, cast: Any, moment: datetime
) -> None:
    visited(opened("coverage"), SX34_15="unmet")
    assert told(INSPECTED, moment)[cast.mine_a.pk] == (State.SUSPECTED, "unmet")


def test_a_health_check_with_open_problems_is_suspected_after_the_day_of_the_text(
    opened: Make, examined: Make, cast: Any, moment: datetime
) -> None:
    sheet, mine = of_mine(opened("health"), cast.mine_a), cast.mine_a.pk
    assert told(HEALTH, moment)[mine] == (State.UNKNOWN, "running")
    assert told(HEALTH, moment + 31 * DAY)[mine] == (State.SUSPECTED, "late")
    examined(sheet, moment, SX34_16="unmet")
    assert told(HEALTH, moment)[mine] == (State.SUSPECTED, "unsolved")
    remedy = solving.Remedy("更换灭火器", "示例科长", (moment + 20 * DAY).date())
    row = solving.plan(sheet, "SX34-16", remedy, by=cast.mine_a_manager, at=moment)
    solving.solve(row, text="已更换", by=cast.mine_a_manager, at=moment + DAY)
    assert told(HEALTH, moment + DAY)[mine] == (State.SUSPECTED, "unsolved")
    solving.verify_solved(row, good=True, text="到位", by=cast.county_officer, at=moment + 2 * DAY)
    assert told(HEALTH, moment + 2 * DAY)[mine] == (State.PAPER, "solved")
    assert told(HEALTH, moment + DAY)[mine] == (State.SUSPECTED, "unsolved")


def test_open_problems_are_no_suspicion_before_the_day_of_the_text(opened: Make, examined: Make, cast: Any) -> None:
    at = datetime(2024, 6, 3, 9, tzinfo=BEIJING)
    examined(of_mine(opened("health", at=at), cast.mine_a), at, SX34_16="unmet")
    assert told(HEALTH, at)[cast.mine_a.pk] == (State.PAPER, "unsolved")
    assert told(HEALTH, datetime(2024, 12, 31, 23, tzinfo=BEIJING))[cast.mine_a.pk] == (State.PAPER, "unsolved")
    assert told(HEALTH, datetime(2025, 1, 1, tzinfo=BEIJING))[cast.mine_a.pk] == (State.SUSPECTED, "unsolved")


def test_a_health_check_that_found_nothing_is_the_own_word_of_the_mine(
    opened: Make, examined: Make, cast: Any, moment: datetime
) -> None:
    examined(of_mine(opened("health"), cast.mine_a), moment)
    assert told(HEALTH, moment)[cast.mine_a.pk] == (State.PAPER, "solved")


def subject_of(reader: User) -> str:
    assert reader.organisation is not None
    return str(reader.organisation.mine or reader.organisation_id)


@pytest.mark.parametrize("ident", READS)
def test_reading_is_known_of_bodies_with_accounts_alone(cast: Any, moment: datetime, ident: str) -> None:
    side, role, name, other = READS[ident]
    reader, body = cast.people[name], cast.organisations[other]
    own, without = subject_of(reader), str(body.mine or body.pk)
    assert set(told(ident, moment).values()) == {(State.UNKNOWN, "no_list")}
    wish = acts.Wish("示例", ("示例规程",), (side,), (role,), (), moment + DAY)
    row = acts.issue(wish, by=cast.city_officer, at=moment)
    assert told(ident, moment)[own] == (State.UNKNOWN, "running")
    assert told(ident, moment)[without] == (State.UNKNOWN, "no_account")
    assert told(ident, moment + 2 * DAY)[own] == (State.SUSPECTED, "late")
    acts.read(row, by=reader, at=moment)
    assert told(ident, moment + 2 * DAY)[own] == (State.PAPER, "done")
    [other_side] = set(READS) - {ident}
    assert set(told(other_side, moment).values()) == {(State.UNKNOWN, "no_list")}


@pytest.mark.parametrize("ident", READS)
def test_who_read_without_passing_the_test_is_not_done(cast: Any, moment: datetime, ident: str) -> None:
    side, role, name, _ = READS[ident]
    reader = cast.people[name]
    quiz = (Question("多久上报", ("一小时", "一天"), 0),)
    wish = acts.Wish("示例", ("示例规程",), (side,), (role,), (), moment + DAY, questions=quiz)
    row = acts.issue(wish, by=cast.city_officer, at=moment)
    acts.read(row, by=reader, at=moment)
    acts.attempt(row, [1], by=reader, at=moment)
    assert told(ident, moment)[subject_of(reader)] == (State.UNKNOWN, "running")
    assert told(ident, moment + 2 * DAY)[subject_of(reader)] == (State.SUSPECTED, "late")
    acts.attempt(row, [0], by=reader, at=moment)
    assert told(ident, moment)[subject_of(reader)] == (State.PAPER, "done")


@pytest.mark.parametrize("ident", [HANDED_IN, HEALTH, INSPECTED, "selfcheck.mine_reads"])
def test_checks_cost_the_same_for_one_mine_and_for_two(
    handed_in: Make, cast: Any, moment: datetime, ident: str
) -> None:
    handed_in()
    both = load("mine")
    one = Subjects("mine", {cast.mine_a.pk: both.rows[cast.mine_a.pk]})
    costs = []
    for subjects in (one, both):
        with CaptureQueriesContext(connection) as asked:
            list(ALL[ident].judge(subjects, moment))
        costs.append(len(asked))
    assert costs[0] == costs[1]
