"""The rules about deceit on the wire: what they raise, when it is over, and that neither cut nor kill changes any of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.runners.pipeline import Numbered
from tests.library.warning import gassy
from tests.library.warning.gassy import MINUTES, gas
from tests.library.warning.scene import GATEWAY, MINE, MINUTE, Scene, code, definition, moment, record, wire_time

PLACES = {
    "T1": "1102综采工作面T1",
    "T0": "1102综采工作面上隅角T0",
    "T2": "1102综采工作面回风巷T2",
    "H1": "2104掘进工作面T1",
    "H2": "2104掘进工作面回风流T2",
    "MR": "总回风巷瓦斯",
}
POINTS = {name: code(number + 1) for number, name in enumerate(PLACES)}
WRAPPED, FREED = MINUTES - 420, MINUTES - 120


def place(name: str) -> str:
    return PLACES[name]


def defined(scene: Scene, at: float, own: float = 0.7) -> None:
    rows = [
        definition(POINTS[n], own if n == "MR" else 1.0, f"{MINE}0000{1 + (n[0] == 'H')}", place(n)) for n in PLACES
    ]
    scene.upload("CDDY", rows, at)


def lived(scene: Scene, values: dict[str, gassy.Array], first: int = 0, last: int = MINUTES) -> None:
    for minute in range(first, last):
        rows = [record(POINTS[n], values[n][minute], minute * 60 + 1, location=place(n)) for n in PLACES]
        scene.upload("CDSS", rows, minute * 60 + 1)


def deeds() -> dict[str, gassy.Array]:
    """A day in which T1 is wrapped for five hours."""
    values = gas()
    honest = values["T1"].copy()
    gassy.wrap(values["T1"], WRAPPED)
    values["T1"][FREED:] = honest[FREED:]
    return values


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[Numbered]:
    scene = Scene(tmp_path_factory.mktemp("stage"))
    defined(scene, 0)
    lived(scene, deeds())
    scene.tick(MINUTES * 60 + 900)
    return scene.frames


def home_of(path: Path, frames: list[Numbered]) -> Path:
    with SpoolWriter(path, GATEWAY) as writer:
        for _, f in frames:
            writer.append(kind=f.kind, name=f.name, source=f.source, payload=f.payload, received_at=f.received_at)
        writer.commit()
    return path


def told(events: list[Event], rule: str) -> list[Event]:
    return [event for event in events if event.rule == rule]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, frames: list[Numbered]) -> list[Event]:
    return chopped.run(home_of(tmp_path_factory.mktemp("whole"), frames), frames, [])


def test_a_wrapped_sensor_is_told_within_two_hours_and_ended_when_it_is_freed(whole: list[Event]) -> None:
    (event,) = told(whole, "tamper.blocked")
    assert (event.subject_kind, event.subject, event.grade) == ("point", POINTS["T1"], "orange")
    assert (event.inputs["tier"], event.status) == ("check", "cleared")
    assert abs(event.onset - moment(WRAPPED * 60)) <= 3 * MINUTE
    assert event.raised_at - event.onset <= 130 * MINUTE
    assert event.end is not None
    assert abs(event.end - moment(FREED * 60)) <= 15 * MINUTE
    assert event.inputs["neighbours"] == [POINTS["T0"], POINTS["T2"]]
    assert [each["sign"] for each in event.inputs["signs"]] == ["drop", "neighbours", "flat", "neighbours_move"]


def test_no_other_sign_of_deceit_is_told_of_that_day(whole: list[Event]) -> None:
    assert {event.rule for event in whole if event.rule.startswith("tamper.")} == {"tamper.blocked"}


@pytest.mark.parametrize("crash", [False, True])
def test_cut_or_killed_anywhere_the_same_events_come_out(
    tmp_path: Path, frames: list[Numbered], whole: list[Event], crash: bool
) -> None:
    size = len(frames)
    hour = next(i for i, (_, f) in enumerate(frames) if f.received_at >= moment(FREED * 60 - 7200))
    cuts = [size // 3, hour, hour + 1, hour + 2, hour + 121, size - 40]
    assert chopped.run(home_of(tmp_path, frames), frames, cuts, crash=crash) == whole


def test_what_a_mine_states_above_the_law_is_told_at_once_and_ends_when_it_is_put_right(scene: Scene) -> None:
    defined(scene, 0, own=0.75)
    lived(scene, gas(), 0, 3)
    assert told(scene.judge(until=200), "tamper.limit_above_law") == []
    defined(scene, 240, own=0.9)
    (event,) = told(scene.judge(until=360), "tamper.limit_above_law")
    assert (event.subject, event.inputs["own"], event.inputs["limit"]) == (POINTS["MR"], 0.9, 0.75)
    assert (event.status, event.inputs["tier"]) == ("open", "check")
    defined(scene, 400, own=0.7)
    (event,) = told(scene.judge(until=520), "tamper.limit_above_law")
    assert event.status == "cleared"


def inspected(scene: Scene, start: float, at: float = 0) -> None:
    """A visit of three hours from `start` on, known from `at` on."""
    visit = {"mine": MINE, "from": moment(start), "to": moment(start + 3 * 3600)}
    scene.config("register", {"mines": {MINE: {"name": "示例煤矿"}}, "inspections": [visit]}, at)


@pytest.mark.parametrize(("visit", "rules"), [(25 * 60, {"tamper.cut_before_inspection"}), (9 * 3600, set())])
def test_a_link_that_is_cut_before_inspectors_come_is_told_with_the_visit(
    scene: Scene, visit: float, rules: set[str]
) -> None:
    inspected(scene, visit)
    defined(scene, 0)
    lived(scene, gas(), 0, 15)
    events = scene.judge(until=2400)
    assert {event.rule for event in events if event.rule.startswith("tamper.")} == rules
    assert told(events, "link.network_outage")


def test_files_lost_for_some_minutes_are_no_cut(scene: Scene) -> None:
    inspected(scene, 25 * 60)
    defined(scene, 0)
    lived(scene, gas(), 0, 15)
    lived(scene, gas(), 27, 40)
    events = scene.judge(until=2400)
    assert told(events, "link.network_outage")
    assert not told(events, "tamper.cut_before_inspection")


def cut_and_back(scene: Scene, told: int) -> None:
    """Nothing between the minutes 15 and 45; a visit from minute 25 on that is entered at the minute `told`."""
    defined(scene, 0)
    lived(scene, gas(), 0, 15)
    lived(scene, gas(), 45, told)
    inspected(scene, 25 * 60, told * 60)
    lived(scene, gas(), told, told + 30)
    scene.tick(60 * (told + 40))


def test_a_visit_that_is_entered_after_the_link_came_back_is_told_once_with_the_outage(scene: Scene) -> None:
    cut_and_back(scene, 90)
    (event,) = told(scene.judge(), "tamper.cut_before_inspection")
    (outage,) = [event for event in told(scene.events(), "link.network_outage") if event.onset < moment(20 * 60)]
    assert (event.inputs["tier"], event.status) == ("check", "cleared")
    assert (event.inputs["event"], event.inputs["inspection"]) == (outage.id, moment(25 * 60))
    assert event.onset == outage.onset
    assert event.end is not None and outage.end is not None
    assert abs(event.end - outage.end) <= MINUTE
    assert abs(event.raised_at - moment(90 * 60)) <= MINUTE


def test_one_outage_is_told_once_for_two_bodies_that_came_together(scene: Scene) -> None:
    defined(scene, 0)
    lived(scene, gas(), 0, 15)
    lived(scene, gas(), 45, 60)
    visits = [{"mine": MINE, "from": moment(60 * at), "to": moment(60 * at + 7200)} for at in (25, 26)]
    scene.config("register", {"mines": {MINE: {"name": "示例煤矿"}}, "inspections": visits}, 3600)
    lived(scene, gas(), 60, 75)
    assert len(told(scene.judge(until=75 * 60), "tamper.cut_before_inspection")) == 1


@pytest.mark.parametrize("crash", [False, True])
def test_an_outage_that_is_over_is_remembered_across_cuts_and_kills(tmp_path: Path, crash: bool) -> None:
    scene = Scene(tmp_path / "stage")
    cut_and_back(scene, 60)
    whole = chopped.run(home_of(tmp_path / "whole", scene.frames), scene.frames, [])
    assert told(whole, "tamper.cut_before_inspection")
    minutes = [i for i, (_, f) in enumerate(scene.frames) if f.received_at % (7 * MINUTE) == 0]
    assert chopped.run(home_of(tmp_path / "cut", scene.frames), scene.frames, minutes, crash=crash) == whole


def test_files_that_come_again_without_a_sensor_are_deleted_history(scene: Scene) -> None:
    values = gas()
    values["T1"][10:20] = 0.95
    defined(scene, 0)
    lived(scene, values, 0, 30)
    for minute in range(8, 24):
        rows = [record(POINTS[n], values[n][minute], minute * 60 + 1, location=place(n)) for n in PLACES if n != "T1"]
        scene.upload("CDSS", rows, 1900 + minute)
    scene.steady(1950, 2300, {POINTS["T0"]: 0.3}, 60)
    (event,) = told(scene.judge(until=2400 + 3600), "tamper.deleted_history")
    assert event.status == "cleared"
    assert (event.subject, event.inputs["tier"]) == (POINTS["T1"], "check")
    assert event.inputs["signs"][0]["numbers"]["readings"] == 16


def test_files_that_fill_a_gap_are_no_deleted_history(scene: Scene) -> None:
    values = gas()
    defined(scene, 0)
    lived(scene, values, 0, 10)
    lived(scene, values, 25, 40)
    for minute in range(10, 25):
        rows = [record(POINTS[n], values[n][minute], minute * 60 + 1, location=place(n)) for n in ("T0", "T2")]
        scene.upload("CDSS", rows, 2500 + minute)
    assert told(scene.judge(until=2700), "tamper.deleted_history") == []


def statistic(minute: int, highest: float) -> str:
    start, end = (wire_time(moment(60 * at)) for at in (minute, minute + 5))
    point, where = POINTS["T1"], place("T1")
    return f"{point};激光甲烷;{where};%CH4;{start};{end};{highest};{start};0.2;{start};0.5;{end}"


@pytest.mark.parametrize(("highest", "tiers"), [(1.35, ["check"]), (0.9, ["watch"]), (0.6, [])])
def test_statistics_that_tell_more_than_the_readings_are_deleted_history(
    scene: Scene, highest: float, tiers: list[str]
) -> None:
    """The last hours before the first look: readings that stay low, and statistics of two slots that do not."""
    values = {name: np.minimum(value, 0.55) for name, value in gas().items()}
    defined(scene, 0)
    lived(scene, values, 0, 760)
    for minute in (700, 705):
        scene.upload("TJSJ", [statistic(minute, highest)], 760 * 60 + minute / 100)
    lived(scene, values, 765, 800)
    found = told(scene.judge(until=800 * 60), "tamper.deleted_history")
    assert [event.inputs["tier"] for event in found] == tiers
    assert all((event.subject, event.status) == (POINTS["T1"], "cleared") for event in found)


def test_edited_history_that_hides_an_over_limit_is_for_a_check(scene: Scene) -> None:
    values = gas()
    values["T1"][10:14] = 1.2
    defined(scene, 0)
    lived(scene, values, 0, 20)
    values["T1"][10:14] = 0.6
    for minute in range(10, 14):
        rows = [record(POINTS["T1"], values["T1"][minute], minute * 60 + 1, location=place("T1"))]
        scene.upload("CDSS", rows, 1300 + minute)
    scene.steady(1350, 1600, {POINTS["T0"]: 0.3}, 60)
    (event,) = told(scene.judge(until=1800), "tamper.edited_history")
    assert (event.subject, event.inputs["tier"], event.grade) == (MINE, "check", "orange")
