"""Anomalies of pictures: how long, how often, and when they are over."""

from __future__ import annotations

from pathlib import Path

import pytest

from kuangan.library.warning.video import settings as video
from tests.library.warning.scene import Scene, moment
from tests.library.warning.video.stage import (
    BLOCKED,
    BRIGHT,
    DARK,
    FROZEN,
    LOST,
    MINUTE,
    MOVED,
    anomaly,
    camera,
    of,
    states,
    steadily,
)

TWO = (1, 2)


def lasting(scene: Scene, start: float, minutes: int, case: str, every: int = 60) -> None:
    """Messages every minute, with states of the cameras every five."""
    for second in range(0, minutes * MINUTE + 1, every):
        anomaly(scene, start + second, 1, case)
        if second % 300 == 0:
            states(scene, start + second + 1, among=TWO)


def test_a_covered_camera_is_told_at_once_climbs_with_time_and_ends_with_its_last_message(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    states(scene, 10, among=TWO)
    lasting(scene, 60, 12, BLOCKED)
    (event,) = scene.judge(14 * MINUTE)
    assert (event.rule, event.subject, event.onset) == (video.BLOCKED, camera(1), moment(60))
    assert [(row[0], row[2]) for row in event.inputs["grades"]] == [("blue", "VB-B1"), ("yellow", "VB-Y1")]
    assert event.status == "open"
    steadily(scene, 16 * MINUTE, 21 * MINUTE, among=TWO)
    (event,) = scene.judge(25 * MINUTE)
    assert (event.status, event.end) == ("cleared", moment(13 * MINUTE))
    assert (event.inputs["messages"], event.inputs["lasted_s"], event.inputs["cases"]) == (13, 720, [BLOCKED])


def test_of_a_camera_off_line_nobody_knows_whether_its_anomaly_is_over(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    states(scene, 10, among=TWO)
    anomaly(scene, 60, 1)
    steadily(scene, 70, 55 * MINUTE, off=(1,), among=TWO)
    (event,) = of(scene.judge(55 * MINUTE), video.BLOCKED)
    assert event.status == "open"
    steadily(scene, 56 * MINUTE, 62 * MINUTE, among=TWO)
    (event,) = of(scene.judge(62 * MINUTE), video.BLOCKED)
    assert (event.status, event.end) == ("cleared", moment(60))


def test_without_any_state_an_anomaly_is_over_after_an_hour(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    anomaly(scene, 60, 1)
    assert scene.only(60 * MINUTE).status == "open"
    assert scene.only(62 * MINUTE).status == "cleared"


def test_three_times_a_day_is_graver(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for number in range(3):
        anomaly(scene, 60 + number * 20 * MINUTE, 1, MOVED)
        steadily(scene, 70 + number * 20 * MINUTE, 70 + number * 20 * MINUTE + 10 * MINUTE, among=TWO)
    events = scene.judge(60 * MINUTE)
    assert [(e.rule, e.grade, e.inputs["episodes"]) for e in events] == [
        (video.MOVED, "blue", 1),
        (video.MOVED, "blue", 2),
        (video.MOVED, "yellow", 3),
    ]


@pytest.mark.parametrize(
    ("case", "minutes", "rule"),
    [(DARK, 31, video.DARK), (BRIGHT, 61, video.POOR), (LOST, 6, video.LOST), (FROZEN, 0, video.FROZEN)],
)
def test_each_case_has_its_rule_and_its_patience(tmp_path: Path, case: str, minutes: int, rule: str) -> None:
    scene = Scene(tmp_path)
    states(scene, 10, among=TWO)
    lasting(scene, 60, minutes, case)
    (event,) = scene.judge((minutes + 1) * MINUTE + 30)
    assert (event.rule, event.grade, event.inputs["cases"]) == (rule, "blue", [case])


def test_messages_that_come_late_twice_or_out_of_order_change_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    states(scene, 10, among=TWO)
    anomaly(scene, 600, 1)
    anomaly(scene, 620, 1, old=300)
    anomaly(scene, 630, 1, old=30)
    anomaly(scene, 640, 2, old=3700)
    (event,) = scene.judge(11 * MINUTE)
    assert (event.onset, event.rev) == (moment(600), 1)
    steadily(scene, 700, 20 * MINUTE, among=TWO)
    assert scene.only(22 * MINUTE).status == "cleared"
    anomaly(scene, 23 * MINUTE, 1, old=23 * MINUTE - 600)
    assert len(scene.judge(24 * MINUTE)) == 1, "what belongs to an anomaly that is over opens no other"


def test_unknown_cases_and_events_of_other_kinds_are_no_anomaly(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    anomaly(scene, 60, 1, "0042")
    assert scene.judge(5 * MINUTE) == []
