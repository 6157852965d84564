"""Who should be below ground and is not."""

from __future__ import annotations

import pytest

from tests.library.warning.people.stage import FACE, LEADER, ROAD, Seen, crowd, define, of, snapshot, steadily
from tests.library.warning.scene import MINE, Scene, moment

GAS = Seen(901, area=ROAD)
NO_LEADER, POST = "people.no_leader", "people.special_post_missing"
HOUR = 3600


def test_half_an_hour_without_a_leader_while_people_are_below_is_yellow_and_two_hours_orange(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 1 * HOUR, 1.5 * HOUR, [*crowd(6, area=ROAD), LEADER, GAS])
    steadily(scene, 1.5 * HOUR + 300, 2 * HOUR, [*crowd(6, area=ROAD), GAS])
    assert scene.judge() == []
    steadily(scene, 2 * HOUR + 300, 2 * HOUR + 600, [*crowd(6, area=ROAD), GAS])
    (event,) = scene.judge(until=2 * HOUR + 700)
    assert (event.rule, event.grade, event.onset) == (NO_LEADER, "yellow", moment(1.5 * HOUR + 300))
    assert event.inputs["persons"] == 7
    steadily(scene, 2 * HOUR + 900, 3.7 * HOUR, [*crowd(6, area=ROAD), GAS])
    assert scene.judge()[0].grade == "orange"
    snapshot(scene, 3.75 * HOUR + 300, [LEADER, "too;few"])  # who is there is there, whatever could not be read
    (event,) = scene.judge(until=3.9 * HOUR)
    assert (event.status, event.end) == ("cleared", moment(3.75 * HOUR + 300))


@pytest.mark.parametrize("begins", [-600, 900])
def test_around_a_change_of_shift_an_absence_counts_from_the_end_of_the_tolerance(scene: Scene, begins: float) -> None:
    """The stage begins at eight, which is a change of shift; the tolerance ends at half past."""
    scene.ticked += int(begins * 1000)
    define(scene, begins - 30)
    steadily(scene, begins, 3300, [*crowd(6, area=ROAD), GAS])
    assert of(scene.judge(), NO_LEADER) == []
    steadily(scene, 3600, 3600, [*crowd(6, area=ROAD), GAS])
    (event,) = of(scene.judge(until=3700), NO_LEADER)
    assert event.onset == moment(1800)


def test_a_mine_that_marks_no_leader_tells_nothing_of_them(scene: Scene) -> None:
    steadily(scene, 1 * HOUR, 2 * HOUR, crowd(9, area=ROAD))
    assert scene.judge() == []


def test_a_few_people_need_no_leader(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 1 * HOUR, 2 * HOUR, [*crowd(3, area=ROAD), GAS])
    assert scene.judge() == []


def test_a_snapshot_with_a_bad_record_may_name_the_leader_in_it(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 1 * HOUR, 2 * HOUR, [*crowd(9, area=ROAD), GAS, "too;few"])
    assert scene.judge() == []


def test_a_staffed_face_without_a_gas_inspector_below_is_told_with_the_post_and_the_place(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 1 * HOUR, 1.5 * HOUR, [*crowd(4), LEADER])
    (event,) = scene.judge(until=1.5 * HOUR + 60)
    assert (event.rule, event.grade, event.subject) == (POST, "blue", f"{MINE}/gas_inspector")
    assert (event.inputs["post"], event.inputs["areas"], event.inputs["persons"]) == (
        "gas_inspector",
        ["1102综采工作面"],
        4,
    )
    assert (event.inputs["post_source"], event.inputs["post_confidence"]) == ("采掘工作面设专职瓦斯检查工", "M")
    snapshot(scene, 1.6 * HOUR, [*crowd(4), LEADER, GAS])
    (event,) = scene.judge(until=1.7 * HOUR)
    assert (event.status, event.end) == ("cleared", moment(1.6 * HOUR))


def test_an_empty_face_needs_no_gas_inspector_and_nobody_with_the_post_is_unknown(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 1 * HOUR, 2 * HOUR, [*crowd(6, area=ROAD), LEADER])
    scene.upload("RYQY", [f"重点区域;{FACE};9;1102综采工作面"], 2 * HOUR + 10)
    assert scene.judge() == []


def test_without_anybody_of_the_post_in_the_list_of_persons_nothing_is_said(scene: Scene) -> None:
    scene.upload("RYQY", [f"重点区域;{FACE};9;1102综采工作面"], 0)
    steadily(scene, 1 * HOUR, 3 * HOUR, crowd(6))
    assert scene.judge() == []
