"""Late readings: they leave the live state alone, are archived, and their windows are judged again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.ledger import balance
from kuangan.library.warning.events import Event
from tests.library.warning.scene import CH4, FAN, Scene, code, definition, moment

DAY = 86_400_000


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def live(scene: Scene, end: float, value: float = 0.3, start: float = 0) -> None:
    scene.steady(start, end, {CH4: value, FAN: 1})


def archived(scene: Scene, point: str = CH4) -> pl.DataFrame:
    scene.pipeline.flush()
    return Archive(scene.home).read([point], moment(-DAY), moment(DAY))


def limits(scene: Scene, until: float) -> list[Event]:
    return [event for event in scene.judge(until) if event.rule == "gas.over_limit"]


def only_limit(scene: Scene, until: float) -> Event:
    (event,) = limits(scene, until)
    return event


def figures(event: Event) -> tuple[int, int | None, float | None, str, str]:
    return (
        (event.onset - moment(0)) // 1000,
        event.end and (event.end - moment(0)) // 1000,
        event.peak,
        event.grade,
        event.status,
    )


def test_a_late_reading_leaves_the_live_state_alone(scene: Scene) -> None:
    live(scene, 600)
    scene.judge()
    before = {name: column.copy() for name, column in scene.pipeline.state.p.arrays().items()}
    scene.send(300, {CH4: 0.9}, arrival=600)
    scene.judge()
    after = scene.pipeline.state.p.arrays()
    unchanged = [name for name in before if name not in ("arrival", "good")]
    assert all(np.array_equal(before[name], after[name], equal_nan=True) for name in unchanged)
    assert scene.pipeline.state.machines == {}


def test_it_is_archived_with_its_lag(scene: Scene) -> None:
    live(scene, 600)
    scene.send(305, {CH4: 0.9}, arrival=600)
    scene.judge(until=620)
    row = archived(scene).filter(pl.col("time") == moment(305)).row(0, named=True)
    assert (row["value"], row["lag"], row["rev"]) == (0.9, 295_000, 0)


def test_an_over_limit_that_came_late_is_a_late_event_whose_clock_starts_at_arrival(scene: Scene) -> None:
    live(scene, 300)
    live(scene, 900, start=600)
    for second in range(300, 600, 10):
        scene.send(second, {CH4: 1.5 if 400 <= second < 500 else 0.3}, arrival=900 + second / 1000)
    event = only_limit(scene, until=920)
    assert figures(event) == (400, 500, 1.5, "yellow", "cleared")
    assert (event.late, event.rev, event.raised_at) == (True, 1, moment(900.4))


def test_late_windows_are_judged_at_every_tenth_second_of_the_clock(scene: Scene) -> None:
    live(scene, 600)
    scene.send(305, {CH4: 1.2}, arrival=601)
    fresh = scene.frames[scene.judged :]
    scene.judged = len(scene.frames)
    assert scene.pipeline.advance(fresh) == []
    scene.tick(609)
    assert scene.pipeline.advance(scene.frames[scene.judged :]) == []
    scene.judged = len(scene.frames)
    scene.tick(610)
    (event,) = scene.pipeline.advance(scene.frames[scene.judged :])
    assert (event.changed_at, event.raised_at) == (moment(610), moment(601))


def test_late_readings_behind_the_last_tick_are_judged_at_the_end(scene: Scene) -> None:
    live(scene, 600)
    scene.send(305, {CH4: 1.2}, arrival=700)
    assert figures(scene.only()) == (305, 310, 1.2, "blue", "cleared")


def test_the_onset_moves_back_under_the_same_id(scene: Scene) -> None:
    live(scene, 300)
    live(scene, 400, 1.2, start=330)
    live(scene, 500, start=400)
    before = scene.only()
    for second in (300, 310, 320):
        scene.send(second, {CH4: 1.6 if second > 300 else 0.3}, arrival=510)
    event = scene.only(until=520)
    assert (event.id, event.rev > before.rev, event.late) == (before.id, True, True)
    assert figures(event) == (310, 400, 1.6, "yellow", "cleared")
    assert (event.raised_at, event.inputs["value"], event.inputs["seconds_over"]) == (before.raised_at, 1.6, 80)


def test_two_events_that_late_readings_join_merge_under_the_older_id(scene: Scene) -> None:
    live(scene, 20, 1.2)
    live(scene, 30, start=20)
    scene.send(1000, {CH4: 1.4})
    live(scene, 1030, start=1010)
    older, younger = limits(scene, until=1030)
    for second in range(30, 1000, 100):
        scene.send(second, {CH4: 1.1}, arrival=1030 + second / 1000)
    kept, merged = sorted(limits(scene, until=1100), key=lambda e: e.raised_at)
    assert (kept.id, merged.id) == (older.id, younger.id)
    assert merged.merged_into == kept.id
    assert (merged.status, kept.merged_into, kept.status) == ("cleared", None, "cleared")
    assert figures(kept)[:3] == (0, 1010, 1.4)


def test_a_bridge_to_the_open_event_keeps_it_open_under_the_older_id(scene: Scene) -> None:
    live(scene, 20, 1.2)
    live(scene, 700, start=20)
    live(scene, 800, 1.3, start=700)
    for second in range(105, 700, 100):
        scene.send(second, {CH4: 1.1}, arrival=800)
    older, merged = scene.judge(until=800)
    assert (merged.merged_into, older.status, older.end) == (older.id, "open", None)
    scene.send(810, {CH4: 2.1})
    assert (scene.judge()[0].peak, scene.judge()[0].grade) == (2.1, "orange")
    scene.send(820, {CH4: 0.2})
    assert [e.status for e in scene.judge()] == ["cleared", "cleared"]


def test_an_event_falls_in_two_when_late_readings_show_a_long_lull(scene: Scene) -> None:
    scene.series((0, 1.2), (1500, 1.3), (1510, 0.2))
    for second in (10, 750, 1490):
        scene.send(second, {CH4: 0.2}, arrival=1520)
    first, second_ = limits(scene, until=1530)
    assert figures(first) == (0, 10, 1.2, "blue", "cleared")
    assert figures(second_) == (1500, 1510, 1.3, "blue", "cleared")
    assert (first.late, second_.late, first.id != second_.id) == (True, True, True)


def test_an_event_that_falls_in_three_gives_three_ids(scene: Scene) -> None:
    scene.series((0, 1.2), (1500, 1.3), (3000, 1.3), (3010, 0.2))
    scene.upload("CDSS", [], 3015)
    for second in (10, 1510, 750, 2250):
        scene.send(second, {CH4: 0.2}, arrival=3020 + second / 10_000)
    found = limits(scene, until=3040)
    assert [figures(e)[0] for e in found] == [0, 1500, 3000]
    assert len({e.id for e in found}) == 3


def test_the_same_value_again_has_no_effect(scene: Scene) -> None:
    live(scene, 100)
    live(scene, 200, 1.2, start=100)
    event = scene.only()
    scene.send(150, {CH4: 1.2, FAN: 1}, arrival=210)
    assert scene.only(until=230) == event
    assert len(archived(scene).filter(pl.col("time") == moment(150))) == 1
    assert balance(scene.home).repeated == 2


def test_another_value_is_kept_as_a_revision_and_changes_no_judgement(scene: Scene) -> None:
    live(scene, 100)
    scene.send(50, {CH4: 3.5}, arrival=110)
    scene.send(50, {CH4: 3.6}, arrival=115)
    assert scene.judge(until=130) == []
    scene.pipeline.flush()
    rows = Archive(scene.home).existing([CH4], [moment(50)])
    assert rows["value"].to_list() == [0.3, 3.5, 3.6]
    assert rows["rev"].to_list() == [0, 1, 2]
    assert Archive(scene.home).read([CH4], moment(50), moment(51))["value"].to_list() == [0.3]


def test_the_first_of_two_late_values_for_a_key_stands(scene: Scene) -> None:
    live(scene, 100)
    scene.send(55, {CH4: 1.3}, arrival=110)
    scene.send(55, {CH4: 0.1}, arrival=111)
    assert scene.only(until=130).peak == 1.3


def test_the_live_event_goes_on_after_its_window_was_judged_again(scene: Scene) -> None:
    live(scene, 100)
    live(scene, 200, 1.2, start=110)
    scene.send(100, {CH4: 1.1}, arrival=201)
    before = scene.only(until=210)
    assert (before.onset, before.status) == (moment(100), "open")
    live(scene, 1910, 1.2, start=210)
    event = scene.only()
    assert (event.id, event.grade) == (before.id, "orange")
    assert event.inputs["grades"][-1][1] == moment(1900)


def test_an_older_late_episode_does_not_touch_the_live_event(scene: Scene) -> None:
    live(scene, 1800)
    live(scene, 2000, 1.2, start=1800)
    opened = scene.only()
    scene.send(305, {CH4: 1.5}, arrival=2001)
    early, still = scene.judge(until=2010)
    assert (still.id, still.status, still.onset, still.grade) == (opened.id, "open", opened.onset, opened.grade)
    assert (opened.inputs["occurrences"], still.inputs["occurrences"]) == (1, 2)
    assert figures(early) == (305, 310, 1.5, "blue", "cleared")
    scene.send(2020, {CH4: 2.2})
    scene.send(2030, {CH4: 0.2})
    early, now = scene.judge()
    assert [(e.id, e.status, e.peak) for e in (early, now)] == [
        (early.id, "cleared", 1.5),
        (opened.id, "cleared", 2.2),
    ]


def test_a_window_older_than_the_horizon_is_judged_without_the_live_edge(scene: Scene) -> None:
    scene.steady(0, 4 * 3600, {CH4: 0.3}, every=60)
    scene.send(4 * 3600, {CH4: 1.2})
    scene.send(125, {CH4: 1.4}, arrival=4 * 3600 + 1)
    early, now = scene.judge(until=4 * 3600 + 10)
    assert (figures(early)[:2], now.status) == ((125, 180), "open")
    scene.send(4 * 3600 + 20, {CH4: 0.2})
    assert [e.status for e in scene.judge()] == ["cleared", "cleared"]


def test_calibration_and_faults_in_late_readings_raise_nothing(scene: Scene) -> None:
    live(scene, 100)
    scene.send(55, {CH4: 2.5}, status=4, arrival=110)
    scene.send(65, {CH4: 2.5}, status=128, arrival=111)
    scene.send(75, {CH4: -9999}, arrival=112)
    assert scene.judge(until=130) == []


def test_a_grade_once_given_is_not_lowered_by_what_comes_late(scene: Scene) -> None:
    scene.series((0, 1.2), (100, 1.2), (110, 0.3))
    assert scene.only().grade == "yellow"
    scene.send(50, {CH4: 0.2}, arrival=120)
    event = scene.only(until=130)
    assert (event.grade, event.inputs["reopened"], event.inputs["seconds_over"]) == ("yellow", [moment(100)], 0)


def test_a_late_episode_counts_as_an_occurrence_and_may_raise_those_after_it(scene: Scene) -> None:
    other = code(9)
    for begin in (0, 3600):
        scene.send(begin, {other: 1.1})
        scene.send(begin + 10, {other: 0.2})
    live(scene, 3700, start=3620)
    assert [e.inputs["occurrences"] for e in limits(scene, until=3700)] == [1, 2]
    scene.send(1800, {CH4: 1.2}, arrival=3701)
    scene.send(1810, {CH4: 0.2}, arrival=3702)
    found = limits(scene, until=3730)
    assert [(e.inputs["occurrences"], e.grade) for e in found] == [(1, "blue"), (2, "blue"), (3, "orange")]


def test_what_the_limit_in_force_no_longer_explains_becomes_void_when_judged_again(scene: Scene) -> None:
    point = code(11)
    scene.upload("CDDY", [definition(point, 0.5)], 0)
    scene.series((1, 0.6), (10, 0.2), (20, 0.2), point=point)
    assert scene.only().status == "cleared"
    scene.upload("CDDY", [definition(point, 0.9)], 30)
    scene.send(5, {point: 0.3}, arrival=40)
    event = scene.only(until=60)
    assert (event.status, event.late, event.merged_into) == ("void", True, None)
