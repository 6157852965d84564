"""Cards that do not behave like one person each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from tests.library.warning.people.stage import EVERY, LEADER, ROAD, Seen, card, crowd, define, of, snapshot
from tests.library.warning.scene import MINE, Scene, moment

GAS = Seen(901, area=ROAD)
TOGETHER, EXIT, SPEED = "people.cards_together", "people.mass_exit", "people.speed"


def carried(at: float, apart: Sequence[float] = (0, 1, 2), metres: float = 0.5) -> list[Seen]:
    """Cards 1, 2, 3 of one carrier: another station every quarter of an hour, passed within seconds."""
    stop = int(at // 900)
    return [
        Seen(
            number + 1,
            area=ROAD,
            station=f"{ROAD}{stop % 4 * 10:06d}",
            station_at=stop * 900 + offset - 60,
            distance=at % 37 + number * metres,
        )
        for number, offset in enumerate(apart)
    ]


def walk(scene: Scene, start: float, end: float, apart: Sequence[float] = (0, 1, 2), metres: float = 0.5) -> None:
    at = start
    while at <= end:
        others = crowd(6, 20, area=ROAD)
        snapshot(scene, at, [*carried(at, apart, metres), *others, LEADER, GAS])
        at += EVERY


def test_three_cards_that_pass_three_stations_as_one_for_an_hour_are_told(scene: Scene) -> None:
    define(scene, 0)
    walk(scene, 300, 3600)
    assert of(scene.judge(until=3700), TOGETHER) == []
    walk(scene, 3900, 3900)
    (event,) = of(scene.judge(until=4000), TOGETHER)
    assert (event.grade, event.subject, event.onset) == ("yellow", card(1), moment(300))
    assert (event.inputs["cards"], event.inputs["stations"]) == ([card(1), card(2), card(3)], 5)
    snapshot(scene, 4200, [*carried(4200, apart=(0, 60, 200)), LEADER, GAS])
    (event,) = of(scene.judge(until=4300), TOGETHER)
    assert (event.status, event.end) == ("cleared", moment(4200))


def test_who_comes_seconds_apart_or_stands_apart_is_not_one_carrier(scene: Scene) -> None:
    define(scene, 0)
    walk(scene, 300, 5100, apart=(0, 10, 20))
    walk(scene, 5400, 10500, metres=9.0)
    assert of(scene.judge(), TOGETHER) == []


def test_a_card_whose_distance_was_left_out_is_not_one_of_a_carrier(scene: Scene) -> None:
    define(scene, 0)
    at = 300
    while at <= 5100:
        snapshot(scene, at, [*carried(at)[:2], replace(carried(at)[2], distance=math.nan), LEADER, GAS])
        at += EVERY
    assert of(scene.judge(), TOGETHER) == []


def test_a_ride_in_one_car_is_shorter_than_what_is_told(scene: Scene) -> None:
    define(scene, 0)
    walk(scene, 300, 3000)
    walk(scene, 3300, 8100, apart=(0, 100, 200))
    assert of(scene.judge(), TOGETHER) == []


def leaving(count: int, at: float, every: float = 0.0) -> list[Seen]:
    return [Seen(100 + n, area=ROAD, flag=2, left=at + int(n * every)) for n in range(count)]


def test_ten_cards_that_leave_within_two_seconds_are_told_once(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [*crowd(6, area=ROAD), LEADER, GAS])
    snapshot(scene, 500, [*leaving(1, 450), *crowd(6, area=ROAD), LEADER, GAS])
    for at in (600, 900, 1200):
        snapshot(scene, at, [*leaving(12, 590), *crowd(6, area=ROAD), LEADER, GAS])
    (event,) = of(scene.judge(until=1300), EXIT)
    assert (event.grade, event.status, event.onset, event.end) == ("blue", "cleared", moment(590), moment(600))
    assert (event.peak, event.inputs["cards_total"], event.subject) == (12, 12, MINE)


def test_ten_who_leave_one_after_another_are_a_cage_and_what_left_before_we_listened_is_unknown(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, [*leaving(15, 280), *crowd(6, area=ROAD), LEADER, GAS])
    snapshot(scene, 600, [*leaving(15, 560, every=1.0), *crowd(6, area=ROAD), LEADER, GAS])
    assert of(scene.judge(until=700), EXIT) == []


# --- speed --------------------------------------------------------------------------------------------------------------

NEAR, FAR = f"{ROAD}000010", f"{ROAD}000020"


def surveyed(scene: Scene, metres: float) -> None:
    define(scene, 0)
    scene.upload("RYJZ", [f"{NEAR};一号;1000;2000;-300;一号", f"{FAR};二号;{1000 + metres};2000;-300;二号"], 5)


def seen_at(station: str, since: float) -> Seen:
    return Seen(1, area=ROAD, station=station, station_at=since)


def test_a_card_seen_too_soon_at_a_far_station_is_told_with_the_least_speed_it_had(scene: Scene) -> None:
    surveyed(scene, 5400)
    snapshot(scene, 300, [seen_at(NEAR, 290), LEADER, GAS])
    snapshot(scene, 600, [seen_at(FAR, 510), LEADER, GAS])
    (event,) = of(scene.judge(until=700), SPEED)
    assert (event.grade, event.onset, event.inputs["cards"]) == ("yellow", moment(290), [card(1)])
    assert (event.peak, event.inputs["metres"], event.inputs["seconds"]) == (20.0, 5400.0, 220)
    snapshot(scene, 900, [seen_at(FAR, 510), LEADER, GAS])
    assert of(scene.judge(until=1000), SPEED)[0].status == "cleared"


def test_what_a_man_train_can_do_is_not_told(scene: Scene) -> None:
    surveyed(scene, 1500)
    snapshot(scene, 300, [seen_at(NEAR, 290), LEADER, GAS])
    snapshot(scene, 600, [seen_at(FAR, 510), LEADER, GAS])
    assert of(scene.judge(until=700), SPEED) == []


def test_the_track_within_one_snapshot_tells_as_well(scene: Scene) -> None:
    surveyed(scene, 5400)
    track = f"{NEAR}&2026-03-10 08:04:00,{FAR}&2026-03-10 08:05:00"
    snapshot(scene, 400, [Seen(1, area=ROAD, station=FAR, station_at=300, track=track), LEADER, GAS])
    (event,) = of(scene.judge(until=500), SPEED)
    assert (event.onset, event.inputs["from"], event.inputs["station"]) == (moment(240), NEAR, FAR)


def test_passes_of_a_track_count_in_the_order_of_their_times(scene: Scene) -> None:
    surveyed(scene, 5400)
    late, soon = f"{FAR}&2026-03-10 08:06:00", f"{NEAR}&2026-03-10 08:03:00"
    track = f"{late},{soon},{NEAR}&2026-03-10 08:05:30"
    snapshot(scene, 400, [Seen(1, area=ROAD, station=FAR, station_at=360, track=track), LEADER, GAS])
    (event,) = of(scene.judge(until=500), SPEED)
    assert (event.onset, event.inputs["seconds"], event.inputs["from"]) == (moment(330), 30, NEAR)


def test_a_track_between_near_stations_tells_nothing_however_short_the_time(scene: Scene) -> None:
    surveyed(scene, 500)
    track = f"{NEAR}&2026-03-10 08:04:00,{FAR}&2026-03-10 08:04:00"
    snapshot(scene, 400, [Seen(1, area=ROAD, station=FAR, station_at=300, track=track), LEADER, GAS])
    assert of(scene.judge(until=500), SPEED) == []


def test_stations_without_coordinates_are_not_judged(scene: Scene) -> None:
    define(scene, 0)
    scene.upload("RYJZ", [f"{NEAR};一号;0;0;0;一号", f"{FAR};二号;0;0;0;二号"], 5)
    snapshot(scene, 300, [seen_at(NEAR, 290), LEADER, GAS])
    snapshot(scene, 600, [seen_at(FAR, 301), LEADER, GAS])
    assert of(scene.judge(until=700), SPEED) == []
