"""Over-limit events: when they open, how they climb, what ends them and what never does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuangan.library.warning.overlimit import tier
from tests.library.warning.scene import CH4, CO, MINE, OTHER, Scene, code, definition, moment, record

OWN = code(7)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Without ticks: over-limits run on the event clock alone, and nothing falls silent."""
    return Scene(tmp_path, ticking=False)


def test_a_value_below_the_limit_raises_nothing(scene: Scene) -> None:
    scene.series((0, 0.5), (10, 0.99), (20, 0.5))
    assert scene.judge() == []


def test_an_event_opens_blue_at_the_first_sample_at_the_limit(scene: Scene) -> None:
    scene.series((0, 0.5), (10, 1.0))
    event = scene.only()
    assert (event.onset, event.grade, event.status, event.rev) == (moment(10), "blue", "open", 1)
    assert (event.subject_kind, event.subject, event.inputs["value"], event.inputs["limit"]) == ("point", CH4, 1.0, 1.0)
    assert event.raised_at == event.changed_at == moment(10)


def test_it_ends_at_the_first_sample_below_the_limit(scene: Scene) -> None:
    scene.series((0, 1.1), (10, 1.3), (20, 1.2), (30, 0.9), (40, 0.4))
    event = scene.only()
    assert (event.status, event.end, event.peak, event.peak_at) == ("cleared", moment(30), 1.3, moment(10))
    assert event.inputs["seconds_over"] == 20


@pytest.mark.parametrize(
    ("value", "over"),
    [
        (0.8, True),
        (float(np.float32(0.8)), True),
        (0.7999999999999999, True),
        (0.795, True),
        (0.7949, False),
        (0.79, False),
    ],
)
def test_value_and_limit_are_compared_in_whole_steps_of_the_sensor(scene: Scene, value: float, over: bool) -> None:
    scene.upload("CDDY", [definition(OWN, 0.8)], 0)
    scene.send(1, {OWN: value})
    assert bool(scene.judge()) is over


@pytest.mark.parametrize(("value", "over"), [("0.995", True), ("0.994", False), ("1", True), ("0.9949999", False)])
def test_halves_of_a_step_round_up_at_the_statutory_limit(scene: Scene, value: str, over: bool) -> None:
    scene.send(0, {CH4: value})
    assert bool(scene.judge()) is over


def test_a_limit_written_in_single_precision_is_the_limit_it_means(scene: Scene) -> None:
    scene.upload("CDDY", [definition(OWN, float(np.float32(0.8)))], 0)
    scene.send(1, {OWN: 0.8})
    assert len(scene.judge()) == 1


def grades(scene: Scene) -> list[tuple[str, int]]:
    (event,) = scene.judge()
    return [(grade, (at - moment(0)) // 1000) for grade, at, _ in event.inputs["grades"]]


def test_it_turns_yellow_at_exactly_one_minute(scene: Scene) -> None:
    scene.series((0, 1.1), (59, 1.1), (60, 1.1))
    assert grades(scene) == [("blue", 0), ("yellow", 60)]


def test_it_turns_orange_after_exactly_thirty_minutes_at_one_percent(scene: Scene) -> None:
    scene.steady(0, 1801, 1.2, every=60)
    assert grades(scene)[-1] == ("yellow", 60)
    scene.send(1799, 1.2)
    assert grades(scene)[-1] == ("yellow", 60)
    scene.send(1800, 1.2)
    assert grades(scene)[-1] == ("orange", 1800)


def test_it_turns_orange_at_two_percent_and_red_after_ten_minutes_of_it(scene: Scene) -> None:
    scene.send(0, 1.99)
    scene.steady(60, 700, 2.0, every=60)
    assert grades(scene) == [("blue", 0), ("orange", 60), ("red", 660)]


def test_it_is_red_at_once_at_three_percent(scene: Scene) -> None:
    scene.series((0, 2.99), (10, 3.0))
    assert grades(scene) == [("blue", 0), ("orange", 0), ("red", 10)]


def test_the_colour_never_falls_while_the_event_is_open(scene: Scene) -> None:
    scene.series((0, 3.4), (10, 1.1), (20, 1.0), (30, 0.2), (40, 1.0))
    scene.judge()
    assert {event.grade for event in scene.revisions} == {"red"}
    assert [event.rev for event in scene.revisions] == [1, 2, 3]


def test_the_tier_follows_the_peak() -> None:
    assert [tier(peak, [2.0, 3.0]) for peak in (1.0, 1.99, 2.0, 2.99, 3.0)] == [1, 1, 2, 2, 3]


def test_a_new_exceedance_ten_minutes_after_the_end_reopens_the_same_event(scene: Scene) -> None:
    scene.series((0, 1.1), (10, 0.5), (610, 1.2))
    event = scene.only()
    assert (event.rev, event.status, event.end, event.onset) == (3, "open", None, moment(0))
    assert event.inputs["reopened"] == [moment(610)]


def test_a_new_exceedance_a_second_later_is_another_event(scene: Scene) -> None:
    scene.series((0, 1.1), (10, 0.5), (611, 1.2))
    first, second = scene.judge()
    assert first.id != second.id
    assert (first.status, second.status, second.rev) == ("cleared", "open", 1)


def test_calibration_neither_opens_nor_ends_an_event_and_is_counted(scene: Scene) -> None:
    scene.send(0, 2.0, status=4)
    assert scene.judge() == []
    scene.send(10, 1.1)
    scene.send(20, 0.0, status=4)
    scene.send(30, 2.5, status=5)
    event = scene.only()
    assert (event.status, event.grade, event.peak, event.rev) == ("open", "blue", 1.1, 1)
    scene.send(40, 0.3)
    assert scene.only().inputs["calibration_samples"] == 2


def test_calibration_within_the_merge_gap_does_not_reopen(scene: Scene) -> None:
    scene.series((0, 1.1), (10, 0.5))
    scene.send(20, 2.0, status=4)
    assert scene.only().status == "cleared"


@pytest.mark.parametrize("status", [16, 32, 64, 128, 129])
def test_a_faulted_or_paused_sample_neither_opens_nor_ends(scene: Scene, status: int) -> None:
    scene.send(0, 3.5, status=status)
    assert scene.judge() == []
    scene.send(10, 1.1)
    scene.send(20, 0.0, status=status)
    assert scene.only().status == "open"


def test_a_bad_value_neither_opens_nor_ends(scene: Scene) -> None:
    scene.series((0, 1.1), (10, -9999), (70, 1.1))
    assert (scene.only().status, scene.only().grade) == ("open", "yellow")


def test_an_over_range_sample_counts(scene: Scene) -> None:
    scene.send(0, 4.0, status=8 + 1)
    assert scene.only().grade == "red"


def test_a_gap_of_more_than_five_minutes_is_not_time_over_the_limit(scene: Scene) -> None:
    scene.series((0, 1.1), (30, 1.1), (331, 1.1), (360, 1.1))
    event = scene.only()
    assert (event.grade, event.status) == ("blue", "open")
    scene.send(361, 1.1)
    assert scene.only().grade == "yellow"


def test_a_gap_of_exactly_five_minutes_is(scene: Scene) -> None:
    scene.series((0, 1.1), (300, 1.1))
    assert scene.only().grade == "yellow"


def test_time_at_a_height_adds_up_within_one_event(scene: Scene) -> None:
    scene.series((0, 1.1), (30, 1.1), (40, 0.9), (50, 1.1), (79, 1.1))
    assert scene.only().grade == "blue"
    scene.send(80, 1.1)
    assert scene.only().grade == "yellow"


def test_time_at_two_percent_ends_when_the_value_falls_below_it(scene: Scene) -> None:
    scene.steady(0, 301, 2.1, every=60)
    scene.steady(360, 661, 1.5, every=60)
    assert scene.only().grade == "orange"


@pytest.mark.parametrize(
    ("samples", "grade"),
    [
        ([(0, 24)], "blue"),
        ([(0, 24), (300, 24), (600, 24)], "yellow"),
        ([(0, 60), (10, 99)], "blue"),
        ([(0, 99), (10, 100)], "red"),
        ([(0, 23.5)], "blue"),
        ([(m * 300, 50) for m in range(7)], "orange"),
    ],
)
def test_carbon_monoxide_climbs_its_own_ladder(scene: Scene, samples: list[tuple[float, float]], grade: str) -> None:
    scene.series(*samples, point=CO)
    assert scene.only().grade == grade


def test_carbon_monoxide_that_falls_through_a_hundred_stays_red(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CO, 200)], 0)
    scene.series((1, 130), (11, 120), point=CO)
    event = scene.only()
    assert event.inputs["limit"] == 24
    assert [g for g, _, _ in event.inputs["grades"]] == ["blue", "red"]


def test_a_third_occurrence_in_seven_days_is_orange(scene: Scene) -> None:
    for begin in (0, 3600, 7200):
        scene.series((begin, 1.1), (begin + 10, 0.4))
    events = scene.judge()
    assert [(e.grade, e.inputs["occurrences"]) for e in events] == [("blue", 1), ("blue", 2), ("orange", 3)]
    assert events[2].inputs["ladder_row"] == "M-O3"


def test_an_occurrence_more_than_seven_days_ago_does_not_count(scene: Scene) -> None:
    week = 7 * 86_400
    for begin in (0, 3600, week + 1):
        scene.series((begin, 1.1), (begin + 10, 0.4))
    assert [e.grade for e in scene.judge()] == ["blue"] * 3


def test_places_over_the_limit_at_the_same_time_are_one_occurrence(scene: Scene) -> None:
    points = [code(n) for n in range(10, 15)]
    for number, point in enumerate(points):
        scene.series((number * 30, 1.1), point=point)
    for number, point in enumerate(points):
        scene.series((200 + number, 0.2), point=point)
    events = scene.judge()
    assert {(e.grade, e.inputs["occurrences"]) for e in events} == {("blue", 1)}


def test_occurrences_of_another_mine_do_not_count(scene: Scene) -> None:
    for begin in (0, 3600, 7200):
        mine, point = (OTHER, code(1, OTHER)) if begin == 3600 else (MINE, CH4)
        scene.send(begin, {point: 1.1}, mine=mine)
        scene.send(begin + 10, {point: 0.2}, mine=mine)
    assert {e.grade for e in scene.judge()} == {"blue"}


def test_the_ids_are_the_coordinates_of_the_record_that_raised_the_event(scene: Scene) -> None:
    quiet, loud = code(8), code(9)
    scene.upload("CDSS", [record(quiet, 0.3, 0), record(loud, 1.5, 0)], 0)
    assert scene.only().id == f"live.{scene.frames[-1][1].seq}.2"


def test_an_open_event_ends_when_its_point_loses_its_limit(scene: Scene) -> None:
    dust = code(5, kind="MN0014")
    scene.upload("CDDY", [definition(dust, 4)], 0)
    scene.send(1, {dust: 5.0})
    assert scene.only().status == "open"
    scene.upload("CDDY", [definition(dust, "")], 10)
    scene.send(11, {dust: 5.0})
    assert scene.only().status == "cleared"


def test_a_long_loss_of_data_does_not_end_an_event(scene: Scene) -> None:
    scene.series((0, 1.1), (3 * 3600, 1.1))
    event = scene.only()
    assert (event.status, event.grade, event.inputs["seconds_over"]) == ("open", "blue", 0)
