"""Messages of cameras in another order than they were made in, and several of one camera in a file."""

from __future__ import annotations

from pathlib import Path

from kuangan.library.warning.video.settings import IRREGULAR_PASSAGE, OFFLINE
from tests.library.warning.scene import MINE, Scene, moment, wire_time
from tests.library.warning.video.stage import MINUTE, camera, counter, of, post, states, steadily
from tests.library.warning.video.test_seals import sealed

FEW = (1, 2, 3)


def test_a_camera_that_came_back_for_a_moment_is_off_line_since_it_went_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 5 * MINUTE, among=FEW)
    states(scene, 6 * MINUTE, off=(2,), among=FEW)
    rows = [(9 * MINUTE, 1), (9.5 * MINUTE, 0)]
    told = [{"cameraCode": camera(2), "cameraStatus": str(on), "dataTime": wire_time(moment(at))} for at, on in rows]
    post(scene, "cameraStatus", told, 10 * MINUTE)
    steadily(scene, 11 * MINUTE, 69 * MINUTE, off=(2,), among=FEW)
    assert of(scene.judge(69 * MINUTE), OFFLINE) == []
    steadily(scene, 70 * MINUTE, 75 * MINUTE, off=(2,), among=FEW)
    (event,) = of(scene.judge(75 * MINUTE), OFFLINE)
    assert (event.grade, event.onset) == ("blue", moment(9.5 * MINUTE))


def test_a_counter_that_comes_late_makes_nobody_pass_again(tmp_path: Path) -> None:
    scene = sealed(tmp_path)
    counter(scene, 60, 1, 40)
    counter(scene, 120, 1, 44)
    row = {"cameraCode": camera(1), "positionName": "主井口", "positionCode": f"{MINE}01", "direction": "01"}
    post(scene, "importPersonCount", [row | {"personCount": 41, "dataTime": wire_time(moment(90))}], 150)
    counter(scene, 180, 1, 44)
    (event,) = scene.judge(4 * MINUTE)
    assert event.inputs["heads"] == 4


def test_messages_of_a_file_count_whatever_their_order(tmp_path: Path) -> None:
    scene = sealed(tmp_path, "operating")
    rows = [
        {"cameraCode": camera(4), "analysisType": "04", "analysisCase": "0002", "dataTime": wire_time(moment(at))}
        for at in (120, 90, 60)
    ]
    post(scene, "countingRecog", rows, 130)
    (event,) = scene.judge(3 * MINUTE)
    assert (event.rule, event.onset, event.inputs["heads"]) == (IRREGULAR_PASSAGE, moment(60), 6)


def test_a_camera_that_was_left_out_is_back_with_its_first_state(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    steadily(scene, 10, 10 * MINUTE, among=FEW)
    steadily(scene, 11 * MINUTE, 75 * MINUTE, among=(1, 3))
    states(scene, 80 * MINUTE, among=FEW)
    (event,) = of(scene.judge(81 * MINUTE), OFFLINE)
    assert (event.onset, event.end) == (moment(5 * MINUTE + 10), moment(80 * MINUTE))
