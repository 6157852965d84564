"""Points of one item of a pond that count together, also when a graver one among them goes."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import TAILINGS
from tests.library.warning.danger.stage import Stage
from tests.library.warning.danger.test_ground_and_water import pond


def test_four_blue_beaches_are_yellow_once_the_graver_one_beside_them_is_well_again(stage: Stage) -> None:
    blue = {f"p000{number}": 95.0 for number in range(1, 5)}
    pond(stage, 0, **dict.fromkeys(blue, 120.0), p0005=120.0)
    pond(stage, 300, **blue, p0005=60.0)
    assert {e.subject_kind for e in stage.of(TAILINGS, 310)} == {"point"}
    pond(stage, 600, **blue, p0005=120.0)
    (together,) = [e for e in stage.of(TAILINGS, 620) if e.subject_kind == "mine"]
    assert (together.grade, together.status, together.inputs["count"]) == ("yellow", "open", 4)


def test_beaches_that_fall_in_one_file_are_told_each_beside_the_pond(stage: Stage) -> None:
    pond(stage, 0, p0001=120.0, p0002=120.0, p0003=120.0)
    pond(stage, 300, p0001=60.0, p0002=65.0, p0003=120.0)
    told = sorted((event.subject_kind, event.grade) for event in stage.of(TAILINGS, 320))
    assert told == [("mine", "red"), ("point", "orange"), ("point", "orange")]
