"""Days of several synthetic mines: every planted fault of the slow rules is found exactly, and nothing is invented."""

from __future__ import annotations

import pytest

from kuangan.library.simulate import Fault, SimulatedMine, edit, freeze, leave_out, trend
from kuangan.library.simulate.truth import trends
from kuangan.library.warning.events import Event
from tests.library.warning.days import BEGIN, DAY, HOUR, RHYTHM, files, judged, mine, of, planted, spool, thinned

MINES: list[SimulatedMine] = [mine(1), mine(2, 55, "high"), mine(3, 80, "outburst")]
END = BEGIN + round(4.3 * DAY)
Label = tuple[str, int, int | None, str]


def faults() -> list[Fault]:
    a, b, c = MINES
    return [
        freeze(a, a.find("corner"), BEGIN + 3 * DAY + 5 * HOUR, hours=6),
        freeze(c, c.find("face"), BEGIN + 3 * DAY + 2 * HOUR, hours=10),
        freeze(b, b.find("main_return"), BEGIN + 3 * DAY + 9 * HOUR, hours=4.2),
        freeze(b, b.find("heading"), BEGIN + 3 * DAY + 9 * HOUR, hours=3),
        leave_out(b, b.find("corner", 0), BEGIN, hours=24),
        leave_out(c, c.find("face", 1), BEGIN, hours=48),
        trend(a, a.find("face"), BEGIN + 2 * DAY + 9 * HOUR, peak=0.6, hours=3),
        trend(b, b.find("heading_return"), BEGIN + 2 * DAY + 9 * HOUR, peak=0.7, hours=6.5),
        edit(a, a.find("heading"), BEGIN + 1 * DAY + 10 * HOUR, seconds=600),
        edit(b, b.find("face"), BEGIN + 2 * DAY + 3 * HOUR, seconds=5400, factor=0.8),
    ]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return judged(spool(files(MINES, 4.3, faults()), END))


def told(events: list[Event], rule: str) -> list[Label]:
    return [(e.subject, e.onset, e.end, e.grade) for e in of(events, rule)]


def labels(rule: str) -> list[Label]:
    return [(t.subject, t.onset, t.end, t.grade) for t in planted(MINES, faults(), rule)]


@pytest.mark.parametrize("rule", ["point.flat", "data.edited", "point.missing"])
def test_what_was_planted_is_found_exactly_and_nothing_else(events: list[Event], rule: str) -> None:
    assert told(events, rule) == labels(rule)
    assert labels(rule)


def test_planted_rises_are_found_exactly(events: list[Event]) -> None:
    planted_at = {(t.subject, t.onset) for t in planted(MINES, faults(), "gas.trend")}
    assert [one for one in told(events, "gas.trend") if one[:2] in planted_at] == labels("gas.trend")
    assert labels("gas.trend")


def test_other_rises_are_rises_in_what_was_written(events: list[Event]) -> None:
    """A gassy face in full cutting may pass the mean of the day before by 0.2 %: the rule says so, and nothing else is told."""
    by_code = {point.code: (one, point) for one in MINES for point in one.points}
    for event in of(events, "gas.trend"):
        owner, point = by_code[event.subject]
        day = Fault("rising_trend", owner.code, event.onset, event.onset + 1, point.code)
        own = [f for f in faults() if f.mine == owner.code]
        assert event.onset in {t.onset for t in trends(owner, own, day, RHYTHM)}


def test_no_rule_invents_anything(events: list[Event]) -> None:
    assert {e.rule for e in events} == {"point.flat", "data.edited", "point.missing", "gas.trend"}
    assert not [
        e for e in of(events, "gas.trend") if e.mine == MINES[0].code and e.subject != MINES[0].find("face").code
    ]


@pytest.mark.parametrize("kept", [80, 50, 20])
def test_with_files_missing_nothing_is_invented(kept: int) -> None:
    sent = thinned(files(MINES[:2], 3.5, faults()), lambda number: number * 7919 % 100 < kept)
    found = judged(spool(sent, BEGIN + round(3.5 * DAY)))
    planted_points = {f.subject for f in faults() if f.kind == "frozen"}
    assert {e.subject for e in of(found, "point.flat")} <= planted_points
    assert {(e.mine, e.subject) for e in of(found, "point.missing")} <= {
        (t.mine, t.subject) for t in planted(MINES, faults(), "point.missing")
    }
    assert {e.mine for e in of(found, "data.edited")} <= {f.mine for f in faults() if f.kind == "edited_upload"}


def test_three_days_filled_in_at_once_raise_nothing() -> None:
    """A mine whose link stored three days: the files come in one go behind newer ones."""
    sent = files(MINES[:1], 4)
    held = [
        u._replace(send_time=BEGIN + round(3.5 * DAY)) if DAY // 4 < u.send_time - BEGIN < 3 * DAY else u for u in sent
    ]
    found = judged(spool(sorted(held, key=lambda u: u.send_time), BEGIN + 4 * DAY))
    assert of(found, "point.flat", "data.edited", "point.missing", "gas.trend") == []


def test_any_cut_and_any_crash_give_the_same_events(events: list[Event]) -> None:
    frames = spool(files(MINES[:2], 2.6, faults()), BEGIN + round(2.6 * DAY))
    whole = judged(frames)
    size = len(frames)
    assert judged(frames, [size // 7, size // 2, size * 11 // 13]) == whole
    assert judged(frames, [size // 3], crash=True) == whole
    assert {"point.missing", "data.edited", "gas.trend"} <= {e.rule for e in whole}
