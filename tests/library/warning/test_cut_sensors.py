"""Sensors cut before an inspection, in a mine where another has been out for long."""

from __future__ import annotations

from tests.library.warning.scene import MINE, Scene, code, moment

OLD, REST, GOES_ON = code(1), [code(number) for number in (2, 3, 4)], code(5)
VISIT = 8700
RULE = "tamper.cut_before_inspection"


def lived(scene: Scene, cut: list[str]) -> None:
    """The old one is silent from the first minutes, those cut from twenty-five minutes before the visit."""
    visit = {"mine": MINE, "from": moment(VISIT), "to": moment(VISIT + 3 * 3600)}
    scene.config("register", {"mines": {MINE: {"name": "示例煤矿"}}, "inspections": [visit]}, 0)
    scene.steady(10, 100, dict.fromkeys([OLD, *REST, GOES_ON], 0.3))
    scene.steady(100, 7200, dict.fromkeys([*REST, GOES_ON], 0.3), every=60)
    going = [point for point in REST if point not in cut]
    scene.steady(7200, 9600, dict.fromkeys([*going, GOES_ON], 0.3), every=60)


def test_three_sensors_cut_together_are_told_beside_one_that_is_long_out(scene: Scene) -> None:
    lived(scene, REST)
    (event,) = [e for e in scene.judge(until=9600) if e.rule == RULE]
    assert event.inputs["signs"][1]["numbers"]["sensors"] == 3


def test_two_sensors_cut_and_one_that_is_long_out_are_not_three(scene: Scene) -> None:
    lived(scene, REST[:2])
    assert [e for e in scene.judge(until=9600) if e.rule == RULE] == []
