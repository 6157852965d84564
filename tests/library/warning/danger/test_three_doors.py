"""Doors of one place of which all must be open: two that stand open for long are no short way yet."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import DOORS_OPEN
from tests.library.warning.danger.stage import Stage, point
from tests.library.warning.scene import moment

DOORS = {name: (point("1002", number), f"南翼联络巷风门{number}号") for number, name in enumerate(("a", "b", "c"), 1)}


def test_three_doors_are_open_since_the_last_of_them_opened(stage: Stage) -> None:
    stage.begin(DOORS, a=0, b=0, c=0)
    stage.keep(0, 60)
    stage.keep(60, 1000, a=1, b=1)
    stage.keep(1000, 1020, c=1)
    stage.keep(1020, 1100, c=0)
    assert stage.of(DOORS_OPEN, 1100) == []
    stage.keep(1100, 1150, c=1)
    assert [(e.onset, e.grade) for e in stage.of(DOORS_OPEN, 1150)] == [(moment(1100), "blue")]
