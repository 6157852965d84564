"""Outages that come again and again are one event, which ends after a quiet time."""

from __future__ import annotations

import pytest

from kuangan.library.simulate import flap, truths
from kuangan.library.simulate.truth import flappings
from kuangan.library.warning.events import Event
from tests.library.warning.days import BEGIN, HOUR, MINUTE, RHYTHM, files, judged, mine, of, spool
from tests.library.warning.scene import CH4, FAN, MINE, Scene, moment

FLAPPING, LINK, SENSOR = "link.flapping", "link.network_outage", "link.sensor_offline"


def interrupted(scene: Scene, times: int, silent: int = 400, every: int = 900) -> list[Event]:
    """A link that is silent again and again; its files come every minute otherwise."""
    for number in range(times):
        scene.steady(number * every, (number + 1) * every - silent, 0.3, every=60)
    scene.steady(times * every, times * every + 120, 0.3, every=60)
    return scene.judge(until=times * every + 120)


def test_the_fourth_outage_within_the_window_opens_it_and_the_later_ones_are_merged(scene: Scene) -> None:
    events = interrupted(scene, 6)
    (flapping,) = of(events, FLAPPING)
    assert (flapping.subject_kind, flapping.subject, flapping.grade, flapping.status) == (
        "mine",
        MINE,
        "yellow",
        "open",
    )
    assert flapping.inputs["openings"] == 6
    assert [bool(e.merged_into) for e in of(events, LINK)] == [False] * 3 + [True] * 3
    assert {e.merged_into for e in of(events, LINK)} == {None, flapping.id}


def test_three_are_three(scene: Scene) -> None:
    assert of(interrupted(scene, 3), FLAPPING) == []


def test_outages_far_apart_are_not_one(scene: Scene) -> None:
    assert of(interrupted(scene, 5, every=3600), FLAPPING) == []


def test_it_ends_after_a_quiet_hour_with_the_last_return(scene: Scene) -> None:
    interrupted(scene, 5)
    scene.steady(5 * 900 + 120, 5 * 900 + 3600, 0.3, every=60)
    assert [e.status for e in of(scene.judge(until=5 * 900 + 3599), FLAPPING)] == ["open"]
    scene.steady(5 * 900 + 3600, 5 * 900 + 3700, 0.3, every=60)
    (flapping,) = of(scene.judge(until=5 * 900 + 3700), FLAPPING)
    assert (flapping.status, flapping.end) == ("cleared", moment(5 * 900))


def test_a_long_outage_within_it_is_not_hidden(scene: Scene) -> None:
    interrupted(scene, 5)
    (flapping,) = of(scene.judge(until=5 * 900 + 120 + 7200 + 400), FLAPPING)
    assert (flapping.grade, flapping.status) == ("red", "open")


def test_a_sensor_flaps_too(scene: Scene) -> None:
    for number in range(5):
        scene.steady(number * 900, number * 900 + 500, {CH4: 0.3, FAN: 1}, every=60)
        scene.steady(number * 900 + 500, (number + 1) * 900, {FAN: 1}, every=60)
    (flapping,) = of(scene.judge(until=4500), FLAPPING)
    assert (flapping.subject_kind, flapping.subject, flapping.inputs["outage"]) == ("point", CH4, SENSOR)


@pytest.mark.parametrize("crash", [False, True])
def test_what_the_simulator_plants_is_found_exactly_however_it_is_cut(crash: bool) -> None:
    a, b = mine(1), mine(2)
    faults = [
        *flap(a, BEGIN + 2 * HOUR, times=6, every_min=20, minutes=8),
        *flap(b, BEGIN + 3 * HOUR, times=5, every_min=25, minutes=9, subject=b.find("corner").code),
        *flap(b, BEGIN + 8 * HOUR, times=3, every_min=25, minutes=9),
    ]
    frames = spool(files([a, b], 0.5, faults), BEGIN + 12 * HOUR)
    found = judged(frames, [len(frames) // 5, len(frames) // 3, len(frames) // 2], crash)
    assert found == judged(frames)
    labels = [t for one in (a, b) for t in flappings(truths(one, faults, RHYTHM))]
    told = [(e.subject, e.end, e.grade, e.status) for e in of(found, FLAPPING)]
    assert told == [(t.subject, t.end, t.grade, "cleared") for t in labels]
    assert [abs(e.onset - t.onset - 5 * MINUTE) <= 5000 for e, t in zip(of(found, FLAPPING), labels, strict=True)] == [
        True
    ] * 2
