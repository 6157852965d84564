"""Pumps that stand: what their sump says, and what is not known of it."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import PUMP
from tests.library.warning.danger.stage import Stage, point, row
from tests.library.warning.scene import moment

POINTS = {"pump": (point("1004", 1), "中央水泵房1号水泵"), "sump": (point("0007", 1), "中央水泵房水仓水位")}
BAD, FAULT = -9999, 32


def sump(stage: Stage, start: float, end: float, value: float, status: int = 0) -> None:
    """Pumps stand, and the sump tells a value, every ten seconds in [start, end)."""
    for at in range(round(start), round(end), 10):
        stage.upload("CDSS", [row(*POINTS["pump"], 0, at), row(*POINTS["sump"], value, at, status)], at)


def test_a_sump_of_which_nothing_is_known_for_a_while_ends_nothing(stage: Stage) -> None:
    stage.begin(POINTS, pump=1, sump=2.0)
    stage.keep(0, 60)
    sump(stage, 60, 300, 2.0)
    sump(stage, 300, 420, BAD)
    sump(stage, 420, 600, 2.4)
    (event,) = stage.of(PUMP, 600)
    assert (event.status, event.grade, event.onset) == ("open", "yellow", moment(60))
    sump(stage, 600, 720, BAD)
    assert [e.status for e in stage.of(PUMP, 720)] == ["open"]


def test_a_sump_that_was_unknown_when_the_pumps_stopped_is_watched_from_its_first_value(stage: Stage) -> None:
    stage.begin(POINTS, pump=1, sump=BAD)
    stage.keep(0, 60)
    sump(stage, 60, 200, BAD)
    sump(stage, 200, 400, 2.0)
    sump(stage, 400, 600, 2.7)
    assert [(e.grade, e.peak) for e in stage.of(PUMP, 600)] == [("orange", 0.7)]


def test_what_a_faulty_sump_tells_is_no_height_to_rise_from(stage: Stage) -> None:
    stage.begin(POINTS, pump=1, sump=2.0)
    stage.keep(0, 60)
    sump(stage, 60, 200, 0.0, FAULT)
    sump(stage, 200, 600, 2.0)
    assert stage.of(PUMP, 600) == []


def test_a_pump_that_starts_again_is_judged_by_what_the_sump_showed_last(stage: Stage) -> None:
    """The sump was far higher when it was heard of first: that is no rise."""
    stage.begin(POINTS, pump=1, sump=5.0)
    stage.keep(0, 60)
    stage.keep(60, 300, sump=2.0)
    sump(stage, 300, 600, 2.0)
    stage.show(600, pump=1)
    assert stage.of(PUMP, 660) == []
