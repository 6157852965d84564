"""A mine whose clock runs ahead: judged on arrival time, an event of its own, and no blind hours once it is set right."""

from __future__ import annotations

import pytest

from kuangan.library.warning.events import Event
from tests.library.warning.scene import CH4, MINE, MINUTE, Scene, moment, record, wire_time

CLOCK, GAS = "link.clock_wrong", "gas.over_limit"


def send(scene: Scene, at: float, value: float, ahead: float = 0.0) -> None:
    """A real-time file that arrives at `at`, written by a clock `ahead` seconds before ours."""
    header = f"{MINE};合成煤矿;{wire_time(moment(at + ahead))}"
    scene.upload("CDSS", [record(CH4, value, at + ahead)], at, header=header)


def of(events: list[Event], rule: str) -> list[Event]:
    return [event for event in events if event.rule == rule]


def test_a_clock_ahead_is_told_and_cleared_by_the_next_right_file(scene: Scene) -> None:
    send(scene, 0, 0.3)
    send(scene, 10, 0.3, ahead=20 * 60)
    (event,) = of(scene.judge(), CLOCK)
    assert (event.subject_kind, event.subject, event.grade, event.status) == ("mine", MINE, "blue", "open")
    assert (event.onset, event.peak, event.inputs["header"]) == (moment(10), 20.0, moment(10) + 20 * MINUTE)
    send(scene, 20, 0.3)
    (event,) = of(scene.judge(), CLOCK)
    assert (event.status, event.end, event.rev) == ("cleared", moment(20), 2)


@pytest.mark.parametrize(("ahead", "grades"), [(300, []), (301, ["blue"]), (3600, ["yellow"])])
def test_five_minutes_are_tolerated_and_an_hour_is_yellow(scene: Scene, ahead: float, grades: list[str]) -> None:
    send(scene, 0, 0.3, ahead)
    assert [event.grade for event in of(scene.judge(), CLOCK)] == grades


def test_it_is_raised_once_and_climbs(scene: Scene) -> None:
    for number, ahead in enumerate((600, 610, 4000, 600)):
        send(scene, 10 * number, 0.3, ahead)
    (event,) = of(scene.judge(), CLOCK)
    assert (event.grade, event.rev, event.peak) == ("yellow", 2, 66.7)


def test_an_old_file_neither_raises_nor_clears(scene: Scene) -> None:
    send(scene, 0, 0.3)
    send(scene, 10, 0.3, ahead=1200)
    scene.upload("CDSS", [record(CH4, 0.3, -3600)], 12, header=f"{MINE};合成煤矿;{wire_time(moment(-3600))}")
    assert [event.status for event in of(scene.judge(), CLOCK)] == ["open"]


@pytest.mark.parametrize("ahead", [1200.0, 3 * 86_400.0])
def test_gas_is_judged_on_arrival_time(scene: Scene, ahead: float) -> None:
    """Days ahead too: the file is not refused, and the duration counts as it went on here."""
    for number in range(13):
        send(scene, 10 * number, 1.2, ahead)
    (gas,) = of(scene.judge(), GAS)
    assert (gas.onset, gas.grade, gas.late) == (moment(0), "yellow", False)
    assert gas.inputs["grades"][-1][:2] == ["yellow", moment(60)]


def test_readings_after_the_clock_was_set_right_are_not_late(scene: Scene) -> None:
    send(scene, 0, 0.3, ahead=7200)
    for number in range(1, 8):
        send(scene, 10 * number, 1.2)
    (gas,) = of(scene.judge(), GAS)
    assert (gas.onset, gas.late) == (moment(10), False)
    assert not scene.pipeline.open[("live", len(scene.frames) - 1)].stale
