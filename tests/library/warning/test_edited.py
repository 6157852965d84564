"""History sent again with other values: told once per mine and day; clocks that were set are not edited history."""

from __future__ import annotations

import pytest

from kuangan.library.warning.events import Event
from tests.library.warning.scene import CH4, CO, MINE, OTHER, Scene, code, moment, record, stamp, wire_time

EDITED = "data.edited"


def of(events: list[Event]) -> list[Event]:
    return [event for event in events if event.rule == EDITED]


def file(scene: Scene, arrival: float, value: float, written: float | None = None, point: str = CH4) -> None:
    """A real-time file with the header of its own clock."""
    at = arrival if written is None else written
    scene.upload("CDSS", [record(point, value, at)], arrival, header=f"{MINE};合成煤矿;{wire_time(moment(at))}")


def running(scene: Scene, start: int, end: int, value: float = 0.3) -> None:
    for at in range(start, end, 60):
        file(scene, at, value)


def test_a_value_sent_again_differently_is_told_with_both_files(scene: Scene) -> None:
    running(scene, 0, 1200)
    scene.send(300, {CH4: 0.1}, arrival=1203)
    assert of(scene.judge(until=1230)) == []
    running(scene, 1260, 1400)
    (event,) = of(scene.judge(until=1400))
    assert (event.subject_kind, event.subject, event.grade, event.status) == ("mine", MINE, "blue", "open")
    assert (event.onset, event.peak, event.peak_at) == (moment(300), 0.2, moment(300))
    inputs = event.inputs
    assert (inputs["count"], inputs["points"], inputs["first"], inputs["last"]) == (1, [CH4], moment(300), moment(300))
    assert inputs["largest"] == {"point": CH4, "time": moment(300), "before": 0.3, "after": 0.1, "change": 0.2}
    assert inputs["frames"] == [f"{MINE}_CDSS_{stamp(moment(at))}.txt" for at in (300, 1203)]


def test_the_earlier_file_is_named_from_the_ledger_too(scene: Scene) -> None:
    running(scene, 0, 1200)
    scene.judge()
    scene.pipeline.flush()
    scene.send(300, {CH4: 0.1}, arrival=1203)
    running(scene, 1260, 1400)
    (event,) = of(scene.judge(until=1400))
    assert event.inputs["frames"][0] == f"{MINE}_CDSS_{stamp(moment(300))}.txt"


def test_one_event_a_day_gathers_all_and_ends_with_the_day(scene: Scene) -> None:
    running(scene, 0, 1200)
    for number in range(10):
        scene.send(60 * number, {CH4: 0.1 + number / 100}, arrival=1201 + number)
    running(scene, 1260, 3000)
    scene.send(1260, {CH4: 0.25}, arrival=3003)
    running(scene, 3060, 3300)
    (event,) = of(scene.judge(until=3300))
    assert (event.inputs["count"], event.inputs["files"], event.rev) == (11, 11, 11)
    running(scene, 16 * 3600 - 60, 16 * 3600 + 180)
    (event,) = of(scene.judge(until=16 * 3600 + 180))
    assert (event.status, event.end) == ("cleared", moment(1260))


def test_a_value_over_the_limit_that_was_replaced_is_orange(scene: Scene) -> None:
    running(scene, 0, 1200)
    file(scene, 1200, 1.2)
    running(scene, 1260, 3000)
    scene.send(1200, {CH4: 0.4}, arrival=3003)
    running(scene, 3060, 3200)
    (event,) = of(scene.judge(until=3200))
    assert (event.grade, event.inputs["hidden"], event.inputs["ladder_row"]) == ("orange", 1, "over_limit_hidden")


@pytest.mark.parametrize("back", [60, 180, 1200])
def test_a_clock_that_is_set_back_is_no_edited_history(scene: Scene, back: int) -> None:
    """Its readings fall on times that were sent before, until it has caught up."""
    for at in range(0, 1800, 60):
        file(scene, at, 0.3 + at % 7 / 100)
    for at in range(1800, 1800 + 2 * back + 300, 60):
        file(scene, at, 0.5 + at % 7 / 100, written=at - back)
    assert of(scene.judge(until=1800 + 2 * back + 400)) == []


def test_a_clock_set_back_and_put_right_again_is_none_either(scene: Scene) -> None:
    running(scene, 0, 1800)
    for at in range(1800, 2400, 60):
        file(scene, at, 0.5, written=at - 1500)
    running(scene, 2400, 2800)
    assert of(scene.judge(until=2800)) == []


def test_a_clock_that_is_always_ahead_and_jumps_for_a_while_is_none(scene: Scene) -> None:
    """What is read on arrival during the jump falls on times that the mine had written before it."""
    for at in range(0, 3600, 60):
        ahead = 1320 if 1800 <= at < 2400 else 120
        file(scene, at, 0.3 + at % 7 / 100, written=at + ahead)
    assert of(scene.judge(until=3700)) == []


def test_the_same_values_again_and_late_ones_are_nothing(scene: Scene) -> None:
    running(scene, 0, 1200)
    scene.send(300, {CH4: 0.3}, arrival=1203)
    scene.send(330, {CH4: 0.7}, arrival=1204)
    running(scene, 1260, 1400)
    assert of(scene.judge(until=1400)) == []


def test_mines_are_told_apart(scene: Scene) -> None:
    foreign = code(1, OTHER)
    for at in range(0, 1200, 60):
        scene.send(at, {CH4: 0.3, CO: 3})
        scene.send(at + 1, {foreign: 0.3}, mine=OTHER)
    scene.send(1, {foreign: 0.2}, arrival=1203, mine=OTHER)
    for at in range(1260, 1400, 60):
        scene.send(at, {CH4: 0.3})
        scene.send(at + 1, {foreign: 0.3}, mine=OTHER)
    assert [e.mine for e in of(scene.judge(until=1400))] == [OTHER]
