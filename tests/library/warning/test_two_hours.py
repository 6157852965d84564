"""Two hours of five mines against the committed list of expected events, and against what was planted."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kuangan.library.simulate import Truth, truths
from kuangan.library.warning.danger.settings import GAS_REPEATED
from kuangan.library.warning.events import Event
from kuangan.library.warning.frequency import ROW
from tests.library.warning.scene import MINUTE
from tests.library.warning.two_hours import BACKFILL, BACKFILL_LAG, cast, judged, spool, text

GOLDEN = Path(__file__).parent / "golden" / "two_hours.txt"
Label = tuple[str, str, int, int | None, str, float | None]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return judged()


@cache
def planted() -> list[Truth]:
    return [truth for one in cast() for truth in truths(one.mine, one.faults, one.rhythm) if truth.rule]


def label_of(truth: Truth) -> Label:
    end = truth.end
    if truth.kind == "late_delivery":
        # The label ends with the first sample behind the fault; the files held back come as soon as it is over.
        end = next(f.end for one in cast() for f in one.faults if f.kind == "late_delivery")
    return truth.rule, truth.subject, truth.onset, end, _lifted(truth), truth.peak


def _lifted(truth: Truth) -> str:
    """Labels grade each episode alone; two rules look at what came before it."""
    if truth.rule == "gas.over_limit" and _occurrence(truth) >= 3:
        return "orange"  # the third occurrence in the mine within seven days
    if truth.kind == "sensor_outage" and truth.mine == cast()[1].mine.code:
        return "orange"  # methane had risen above 0.6 % before the sensor fell silent: one grade more than yellow
    return truth.grade


def _occurrence(truth: Truth) -> int:
    """Which occurrence of its mine this is; episodes at most ten minutes apart are one, wherever they are."""
    count, reach = 0, 0
    for one in sorted((t for t in planted() if t.mine == truth.mine and t.rule == truth.rule), key=lambda t: t.onset):
        if one.onset <= truth.onset:
            count += one.onset > reach
            reach = max(reach, one.end + 10 * MINUTE)
    return count


def found(event: Event) -> Label:
    return event.rule, event.subject, event.onset, event.end, event.grade, event.peak


def test_the_events_are_those_of_the_golden_file(events: list[Event]) -> None:
    assert text(events) == GOLDEN.read_text("utf-8")


def test_the_events_are_exactly_what_was_planted(events: list[Event]) -> None:
    assert {event.rule for event in events} == {
        "gas.over_limit",
        "link.network_outage",
        "link.station_offline",
        "link.sensor_offline",
        "link.clock_wrong",
        GAS_REPEATED,
    }
    assert {event.grade for event in events} == {"blue", "yellow", "orange", "red"}
    single = [event for event in events if event.rule != GAS_REPEATED]
    assert sorted(map(found, single), key=repr) == sorted(map(label_of, planted()), key=repr)


def test_every_event_is_over_and_none_is_void_or_merged(events: list[Event]) -> None:
    """What is counted over days goes on."""
    found = {(event.status, event.merged_into) for event in events if event.rule != GAS_REPEATED}
    assert found == {("cleared", None)}


def test_the_event_in_the_filled_in_minutes_is_late_and_its_clock_starts_at_arrival(events: list[Event]) -> None:
    (event,) = [e for e in events if e.late and e.mine == cast()[4].mine.code]
    assert BACKFILL[0] < event.onset < BACKFILL[1]
    assert event.raised_at == event.onset + BACKFILL_LAG
    assert event.inputs["ladder_row"] == ROW


@pytest.mark.parametrize("crash", [False, True], ids=["flushed", "crashed"])
def test_any_cut_gives_the_same_events(events: list[Event], crash: bool) -> None:
    size = len(spool())
    cuts = [size // 9, size // 2, size // 2 + 1, size * 7 // 9] if not crash else [size // 3]
    assert judged(cuts, crash) == events
