"""States of sub-stations dated ahead, and since when so many of them are without mains."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import ON_BATTERY
from tests.library.warning.danger.stage import HEADING, Stage, point
from tests.library.warning.scene import MINE, OTHER, moment, wire_time

GAS = (point("0043", 1), f"{HEADING}T1")


def said(stage: Stage, at: float, power: int, *numbers: int, measured: float | None = None) -> None:
    told = wire_time(moment(at if measured is None else measured))
    stage.upload("FZSS", [f"{MINE}{number:05d};0;{power};{told}" for number in numbers], at)


def test_sub_stations_of_two_mines_that_lose_the_mains_at_once_are_two_events(stage: Stage) -> None:
    for at, power in ((5, 1), (300, 0)):
        for mine in (MINE, OTHER):
            stage.upload("FZSS", [f"{mine}00001;0;{power};{wire_time(moment(at))}"], at, mine)
    assert {event.subject for event in stage.of(ON_BATTERY, 1000)} == {f"{MINE}00001", f"{OTHER}00001"}
