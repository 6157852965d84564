"""Too long below ground; a card that does not move while others do."""

from __future__ import annotations

from tests.library.warning.people.stage import LEADER, ROAD, Seen, card, crowd, define, of, snapshot
from tests.library.warning.scene import HOUR, START, Scene, moment

GAS = Seen(901, area=ROAD)
OVERTIME, STILL = "people.overtime", "people.no_movement"


def test_who_is_below_beyond_the_limit_of_the_labour_system_is_told_from_the_moment_it_was_passed(scene: Scene) -> None:
    define(scene, 0)
    long, longest = Seen(1, area=ROAD, entered=-9.9 * 3600), Seen(2, area=ROAD, entered=-11 * 3600)
    snapshot(scene, 300, [long, LEADER, GAS])
    assert of(scene.judge(until=400), OVERTIME) == []
    snapshot(scene, 600, [long, longest, LEADER, GAS])
    (event,) = of(scene.judge(until=700), OVERTIME)
    assert (event.grade, event.onset, event.inputs["longest"]) == ("blue", START - HOUR, card(2))
    assert (event.inputs["cards"], event.inputs["limit"]) == ([card(1), card(2)], 10)
    snapshot(scene, 900, [Seen(3, area=ROAD, entered=-15.5 * 3600), long, LEADER, GAS])
    assert of(scene.judge(until=1000), OVERTIME)[0].grade == "yellow"
    snapshot(scene, 1200, [LEADER, GAS])
    (event,) = of(scene.judge(until=1300), OVERTIME)
    assert (event.status, event.end) == ("cleared", moment(1200))


def test_another_labour_system_has_another_limit_and_none_the_general_one(scene: Scene) -> None:
    define(scene, 0)
    at = -9 * 3600
    snapshot(scene, 300, [Seen(1, area=ROAD, entered=at), Seen(2, area=ROAD, entered=at, system=""), LEADER, GAS])
    assert of(scene.judge(until=400), OVERTIME) == []
    snapshot(scene, 600, [Seen(1, area=ROAD, entered=at, system="四六制"), LEADER, GAS])
    assert of(scene.judge(until=700), OVERTIME)[0].inputs["limit"] == 8


def test_days_below_ground_are_a_card_that_was_not_read_and_no_overtime(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [Seen(1, area=ROAD, entered=-72 * 3600), LEADER, GAS])
    assert of(scene.judge(until=400), OVERTIME) == []


def hung(scene: Scene, hours: float, others: bool = True) -> None:
    """Card 1 stays where it is; the others walk about, or nobody does."""
    define(scene, 0)
    still = Seen(1, area=ROAD, station_at=-60, distance=12.5)
    at = 300.0
    while at <= 300 + hours * 3600:
        walking = crowd(8, 10, area=ROAD, **({} if others else {"station_at": -60, "distance": 3.0}))
        snapshot(scene, at, [still, *walking, LEADER, GAS])
        at += 300


def test_a_card_still_for_hours_while_others_move_is_told(scene: Scene) -> None:
    hung(scene, 3.2)
    (event,) = of(scene.judge(), STILL)
    assert (event.grade, event.onset, event.inputs["cards"]) == ("blue", moment(300), [card(1)])


def test_where_most_stand_still_the_system_tells_nothing_of_one(scene: Scene) -> None:
    hung(scene, 3.2, others=False)
    assert of(scene.judge(), STILL) == []


def test_others_who_move_now_and_then_are_others_who_move(scene: Scene) -> None:
    """Each of them is heard anew every half hour, at another minute than the rest."""
    define(scene, 0)
    for at in range(300, 12_000, 300):
        busy = [
            Seen(n, area=ROAD, station_at=(at + 200 * n) // 1800 * 1800 - 200 * n - 60, distance=3.0)
            for n in range(10, 18)
        ]
        still = [Seen(number, area=ROAD, station_at=-60, distance=12.5) for number in (1,)]
        snapshot(scene, at, [*still, *busy])
    (event,) = of(scene.judge(), STILL)
    assert (event.onset, event.inputs["cards"]) == (moment(300), [card(1)])


def test_a_card_that_moves_again_ends_it(scene: Scene) -> None:
    hung(scene, 3.2)
    end = 300 + 3.25 * 3600 + 300
    walking = crowd(8, 10, area=ROAD)
    snapshot(scene, end, [Seen(1, area=ROAD, station_at=-60, distance=14.5), *walking, LEADER, GAS])
    (event,) = of(scene.judge(until=end + 60), STILL)
    assert (event.status, event.end) == ("cleared", moment(end))
