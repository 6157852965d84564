"""What the register is told of points: every change, in order, with the file or configuration it came with."""

from __future__ import annotations

from typing import Any

from kuangan.library.warning.runners.sink import Changes
from tests.library.warning.scene import CH4, MINE, Scene, definition, moment


def told(scene: Scene) -> list[dict[str, Any]]:
    """Everything handed to the sink while judging what waits."""
    rows: list[dict[str, Any]] = []
    apply = scene.sink.apply

    def listening(changes: Changes) -> None:
        rows.extend(changes.points)
        apply(changes)

    scene.sink.apply = listening
    scene.judge()
    scene.sink.apply = apply
    return rows


def test_two_definitions_in_one_batch_are_two_notes_with_their_frames(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, 0.8)], 0)
    scene.upload("CDDY", [definition(CH4, 0.6)], 10)
    rows = [(row["valid_from"], row["limits"]["alarm_high"], row["limit"], row["frame"]) for row in told(scene)]
    frames = [frame.seq for _, frame in scene.frames if frame.name.count("CDDY")]
    assert rows == [(moment(0), 0.8, 0.8, frames[0]), (moment(10), 0.6, 0.6, frames[1])]


def test_a_point_that_only_sends_is_told_without_limits_of_its_own(scene: Scene) -> None:
    scene.send(5, 0.3)
    (row,) = told(scene)
    assert (row["defined"], row["valid_from"], "limits" in row, "frame" in row) == (False, moment(5), False, False)


def test_a_configuration_tells_only_of_the_points_whose_limit_it_changes(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, 0.8), definition(f"{CH4[:-1]}9", 0.3)], 0)
    scene.judge()
    scene.config(
        "register",
        {"mines": {MINE: {"name": "登记煤矿", "gas_grade": "outburst"}}, "place_class": {CH4: "face_intake"}},
        5,
    )
    (row,) = told(scene)
    config = next(frame.seq for _, frame in scene.frames if frame.name == "register")
    assert (row["code"], row["limit"], row["limit_source"], row["frame"]) == (CH4, 0.5, "statutory_register", config)
    scene.config(
        "register",
        {"mines": {MINE: {"name": "改名煤矿", "gas_grade": "outburst"}}, "place_class": {CH4: "face_intake"}},
        9,
    )
    assert told(scene) == []
