"""Gas above the day before: yellow is for gas that was above for long, not for short rises far apart."""

from __future__ import annotations

import pytest

from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import TREND, shipped
from tests.library.warning.scene import CH4, Scene, moment

NEXT_DAY = 16 * 3600 + 600
LOW, HIGH = 0.3, 0.55


@pytest.fixture
def stage(scene: Scene) -> Scene:
    """A day with a mean of 0.3 lies behind; yellow after half an hour instead of four."""
    book = shipped().model_dump(mode="json")
    book["rules"][TREND] |= {"hours": {"blue": 0, "yellow": 0.5}, "day_samples": 5}
    scene.config("rulebook", book, 0)
    scene.steady(60, 780, LOW, every=60)
    return scene


def shown(scene: Scene, *stretches: tuple[int, float]) -> Event:
    """Minutes and values one after another from the next day on, a sample a minute."""
    at = NEXT_DAY
    for minutes, value in stretches:
        scene.steady(at, at + 60 * minutes, {CH4: value}, every=60)
        at += 60 * minutes
    (event,) = [e for e in scene.judge(until=at) if e.rule == TREND]
    return event


def test_gas_that_stays_above_is_yellow_after_the_time(stage: Scene) -> None:
    event = shown(stage, (5, LOW), (30, HIGH))
    assert (event.grade, event.status, event.onset) == ("blue", "open", moment(NEXT_DAY + 300))
    stage.steady(NEXT_DAY + 2100, NEXT_DAY + 2220, {CH4: HIGH}, every=60)
    (event,) = [e for e in stage.judge(until=NEXT_DAY + 2220) if e.rule == TREND]
    assert (event.grade, event.inputs["ladder_row"]) == ("yellow", "0.5h")


def test_short_rises_far_apart_in_one_shift_are_one_event_and_stay_blue(stage: Scene) -> None:
    event = shown(stage, (5, LOW), (4, HIGH), (60, LOW), (4, HIGH), (5, LOW))
    assert (event.grade, event.status) == ("blue", "cleared")
    assert event.inputs["reopened"] == [moment(NEXT_DAY + 300 + 64 * 60)]
    assert event.inputs["seconds_above"] == 8 * 60


def test_the_time_above_adds_up_over_short_dips(stage: Scene) -> None:
    event = shown(stage, (5, LOW), *[(9, HIGH), (1, LOW)] * 3, (9, HIGH))
    assert (event.grade, event.status) == ("yellow", "open")
    assert event.inputs["seconds_above"] == 27 * 60


def swinging(scene: Scene, margin: float, *stretches: tuple[int, float]) -> list[Event]:
    """Trends of a day behind one in which the point swung between 0.2 and 0.6 around a mean of 0.3."""
    book = shipped().model_dump(mode="json")
    book["rules"][TREND] |= {"day_samples": 5, "crest_margin": margin}
    scene.config("rulebook", book, 0)
    at = 60
    for minutes, value in [(30, 0.2), (10, 0.6), *[(NEXT_DAY // 60 - 40, None)], *stretches]:
        if value is not None:
            scene.steady(at, at + 60 * minutes, {CH4: value}, every=60)
        at += 60 * minutes
    return [event for event in scene.judge(until=at) if event.rule == TREND]


def test_a_height_that_the_point_has_every_day_is_no_early_sign(scene: Scene) -> None:
    assert swinging(scene, 0.3, (5, 0.2), (30, 0.6), (5, 0.2)) == []


def test_a_height_beyond_the_usual_day_is_told_from_where_it_passed_the_clause(scene: Scene) -> None:
    (event,) = swinging(scene, 0.3, (5, 0.2), (4, 0.55), (6, 0.85))
    assert event.inputs["mean_before"] == pytest.approx(0.3, abs=0.02)
    assert event.peak == 0.85
    assert event.raised_at - event.onset == pytest.approx(6 * 60_000, abs=60_000)


def test_without_a_margin_the_clause_stands_alone(scene: Scene) -> None:
    (event,) = swinging(scene, -1, (5, 0.2), (30, 0.6), (5, 0.2))
    assert event.status == "cleared"
