"""The programme as data and the pure decisions: states of days, of targets, of ledgers; the wall holds each milestone once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from kuangan.base.clock import beijing_day
from kuangan.domains.campaign.definition import Timed, definitions, load
from kuangan.domains.campaign.models import Item, Milestone, Programme, Submission, Target, Task
from kuangan.domains.campaign.queries import item_is, item_state, milestone_is, milestone_state, milestones
from kuangan.domains.campaign.rules import Count, compared, due_state, months, target_state
from kuangan.domains.campaign.targets import standings
from kuangan.domains.campaign.tests.conftest import ACTION, Make, on
from kuangan.domains.campaign.walls import areas, head
from kuangan.domains.campaign.words import DUE_STATES
from kuangan.library.policy import shipped

days = some.dates(on("2024-01-01"), on("2027-12-31"))


def test_the_action_has_what_the_document_names() -> None:
    plan = definitions()[ACTION]
    assert len(plan.tasks) == 32
    assert len(plan.areas) == 10
    assert len(plan.members) == 8
    assert {part.node for part in plan.targets} >= {f"SX36-T{number}" for number in range(1, 10)}
    ledgers = {part.id: (part.planned, part.mines) for part in plan.ledgers}
    assert ledgers["risk"] == (246, 161)
    assert (ledgers["slopes"][0], ledgers["smart_coal"][0], ledgers["smart_noncoal"][0]) == (14, 150, 10)
    assert (ledgers["overhead"][0], ledgers["yellow_river"][0]) == (5, 2)


def test_every_date_of_the_document_is_a_milestone_or_a_submission(early: Programme) -> None:
    kept = {(row.node, row.due) for row in Milestone.objects.all()} | {
        (row.node, row.due) for row in Submission.objects.all()
    }
    library = shipped()
    named = {
        (node.id, day)
        for node in library.documents["SX36"].nodes
        if node.series != "target"
        for deadline in node.deadlines
        for day in deadline.days(2026)
    }
    assert {pair for pair in named if pair[0] != "SX36-N"} <= kept


def test_targets_without_a_base_year_have_none_and_ask(early: Programme) -> None:
    found = {one.target.code: one for one in standings(Target.objects.all(), on("2024-03-01"))}
    for code in ("T2", "T7-D", "T7-R"):
        assert (found[code].state, found[code].target.baseline_year, found[code].baseline) == (
            "no_baseline",
            None,
            None,
        )
        assert "文本未写基准年" in found[code].asked
    assert found["T5-N"].target.baseline_year == 2022
    assert (found["T4"].state, found["T4"].wanted) == ("no_number", "文本未给数值")


def test_a_second_programme_is_only_a_file() -> None:
    text = """
version: 1
in_force_from: "2027-01-01"
id: next
document: SX34
number: 示例〔2027〕1号
title: 示例行动
from: 2027-01-01
until: 2027-12-31
successor: null
source: default
office: emergency
not_milestones: []
stale_days: 30
near_days: 14
roles: []
members: []
leads: {}
targets: []
ledgers: []
submissions: [{id: plan, node: SX34-1, title: 方案, who: cities, due: 2027-03-01, conf: J}]
reports: []
"""
    assert load(text).tasks
    with pytest.raises(ValidationError, match="unknown in the policy library"):
        load(text.replace("SX34-1,", "SX34-999,"))
    with pytest.raises(ValidationError):
        load(text + "more: 1\n")


def test_a_day_comes_once_yearly_or_monthly() -> None:
    with pytest.raises(ValidationError):
        Timed(id="a", title="a", conf="S", node="SX36-N", due=on("2024-01-01"), monthly=5)
    row = Timed(id="a", title="a", conf="S", node="SX36-N", monthly=5)
    found = list(row.periods(on("2024-11-20"), on("2025-01-31")))
    assert found == [("2024-11", on("2024-12-05")), ("2024-12", on("2025-01-05")), ("2025-01", on("2025-02-05"))]


@pytest.mark.parametrize(
    ("due", "done", "today", "state"),
    [
        ("2024-06-30", "2024-06-30", "2026-11-21", "met"),
        ("2024-06-30", "2024-07-01", "2026-11-21", "late"),
        ("2024-06-30", None, "2026-11-21", "unrecorded"),
        ("2026-11-20", None, "2026-11-21", "overdue"),
        ("2026-11-21", None, "2026-11-21", "near"),
        ("2026-12-21", None, "2026-11-21", "near"),
        ("2026-12-22", None, "2026-11-21", "ahead"),
    ],
)
def test_a_day_is_in_one_state(due: str, done: str | None, today: str, state: str) -> None:
    ended = on(done) if done else None
    assert due_state(on(due), ended, on(today), near=30, loaded_on=on("2026-10-07")) == state


@given(due=days, done=some.none() | days, today=days, loaded=days)
def test_nothing_of_the_time_before_is_ever_overdue(due: date, done: date | None, today: date, loaded: date) -> None:
    state = due_state(due, done, today, near=30, loaded_on=loaded)
    assert state in DUE_STATES
    assert not (due < loaded and state == "overdue")
    assert not (done is not None and done <= today and state not in ("met", "late"))


@pytest.mark.parametrize(
    ("measure", "op", "wanted", "value", "baseline", "state"),
    [
        ("reduction", ">=", "10", "90", "100", "reached"),
        ("reduction", ">=", "10", "90.1", "100", "not_reached"),
        ("reduction", ">=", "10", "90", None, "no_baseline"),
        ("reduction", ">=", "10", "90", "0", "no_baseline"),
        ("value", ">", "60", "60", None, "not_reached"),
        ("value", ">", "60", "60.01", None, "reached"),
        ("value", ">=", "20", None, None, "no_value"),
        ("rise_points", ">=", "20", "34", "14", "reached"),
        ("rise_ratio", ">=", "20", "16", "14", "not_reached"),
        ("words", "", None, "5", None, "no_number"),
    ],
)
def test_targets_are_compared_as_the_text_says(
    measure: str, op: str, wanted: str | None, value: str | None, baseline: str | None, state: str
) -> None:
    numbers = [None if one is None else Decimal(one) for one in (wanted, value, baseline)]
    assert target_state(measure, op, *numbers)[0] == state


def test_a_rise_has_two_readings_that_differ() -> None:
    assert compared("rise_points", Decimal(20), Decimal(14)) == 6
    ratio = compared("rise_ratio", Decimal(20), Decimal(14))
    assert ratio is not None and round(ratio, 1) == Decimal("42.9")


def test_the_share_of_a_ledger_leaves_out_what_was_approved() -> None:
    assert (Count(246, 6, 216).share, Count(0, 0, 0).share, Count(3, 3, 0).share) == (Decimal("90.0"), None, None)


def test_months_touch_both_ends() -> None:
    found = months(on("2024-02-20"), on("2026-12-31"))
    assert (len(found), found[0], found[-1]) == (35, on("2024-02-01"), on("2026-12-01"))


def test_the_wall_holds_every_milestone_exactly_once(early: Programme) -> None:
    rows = list(milestones(early))
    shown = areas(early, rows, on("2026-11-21"))
    marks = [mark.row.pk for area in shown for cell in area.cells for mark in cell]
    assert sorted(marks) == sorted(row.pk for row in rows)
    assert all(len(area.cells) == 35 for area in shown)
    assert [(year, len(parts)) for year, parts in head(early, on("2026-11-21"))] == [(2024, 11), (2025, 12), (2026, 12)]


@pytest.mark.parametrize("today", ["2024-03-01", "2024-12-31", "2025-07-01", "2026-12-31"])
def test_conditions_of_the_database_cut_as_the_rule_does(early: Programme, today: str) -> None:
    Milestone.objects.filter(node="SX36-9").update(done_on=on("2024-07-05"))
    Milestone.objects.filter(node="SX36-10").update(done_on=on("2024-12-30"))
    for state in ("met", "late", "overdue", "near", "ahead", "unrecorded", "since"):
        found = set(Milestone.objects.filter(milestone_is(state, early, on(today))).values_list("pk", flat=True))
        assert found == {row.pk for row in milestones(early) if milestone_state(row, early, on(today)) == state}, state


def test_items_are_cut_alike_too(late: Programme, line: Make, moment: Any) -> None:
    row = line(late)
    line(late, due=on("2027-05-01"))
    for today in (beijing_day(moment), on("2027-01-10")):
        for state in ("met", "late", "overdue", "near", "ahead", "unrecorded"):
            found = set(Item.objects.filter(item_is(state, late, today)).values_list("pk", flat=True))
            assert found == {one.pk for one in Item.objects.all() if item_state(one, late, today) == state}
    assert row.pk in set(Item.objects.filter(item_is("overdue", late, on("2027-01-10"))).values_list("pk", flat=True))


def test_leads_of_tasks_are_ours_and_say_so(early: Programme) -> None:
    assert Task.objects.filter(ours=True).count() == 32
    assert Task.objects.get(code="SX36-9").lead == early.office
