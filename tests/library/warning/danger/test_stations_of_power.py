"""States of sub-stations dated ahead, and since when so many of them are without mains."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import ON_BATTERY, POWER_LOST
from tests.library.warning.danger.stage import HEADING, Stage, point
from tests.library.warning.scene import MINE, OTHER, moment, wire_time

GAS = (point("0043", 1), f"{HEADING}T1")


def said(stage: Stage, at: float, power: int, *numbers: int, measured: float | None = None) -> None:
    told = wire_time(moment(at if measured is None else measured))
    stage.upload("FZSS", [f"{MINE}{number:05d};0;{power};{told}" for number in numbers], at)


def test_a_state_dated_ahead_does_not_outlast_those_that_follow(stage: Stage) -> None:
    stage.begin({"gas": GAS}, gas=0.3)
    said(stage, 5, 1, 1, measured=20 * 3600)
    stage.keep(10, 300)
    said(stage, 300, 0, 1)
    stage.keep(310, 1000)
    assert [(e.onset, e.grade) for e in stage.of(ON_BATTERY, 1000)] == [(moment(300), "blue")]


def test_the_share_is_reached_with_the_last_sub_station_it_needs(stage: Stage) -> None:
    """Half of eight: that the third was told of late says nothing of how long four have been without mains."""
    stage.begin({"gas": GAS}, gas=0.3)
    said(stage, 5, 1, *range(1, 9))
    stage.keep(10, 300)
    said(stage, 300, 0, 1, 2)
    stage.keep(310, 900)
    said(stage, 900, 0, 3, measured=300)
    stage.keep(910, 1300)
    said(stage, 1300, 0, 4)
    stage.keep(1310, 1400)
    assert [(e.onset, e.grade) for e in stage.of(POWER_LOST, 1400)] == [(moment(1300), "orange")]


def test_sub_stations_of_two_mines_that_lose_the_mains_at_once_are_two_events(stage: Stage) -> None:
    for at, power in ((5, 1), (300, 0)):
        for mine in (MINE, OTHER):
            stage.upload("FZSS", [f"{mine}00001;0;{power};{wire_time(moment(at))}"], at, mine)
    assert {event.subject for event in stage.of(ON_BATTERY, 1000)} == {f"{MINE}00001", f"{OTHER}00001"}
