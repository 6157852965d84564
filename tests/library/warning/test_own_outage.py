"""Our own outage: an event about ourselves, with the span in which silence was not judged, and none against a mine."""

from __future__ import annotations

import pytest

from tests.library.warning.scene import GATEWAY, SECOND, Scene, moment

OUTAGE = "link.gateway_outage"


@pytest.mark.parametrize(("seconds", "grade"), [(60, "blue"), (600, "yellow"), (3599, "yellow"), (3600, "orange")])
def test_it_tells_how_long_we_did_not_judge(scene: Scene, seconds: int, grade: str) -> None:
    scene.send(0, 0.3)
    scene.judge(until=60)
    scene.outage(until=60 + seconds)
    scene.send(60 + seconds, 0.3)
    event = scene.only(until=70 + seconds)
    assert (event.rule, event.subject_kind, event.subject, event.mine) == (OUTAGE, "gateway", GATEWAY, "")
    assert (event.onset, event.end, event.status, event.grade) == (moment(60), moment(60 + seconds), "cleared", grade)
    assert (event.inputs["not_judged_s"], event.inputs["mines"]) == (seconds, 1)


@pytest.mark.parametrize("seconds", [5, 59])
def test_a_short_gap_is_not_told(scene: Scene, seconds: int) -> None:
    scene.send(0, 0.3)
    scene.judge(until=60)
    scene.outage(until=60 + seconds)
    assert scene.judge(until=120) == []


def test_the_first_tick_ends_no_outage(scene: Scene) -> None:
    scene.ticked = moment(4000) - SECOND
    scene.send(4000, 0.3)
    assert scene.judge(until=4060) == []


def test_a_gateway_that_left_by_its_own_word_was_not_out(scene: Scene) -> None:
    scene.send(0, 0.3)
    scene.config("retired", {}, 60)
    scene.outage(until=3600)
    scene.send(3600, 0.3)
    assert scene.judge(until=3660) == []
    scene.outage(until=7200)
    assert [e.rule for e in scene.judge(until=7260)] == [OUTAGE]
