"""What the ledgers of the room say of clauses: the mine's own word is paper, what inspectors found is not, missing is unknown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.compliance.checks import Check, State, Subjects
from kuangan.base.compliance.subjects import mine_subject
from kuangan.domains.selfcheck import rounds
from kuangan.domains.selfcheck.checks import CHECKS, COVERED, HANDED_IN, HEALTH, INSPECTED, MINE_READS
from kuangan.domains.selfcheck.judging import take
from kuangan.domains.selfcheck.models import Target
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.tests.conftest import DAY, Make, again, filled, of_mine, signed
from kuangan.library.policy import shipped


@pytest.fixture
def mines(cast: Any) -> Subjects:
    rows = [mine_subject(mine) for mine in (cast.mine_a, cast.mine_b)]
    return Subjects("mine", {row.id: row for row in rows})


def told(check: Check, subjects: Subjects, at: datetime) -> dict[str, tuple[State, str]]:
    """Subject → (state, why), once every finding could be put into words."""
    found = list(check.judge(subjects, at))
    assert all(check.told(one.why, one.inputs) for one in found)
    assert len(found) == len(subjects)
    return {one.subject: (one.state, one.why) for one in found}


def test_every_clause_of_the_table_binds_what_its_checks_judge() -> None:
    for clause, checks in CHECKS.items():
        for check in checks:
            assert check.subject in shipped().nodes[clause].binds, (clause, check.id)


def test_without_a_round_nothing_is_known(mines: Subjects, cast: Any, moment: datetime) -> None:
    for check in (HANDED_IN, HEALTH, INSPECTED):
        assert set(told(check, mines, moment).values()) == {(State.UNKNOWN, "no_round")}


def test_a_sheet_is_paper_once_handed_in_and_suspected_once_late(
    mines: Subjects, handed_in: Make, cast: Any, moment: datetime
) -> None:
    handed_in()
    a, b = cast.mine_a.pk, cast.mine_b.pk
    assert told(HANDED_IN, mines, moment) == {a: (State.PAPER, "handed_in"), b: (State.UNKNOWN, "running")}
    later = told(HANDED_IN, mines, moment + 31 * DAY)
    assert later == {a: (State.PAPER, "handed_in"), b: (State.SUSPECTED, "late")}
    assert told(HANDED_IN, mines, moment - DAY)[a] == (State.UNKNOWN, "no_round")


def test_what_inspectors_found_is_proof_and_what_they_did_not_see_is_unknown(
    mines: Subjects, opened: Make, cast: Any, moment: datetime
) -> None:
    row = opened("coverage")
    assert set(told(INSPECTED, mines, moment).values()) == {(State.UNKNOWN, "not_yet")}
    sheet = rounds.begin(Target.objects.get(round=row, mine=cast.mine_a), by=cast.county_officer, at=moment)
    second = type(cast.county_officer).objects.create(
        username="second", organisation=cast.organisations["county"], roles=["inspector"], display_name="乙"
    )
    filled(sheet, cast.county_officer, moment)
    signed(again(sheet), cast.county_officer, second, moment)
    take(again(sheet), "submit", by=second, at=moment, form={})
    take(again(sheet), "accept", by=cast.county_leader, at=moment, form={"opinion": "可"})
    assert told(INSPECTED, mines, moment)[cast.mine_a.pk] == (State.PROVED, "met")
    bodies = [cast.organisations[key] for key in ("county", "neighbour", "province")]
    subject = next(iter(mines))
    rows = {str(body.pk): type(subject)(str(body.pk), body.name, organisation=body.pk) for body in bodies}
    departments = Subjects("department", rows)
    county, neighbour, province = rows
    said = told(COVERED, departments, moment)
    assert said[county] == (State.PAPER, "done")
    assert said[neighbour] == (State.UNKNOWN, "running")
    assert said[province] == (State.NOT_APPLICABLE, "no_mines")
    assert told(COVERED, departments, moment + 31 * DAY)[neighbour] == (State.SUSPECTED, "late")


def test_a_health_check_with_open_problems_is_suspected_after_the_day_of_the_text(
    mines: Subjects, opened: Make, cast: Any, safety: Any, moment: datetime
) -> None:
    sheet = of_mine(opened("health"), cast.mine_a)
    assert told(HEALTH, mines, moment)[cast.mine_a.pk] == (State.UNKNOWN, "running")
    filled(sheet, cast.mine_a_manager, moment, SX34_16="unmet")
    signed(again(sheet), cast.mine_a_manager, safety, moment)
    take(again(sheet), "submit", by=cast.mine_a_manager, at=moment, form={})
    take(again(sheet), "accept", by=cast.county_officer, at=moment, form={"opinion": "可"})
    assert told(HEALTH, mines, moment)[cast.mine_a.pk] == (State.SUSPECTED, "unsolved")


def test_reading_is_known_of_mines_with_accounts_alone(mines: Subjects, cast: Any, moment: datetime) -> None:
    assert set(told(MINE_READS, mines, moment).values()) == {(State.UNKNOWN, "no_list")}
    wish = acts.Wish("示例", ("示例规程",), ("mine",), ("mine_manager",), (), moment + DAY)
    row = acts.issue(wish, by=cast.city_officer, at=moment)
    a, b = cast.mine_a.pk, cast.mine_b.pk
    subjects = Subjects(
        "mine",
        {
            code: type(one)(one.id, one.name, one.kind, organisation=cast.organisations[key].pk)
            for (code, one), key in zip(mines.rows.items(), ("mine_a", "mine_b"), strict=True)
        },
    )
    assert told(MINE_READS, subjects, moment) == {a: (State.UNKNOWN, "running"), b: (State.UNKNOWN, "no_account")}
    assert told(MINE_READS, subjects, moment + 2 * DAY)[a] == (State.SUSPECTED, "late")
    acts.read(row, by=cast.mine_a_manager, at=moment)
    assert told(MINE_READS, subjects, moment + 2 * DAY)[a] == (State.PAPER, "done")


def test_checks_cost_the_same_for_one_mine_and_for_two(
    mines: Subjects, handed_in: Make, cast: Any, moment: datetime
) -> None:
    handed_in()
    one = Subjects("mine", {cast.mine_a.pk: mines.rows[cast.mine_a.pk]})
    for check in (HANDED_IN, HEALTH, INSPECTED, MINE_READS):
        costs = []
        for subjects in (one, mines):
            with CaptureQueriesContext(connection) as asked:
                list(check.judge(subjects, moment))
            costs.append(len(asked))
        assert costs[0] == costs[1], check.id
