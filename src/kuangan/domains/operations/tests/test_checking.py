"""What is found about announcements: held against simulated readings in a real archive."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.case.errors import Forbidden, FourEyes
from kuangan.base.case.performing import perform
from kuangan.base.clock import to_ms
from kuangan.base.registry.models import Point
from kuangan.domains.operations.checking import check_ended
from kuangan.domains.operations.models import Announcement, Check
from kuangan.domains.operations.rules import longest_gap, went_on, without_bit
from kuangan.domains.operations.tests.conftest import HOUR, Make
from kuangan.domains.operations.words import evidence_lines
from kuangan.library.simulate import calibrate, outage
from kuangan.library.simulate.mine import SimulatedMine, build_mine
from kuangan.library.simulate.readings import measure, sample_times
from kuangan.library.telemetry.archive import Archive

START = datetime.fromisoformat("2026-11-21T01:00:00+00:00")
END = START + timedelta(minutes=20)


@pytest.fixture(scope="module")
def simulated() -> SimulatedMine:
    return build_mine("140404900001", "示例远峰煤业", seed=7, points=24, gas_grade="high")


def archived(home: Path, mine: SimulatedMine, faults: Any) -> None:
    """What the mine measures from ten minutes before to ten after, in the archive of `home`."""
    times = sample_times(mine, to_ms(START) - 600_000, to_ms(END) + 600_000, 10)
    window = measure(mine, times, faults)
    shape = window.present.shape
    codes = np.array([point.code for point in mine.points])
    rows = pl.DataFrame(
        {
            "point": np.repeat(codes, shape[1])[window.present.ravel()].tolist(),
            "time": np.tile(times * 1000, shape[0])[window.present.ravel()],
            "value": window.values.ravel()[window.present.ravel()],
            "status": window.status.ravel()[window.present.ravel()].astype(np.int32),
        }
    ).with_columns(pl.lit(0, pl.Int32).alias("lag"), pl.lit(0, pl.Int16).alias("rev"), pl.lit(mine.code).alias("mine"))
    Archive(home).append(rows.sort("point", "time"), {"g1": 1})


@pytest.fixture
def ended(declared: Make, tick: Make, cast: Any) -> Make:
    """An announcement over [START, END) that ran and was ended by the mine at END."""
    from kuangan.domains.operations import acts

    def make(**changes: Any) -> Announcement:
        row = declared(**({"starts": START, "ends": END} | changes))
        if row.kind == "power_cut":
            acts.take(row.case, "agree", by=cast.county_officer, at=START - HOUR, form={})
        tick(START)
        acts.take(row.case, "end", by=cast.mine_a_dispatcher, at=END, form={"outcome": "完成"})
        return Announcement.objects.get(pk=row.pk)

    return make


def test_a_calibration_whose_bit_was_seen_is_in_order(simulated: SimulatedMine, ended: Make, tmp_path: Path) -> None:
    corner = simulated.find("corner")
    archived(tmp_path, simulated, [calibrate(simulated, corner, to_ms(START) + 120_000)])
    row = ended(parts=(("point", corner.code),))
    assert check_ended(tmp_path, END) == 0
    assert check_ended(tmp_path, END + HOUR) == 1
    row.refresh_from_db()
    assert (row.checked_at, Check.objects.count()) == (END + HOUR, 0)
    assert check_ended(tmp_path, END + 2 * HOUR) == 0


def test_a_calibration_without_its_bit_is_looked_at(simulated: SimulatedMine, ended: Make, tmp_path: Path) -> None:
    corner = simulated.find("corner")
    archived(tmp_path, simulated, [])
    ended(parts=(("point", corner.code), ("point", "14040490000199MN009901")))
    check_ended(tmp_path, END + HOUR)
    check = Check.objects.get()
    assert check.kind == "mismatch"
    assert list(check.evidence["readings"]) == [corner.code]
    assert check.evidence["readings"][corner.code] > 100
    assert any("标校状态位" in words for _, words in evidence_lines(check))


def test_a_silent_point_proves_nothing(ended: Make, tmp_path: Path) -> None:
    ended()
    assert check_ended(tmp_path, END + HOUR) == 1
    assert not Check.objects.exists()


@pytest.mark.parametrize(("cut", "found"), [(True, 0), (False, 1)])
def test_a_power_cut_shows_in_the_data_or_is_looked_at(
    simulated: SimulatedMine, ended: Make, cast: Any, tmp_path: Path, cut: bool, found: int
) -> None:
    station = simulated.stations[0][0]
    members = [point for point in simulated.points if point.station == station]
    Point.objects.bulk_create(
        Point(code=point.code, mine=cast.mine_a, station=station, valid_from=START - HOUR) for point in members
    )
    faults = [outage(simulated, to_ms(START) + 60_000, minutes=15, subject=station)] if cut else []
    archived(tmp_path, simulated, faults)
    ended(kind="power_cut", parts=(("station", station),))
    check_ended(tmp_path, END + HOUR)
    assert Check.objects.filter(kind="mismatch").count() == found


def test_an_overrun_is_held_against_its_declared_span(
    simulated: SimulatedMine, declared: Make, tick: Make, tmp_path: Path
) -> None:
    archived(tmp_path, simulated, [])
    declared(starts=START, ends=END, parts=(("point", simulated.find("corner").code),))
    tick(START)
    tick(END + HOUR)
    check_ended(tmp_path, END + HOUR)
    assert set(Check.objects.values_list("kind", flat=True)) == {"overrun", "mismatch"}


def test_too_many_for_one_point_are_looked_at_but_not_withdrawn_ones(
    declared: Make, cast: Any, moment: datetime
) -> None:
    from kuangan.domains.operations import acts

    for day in range(1, 6):
        row = declared(starts=moment + timedelta(days=day), ends=moment + timedelta(days=day, minutes=20))
        if day == 1:
            acts.take(row.case, "withdraw", by=cast.mine_a_dispatcher, at=moment, form={}, reason="改期")
    declared(
        starts=moment + timedelta(days=6), ends=moment + timedelta(days=6, minutes=9), parts=(("point", "another"),)
    )
    assert not Check.objects.exists()
    declared(starts=moment + timedelta(days=7), ends=moment + timedelta(days=7, minutes=20))
    check = Check.objects.get()
    assert check.kind == "repeated"
    assert [len(numbers) for numbers in check.evidence["announcements"].values()] == [5]


@pytest.mark.parametrize(("step", "state"), [("accept", "explained"), ("reject", "unexplained")])
def test_a_person_of_the_supervisor_decides_after_the_mine_explained(
    declared: Make, cast: Any, tick: Make, step: str, state: str
) -> None:
    row = declared()
    tick(row.ends + HOUR)
    case, at = Check.objects.get().case, row.ends + 2 * HOUR
    for other in (cast.city_officer, cast.mine_a_manager):
        with pytest.raises(Forbidden):
            perform(case, step, by=other, at=at, form={"opinion": "已核"})
    perform(case, "answer", by=cast.mine_a_dispatcher, at=at, form={"statement": "忘记报告"})
    moved = perform(case, step, by=cast.county_officer, at=at, form={"opinion": "已核"})
    assert (moved.state, moved.due) == (state, None)


def test_nobody_decides_on_an_announcement_with_four_eyes_broken(declared: Make, cast: Any, moment: datetime) -> None:
    row = declared()
    cast.mine_a_dispatcher.organisation = cast.organisations["county"]
    cast.mine_a_dispatcher.roles = ["duty_officer"]
    cast.mine_a_dispatcher.save()
    from kuangan.domains.operations import acts

    with pytest.raises(FourEyes):
        acts.take(row.case, "note", by=cast.mine_a_dispatcher, at=moment, form={})


@given(st.lists(st.integers(1, 999), unique=True).map(sorted))
def test_the_longest_gap_is_that_of_a_plain_loop(times: list[int]) -> None:
    longest, last = 0, 0
    for time in [*times, 1000]:
        longest, last = max(longest, time - last), time
    assert longest_gap(times, 0, 1000) == longest


def test_one_silent_stretch_clears_a_power_cut_and_a_short_span_says_nothing() -> None:
    steady = list(range(0, 1000, 10))
    assert went_on({"a": steady}, 0, 1000, 100) == {"a": 100}
    assert went_on({"a": steady, "b": [0, 500]}, 0, 1000, 100) == {}
    assert went_on({"a": steady}, 0, 90, 100) == {} == went_on({"a": []}, 0, 1000, 100)
    assert without_bit({"a": [0, 4], "b": [0, 1], "c": []}) == {"b": 2}
