"""Silence on the arrival clock, layered: link, sub-station, sensor; one cause, one alert."""

from __future__ import annotations

import pytest

from kuangan.library.warning.events import Event
from tests.library.warning.scene import CH4, CO, FAN, MINE, OTHER, Scene, code, definition, moment

BROKEN = 128
LINK, STATION, SENSOR = "link.network_outage", "link.station_offline", "link.sensor_offline"
DUST, HEAT = code(4, kind="MN0014"), code(5, kind="MN0003")
HUB = f"{MINE}00001"


def at(event: Event) -> tuple[int, int | None]:
    return event.onset, event.end


def links(scene: Scene, until: float) -> list[Event]:
    """Outages of the mines' links; our own stand apart."""
    return [event for event in scene.judge(until) if event.rule == LINK]


def colours(event: Event) -> list[tuple[str, int]]:
    return [(grade, (at - moment(0)) // 1000) for grade, at, _ in event.inputs["grades"]]


def hub(scene: Scene, *points: str, station: str = HUB) -> None:
    scene.upload("CDDY", [definition(point, "", station) for point in points], 0)


# --- the link -----------------------------------------------------------------------------------------------------------


def test_a_link_climbs_at_five_ten_thirty_and_a_hundred_and_twenty_minutes(scene: Scene) -> None:
    scene.send(0, 0.3)
    assert scene.judge(until=299) == []
    event = scene.only(until=300)
    assert (event.rule, event.subject_kind, event.subject, event.grade) == (LINK, "mine", MINE, "blue")
    assert (event.onset, event.raised_at, event.status) == (moment(0), moment(300), "open")
    assert [scene.only(until=60 * m).grade for m in (9, 10, 29, 30, 119, 120, 500)] == [
        "blue",
        "yellow",
        "yellow",
        "orange",
        "orange",
        "red",
        "red",
    ]
    assert [e.rev for e in scene.revisions] == [1, 2, 3, 4]


def test_one_long_run_of_ticks_judges_like_single_ticks(scene: Scene) -> None:
    scene.send(0, 0.3)
    event = scene.only(until=3 * 3600)
    assert [(e.grade, e.changed_at) for e in scene.revisions] == [
        ("blue", moment(300)),
        ("yellow", moment(600)),
        ("orange", moment(1800)),
        ("red", moment(7200)),
    ]
    assert event.inputs["silent_minutes"] == 120


def test_the_next_file_clears_it(scene: Scene) -> None:
    scene.send(0, 0.3)
    scene.send(420, 0.3)
    event = scene.only(until=430)
    assert (event.status, at(event), event.grade) == ("cleared", (moment(0), moment(420)), "blue")
    scene.judge(until=719)
    assert len(scene.events()) == 1
    assert len(scene.judge(until=720)) == 2


def test_a_file_at_the_very_moment_is_in_time(scene: Scene) -> None:
    scene.send(0, 0.3)
    scene.send(300, 0.3)
    assert scene.judge() == []


def test_mines_that_never_sent_raise_nothing(scene: Scene) -> None:
    scene.config("register", {"mines": {MINE: {"name": "一"}, OTHER: {"name": "二"}}}, 0)
    scene.send(1, 0.3)
    events = scene.judge(until=3600)
    assert {e.mine for e in events} == {MINE}


def test_each_mine_has_its_own_link(scene: Scene) -> None:
    scene.steady(0, 900, 0.3)
    scene.send(901, {code(1, OTHER): 0.3}, mine=OTHER)
    scene.steady(910, 1300, 0.3)
    event = scene.only(until=1300)
    assert (event.mine, event.onset) == (OTHER, moment(901))


def test_definitions_do_not_keep_a_link_alive_once_readings_have_come(scene: Scene) -> None:
    scene.send(0, 0.3)
    for second in range(60, 360, 60):
        scene.upload("CDDY", [definition(CH4, 1.0)], second)
        scene.upload("FZDY", [f"{HUB};井口"], second)
    assert scene.only(until=300).raised_at == moment(300)
    scene.upload("FZDY", [f"{HUB};井口"], 330)
    assert scene.only(until=400).status == "open"


def test_before_any_reading_a_definition_counts_as_connected(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, 1.0)], 0)
    scene.upload("CDDY", [definition(CH4, 0.9)], 200)
    assert scene.judge(until=499) == []
    assert scene.only(until=500).onset == moment(200)


def test_the_first_readings_after_definitions_clear_the_link(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, 1.0)], 0)
    scene.send(400, 0.3)
    assert at(scene.only()) == (moment(0), moment(400))


@pytest.mark.parametrize("kind", ["truncated", "foreign", "duplicate"])
def test_files_that_bring_nothing_do_not_keep_a_link_alive(scene: Scene, kind: str) -> None:
    scene.send(0, 0.3)
    good = scene.frames[-1][1]
    for second in range(60, 301, 60):
        if kind == "duplicate":
            scene.put("upload", good.name, good.payload, second)
        elif kind == "truncated":
            scene.put("upload", f"{MINE}_CDSS_2026031008{second // 60:02d}00.txt", good.payload[:-2], second)
        else:
            scene.upload("CDSS", [], second, header=f"{OTHER};合成煤矿;2026-03-10 08:00:{second // 10}")
    assert scene.only(until=301).raised_at == moment(300)


def test_a_late_file_keeps_a_link_alive(scene: Scene) -> None:
    scene.send(100, 0.3)
    scene.send(50, 0.3, arrival=350)
    assert scene.judge(until=649) == []
    assert scene.only(until=650).onset == moment(350)


# --- our own outage -----------------------------------------------------------------------------------------------------


def test_without_ticks_of_our_own_nothing_is_judged_and_clocks_start_again(scene: Scene) -> None:
    scene.send(0, 0.3)
    scene.judge(until=60)
    scene.outage(until=3600)
    assert links(scene, until=3600) == []
    assert links(scene, until=3899) == []
    (event,) = links(scene, until=3900)
    assert (event.raised_at, event.grade, event.onset) == (moment(3900), "blue", moment(0))


def test_a_pause_of_five_seconds_is_not_an_outage_of_ours(scene: Scene) -> None:
    scene.send(0, 0.3)
    scene.judge(until=60)
    scene.outage(until=65)
    assert scene.only(until=300).raised_at == moment(300)


def test_an_open_alert_is_neither_cleared_nor_lowered_by_our_own_outage(scene: Scene) -> None:
    scene.send(0, 0.3)
    assert scene.only(until=700).grade == "yellow"
    scene.outage(until=3600)
    for until, grade in ((3900, "yellow"), (3600 + 1799, "yellow"), (3600 + 1800, "orange")):
        (event,) = links(scene, until)
        assert (event.grade, event.status) == (grade, "open")


# --- sensors ------------------------------------------------------------------------------------------------------------


def test_a_sensor_is_out_when_its_mine_goes_on_sending_without_it(scene: Scene) -> None:
    scene.send(0, {CH4: 0.3, FAN: 1})
    scene.steady(10, 310, {FAN: 1})
    event = scene.only(until=310)
    assert (event.rule, event.subject, event.grade, event.onset) == (SENSOR, CH4, "yellow", moment(0))
    assert moment(300) <= event.raised_at <= moment(305)


def test_methane_and_other_sensors_have_their_own_clocks(scene: Scene) -> None:
    scene.send(0, {CH4: 0.3, DUST: 3, FAN: 1})
    scene.steady(10, 2000, {FAN: 1})
    dust, methane = scene.judge(until=2000)
    assert [g for g, _ in colours(methane)] == ["yellow", "orange"]
    assert [g for g, _ in colours(dust)] == ["blue", "yellow"]
    assert {e.rule for e in (methane, dust)} == {SENSOR}


def test_a_dead_link_is_one_alert_and_no_dead_sensors(scene: Scene) -> None:
    scene.send(0, {CH4: 0.3, CO: 3, DUST: 2, FAN: 1})
    event = scene.only(until=7200)
    assert (event.rule, event.inputs["points"], event.inputs["children"]) == (LINK, 4, [])


def test_sensors_that_are_out_already_are_children_of_the_link(scene: Scene) -> None:
    scene.send(0, {CH4: 0.3, FAN: 1})
    scene.steady(10, 400, {FAN: 1})
    sensor, link = scene.judge(until=800)
    assert (sensor.subject, link.inputs["children"]) == (CH4, [CH4])


def test_after_a_link_outage_the_clocks_of_sensors_start_again(scene: Scene) -> None:
    scene.send(0, {CH4: 0.3, FAN: 1})
    scene.steady(600, 890, {FAN: 1})
    assert [e.rule for e in scene.judge(until=890)] == [LINK]
    scene.steady(890, 920, {FAN: 1})
    assert [e.rule for e in scene.judge(until=920)] == [LINK, SENSOR]


@pytest.mark.parametrize("status", [16, 32, 128])
def test_a_sensor_that_only_sends_fault_bits_is_out(scene: Scene, status: int) -> None:
    scene.send(0, {CH4: 0.3, FAN: 1})
    for second in range(10, 330, 10):
        scene.send(second, {CH4: -9999}, status=status)
        scene.send(second + 1, {FAN: 1})
    event = scene.only()
    assert (event.subject, event.inputs["sending_faults"], event.inputs["last_status"]) == (CH4, True, status)


@pytest.mark.parametrize("status", [0, 1, 4, 8, 64])
def test_a_sensor_with_a_number_and_no_fault_is_there(scene: Scene, status: int) -> None:
    for second in range(0, 400, 10):
        scene.send(second, {CH4: 0.3}, status=status)
    assert scene.judge() == []


def test_a_good_reading_clears_the_sensor_and_a_late_one_does_too(scene: Scene) -> None:
    scene.send(0, {CH4: 0.3, DUST: 2, FAN: 1})
    scene.steady(10, 400, {FAN: 1})
    scene.send(400, {CH4: 0.3, FAN: 1})
    scene.send(-60, {DUST: 2}, arrival=410)
    dust, methane = scene.judge(until=411)
    assert (methane.status, methane.end) == ("cleared", moment(400))
    assert (dust.status, dust.end) == ("cleared", moment(410))


def test_a_point_sent_on_change_is_never_silent(scene: Scene) -> None:
    scene.config("register", {"mines": {}, "upload_mode": {DUST: "on_change"}}, 0)
    scene.send(1, {DUST: 3, FAN: 1})
    scene.steady(10, 4000, {FAN: 1})
    assert scene.judge(until=4000) == []


def test_a_point_sent_on_change_that_says_it_is_faulty_is_out_from_then(scene: Scene) -> None:
    scene.config("register", {"mines": {}, "upload_mode": {CH4: "on_change"}}, 0)
    scene.send(1, {CH4: 0.3, FAN: 1})
    scene.steady(10, 1500, {FAN: 1})
    scene.send(1500, {CH4: -9999}, status=BROKEN, arrival=1505)
    scene.steady(1510, 3000, {FAN: 1})
    scene.send(3000, {CH4: 0.3, FAN: 1})
    event = scene.only(until=3010)
    assert (event.rule, event.subject, event.grade) == (SENSOR, CH4, "yellow")
    assert (event.onset, event.end, event.status) == (moment(1505), moment(3000), "cleared")
    assert (colours(event), event.inputs["sending_faults"]) == ([("yellow", 1810)], True)


def test_one_faulty_point_among_those_sent_on_change_is_no_station(scene: Scene) -> None:
    hub(scene, CH4, CO, DUST)
    scene.config("register", {"mines": {}, "upload_mode": dict.fromkeys((CH4, CO, DUST), "on_change")}, 0)
    scene.send(1, {CH4: 0.3, CO: 4, DUST: 3, FAN: 1})
    scene.send(100, {CH4: -9999, CO: -9999}, status=BROKEN)
    scene.steady(110, 900, {FAN: 1})
    assert sorted((e.rule, e.subject) for e in scene.judge(until=900)) == [(SENSOR, CO), (SENSOR, CH4)]


def test_a_defined_point_that_never_sent_is_not_silent(scene: Scene) -> None:
    hub(scene, CH4, FAN)
    scene.steady(10, 700, {FAN: 1})
    assert scene.judge(until=700) == []


def test_methane_that_rose_before_it_fell_silent_is_one_grade_more(scene: Scene) -> None:
    for second in range(0, 600, 60):
        scene.send(second, {CH4: 0.5 + second / 2000, FAN: 1})
    scene.steady(600, 900, {FAN: 1})
    event = scene.only(until=900)
    assert (event.grade, event.inputs["ladder_row"]) == ("orange", "5min+rising")
    scene.steady(900, 2400, {FAN: 1})
    assert scene.only(until=2400).grade == "red"


@pytest.mark.parametrize("last", [0.61, 0.3])
def test_methane_that_fell_before_is_not(scene: Scene, last: float) -> None:
    scene.send(0, {CH4: 0.95, FAN: 1})
    scene.send(60, {CH4: 0.9, FAN: 1})
    scene.send(120, {CH4: last, FAN: 1})
    scene.steady(180, 480, {FAN: 1})
    assert scene.only(until=480).grade == "yellow"


def test_methane_that_rose_counts_although_fault_readings_followed(scene: Scene) -> None:
    scene.send(0, {CH4: 0.7, FAN: 1})
    scene.send(60, {CH4: 0.9, FAN: 1})
    for second in range(120, 1900, 60):
        scene.send(second, {CH4: -9999}, status=128)
        scene.send(second + 1, {FAN: 1})
    assert [g for g, _ in colours(scene.only(until=1900))] == ["orange", "red"]


# --- sub-stations -------------------------------------------------------------------------------------------------------


def test_sensors_of_a_station_that_went_out_together_are_one_alert(scene: Scene) -> None:
    hub(scene, CH4, CO, DUST)
    scene.send(1, {CH4: 0.3, CO: 3, DUST: 2, FAN: 1})
    scene.steady(10, 400, {FAN: 1})
    event = scene.only(until=400)
    assert (event.rule, event.subject_kind, event.subject, event.grade) == (STATION, "station", HUB, "yellow")
    assert sorted(event.inputs["children"]) == sorted([CH4, CO, DUST])
    assert event.onset == moment(1)


def test_the_station_climbs_with_its_gravest_sensor_and_clears_with_its_last(scene: Scene) -> None:
    hub(scene, CH4, CO, DUST)
    scene.send(1, {CH4: 0.3, CO: 3, DUST: 2, FAN: 1})
    scene.steady(10, 1900, {FAN: 1})
    assert scene.only(until=1900).grade == "orange"
    scene.send(1900, {CH4: 0.3, CO: 3, FAN: 1})
    assert scene.only().status == "open"
    scene.send(1910, {CH4: 0.3, CO: 3, DUST: 3, FAN: 1})
    event = scene.only()
    assert (event.status, event.end) == ("cleared", moment(1910))


def test_two_of_many_sensors_are_two_alerts(scene: Scene) -> None:
    hub(scene, CH4, CO, DUST, HEAT)
    scene.send(1, {CH4: 0.3, CO: 3, DUST: 2, HEAT: 20})
    scene.steady(10, 400, {DUST: 2, HEAT: 20})
    assert {e.rule for e in scene.judge(until=400)} == {SENSOR}


def test_a_station_of_two_sensors_is_out_when_both_are(scene: Scene) -> None:
    hub(scene, CH4, CO)
    scene.send(1, {CH4: 0.3, CO: 3, FAN: 1})
    scene.steady(10, 400, {FAN: 1})
    assert scene.only(until=400).rule == STATION


def test_sensors_lost_at_different_times_are_not_a_lost_station(scene: Scene) -> None:
    everything = {CH4: 0.3, CO: 3, DUST: 2, HEAT: 20}
    hub(scene, *everything)
    scene.send(1, everything)
    for number, gone in enumerate((CH4, CO, DUST)):
        del everything[gone]
        scene.steady(10 + number * 600, 610 + number * 600, everything)
    assert [(e.rule, e.subject) for e in scene.judge(until=1810)] == [(SENSOR, CH4), (SENSOR, CO), (SENSOR, DUST)]


def test_a_sensor_alert_is_merged_into_the_later_alert_of_its_station(scene: Scene) -> None:
    everything: dict[str, object] = {CH4: 0.3, CO: 3, DUST: 2, HEAT: 20, FAN: 1}
    hub(scene, CH4, CO, DUST, HEAT)
    scene.send(1, everything)
    scene.steady(10, 600, {k: v for k, v in everything.items() if k != CH4})
    scene.steady(600, 1000, {FAN: 1})
    sensor, station = scene.judge(until=1000)
    assert (sensor.subject, sensor.status, sensor.merged_into) == (CH4, "cleared", station.id)
    assert (station.rule, sorted(station.inputs["children"])) == (STATION, sorted([CH4, CO, DUST, HEAT]))
    scene.send(1000, everything)
    assert [e.status for e in scene.judge()] == ["cleared", "cleared"]


def test_a_sensor_that_follows_its_station_joins_the_open_alert(scene: Scene) -> None:
    hub(scene, CH4, CO, DUST, HEAT)
    scene.send(1, {CH4: 0.3, CO: 3, DUST: 2, HEAT: 20, FAN: 1})
    scene.steady(10, 200, {HEAT: 20, FAN: 1})
    scene.steady(200, 700, {FAN: 1})
    event = scene.only(until=700)
    assert (event.rule, len(event.inputs["children"])) == (STATION, 4)


def test_stations_are_not_mixed(scene: Scene) -> None:
    second = f"{MINE}00002"
    scene.upload("CDDY", [definition(CH4, "", HUB), definition(CO, "", HUB), definition(DUST, "", second)], 0)
    scene.send(1, {CH4: 0.3, CO: 3, DUST: 2, HEAT: 20})
    scene.steady(10, 400, {CO: 3, HEAT: 20})
    assert {(e.rule, e.subject) for e in scene.judge(until=400)} == {(SENSOR, CH4), (SENSOR, DUST)}


def test_a_point_moved_to_another_station_while_it_is_out_still_clears_its_alert(scene: Scene) -> None:
    hub(scene, CH4, CO)
    scene.send(1, {CH4: 0.3, CO: 3, FAN: 1})
    scene.steady(10, 400, {FAN: 1})
    hub_again = [definition(CH4, ""), definition(CO, "")]
    scene.upload("CDDY", hub_again, 400)
    scene.steady(410, 2000, {FAN: 1})
    assert scene.only(until=2000).grade == "orange"
    scene.send(2000, {CH4: 0.3, CO: 3, FAN: 1})
    assert scene.only().status == "cleared"
