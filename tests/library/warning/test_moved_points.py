"""Points that their mine defines at another place: what was told of the old place ends there."""

from __future__ import annotations

from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import MISSING, TREND, shipped
from tests.library.warning.scene import CH4, FACE, Scene, code, definition, moment

NEXT_DAY = 16 * 3600 + 600
LOW, HIGH = 0.3, 0.55
ELSEWHERE = "1205综采工作面T1"
SECOND_POINT = code(7)


def of(events: list[Event], rule: str) -> list[Event]:
    return [event for event in events if event.rule == rule]


def lived(scene: Scene, points: tuple[str, ...] = (CH4,)) -> None:
    book = shipped().model_dump(mode="json")
    book["rules"][TREND] |= {"hours": {"blue": 0, "yellow": 0.5}, "day_samples": 5}
    scene.config("rulebook", book, 0)
    scene.steady(60, 780, dict.fromkeys(points, LOW), every=60)


def test_a_rise_ends_with_its_point_although_that_hangs_elsewhere_now(scene: Scene) -> None:
    lived(scene)
    scene.steady(NEXT_DAY, NEXT_DAY + 300, LOW, every=60)
    scene.steady(NEXT_DAY + 300, NEXT_DAY + 900, HIGH, every=60)
    scene.upload("CDDY", [definition(CH4, location=ELSEWHERE)], NEXT_DAY + 900)
    scene.steady(NEXT_DAY + 960, NEXT_DAY + 1260, LOW, every=60)
    (event,) = of(scene.judge(until=NEXT_DAY + 1300), TREND)
    assert (event.status, event.end) == ("cleared", moment(NEXT_DAY + 960))


def test_two_points_of_a_place_that_rise_one_after_the_other_are_counted_once(scene: Scene) -> None:
    lived(scene, (CH4, SECOND_POINT))
    at = NEXT_DAY
    for first, second, minutes in ((LOW, LOW, 5), (HIGH, LOW, 5), (HIGH, HIGH, 1), (LOW, HIGH, 5), (LOW, LOW, 2)):
        scene.steady(at, at + 60 * minutes, {CH4: first, SECOND_POINT: second}, every=60)
        at += 60 * minutes
    (event,) = of(scene.judge(until=at), TREND)
    assert (event.status, event.inputs["seconds_above"]) == ("cleared", 11 * 60)


def test_what_lacks_at_a_place_is_over_when_the_mine_has_no_such_place_any_more(scene: Scene) -> None:
    scene.upload("CDDY", [definition(CH4, location=FACE)], 0)
    scene.steady(60, 5 * 3600, 0.3, every=120)
    (event,) = of(scene.judge(until=5 * 3600), MISSING)
    assert (event.subject, event.status) == ("1102综采工作面", "open")
    scene.upload("CDDY", [definition(CH4, location="中央变电所")], 5 * 3600)
    scene.steady(5 * 3600 + 60, 10 * 3600, 0.3, every=120)
    assert [e.status for e in of(scene.judge(until=10 * 3600), MISSING)] == ["cleared"]
