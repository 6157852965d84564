"""The past of the demonstration, replayed as it does: what is found only after hours is found, and nothing else."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from kuangan.library.simulate import (
    KNOWN_MS,
    SimulatedMine,
    demo_history,
    demo_script,
    fleet,
    history,
    history_script,
    judged_by_past,
    slow_script,
    truths,
)
from kuangan.library.simulate.truth import flappings
from kuangan.library.warning.danger.settings import ON_BATTERY, POWER_LOST
from kuangan.library.warning.deceit.stated import EDITED_HISTORY as HIDING
from kuangan.library.warning.events import Event, newest
from kuangan.library.warning.family_rules import MODELS
from kuangan.library.warning.rulebook import ADDED, GATEWAY_OUTAGE, NETWORK_OUTAGE, RULES, TREND
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Replay
from kuangan.library.warning.runners.sink import Collecting
from tests.library.warning.days import BEGIN, DAY, HOUR, MINUTE, judged, spool

RHYTHM, EARLIER_RHYTHM = 60, 120
ENDS = {"after midnight": BEGIN + 6 * DAY + 40 * MINUTE, "afternoon": BEGIN + 6 * DAY + 15 * HOUR}
Told = tuple[str, str, int, str]
both_ends = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)


@cache
def mines(states: bool = False) -> tuple[SimulatedMine, ...]:
    """The last five of the demonstration's thirty."""
    return tuple(fleet(1, 30, 55, 6, states=states)[-5:])


@cache
def replayed(end: int, planted: bool = True, states: bool = False) -> tuple[Event, ...]:
    """Last revisions of what a day of the five mines raises, two of them known for longer."""
    chosen, start = mines(states), end - DAY
    script = slow_script(chosen, start, end)
    known, faults = judged_by_past(chosen, script), script if planted else []
    before = history(known, end - KNOWN_MS, start, EARLIER_RHYTHM)
    files = (file for batch in chain(before, history(chosen, start, end, RHYTHM, faults)) for file in batch)
    with tempfile.TemporaryDirectory() as home:
        replay = Replay(Pipeline(Path(home), Collecting()), end)
        report = replay.run((file.name, file.payload) for file in files)
    assert set(report.tally.frames) == {"accepted"}
    return tuple(sorted(newest(report.events), key=lambda e: (e.onset, e.rule, e.subject)))


def working_of() -> dict[str, str]:
    """The place of each point of the five mines."""
    return {point.code: f"{mine.code}/{point.place}" for mine in mines() for point in mine.points}


def told(events: Sequence[Event], *but: str) -> set[Told]:
    return {(e.rule, e.subject, e.onset, e.grade) for e in events if e.rule not in but}


def planted(end: int) -> set[Told]:
    """What the labels say will be found by `end`; the sensor that stands still has not done so for eight hours yet."""
    script = slow_script(mines(), end - DAY, end)
    labels = [truth for mine in mines() for truth in truths(mine, script, RHYTHM) if truth.rule and truth.rule != TREND]
    found = {(t.rule, t.subject, t.onset, "blue" if t.rule == "point.flat" else t.grade) for t in labels}
    return found | {(t.rule, t.subject, t.onset + 5 * MINUTE, t.grade) for t in flappings(labels)}


@both_ends
def test_what_was_planted_is_found_and_nothing_else(end: int) -> None:
    found = told(replayed(end), TREND, HIDING)
    # Flapping begins with the first alert, not with the first silence before it.
    assert {(r, s, g) for r, s, _, g in found} == {(r, s, g) for r, s, _, g in planted(end)}
    assert {one for one in found if one[0] != "link.flapping"} == {o for o in planted(end) if o[0] != "link.flapping"}
    counted = Counter(rule for rule, *_ in found)
    assert counted == {
        "point.flat": 1,
        "point.missing": 1,
        "data.edited": 1,
        "gas.over_limit": 1,
        "link.network_outage": 5,
        "link.flapping": 1,
    }


@both_ends
def test_the_planted_rise_is_found_and_others_change_only_where_something_was_planted(end: int) -> None:
    """Where nothing is planted nothing rises: the swing of every shift is no rise."""
    script = slow_script(mines(), end - DAY, end)
    (fault,) = [f for f in script if f.kind == "rising_trend"]
    assert {e.rule for e in replayed(end, planted=False)} == set()
    (rise,) = [e for e in replayed(end) if e.rule == TREND and e.status == "open" and e.subject == fault.subject]
    assert fault.start < rise.onset < fault.start + 90 * MINUTE
    changed = {s for _, s, *_ in told(replayed(end, planted=False)) ^ told(replayed(end)) if s in working_of()}
    assert {working_of()[s] for s in changed} <= {working_of()[f.subject] for f in script if f.subject in working_of()}


@both_ends
def test_the_last_hours_leave_something_to_look_at(end: int) -> None:
    assert {"point.flat", "point.missing", TREND} <= {e.rule for e in replayed(end) if e.status == "open"}
    (edited,) = [e for e in replayed(end) if e.rule == "data.edited"]
    assert edited.inputs["hidden"] > 0 and end - edited.raised_at < 2 * HOUR
    (hiding,) = [e for e in replayed(end) if e.rule.startswith("tamper.")]
    assert (hiding.rule, hiding.subject, hiding.inputs["event"]) == (HIDING, edited.subject, edited.id)


def test_states_tell_of_the_mains_and_change_no_other_alert() -> None:
    end = ENDS["afternoon"]

    def seen(events: Sequence[Event]) -> list[tuple[object, ...]]:
        return [
            (e.rule, e.subject, e.onset, e.end, e.grade, e.status, e.raised_at, e.changed_at, e.peak, e.peak_at, e.late)
            for e in events
            if e.rule not in (ON_BATTERY, POWER_LOST)
        ]

    assert seen(replayed(end, states=True)) == seen(replayed(end))


@cache
def live() -> tuple[Event, ...]:
    """The first fifty minutes of the live script, without the ordinary events that follow."""
    nine, end = fleet(1, 30, 55, 12, states=True)[:9], BEGIN + 50 * MINUTE
    script = [fault for fault in demo_script(nine, BEGIN + MINUTE) if fault.start < BEGIN + 11 * MINUTE]
    sent = [file for batch in history(nine, BEGIN, end, 10, script) for file in batch]
    events = judged(spool(sent, end))
    wanted = {(t.rule, t.subject) for mine in nine for t in truths(mine, script, 10) if t.rule}
    assert {(e.rule, e.subject) for e in events} == wanted
    people = [t for mine in nine for t in truths(mine, script, 10) if t.rule.startswith("people.")]
    told = {(e.rule, e.subject, e.onset, e.end, e.grade) for e in events if e.rule.startswith("people.")}
    assert told == {(t.rule, t.subject, t.onset, t.end, t.grade) for t in people}
    return tuple(events)


def test_past_and_live_script_show_every_rule_about_mines() -> None:
    found = {e.rule for e in (*live(), *replayed(ENDS["afternoon"]))}
    shown = {HIDING, "people.restricted_area"}
    assert found == {*RULES, *ADDED} - {GATEWAY_OUTAGE} - (set(MODELS) - shown)


def test_nothing_ordinary_befalls_a_mine_around_what_is_planted() -> None:
    end = ENDS["afternoon"]
    thirty = fleet(1, 30, 55, 12)
    slow = slow_script(thirty, end - DAY, end)
    script = demo_history(thirty, end - DAY, end, 1)
    ordinary = [fault for fault in script if fault not in slow]
    assert set(slow) <= set(script) and set(ordinary) <= set(history_script(thirty, end - DAY, end, 1))
    assert len(ordinary) > 5
    for fault in ordinary:
        own = [f for f in slow if f.mine == fault.mine]
        assert all(fault.end + HOUR < f.start or fault.start > f.end + HOUR for f in own)


def test_a_short_past_and_a_small_fleet_have_no_room_for_it() -> None:
    end = ENDS["afternoon"]
    assert slow_script(mines(), end - HOUR, end) == [] == slow_script(mines()[:4], end - DAY, end)
    assert demo_history(mines(), end - HOUR, end, 1) == history_script(mines(), end - HOUR, end, 1)
    assert judged_by_past(mines(), []) == []


def test_the_first_and_only_silences_are_those_of_one_link() -> None:
    end = ENDS["afternoon"]
    assert {e.mine for e in replayed(end) if e.rule == NETWORK_OUTAGE} == {mines()[0].code}
