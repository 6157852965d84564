"""What mines tell of their own accord: files that come again, in another order, with wrong times or without numbers."""

from __future__ import annotations

import json

from kuangan.library.warning.danger.settings import GROUND_SOUND, REPORTED
from tests.library.warning.danger.stage import Stage
from tests.library.warning.danger.test_ground_and_water import slope
from tests.library.warning.scene import MINE, moment, stamp, wire_time

TOLD = {"horizontal_displacement": 11, "horizontal_velocity": 1.5, "horizontal_acceleration": 1, "duration": 1}


def alarm(stage: Stage, at: float, **told: object) -> None:
    slope(stage, at, "gnssalarm", alarm_time=wire_time(moment(10)), alarm_level=2, **told)


def clear(stage: Stage, at: float, ended: float) -> None:
    slope(stage, at, "clearalarm", alarm_time=wire_time(moment(10)), handle_time=wire_time(moment(ended)))


def test_an_alarm_that_is_sent_again_after_its_end_is_not_another(stage: Stage) -> None:
    alarm(stage, 20, alarm_value=TOLD)
    clear(stage, 600, 590)
    alarm(stage, 700, alarm_value=TOLD)
    clear(stage, 800, 590)
    assert [(e.status, e.end) for e in stage.of(REPORTED, 900)] == [("cleared", moment(590))]


def test_an_alarm_whose_end_came_first_is_over(stage: Stage) -> None:
    clear(stage, 600, 590)
    alarm(stage, 610, alarm_value=TOLD)
    alarm(stage, 620, alarm_value=TOLD | {"duration": 2})
    assert [(e.status, e.end) for e in stage.of(REPORTED, 700)] == [("cleared", moment(590))]


def test_an_alarm_without_a_number_says_none(stage: Stage) -> None:
    alarm(stage, 20)
    (event,) = stage.of(REPORTED, 30)
    assert (event.peak, event.inputs["value"], event.inputs["limit"]) == (None, None, None)
    json.dumps(event.inputs, allow_nan=False)


def sound(number: int, at: float, energy: float = 1500) -> str:
    return f"{MINE}17{stamp(moment(at))}{number:02d};01;{energy};1102面超前60m;{wire_time(moment(at))}"


def test_sounds_that_are_sent_again_count_once(stage: Stage) -> None:
    heard = [sound(number, number * 10) for number in range(12)]
    stage.upload("DYSS", heard, 200)
    stage.upload("DYSS", [*heard, sound(50, 290)], 300)
    assert stage.of(GROUND_SOUND, 400) == []


def test_a_sound_dated_ahead_does_not_hide_those_that_follow(stage: Stage) -> None:
    stage.upload("DYSS", [sound(1, 20 * 3600)], 60)
    for number in range(5):
        stage.upload("DYSS", [sound(number, 3700 + 60 * number, 12000)], 3700 + 60 * number)
    (event,) = stage.of(GROUND_SOUND, 4100)
    assert (event.grade, event.inputs["count"]) == ("orange", 5)
