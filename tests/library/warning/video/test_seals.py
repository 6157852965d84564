"""Electronic seals of stopped mines, and irregular passage elsewhere."""

from __future__ import annotations

from pathlib import Path

from kuangan.library.warning.video import settings as video
from tests.library.warning.scene import Scene, moment
from tests.library.warning.video.stage import (
    BLOCKED,
    DARK,
    MINUTE,
    anomaly,
    camera,
    counter,
    counting,
    define,
    of,
    register,
    states,
    steadily,
)


def sealed(path: Path, state: str = "stopped") -> Scene:
    scene = Scene(path)
    register(scene, 1, state=state)
    define(scene, 5)
    states(scene, 10)
    return scene


def test_a_covered_camera_at_a_mouth_of_a_stopped_mine_is_a_broken_seal_and_nothing_else(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    anomaly(scene, 60, 1, BLOCKED)
    (event,) = scene.judge(2 * MINUTE)
    assert (event.rule, event.subject, event.grade) == (video.SEALED_SHAFT, camera(1), "orange")
    assert (event.inputs["signs"], event.inputs["place_kind"]) == (["blocked"], "main_shaft")
    steadily(scene, 3 * MINUTE, 13 * MINUTE)
    assert scene.only(13 * MINUTE).status == "cleared"


def test_a_mouth_is_sealed_by_the_rule_book_whatever_its_mine_registers(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(scene, 1, {camera(1): {"place": "主井井口", "seal": False}}, state="closed")
    states(scene, 10)
    anomaly(scene, 60, 1, BLOCKED)
    assert scene.only(2 * MINUTE).rule == video.SEALED_SHAFT


def test_the_same_in_a_mine_that_works_is_an_ordinary_anomaly(tmp_path: Path) -> None:
    scene = sealed(tmp_path, "operating")
    anomaly(scene, 60, 1, BLOCKED)
    assert [(e.rule, e.grade) for e in scene.judge(2 * MINUTE)] == [(video.BLOCKED, "blue")]


def test_off_line_and_covered_are_two_signs_of_one_event_that_climbs(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    anomaly(scene, 60, 2, BLOCKED)
    steadily(scene, 4 * MINUTE, 66 * MINUTE, off=(2,))
    (event,) = scene.judge(66 * MINUTE)
    assert (event.subject, event.grade, event.inputs["signs"]) == (camera(2), "red", ["blocked", "offline"])


def test_persons_at_a_sealed_mouth_are_told_with_their_number_and_end_when_nobody_passes(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    counting(scene, 60, 1, "04", 4)
    counting(scene, 90, 1, "05", 7)
    (event,) = scene.judge(2 * MINUTE)
    assert (event.rule, event.grade, event.inputs["heads"]) == (video.SEALED_SHAFT, "orange", 11)
    steadily(scene, 3 * MINUTE, 65 * MINUTE)
    assert of(scene.judge(65 * MINUTE), video.SEALED_SHAFT)[0].status == "cleared"


def test_of_running_counters_only_what_is_added_is_a_person(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    counter(scene, 60, 1, 40)
    counter(scene, 120, 1, 40)
    assert scene.judge(3 * MINUTE) == []
    counter(scene, 200, 1, 43)
    event = scene.only(4 * MINUTE)
    assert (event.grade, event.inputs["heads"], event.onset) == ("yellow", 3, moment(200))


def test_a_camera_that_is_no_seal_stays_ordinary_and_a_started_mine_is_no_longer_sealed(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    anomaly(scene, 60, 1, BLOCKED)
    anomaly(scene, 60.5, 6, BLOCKED)
    assert {e.rule for e in scene.judge(2 * MINUTE)} == {video.SEALED_SHAFT, video.BLOCKED}
    register(scene, 3 * MINUTE)
    (event,) = of(scene.judge(4 * MINUTE), video.SEALED_SHAFT)
    assert event.status == "cleared"


def test_darkness_is_no_sign_at_a_sealed_mouth(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    for second in range(60, 33 * MINUTE, 60):
        anomaly(scene, second, 1, DARK)
        if second % 300 == 0:
            states(scene, second + 1)
    assert [e.rule for e in scene.judge(33 * MINUTE)] == [video.DARK]


def test_irregular_passage_of_one_gate_is_one_event_with_its_heads_and_kinds(tmp_path: Path) -> None:
    scene = sealed(tmp_path, "operating")
    counting(scene, 60, 4, "04", 2)
    counting(scene, 120, 4, "06", 3)
    counting(scene, 130, 4, "08", 30)
    (event,) = scene.judge(3 * MINUTE)
    assert (event.rule, event.subject, event.grade, event.peak) == (video.IRREGULAR_PASSAGE, camera(4), "yellow", 5.0)
    assert event.inputs["kinds"] == {"04": 2, "06": 3}
    steadily(scene, 4 * MINUTE, 33 * MINUTE)
    assert scene.only(33 * MINUTE).status == "cleared"
