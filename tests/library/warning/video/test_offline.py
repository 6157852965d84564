"""Cameras off line, and video systems that say nothing."""

from __future__ import annotations

from pathlib import Path

from kuangan.library.warning.video.settings import OFFLINE, SYSTEM_SILENT
from tests.library.warning.scene import MINE, Scene, moment
from tests.library.warning.video.stage import MINUTE, camera, define, of, quick, register, states, steadily

FEW = (1, 2, 3)


def test_a_camera_that_says_it_is_off_line_is_told_after_its_minutes_and_is_over_when_it_is_back(
    tmp_path: Path,
) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 10 * MINUTE, among=FEW)
    steadily(scene, 10 * MINUTE + 10, 75 * MINUTE, off=(2,), among=FEW)
    (event,) = scene.judge(75 * MINUTE)
    assert (event.rule, event.subject_kind, event.subject, event.grade) == (OFFLINE, "camera", camera(2), "blue")
    assert event.onset == moment(10 * MINUTE + 10)
    assert event.raised_at == moment(71 * MINUTE), "an hour of our clock for a camera nobody must have"
    assert event.inputs["told"] is True and event.inputs["last_state"] <= event.raised_at
    states(scene, 76 * MINUTE, among=FEW)
    (event,) = scene.judge(77 * MINUTE)
    assert (event.status, event.end) == ("cleared", moment(76 * MINUTE))


def test_a_camera_of_a_place_that_must_be_seen_is_told_sooner_and_climbs(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    quick(scene, "video.no_coverage", minutes={"working": {"yellow": 900}, "standing": {"yellow": 900}})
    register(scene, 1)
    define(scene, 5)
    steadily(scene, 10, 100 * MINUTE, off=(1,))
    (event,) = of(scene.judge(100 * MINUTE), OFFLINE)
    assert (event.grade, event.raised_at) == ("yellow", moment(16 * MINUTE))
    assert (event.inputs["place_kind"], event.inputs["location"]) == ("main_shaft", "主井井口")
    assert [row[0] for row in event.inputs["grades"]] == ["blue", "yellow"]


def test_a_camera_left_out_of_the_pushes_is_off_line_against_the_others_never_against_our_clock(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 10 * MINUTE, among=FEW)
    steadily(scene, 11 * MINUTE, 75 * MINUTE, among=(1, 3))
    (event,) = scene.judge(75 * MINUTE)
    assert (event.rule, event.subject, event.inputs["told"]) == (OFFLINE, camera(2), False)
    assert event.onset == moment(5 * MINUTE + 10)


def test_where_no_state_comes_at_all_it_is_one_event_of_the_mine_that_takes_over_its_cameras(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 70 * MINUTE, off=(2,), among=FEW)
    scene.judge(79 * MINUTE)
    assert [e.rule for e in scene.events()] == [OFFLINE]
    events = scene.judge(130 * MINUTE)
    (silent,), (child,) = of(events, SYSTEM_SILENT), of(events, OFFLINE)
    assert (silent.subject, silent.grade, silent.inputs["cause"], silent.inputs["cameras"]) == (
        MINE,
        "yellow",
        "no_states",
        3,
    )
    assert silent.inputs["children"] == [camera(n) for n in FEW]
    assert (child.status, child.merged_into) == ("cleared", silent.id)
    states(scene, 131 * MINUTE, among=FEW)
    (silent,) = of(scene.judge(140 * MINUTE), SYSTEM_SILENT)
    assert (silent.status, silent.end) == ("cleared", moment(131 * MINUTE))
    assert len(of(scene.events(), OFFLINE)) == 1


def test_all_cameras_off_line_together_are_a_silent_system(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 5 * MINUTE, among=FEW)
    steadily(scene, 10 * MINUTE, 40 * MINUTE, off=FEW, among=FEW)
    (event,) = scene.judge(40 * MINUTE)
    assert (event.rule, event.inputs["cause"], event.onset) == (SYSTEM_SILENT, "all_offline", moment(10 * MINUTE))


def test_in_a_stopped_mine_a_silent_system_is_graver(tmp_path: Path) -> None:
    grades = []
    for name, state in (("a", "operating"), ("b", "stopped")):
        scene = Scene(tmp_path / name)
        register(scene, 1, state=state)
        states(scene, 10)
        (event,) = of(scene.judge(70 * MINUTE), SYSTEM_SILENT)
        grades.append(event.grade)
    assert grades == ["yellow", "orange"]


def test_old_states_and_those_of_a_mine_whose_link_is_out_say_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 10 * MINUTE, among=FEW)
    states(scene, 11 * MINUTE, off=(2,), among=FEW, old=400)
    states(scene, 12 * MINUTE, off=(3,), among=FEW, old=3600)
    scene.steady(12.5 * MINUTE, 14 * MINUTE, 0.2)
    events = scene.judge(80 * MINUTE)
    assert {e.rule for e in events} == {"link.network_outage"}, "the link is the one cause"


def test_a_mine_that_never_told_of_a_camera_is_not_judged(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(scene, 1, {camera(1): {"place": "主井井口", "duty": "always"}})
    scene.steady(10, 30 * MINUTE, 0.2, every=60)
    assert [e for e in scene.judge(31 * MINUTE) if e.rule.startswith("video.")] == []


def test_a_registered_camera_of_which_nothing_is_asked_is_not_judged(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(scene, 1, {camera(7): {"place": "备用", "duty": "none"}})
    steadily(scene, 10, 90 * MINUTE, off=(7,), among=(1, 7))
    assert of(scene.judge(90 * MINUTE), OFFLINE) == []


def test_the_other_code_of_a_camera_is_the_same_camera(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(
        scene, 1, {"14000000001320000001": {"place": "主井井口", "other_code": camera(1)}, camera(2): {"place": "x"}}
    )
    steadily(scene, 10, 20 * MINUTE, off=(1,), among=(1, 2))
    (event,) = of(scene.judge(20 * MINUTE), OFFLINE)
    assert event.subject == "14000000001320000001"
