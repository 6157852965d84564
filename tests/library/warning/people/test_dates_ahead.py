"""Times of a personnel system or a camera that lie ahead: one wrong time must not silence a rule for as long."""

from __future__ import annotations

import json

from tests.library.warning.people.stage import LEADER, ROAD, Seen, crowd, define, of, snapshot, steadily
from tests.library.warning.scene import MINE, Scene, moment, stamp, wire_time

GAS = Seen(901, area=ROAD)
BELOW = [*crowd(6, area=ROAD), LEADER, GAS]
HOUR = 3600


def leaving(count: int, at: float) -> list[Seen]:
    return [Seen(100 + number, area=ROAD, flag=2, left=at) for number in range(count)]


def test_a_time_of_leaving_that_lies_ahead_does_not_hide_who_leaves_after_it(scene: Scene) -> None:
    define(scene, 0)
    snapshot(scene, 300, BELOW)
    snapshot(scene, 600, [Seen(99, area=ROAD, flag=2, left=20 * HOUR), *leaving(1, 550), *BELOW])
    snapshot(scene, 900, [*leaving(12, 850), *BELOW])
    (event,) = of(scene.judge(until=1000), "people.mass_exit")
    assert (event.onset, event.inputs["persons"]) == (moment(850), 12)


def counted(scene: Scene, at: float, heads: int, measured: float) -> None:
    row = {"mineCode": MINE, "cameraCode": f"{MINE}0101010101", "analysisCase": f"{heads:04d}"}
    payload = json.dumps([row | {"dataTime": wire_time(moment(measured))}]).encode()
    scene.put("upload", f"{MINE}_undergroundCount_{stamp(moment(at))}.json", payload, at)


def test_a_count_dated_ahead_does_not_outlast_those_that_follow(scene: Scene) -> None:
    define(scene, 0)
    counted(scene, 100, 8, measured=20 * HOUR)
    counted(scene, 200, 30, measured=200)
    steadily(scene, 300, 2400, BELOW)
    (event,) = of(scene.judge(until=2500), "people.count_mismatch")
    assert (event.inputs["counted"], event.inputs["persons"]) == (30, 8)
