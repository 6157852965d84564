"""Conditions that hold while their points are defined anew: a name that changes ends no danger."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import DOORS_OPEN, FAN_STOPPED
from tests.library.warning.danger.stage import HEADING, Stage, defined, point
from tests.library.warning.scene import moment

FAN = (point("1001", 1), f"{HEADING}局部通风机")
EAST, WEST = (point("1002", 1), "东联络巷风门"), (point("1002", 2), "西联络巷风门")


def test_a_fan_that_stands_is_told_of_also_at_a_place_with_another_name(stage: Stage) -> None:
    stage.begin({"fan": FAN}, fan=1)
    stage.keep(0, 60)
    stage.keep(60, 200, fan=0)
    stage.upload("CDDY", [defined(FAN[0], "1205掘进工作面局部通风机")], 205)
    stage.keep(210, 400)
    lasting = [event for event in stage.of(FAN_STOPPED, 400) if event.status == "open"]
    assert [(event.subject, event.onset) for event in lasting] == [("1205掘进工作面", moment(60))]


def test_doors_that_stand_open_are_a_pair_once_a_definition_joins_them(stage: Stage) -> None:
    stage.begin({"east": EAST, "west": WEST}, east=0, west=0)
    stage.keep(0, 60)
    stage.keep(60, 200, east=1, west=1)
    assert stage.of(DOORS_OPEN, 200) == []
    stage.upload("CDDY", [defined(*EAST, relation=f"G-{WEST[0]}-风门"), defined(*WEST)], 205)
    stage.keep(210, 300)
    assert [(event.status, event.onset) for event in stage.of(DOORS_OPEN, 300)] == [("open", moment(60))]
