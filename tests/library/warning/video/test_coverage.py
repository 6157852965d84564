"""No video, no work: active workings and standing places without a live camera."""

from __future__ import annotations

from pathlib import Path

from kuangan.library.warning.video import settings as video
from tests.library.warning.scene import Scene, moment
from tests.library.warning.video.stage import (
    BLOCKED,
    FACE,
    MINUTE,
    PLACES,
    anomaly,
    camera,
    crew,
    define,
    of,
    register,
    states,
)


def seen(path: Path, **places: str) -> Scene:
    scene = Scene(path)
    register(scene, 1)
    define(scene, 5, {**PLACES, **{int(number[1:]): text for number, text in places.items()}})
    return scene


def rounds(scene: Scene, start: float, end: float, persons: int | None, off: tuple[int, ...] = ()) -> None:
    """States and snapshots every five minutes."""
    at = start
    while at <= end:
        states(scene, at, off)
        if persons is not None:
            crew(scene, at + 1, persons)
        at += 5 * MINUTE


def test_people_at_a_face_whose_camera_is_off_line_are_told_and_the_camera_with_it(tmp_path: Path) -> None:
    scene = seen(tmp_path)
    rounds(scene, 10, 20 * MINUTE, 8, off=(6,))
    (event,) = scene.judge(20 * MINUTE)
    assert (event.rule, event.subject_kind, event.subject, event.grade) == (video.NO_COVERAGE, "place", FACE, "yellow")
    told = [event.inputs[name] for name in ("why", "cameras", "persons", "activity", "row")]
    assert told == ["offline", [camera(6)], 8, "positions", "V-01"]
    rounds(scene, 21 * MINUTE, 26 * MINUTE, 8)
    (event,) = of(scene.judge(27 * MINUTE), video.NO_COVERAGE)
    assert event.status == "cleared"


def test_a_face_with_nobody_in_it_and_one_nobody_tells_of_are_not_judged(tmp_path: Path) -> None:
    for name, persons in (("idle", 1), ("unknown", None)):
        scene = seen(tmp_path / name)
        rounds(scene, 10, 40 * MINUTE, persons, off=(6,))
        assert of(scene.judge(40 * MINUTE), video.NO_COVERAGE) == []


def test_it_ends_when_the_people_have_left_but_not_because_nobody_tells_of_them_any_more(tmp_path: Path) -> None:
    scene = seen(tmp_path)
    rounds(scene, 10, 20 * MINUTE, 8, off=(6,))
    rounds(scene, 25 * MINUTE, 60 * MINUTE, None, off=(6,))
    (event,) = of(scene.judge(60 * MINUTE), video.NO_COVERAGE)
    assert event.status == "open"
    rounds(scene, 61 * MINUTE, 66 * MINUTE, 0, off=(6,))
    (event,) = of(scene.judge(67 * MINUTE), video.NO_COVERAGE)
    assert (event.status, event.inputs["ended"]) == ("cleared", "idle")


def test_a_face_without_any_camera_is_not_seen(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(scene, 1)
    define(scene, 5, {n: text for n, text in PLACES.items() if n != 6})
    for at in range(10, 25 * MINUTE, 5 * MINUTE):
        states(scene, at, among=(1, 2, 3, 4, 5))
        crew(scene, at + 1, 8)
    (event,) = scene.judge(25 * MINUTE)
    assert (event.subject, event.inputs["why"], event.inputs["cameras"]) == (FACE, "no_camera", [])


def test_a_second_live_camera_is_enough_and_a_covered_one_is_none(tmp_path: Path) -> None:
    scene = seen(tmp_path, c7=f"{FACE}机尾")
    for at in range(10, 30 * MINUTE, 5 * MINUTE):
        states(scene, at, off=(6,), among=(1, 2, 3, 4, 5, 6, 7))
        crew(scene, at + 1, 8)
    assert of(scene.judge(30 * MINUTE), video.NO_COVERAGE) == []
    for minute in range(31, 62):
        anomaly(scene, minute * MINUTE, 7, BLOCKED)
        if minute % 5 == 0:
            states(scene, minute * MINUTE + 1, off=(6,), among=(1, 2, 3, 4, 5, 6, 7))
            crew(scene, minute * MINUTE + 2, 8)
    (event,) = of(scene.judge(62 * MINUTE), video.NO_COVERAGE)
    assert event.inputs["why"] == "hidden"


def test_the_mouths_must_be_seen_and_that_one_is_missing_is_told_only_where_the_register_lists_the_cameras(
    tmp_path: Path,
) -> None:
    listed = {camera(n): {"place": text} for n, text in PLACES.items() if n != 5}
    for name, cameras, wanted in (("listed", listed, ["dispatch_room"]), ("unlisted", {}, [])):
        scene = Scene(tmp_path / name)
        register(scene, 1, cameras)
        define(scene, 5, {n: text for n, text in PLACES.items() if n != 5})
        for at in range(10, 90 * MINUTE, 5 * MINUTE):
            states(scene, at, among=(1, 2, 3, 4, 6))
        events = of(scene.judge(90 * MINUTE), video.NO_COVERAGE)
        assert [e.subject for e in events] == wanted
    scene = seen(tmp_path / "off")
    rounds(scene, 10, 70 * MINUTE, None, off=(1,))
    (event,) = of(scene.judge(70 * MINUTE), video.NO_COVERAGE)
    assert (event.subject, event.inputs["row"], event.inputs["row_confidence"], event.grade) == (
        "main_shaft",
        "V-03",
        "S",
        "blue",
    )
    (offline,) = of(scene.events(), video.OFFLINE)
    assert (offline.status, offline.merged_into, event.inputs["children"]) == ("cleared", event.id, [camera(1)])


def test_what_the_register_asks_for_must_be_seen_wherever_it_is(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(scene, 1, {camera(9): {"place": "爆炸物品库", "duty": "always"}}, kind="underground_noncoal")
    for at in range(10, 70 * MINUTE, 5 * MINUTE):
        states(scene, at, among=(1, 2))
    (event,) = scene.judge(70 * MINUTE)
    assert (event.subject, event.inputs["why"], event.onset) == ("爆炸物品库", "never_sent", moment(60))
    register(scene, 71 * MINUTE, {}, kind="underground_noncoal")
    assert scene.only(73 * MINUTE).inputs["ended"] == "register"


def test_where_a_camera_says_no_place_and_nobody_registered_it_nothing_is_judged(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    register(scene, 1)
    define(scene, 5, {1: "主井井口", 2: ""})
    for at in range(10, 90 * MINUTE, 5 * MINUTE):
        states(scene, at, off=(1,), among=(1, 2))
    assert of(scene.judge(90 * MINUTE), video.NO_COVERAGE) == []
