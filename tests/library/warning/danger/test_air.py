"""Fans, doors and air speed: what stands or is open at once, for how long, and what is no danger."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import AIR_SPEED, DOORS_OPEN, FAN_STOPPED
from tests.library.warning.danger.stage import HEADING, Stage, defined, point
from tests.library.warning.scene import moment, wire_time

FIRST, SECOND_FAN, GAS, AIR = point("1001", 1), point("1001", 2), point("0043", 1), point("0002", 1)
POINTS = {
    "first": (FIRST, f"{HEADING}1号局部通风机"),
    "second": (SECOND_FAN, f"{HEADING}2号局部通风机"),
    "gas": (GAS, f"{HEADING}T1"),
    "air": (AIR, f"{HEADING}回风流风速"),
}
DOORS = {"inner": (point("1002", 1), "南翼联络巷风门1号"), "outer": (point("1002", 2), "南翼联络巷风门2号")}


def test_a_standby_fan_that_stands_beside_a_running_one_is_no_danger(stage: Stage) -> None:
    stage.begin(POINTS, first=1, second=0, gas=0.3, air=0.8)
    stage.keep(0, 900)
    assert stage.judge(900) == []


def test_both_fans_standing_are_an_event_since_the_last_one_stopped(stage: Stage) -> None:
    stage.begin(POINTS, first=1, second=0, gas=0.3, air=0.8)
    stage.keep(0, 100)
    stage.keep(100, 300, first=0)
    (event,) = stage.of(FAN_STOPPED, 300)
    assert (event.onset, event.grade, event.status) == (moment(100), "yellow", "open")
    assert (event.subject_kind, event.subject) == ("place", HEADING)
    assert [(row["point"], row["value"]) for row in event.inputs["related"]][:2] == [(FIRST, 0.0), (SECOND_FAN, 0.0)]
    stage.keep(300, 400, first=1)
    (event,) = stage.of(FAN_STOPPED, 400)
    assert (event.status, event.end) == ("cleared", moment(300))


def test_gas_behind_a_stopped_fan_raises_it_and_is_named(stage: Stage) -> None:
    stage.begin({name: POINTS[name] for name in ("first", "gas")}, first=1, gas=0.3)
    stage.keep(0, 60)
    stage.keep(60, 200, first=0)
    stage.keep(200, 300, gas=1.1)
    (event,) = stage.of(FAN_STOPPED, 300)
    (over,) = [e for e in stage.events() if e.rule == "gas.over_limit"]
    assert (event.grade, event.inputs["ladder_row"]) == ("orange", "with_gas")
    assert event.inputs["events"] == [over.id]
    stage.keep(300, 340, gas=1.6)
    (event,) = stage.of(FAN_STOPPED, 340)
    assert (event.grade, event.inputs["ladder_row"]) == ("red", "with_cut")


def test_a_fan_that_is_being_calibrated_or_faulty_is_not_known_to_stand(stage: Stage) -> None:
    stage.begin({"first": POINTS["first"]}, first=1)
    stage.keep(0, 60)
    stage.keep(60, 400, status=4, first=0)
    stage.keep(400, 800, status=32)
    assert stage.of(FAN_STOPPED, 800) == []
    stage.keep(800, 900)
    (event,) = stage.of(FAN_STOPPED, 900)
    assert event.onset == moment(800)


def test_while_nothing_comes_nothing_opens_and_the_next_reading_ends_what_stood(stage: Stage) -> None:
    stage.begin({"first": POINTS["first"]}, first=1)
    stage.keep(0, 60)
    stage.keep(60, 100, first=0)
    assert stage.of(FAN_STOPPED, 600) == []
    stage.show(600, first=1)
    assert [(e.onset, e.end) for e in stage.of(FAN_STOPPED, 620)] == [(moment(60), moment(600))]


def test_fans_that_are_joined_stand_for_each_other_wherever_they_are(stage: Stage) -> None:
    points = {"main": (point("1010", 1), "东风井"), "standby": (point("1010", 2), "西风井")}
    relation = f"Z-{points['standby'][0]}-备用"
    stage.upload("CDDY", [defined(*points["main"], relation=relation), defined(*points["standby"])], 0)
    stage.begin(points, main=1, standby=0)
    stage.keep(10, 300)
    assert stage.judge(300) == []
    stage.keep(300, 500, main=0)
    (event,) = stage.of(FAN_STOPPED, 500)
    assert (event.grade, event.onset, event.inputs["fans"]) == ("orange", moment(300), 2)


def test_both_doors_of_a_place_open_are_an_event_and_one_is_not(stage: Stage) -> None:
    stage.begin(DOORS, inner=0, outer=0)
    stage.keep(0, 60)
    stage.keep(60, 200, inner=1)
    assert stage.of(DOORS_OPEN, 200) == []
    stage.keep(200, 260, outer=1)
    (event,) = stage.of(DOORS_OPEN, 260)
    assert (event.onset, event.grade, event.inputs["doors"]) == (moment(200), "blue", 2)
    stage.keep(260, 400)
    stage.show(400, inner=0)
    (event,) = stage.of(DOORS_OPEN, 410)
    assert (event.grade, event.status, event.end) == ("yellow", "cleared", moment(400))


def test_air_below_the_least_speed_is_told_after_its_time_with_the_lowest_value(stage: Stage) -> None:
    stage.begin({"air": POINTS["air"]}, air=0.8)
    stage.keep(0, 60)
    stage.keep(60, 120, air=0.2)
    assert stage.of(AIR_SPEED, 120) == []
    stage.keep(120, 240, air=0.1)
    (event,) = stage.of(AIR_SPEED, 240)
    assert (event.onset, event.grade, event.peak) == (moment(60), "yellow", 0.1)
    assert (event.inputs["limit"], event.inputs["low"], event.inputs["limit_row"]) == (0.25, True, "W-03")
    stage.keep(240, 260, air=0.3)
    assert [e.status for e in stage.of(AIR_SPEED, 260)] == ["cleared"]


def test_air_above_its_greatest_speed_is_told_too(stage: Stage) -> None:
    stage.begin({"air": POINTS["air"]}, air=4.0)
    stage.keep(0, 300)
    assert stage.judge(300) == []
    stage.keep(300, 500, air=4.3)
    (event,) = stage.of(AIR_SPEED, 500)
    assert (event.onset, event.inputs["low"], event.peak) == (moment(300), False, 4.3)


def test_what_happened_and_passed_in_one_file_is_found(stage: Stage) -> None:
    """A mine that was cut off sends two hours in order at once."""
    stage.begin({"first": POINTS["first"]}, first=1)
    stage.show(0)
    values = [(at, 0 if 600 <= at < 1500 else 1) for at in range(60, 3600, 30)]
    records = [f"{FIRST};局部通风机;{HEADING}1号局部通风机;{value};;0;{wire_time(moment(at))}" for at, value in values]
    stage.upload("CDSS", records, 3600)
    (event,) = stage.of(FAN_STOPPED, 3700)
    assert (event.onset, event.end, event.grade) == (moment(600), moment(1500), "orange")
