"""A camera whose picture stands still for long is watched, on the wire of the video families; no more than that."""

from __future__ import annotations

import pytest

from kuangan.library.warning.events import Event
from tests.library.warning.scene import Scene, moment
from tests.library.warning.video.stage import BLOCKED, FROZEN, anomaly, camera


def told(scene: Scene, until: float) -> list[Event]:
    return [event for event in scene.judge(until=until) if event.rule.startswith("tamper.")]


def lasting(scene: Scene, minutes: int, case: str) -> None:
    for minute in range(minutes + 1):
        anomaly(scene, 60 + 60 * minute, 1, case)


def test_a_picture_that_stands_still_for_half_an_hour_is_watched_until_it_moves(scene: Scene) -> None:
    lasting(scene, 33, FROZEN)
    (event,) = told(scene, 60 + 33 * 60 + 30)
    assert (event.rule, event.subject_kind, event.subject) == ("tamper.static_picture", "camera", camera(1))
    assert (event.inputs["tier"], event.grade, event.onset, event.status) == ("watch", "blue", moment(60), "open")
    assert [(each["sign"], each["state"]) for each in event.inputs["signs"]] == [
        ("frozen", "spoke"),
        ("same_digest", "unknown"),
    ]
    (event,) = told(scene, 60 + 46 * 60)
    assert event.status == "cleared"


def test_a_message_that_comes_every_ten_minutes_goes_on(scene: Scene) -> None:
    for minute in range(0, 41, 10):
        anomaly(scene, 60 + 60 * minute, 1, FROZEN)
    (event,) = told(scene, 60 + 41 * 60)
    assert (event.rule, event.onset, event.status) == ("tamper.static_picture", moment(60), "open")


@pytest.mark.parametrize(("minutes", "case"), [(20, FROZEN), (40, BLOCKED)])
def test_a_short_standstill_and_a_covered_lens_are_for_the_rules_on_video(
    scene: Scene, minutes: int, case: str
) -> None:
    lasting(scene, minutes, case)
    assert told(scene, 60 + 60 * minutes + 30) == []
