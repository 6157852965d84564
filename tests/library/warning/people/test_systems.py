"""Which snapshots are judged, and what is said when none come."""

from __future__ import annotations

import json

from kuangan.library.warning.rulebook import NETWORK_OUTAGE
from tests.library.warning.people.stage import (
    AREAS,
    FACE,
    LEADER,
    ROAD,
    SEALED,
    Seen,
    crowd,
    define,
    of,
    quick,
    rung,
    snapshot,
    steadily,
)
from tests.library.warning.scene import MINE, MINUTE, Scene, moment, stamp, wire_time

GAS = Seen(901, area=ROAD)
SILENT, OVER, RESTRICTED = "people.system_silent", "people.area_over", "people.restricted_area"
QUIET = [*crowd(3, area=ROAD), LEADER, GAS]


def test_a_system_that_stops_sending_is_told_once_per_mine_and_climbs(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 300, 600, QUIET)
    assert scene.judge(until=1199) == []
    (event,) = scene.judge(until=1200)
    assert (event.rule, event.subject, event.onset, event.grade) == (SILENT, MINE, moment(600), "blue")
    (event,) = scene.judge(until=2400)
    assert (event.grade, event.inputs["silent_minutes"]) == ("yellow", 30)
    snapshot(scene, 2500, QUIET)
    (event,) = scene.judge(until=2600)
    assert (event.status, event.end) == ("cleared", moment(2500))


def test_files_that_say_nothing_or_are_long_past_do_not_end_the_silence(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 300, 600, QUIET)
    snapshot(scene, 900, ["too;few"])
    snapshot(scene, 950, QUIET, arrival=950 + 16 * 60)
    (event,) = scene.judge(until=2000)
    assert (event.rule, event.status) == (SILENT, "open")


def test_under_a_dead_link_the_link_is_the_one_alert(scene: Scene) -> None:
    define(scene, 0)
    scene.steady(0, 660, 0.3, every=60)
    steadily(scene, 700, 700, QUIET)
    events = scene.judge(until=3600)
    assert {e.rule for e in events} == {NETWORK_OUTAGE}
    scene.steady(3600, 4500, 0.3, every=60)  # the link is back, the people are not
    events = scene.judge(until=4500)
    assert [(e.rule, e.onset) for e in events if e.status == "open"] == [(SILENT, moment(3600))]


def test_across_an_outage_of_our_own_no_silence_is_judged(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 300, 600, QUIET)
    scene.tick(700)
    scene.outage(until=3000)
    scene.tick(3300)
    snapshot(scene, 3301, QUIET)
    assert of(scene.judge(until=3400), SILENT) == []


def test_a_snapshot_that_is_not_newer_touches_nothing(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, QUIET)
    snapshot(scene, 600, QUIET)
    scene.tick(650)
    snapshot(scene, 450, [Seen(5, area=SEALED), *QUIET], arrival=660)
    snapshot(scene, 600, [Seen(5, area=SEALED), *QUIET], arrival=670)
    assert scene.judge(until=800) == []


def test_the_files_of_one_moment_are_waited_for_and_are_one_snapshot(scene: Scene) -> None:
    quick(scene, OVER, ladder=[rung("yellow")])
    define(scene, 5)
    snapshot(scene, 300, [*crowd(3), LEADER, GAS])
    snapshot(scene, 300, crowd(3, 50), arrival=310)
    assert scene.judge(until=319) == []
    (event,) = scene.judge(until=320)
    assert (event.inputs["persons"], event.raised_at) == (6, moment(320))


def test_a_newer_snapshot_does_not_wait_for_the_one_before_it(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [Seen(5, area=SEALED), *QUIET])
    snapshot(scene, 305, QUIET)
    (event,) = scene.judge(until=330)
    assert (event.raised_at, event.end, event.status) == (moment(305), moment(305), "cleared")


def test_the_last_record_of_a_card_stands(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [Seen(5, area=SEALED), *QUIET, Seen(5, area=ROAD)])
    assert scene.judge(until=400) == []


def test_a_snapshot_of_nobody_ends_what_holds(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [Seen(5, area=SEALED), *QUIET])
    snapshot(scene, 600, [])
    (event,) = scene.judge(until=700)
    assert (event.rule, event.end) == (RESTRICTED, moment(600))


def test_durations_begin_anew_behind_a_gap(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [*crowd(6), LEADER, GAS])
    snapshot(scene, 300 + 16 * 60, [*crowd(6), LEADER, GAS])
    assert of(scene.judge(until=1400), OVER) == []
    snapshot(scene, 300 + 27 * 60, [*crowd(6), LEADER, GAS])
    (event,) = of(scene.judge(until=2000), OVER)
    assert event.onset == moment(300 + 16 * 60)


def test_an_older_definition_does_not_replace_a_newer_one(scene: Scene) -> None:
    define(scene, 100)
    header = f"{MINE};合成煤矿;{wire_time(moment(50))}"
    scene.upload("RYQY", [f"重点区域;{FACE};400;1102综采工作面", *AREAS[1:]], 110, header=header)
    steadily(scene, 300, 900, [*crowd(6), LEADER, GAS])
    assert of(scene.judge(until=1000), OVER)[0].inputs["limit"] == 4


# --- declared number of the older form ----------------------------------------------------------------------------------


def declared(scene: Scene, at: float, number: int, leader: str = "0001/合成乙", people: int = 6) -> None:
    records = [";".join(each.record(at).split(";")[:9]) + ";" for each in crowd(people, area=ROAD)]
    text = "~".join([f"{wire_time(moment(at))};{number};{leader};", *records, "||"])
    scene.put("upload", f"150622B0012000200092_RYSS_{stamp(moment(at))}.txt", text.encode(), at)


def test_a_declared_number_that_differs_from_the_cards_beyond_tolerance_for_long_is_told(scene: Scene) -> None:
    for at in range(0, 1800, 300):
        declared(scene, at, 12)
    assert scene.judge() == []
    declared(scene, 1800, 12)
    (event,) = scene.judge(until=1900)
    assert (event.rule, event.grade, event.onset) == ("people.entry_mismatch", "blue", moment(0))
    assert (event.inputs["counted"], event.inputs["persons"], event.inputs["tolerance"]) == (12, 6, 2)
    declared(scene, 2100, 8)
    assert scene.judge(until=2200)[0].status == "cleared"


def test_the_leader_of_the_older_header_is_a_leader_below(scene: Scene) -> None:
    for at in range(3600, 3600 + 12 * 300, 300):
        declared(scene, at, 6, leader="/" if at > 3600 else "0001/合成乙")
    (event,) = scene.judge()
    assert (event.rule, event.onset) == ("people.no_leader", moment(3900))
    assert "合成乙" not in repr(event)
    declared(scene, 7500, 6)
    assert scene.judge(until=7600)[0].status == "cleared"
    assert event.raised_at - event.onset >= 30 * MINUTE


# --- what the cameras count ---------------------------------------------------------------------------------------------


def counted(scene: Scene, at: float, heads: int, path: str = "undergroundCount") -> None:
    row = {
        "mineCode": MINE,
        "cameraCode": f"{MINE}0101010101",
        "analysisCase": f"{heads:04d}",
        "dataTime": wire_time(moment(at)),
    }
    scene.put("upload", f"{MINE}_{path}_{stamp(moment(at))}.json", json.dumps([row]).encode(), at)


def test_cards_that_differ_from_what_the_cameras_count_beyond_tolerance_for_half_an_hour_are_told(scene: Scene) -> None:
    define(scene, 0)
    counted(scene, 200, 11)
    steadily(scene, 300, 1800, QUIET)
    assert scene.judge() == []
    steadily(scene, 2100, 2100, QUIET)
    (event,) = of(scene.judge(until=2200), "people.count_mismatch")
    assert (event.grade, event.onset, event.inputs["counted"], event.inputs["persons"]) == ("blue", moment(300), 11, 5)
    counted(scene, 2300, 6)
    steadily(scene, 2400, 2400, QUIET)
    (event,) = of(scene.judge(until=2500), "people.count_mismatch")
    assert (event.status, event.end) == ("cleared", moment(2400))


def test_a_count_of_another_kind_or_of_long_ago_is_not_compared(scene: Scene) -> None:
    define(scene, 0)
    counted(scene, 100, 40, "countingRecog")
    steadily(scene, 300, 2400, QUIET)
    quick(scene, "people.count_mismatch", 2450, stands_min=1)
    counted(scene, 2500, 40)
    steadily(scene, 2700, 5100, QUIET)
    assert of(scene.judge(until=5200), "people.count_mismatch") == []
