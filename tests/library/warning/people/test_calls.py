"""Calls for help: told at once, told once, over when the mine says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.warning.events import Event
from kuangan.library.warning.people.calls import Calls
from tests.library.warning.scene import MINE, Scene, moment, stamp, wire_time

CARD, OTHER = f"{MINE}00017", f"{MINE}00018"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def call(scene: Scene, at: float, start: float, end: float | None = None, card: str = CARD) -> None:
    record = {"card": card, "place": "1102回风巷", "start": wire_time(moment(start)), "remark": "被困"}
    record |= {} if end is None else {"end": wire_time(moment(end))}
    content = {"mine": MINE, "mine_name": "合成煤矿", "sent": wire_time(moment(at)), "records": [record]}
    scene.put(UPLOAD, f"{MINE}_HELP_{stamp(moment(at))}.json", json.dumps(content, ensure_ascii=False).encode(), at)


def calls(scene: Scene, until: float) -> list[Event]:
    return [event for event in scene.judge(until) if event.rule == "people.help"]


def test_a_call_is_red_at_once_and_over_when_the_mine_says_so(scene: Scene) -> None:
    call(scene, 65, 60)
    (event,) = calls(scene, 65)
    assert (event.grade, event.status, event.onset, event.raised_at) == ("red", "open", moment(60), moment(65))
    assert (event.subject, event.inputs["location"], event.inputs["cards"]) == (CARD, "1102回风巷", [CARD])
    call(scene, 700, 60, 660)
    (event,) = calls(scene, 700)
    assert (event.status, event.end) == ("cleared", moment(660))


def test_what_is_sent_again_is_no_other_call(scene: Scene) -> None:
    call(scene, 65, 60)
    call(scene, 125, 60)
    call(scene, 700, 60, 660)
    call(scene, 760, 60, 660)
    call(scene, 820, 60)
    (event,) = calls(scene, 900)
    assert (event.rev, event.status) == (2, "cleared")


def test_another_card_and_a_later_call_of_the_same_are_their_own(scene: Scene) -> None:
    call(scene, 65, 60)
    call(scene, 70, 60, card=OTHER)
    call(scene, 705, 60, 660)
    call(scene, 905, 900)
    assert len(calls(scene, 1000)) == 3


def test_a_call_dated_ahead_counts_from_its_arrival(scene: Scene) -> None:
    call(scene, 65, 3600)
    assert [event.onset for event in calls(scene, 70)] == [moment(65)]


def test_a_call_with_an_unreadable_beginning_is_rejected_and_the_others_count(scene: Scene) -> None:
    records = [{"card": CARD, "start": "soon"}, {"card": OTHER, "start": wire_time(moment(60))}]
    content = {"mine": MINE, "mine_name": "合成煤矿", "sent": wire_time(moment(65)), "records": records}
    scene.put(UPLOAD, f"{MINE}_HELP_{stamp(moment(65))}.json", json.dumps(content).encode(), 65)
    assert [event.subject for event in calls(scene, 70)] == [OTHER]


def test_calls_survive_a_restart(scene: Scene) -> None:
    call(scene, 65, 60)
    call(scene, 70, 60, 68, card=OTHER)
    scene.judge(80)
    family = scene.pipeline.state.families["people.help"]
    again = Calls()
    again.restore(json.loads(json.dumps(family.table())))
    assert again.table() == family.table()
