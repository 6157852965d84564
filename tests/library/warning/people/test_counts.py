"""More people than approved: in the mine, in an area, where nobody may be, in a stopped mine."""

from __future__ import annotations

from tests.library.warning.people.stage import (
    FACE,
    LEADER,
    ROAD,
    SEALED,
    Seen,
    card,
    crowd,
    define,
    of,
    quick,
    rung,
    snapshot,
    steadily,
)
from tests.library.warning.scene import MINE, OTHER, Scene, moment

GAS = Seen(901, area=ROAD)
OVER = "people.area_over"


def test_an_area_over_its_number_is_told_after_ten_minutes_from_the_first_snapshot_that_showed_it(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [*crowd(4), LEADER, GAS])
    steadily(scene, 600, 1200, [*crowd(6), LEADER, GAS])
    (event,) = of(scene.judge(until=1300), OVER)
    assert (event.subject_kind, event.subject, event.onset, event.status) == ("area", FACE, moment(600), "open")
    assert (event.peak, event.inputs["persons"], event.inputs["limit"]) == (6, 6, 4)
    assert event.inputs["location"] == "1102综采工作面"
    assert (event.grade, event.inputs["ladder_row"]) == (
        "yellow",
        "PA-Y1",
    )  # 50 % above its number, which is not over 50
    assert event.raised_at == moment(1220)


def test_it_ends_with_the_first_whole_snapshot_that_shows_fewer(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 300, 1200, [*crowd(6), LEADER, GAS])
    snapshot(scene, 1500, [*crowd(3), LEADER, GAS, "too;few"])
    assert of(scene.judge(until=1600), OVER)[0].status == "open"
    snapshot(scene, 1800, [*crowd(3), Seen(77, flag=0), LEADER, GAS])
    assert of(scene.judge(until=1900), OVER)[0].status == "open"
    snapshot(scene, 2100, [*crowd(3), LEADER, GAS])
    (event,) = of(scene.judge(until=2200), OVER)
    assert (event.status, event.end) == ("cleared", moment(2100))


def test_a_card_without_an_area_leaves_open_whether_an_area_has_emptied(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 300, 1200, [*crowd(6), LEADER, GAS])
    snapshot(scene, 1500, [*crowd(3), Seen(8, area=""), LEADER, GAS])
    assert of(scene.judge(until=1600), OVER)[0].status == "open"


def test_too_many_are_too_many_even_where_a_record_could_not_be_read(scene: Scene) -> None:
    define(scene, 0)
    steadily(scene, 300, 1200, [*crowd(6), "too;few"])
    assert [e.status for e in of(scene.judge(until=1300), OVER)] == ["open"]


def test_without_an_approved_number_nothing_is_over(scene: Scene) -> None:
    snapshot(scene, 0, crowd(600, area=ROAD))
    define(scene, 100, approved=None)
    steadily(scene, 300, 6000, crowd(600, area=ROAD))
    assert {e.rule for e in scene.judge(until=6100)} <= {"people.no_leader"}


def test_the_mine_over_its_number_climbs_with_the_excess(scene: Scene) -> None:
    define(scene, 0, approved=10)
    steadily(scene, 300, 3900, [*crowd(9, area=ROAD), LEADER, GAS])
    event = of(scene.judge(until=4000), "people.mine_over")[0]
    assert (event.grade, event.subject, event.onset) == ("blue", MINE, moment(300))
    steadily(scene, 4200, 4200, [*crowd(14, area=ROAD), LEADER, GAS])
    event = of(scene.judge(until=4300), "people.mine_over")[0]
    assert (event.grade, event.peak, event.peak_at) == ("orange", 16, moment(4200))
    assert event.inputs["grades"][-1][::2] == ["orange", "PM-O1"]


def test_a_crowd_that_passes_at_a_change_of_shift_is_not_told(scene: Scene) -> None:
    define(scene, 0, approved=10)
    steadily(scene, 300, 2400, [*crowd(18, area=ROAD), LEADER, GAS])
    steadily(scene, 2700, 4800, [*crowd(8, area=ROAD), LEADER, GAS])
    assert scene.judge(until=5000) == []


def test_anyone_in_a_restricted_area_is_told_at_once_with_cards_and_without_names(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [*crowd(2), Seen(5, area=SEALED), LEADER, GAS])
    (event,) = scene.judge(until=400)
    assert (event.rule, event.subject, event.grade) == ("people.restricted_area", SEALED, "yellow")
    assert (event.inputs["cards"], event.inputs["cards_total"], event.inputs["kind"]) == ([card(5)], 1, "restricted")
    assert "合成甲" not in repr(event)
    steadily(scene, 600, 2100, [*crowd(2), Seen(5, area=SEALED), LEADER, GAS])
    (event,) = scene.judge(until=2200)
    assert (event.grade, event.inputs["ladder_row"]) == ("orange", "PR-O2")


def test_an_electronic_fence_is_a_restricted_area_of_its_own_kind(scene: Scene) -> None:
    define(scene, 0, areas=[f"电子围栏区域;{SEALED};0;皮带机头围栏"])
    snapshot(scene, 300, [Seen(5, area=SEALED), LEADER, GAS])
    (event,) = scene.judge(until=400)
    assert (event.rule, event.inputs["kind"]) == ("people.restricted_area", "fence")


# --- stopped mines ------------------------------------------------------------------------------------------------------


def registered(scene: Scene, at: float, state: str, caretakers: object = None) -> None:
    mine = {"name": "合成煤矿", "kind": "underground_coal", "state": state, "caretakers": caretakers}
    scene.config("register", {"mines": {MINE: mine, OTHER: {"name": "另一煤矿"}}}, at)


def test_people_in_a_stopped_mine_beyond_its_caretakers_are_yellow_at_once_and_red_when_they_stay(scene: Scene) -> None:
    define(scene, 0)
    registered(scene, 10, "stopped", {"most": 3})
    steadily(scene, 300, 600, crowd(3, area=ROAD))
    assert scene.judge(until=700) == []
    steadily(scene, 900, 900, crowd(5, area=ROAD))
    (event,) = scene.judge(until=1000)
    assert (event.rule, event.grade, event.onset) == ("people.stopped_mine", "yellow", moment(900))
    assert (event.inputs["above"], event.inputs["limit"], event.inputs["listed"]) == (2, 3, True)
    steadily(scene, 1200, 1800, crowd(5, area=ROAD))
    (event,) = scene.judge(until=1900)
    assert (event.grade, event.status) == ("red", "open")
    registered(scene, 1950, "producing")
    snapshot(scene, 2100, crowd(4, area=ROAD))
    (event,) = of(scene.judge(until=2200), "people.stopped_mine")
    assert (event.status, event.end) == ("cleared", moment(2100))


def test_without_an_approved_list_everybody_in_a_stopped_mine_is_beyond_it(scene: Scene) -> None:
    define(scene, 0)
    registered(scene, 10, "closed")
    snapshot(scene, 300, crowd(1, area=ROAD))
    (event,) = scene.judge(until=400)
    assert (event.inputs["above"], event.inputs["listed"], event.inputs["state"]) == (1, False, "closed")


def test_a_card_that_is_not_on_the_list_is_beyond_it_though_the_number_holds(scene: Scene) -> None:
    define(scene, 0)
    registered(scene, 10, "stopped", {"most": 3, "cards": [card(1), card(2)]})
    snapshot(scene, 300, crowd(3, area=ROAD))
    (event,) = scene.judge(until=400)
    assert (event.inputs["above"], event.inputs["unlisted"], event.inputs["cards"]) == (0, 1, [card(3)])


def test_a_caretaker_for_long_in_another_area_is_told_where_the_names_of_areas_are_those_of_the_mine(
    scene: Scene,
) -> None:
    define(scene, 0)
    registered(scene, 10, "stopped", {"most": 3, "areas": ["运输大巷"]})
    snapshot(scene, 300, [Seen(1, area=ROAD), Seen(2, area=FACE, area_at=0)])
    assert scene.judge(until=400) == []
    snapshot(scene, 2400, [Seen(1, area=ROAD), Seen(2, area=FACE, area_at=0)])
    (event,) = of(scene.judge(until=2500), "people.stopped_mine")
    assert (event.inputs["above"], event.inputs["outside"], event.inputs["cards"]) == (0, 1, [card(2)])
    registered(scene, 2510, "stopped", {"most": 3, "areas": ["泵房及大巷"]})
    snapshot(scene, 2700, [Seen(1, area=ROAD), Seen(2, area=FACE, area_at=0)])
    (event,) = of(scene.judge(until=2800), "people.stopped_mine")
    assert event.status == "cleared"


def test_a_mine_whose_state_nobody_recorded_is_not_a_stopped_one(scene: Scene) -> None:
    define(scene, 0)
    registered(scene, 10, "")
    steadily(scene, 300, 1500, [*crowd(3, area=ROAD), LEADER])
    assert scene.judge(until=1600) == []


def test_the_ladder_is_data(scene: Scene) -> None:
    quick(scene, OVER, ladder=[rung("red", over=10, minutes=0)])
    define(scene, 5)
    snapshot(scene, 300, [*crowd(5), LEADER, GAS])
    (event,) = scene.judge(until=400)
    assert (event.grade, event.onset, event.inputs["confidence"]) == ("red", moment(300), "I")
