"""A point that no longer moves, against its own past: what raises, what is honestly constant, and what is unknown."""

from __future__ import annotations

import pytest

from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import parse, shipped
from tests.library.warning.scene import CH4, CO, FAN, Scene, code, moment

FLAT = "point.flat"
NEXT_DAY = 16 * 3600 + 600
HEAT = code(5, kind="MN0003")
SOON = {"hours": {"blue": 0.25, "orange": 0.5}, "history_days": 1, "day_samples": 5, "gap_min": 5}


def short(scene: Scene, **changed: object) -> None:
    """The rule with clocks of minutes instead of hours."""
    book = shipped().model_dump(mode="json")
    book["rules"][FLAT] |= SOON | changed
    scene.config("rulebook", book, 0)


def lived(
    scene: Scene, point: str = CH4, values: tuple[float, ...] = (0.3, 0.34, 0.31, 0.36), start: float = 60
) -> None:
    """A day in which the point moved, one value a minute."""
    for number in range(12):
        scene.send(start + 60 * number, {point: values[number % len(values)]})


def still(scene: Scene, minutes: int, point: str = CH4, value: object = 0.33, status: int = 0) -> None:
    """The next day: one other value, then the same for minutes."""
    scene.send(NEXT_DAY - 60, {point: 0.3})
    for number in range(minutes + 1):
        scene.send(NEXT_DAY + 60 * number, {point: value}, status=status)


def flat(events: list[Event]) -> list[Event]:
    return [event for event in events if event.rule == FLAT]


def test_it_opens_with_the_last_change_and_climbs_and_ends_with_the_next(scene: Scene) -> None:
    short(scene)
    lived(scene)
    still(scene, 14)
    assert flat(scene.judge(until=NEXT_DAY + 899)) == []
    scene.send(NEXT_DAY + 900, 0.33)
    (event,) = flat(scene.judge(until=NEXT_DAY + 960))
    assert (event.subject_kind, event.subject, event.grade, event.status) == ("point", CH4, "blue", "open")
    assert (event.onset, event.raised_at) == (moment(NEXT_DAY), moment(NEXT_DAY + 900))
    assert (event.inputs["value"], event.inputs["usual_range"], event.inputs["history_days"]) == (0.33, 0.06, 1)
    for number in range(16, 32):
        scene.send(NEXT_DAY + 60 * number, 0.33)
    scene.send(NEXT_DAY + 1920, 0.34)
    (event,) = flat(scene.judge(until=NEXT_DAY + 1980))
    assert [grade for grade, _, _ in event.inputs["grades"]] == ["blue", "orange"]
    assert (event.status, event.end, event.inputs["seconds_unchanged"]) == ("cleared", moment(NEXT_DAY + 1920), 1920)


def test_a_change_between_two_samples_is_seen(scene: Scene) -> None:
    short(scene)
    lived(scene)
    still(scene, 10)
    scene.send(NEXT_DAY + 610, 0.34)
    for number in range(11, 20):
        scene.send(NEXT_DAY + 60 * number, 0.33)
    assert flat(scene.judge(until=NEXT_DAY + 1200)) == []


@pytest.mark.parametrize("values", [(0.04,), (0.04, 0.05), (0.04, 0.06)])
def test_a_point_that_never_varied_much_is_honestly_constant(scene: Scene, values: tuple[float, ...]) -> None:
    short(scene)
    lived(scene, values=values)
    still(scene, 60, value=0.04)
    assert flat(scene.judge(until=NEXT_DAY + 3700)) == []


def test_a_run_that_the_point_has_shown_before_raises_nothing(scene: Scene) -> None:
    short(scene)
    lived(scene)
    for number in range(11):
        scene.send(800 + 60 * number, 0.35)
    scene.send(1500, 0.31)
    still(scene, 29)
    assert flat(scene.judge(until=NEXT_DAY + 1790)) == []
    for number in range(30, 34):
        scene.send(NEXT_DAY + 60 * number, 0.33)
    (event,) = flat(scene.judge(until=NEXT_DAY + 2100))
    assert (event.inputs["usual_run_s"], event.grade) == (600, "orange")


def test_without_enough_history_nothing_is_judged(scene: Scene) -> None:
    short(scene, history_days=2)
    lived(scene)
    still(scene, 60)
    assert flat(scene.judge(until=NEXT_DAY + 3700)) == []


@pytest.mark.parametrize("point", [FAN, HEAT])
def test_switches_and_types_that_may_stand_still_are_not_judged(scene: Scene, point: str) -> None:
    short(scene)
    lived(scene, point, (0, 1, 2, 3))
    still(scene, 60, point, value=1)
    assert flat(scene.judge(until=NEXT_DAY + 3700)) == []


@pytest.mark.parametrize("status", [4, 64])
def test_calibration_and_pause_end_a_run(scene: Scene, status: int) -> None:
    short(scene)
    lived(scene)
    still(scene, 60, status=status)
    assert flat(scene.judge(until=NEXT_DAY + 3700)) == []


def test_a_point_sent_on_change_raises_nothing(scene: Scene) -> None:
    scene.config("register", {"mines": {}, "upload_mode": {CH4: "on_change"}}, 0)
    short(scene)
    lived(scene)
    still(scene, 60)
    assert flat(scene.judge(until=NEXT_DAY + 3700)) == []


def test_a_gap_is_unknown_not_constant(scene: Scene) -> None:
    short(scene)
    lived(scene)
    still(scene, 10)
    for number in range(20):
        scene.send(NEXT_DAY + 1200 + 60 * number, 0.33)
        assert flat(scene.judge()) == [] or number >= 15
    (event,) = flat(scene.judge(until=NEXT_DAY + 2400))
    assert event.onset == moment(NEXT_DAY + 1200)


def test_a_late_reading_of_another_value_makes_it_void(scene: Scene) -> None:
    short(scene)
    lived(scene)
    still(scene, 16)
    assert [e.status for e in flat(scene.judge(until=NEXT_DAY + 1019))] == ["open"]
    scene.send(NEXT_DAY + 605, 0.37, arrival=NEXT_DAY + 1019)
    (event,) = flat(scene.judge(until=NEXT_DAY + 1040))
    assert (event.status, event.late, event.onset) == ("void", True, moment(NEXT_DAY + 660))


def test_each_point_has_its_own_run(scene: Scene) -> None:
    short(scene)
    lived(scene)
    lived(scene, CO, (3, 7, 5, 9), start=90)
    scene.send(NEXT_DAY - 60, {CH4: 0.3, CO: 3})
    for number in range(20):
        scene.send(NEXT_DAY + 60 * number, {CH4: 0.33, CO: 4 + number % 2})
    assert [e.subject for e in flat(scene.judge(until=NEXT_DAY + 1260))] == [CH4]


def test_an_older_rule_book_is_judged_with_the_shipped_rule() -> None:
    book = shipped().model_dump(mode="json")
    del book["rules"][FLAT], book["clauses"][FLAT]
    assert parse(repr(book).replace("None", "null")).flat == shipped().flat
