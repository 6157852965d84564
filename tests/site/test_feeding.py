"""The demonstration's past stays within its bound, and live goes on with what the past left running."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kuangan.library.simulate import demo_history, uploads
from kuangan.site.demo import feeding

HOUR = 3_600_000
NOW = 1_773_100_800_000
FLEET = feeding.fleet_of(1, 30)


@pytest.mark.parametrize("rhythm", [60, 120])
def test_no_hour_of_a_mine_has_more_records_than_are_reckoned_with(rhythm: int) -> None:
    most = 0
    for mine in FLEET[::7]:
        for hour in range(0, 24, 3):
            files = uploads(mine, NOW + hour * HOUR, NOW + (hour + 1) * HOUR, rhythm)
            kept = [file for file in files if not any(f"_{kind}_" in file.name for kind in ("FZDY", "CDDY", "YCBJ"))]
            kept = [file for file in kept if not any(f"_{kind}_" in file.name for kind in ("RYQY", "RYJZ", "RYXX"))]
            records = sum(file.payload.count(b"~") - 1 for file in kept)
            assert records <= feeding.records_an_hour(mine, rhythm)
            most = max(most, round(100 * records / feeding.records_an_hour(mine, rhythm)))
    assert most > 85


def test_the_hours_asked_for_are_given_unless_they_are_too_many() -> None:
    assert feeding.fitting(FLEET, 24, 60) == 24
    most = feeding.fitting(FLEET, 1_000, 60)
    assert 24 < most < 1_000
    assert most * sum(feeding.records_an_hour(mine, 60) for mine in FLEET) < feeding.MAX_RECORDS


def test_live_goes_on_with_what_the_past_left_running(tmp_path: Path) -> None:
    assert feeding.still_on(tmp_path, FLEET, NOW) == []
    (tmp_path / "run").mkdir()
    note = {"now": NOW + 7_000, "start": NOW - 24 * HOUR, "done": True}
    (tmp_path / "run" / "history.json").write_text(json.dumps(note))
    going = feeding.still_on(tmp_path, FLEET, NOW + 60_000)
    assert set(going) <= set(demo_history(FLEET, NOW - 24 * HOUR, NOW, FLEET[0].seed))
    assert {fault.kind for fault in going} >= {"frozen", "missing_point", "rising_trend", "base_station_outage"}
    assert all(fault.start < NOW < fault.end for fault in going)
    assert feeding.still_on(tmp_path, FLEET, NOW + 24 * HOUR) == []
