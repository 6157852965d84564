"""Judging past days again: from the spool as the engine did, from the archive nearly so, and what another book changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.spool_past import frames_between
from kuangan.library.warning.compared import Pair, compare
from kuangan.library.warning.events import Event
from kuangan.library.warning.rulebook import OVER_LIMIT, shipped
from kuangan.library.warning.runners.past import FROM_READINGS, Past, alive, chunks, ticks_joined
from tests.library.warning.scene import CH4, HOUR, MINE, MINUTE, OTHER, SECOND, START, Scene, code, moment

HOURS = 3
OTHER_CH4 = code(1, OTHER)
REGISTER = b"{}"


def lived(scene: Scene) -> Scene:
    """Two mines for three hours: gas over the limit twice in A, an outage of A, a dead sensor."""
    for at in range(0, HOURS * 3600, 30):
        high = 1.3 if 1200 <= at < 1500 or 2400 <= at < 2460 else 0.3
        if not 5400 <= at < 6300:
            values = {CH4: high} | ({code(2): 0.2} if at < 8000 else {})
            scene.send(at, values)
        scene.send(at, {OTHER_CH4: 0.4}, mine=OTHER)
    scene.judge(HOURS * 3600)
    scene.pipeline.flush()
    return scene


def spooled(scene: Scene) -> None:
    """The frames of the scene in a spool of its home, in several segments."""
    writer = SpoolWriter(scene.home, "g1")
    for number, (_, frame) in enumerate(scene.frames):
        mine = frame.name.partition("_")[0] if frame.kind == UPLOAD else ""
        writer.append(
            kind=frame.kind,
            name=frame.name,
            source="test",
            payload=frame.payload,
            received_at=frame.received_at,
            mine=mine,
        )
        if number % 200 == 199:
            writer.commit()
    writer.commit()
    writer.close()


def book(**over_limit: float) -> bytes:
    content: dict[str, Any] = json.loads(shipped().model_dump_json())
    content["rules"][OVER_LIMIT] |= over_limit
    return json.dumps(content).encode()


def told(events: Iterable[Event]) -> list[tuple[Any, ...]]:
    return sorted((e.rule, e.subject, e.onset, e.end, e.grade, e.raised_at) for e in events)


def from_spool(home: Path, folder: Path, text: bytes, mines: set[str], end: int) -> list[Event]:
    past = Past(folder, text, REGISTER, START)
    for some in chunks(ticks_joined(frames_between(home, START, end, mines)), 100, 1 << 20):
        past.feed(some)
    past.settle_last()
    return list(past.collected.events.values())


def from_archive(home: Path, folder: Path, text: bytes, mines: set[str], end: int) -> list[Event]:
    past = Past(folder, text, REGISTER, START)
    points = [CH4, code(2), OTHER_CH4]
    rows = Archive(home).read(points, START, end)
    rows = rows.filter(rows["mine"].is_in(list(mines)))
    heard = list(range(START, end, MINUTE))
    for at in range(START, end, HOUR):
        part = rows.filter((rows["time"] + rows["lag"] >= at) & (rows["time"] + rows["lag"] < at + HOUR))
        past.feed_rows(part, at + HOUR, heard)
    past.settle_last()
    return list(past.collected.events.values())


def test_the_spool_judged_again_by_the_same_book_gives_the_same_events(scene: Scene, tmp_path: Path) -> None:
    spooled(lived(scene))
    end = moment(HOURS * 3600) + SECOND
    again = from_spool(scene.home, tmp_path / "again", book(), {MINE, OTHER}, end)
    assert told(again) == told(scene.events())
    assert {e.rule for e in again} >= {OVER_LIMIT, "link.network_outage", "link.sensor_offline"}


def test_mines_that_were_not_chosen_are_not_judged(scene: Scene, tmp_path: Path) -> None:
    spooled(lived(scene))
    again = from_spool(scene.home, tmp_path / "again", book(), {OTHER}, moment(HOURS * 3600))
    assert again == []


def test_archived_readings_give_the_events_of_the_rules_that_read_nothing_else(scene: Scene, tmp_path: Path) -> None:
    lived(scene)
    again = from_archive(scene.home, tmp_path / "again", book(), {MINE, OTHER}, moment(HOURS * 3600))
    wanted = [e for e in scene.events() if e.rule in FROM_READINGS]
    assert wanted
    assert told(e for e in again if e.rule in FROM_READINGS) == told(wanted)


def test_a_changed_setting_loses_and_changes_alerts(scene: Scene, tmp_path: Path) -> None:
    spooled(lived(scene))
    end = moment(HOURS * 3600)
    now = from_spool(scene.home, tmp_path / "now", book(), {MINE}, end)
    then = from_spool(scene.home, tmp_path / "then", book(merge_gap_min=60), {MINE}, end)
    pairs = compare(now, then, START, end)
    assert [(p.kind, p.either.rule) for p in pairs if p.kind != "same"] == [("lost", OVER_LIMIT)]
    assert compare(now, then, START, START + MINUTE) == []


def event(ident: str, onset: int, end: int | None, grade: str = "blue") -> Event:
    none: dict[str, Any] = {}
    told_of = (OVER_LIMIT, 1, MINE, "point", CH4, onset, end, None, None, grade, "cleared", None, False)
    return Event(ident, 1, *told_of, onset, onset, none)


def kinds(pairs: list[Pair]) -> list[str]:
    return [pair.kind for pair in pairs]


def test_alerts_of_one_subject_whose_spans_meet_are_one() -> None:
    a, b = event("a", 0, 10), event("b", 20, 30, "red")
    assert kinds(compare([a, b], [replace(a, id="x", grade="red"), replace(b, grade="blue")], 0, 100)) == [
        "raised",
        "lowered",
    ]
    assert kinds(compare([a, b], [event("x", 5, 25)], 0, 100)) == ["same", "lost"]
    assert kinds(compare([], [a], 0, 100)) == ["new"]
    assert kinds(compare([replace(a, status="void")], [], 0, 100)) == []
    assert kinds(compare([event("c", 0, None)], [event("d", 90, 95)], 0, 100)) == ["same"]


def test_ticks_run_only_while_somebody_is_heard() -> None:
    assert list(alive(START, START + 200 * SECOND, [START, START + 120 * SECOND])) == [
        (START + SECOND, START + 60 * SECOND),
        (START + 120 * SECOND, START + 180 * SECOND),
    ]
    assert list(alive(START, START + 200 * SECOND, [])) == []


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_stretches_hold_every_frame_once(scene: Scene, most: int) -> None:
    frames: list[tuple[str, Frame]] = lived(scene).frames
    assert [row for part in chunks(frames, most, 1 << 30) for row in part] == frames
