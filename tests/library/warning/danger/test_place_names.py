"""Names of places as mines write them: a bar is a letter, and who names no place stands alone."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import DOORS_OPEN, FAN_STOPPED, GAS_REPEATED
from tests.library.warning.danger.stage import Stage, point
from tests.library.warning.scene import MINE


def test_a_bar_in_the_name_of_a_place_is_a_letter_like_others(stage: Stage) -> None:
    doors = {
        name: (point("1002", number), f"南|北|翼联络巷风门{number}号") for number, name in enumerate(("a", "b"), 1)
    }
    stage.begin({"fan": (point("1001", 1), "东|西|翼局部通风机"), **doors}, fan=1, a=0, b=0)
    stage.keep(0, 60)
    stage.keep(60, 200, fan=0, a=1, b=1)
    found = {event.rule: event.subject for event in stage.judge(200)}
    assert found == {FAN_STOPPED: "东|西|翼", DOORS_OPEN: "南|北|翼联络巷"}


def over(stage: Stage, at: float, name: str) -> None:
    stage.keep(at, at + 60, **{name: 1.2})
    stage.keep(at + 60, at + 120, **{name: 0.3})


def test_points_without_a_place_are_not_one_place(stage: Stage) -> None:
    stage.begin({name: (point("0043", number), "") for number, name in enumerate("abc", 1)}, a=0.3, b=0.3, c=0.3)
    for number, name in enumerate("abc"):
        over(stage, number * 3600, name)
    (event,) = stage.of(GAS_REPEATED, 7400)
    assert (event.subject_kind, event.subject) == ("mine", MINE)
    assert [row["row"] for row in event.inputs["rows"]] == ["G-F2"]


def test_a_point_without_a_place_is_a_place_of_its_own(stage: Stage) -> None:
    stage.begin({"a": (point("0043", 1), "")}, a=0.3)
    for number in range(3):
        over(stage, number * 3600, "a")
    (event,) = stage.of(GAS_REPEATED, 7400)
    assert (event.subject_kind, event.subject) == ("place", point("0043", 1))
