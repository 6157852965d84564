"""Sites beside the fleet: whatever span is made alone equals that span of the whole, and every file is understood."""

from __future__ import annotations

import json

import pytest

from kuangan.library.simulate import Site, fleet, sites
from kuangan.library.simulate.sites import EVERY_S, site_uploads
from kuangan.library.telemetry.decode import decode
from tests.library.telemetry.wire import frame

ORIGIN = 1_772_380_800_000
HOUR = 3_600_000


def made() -> list[Site]:
    return sites(1, fleet(1, 3, 25), ORIGIN)


def test_adjacent_spans_are_the_whole() -> None:
    for site in made():
        whole = site_uploads(site, ORIGIN - 3 * HOUR, ORIGIN + 2 * HOUR)
        parts = [
            *site_uploads(site, ORIGIN - 3 * HOUR, ORIGIN - HOUR + 1234),
            *site_uploads(site, ORIGIN - HOUR + 1234, ORIGIN + 2 * HOUR),
        ]
        assert parts == whole


def test_every_kind_of_mine_is_there_once_and_sends() -> None:
    found = made()
    assert len({site.code for site in found}) == len(found) == 5
    names = {
        upload.name.split("_")[1]
        for site in found
        for upload in site_uploads(site, ORIGIN, ORIGIN + HOUR, opening=True)
    }
    assert {"CGKCDSS", "YSLCDSS", "ZJSS", "ZKSS", "LCSS", "gnssrealtime", "gnssbaseinfo", "KSWSS", "GTXSS"} <= names
    assert {name.removesuffix(".json") for name in names} >= {"camera", "cameraStatus"}


def test_every_file_is_read_whole() -> None:
    for site in made():
        for upload in site_uploads(site, ORIGIN, ORIGIN + EVERY_S * 1000, opening=True):
            [outcome] = decode([frame(upload.payload, upload.name, upload.send_time)]).outcomes
            assert (outcome.status, outcome.rejected) == ("accepted", 0), (upload.name, outcome)
            assert outcome.mine == site.code


def test_what_is_wrong_goes_wrong_from_its_time_on() -> None:
    first = made()[0]
    wrong = [one for one in first.instruments if one.wrong]
    assert wrong
    assert all(start < ORIGIN < end for one in wrong for start, end in one.wrong)


@pytest.mark.parametrize("every", [EVERY_S, 3600])
def test_a_slope_moves_by_what_its_speed_adds_up_to_between_two_records(every: int) -> None:
    pit = next(site for site in made() if any(one.channel.live == "gnssrealtime" for one in site.instruments))
    uploads = site_uploads(pit, ORIGIN, ORIGIN + 2 * HOUR, every)
    told = [row for upload in uploads if "gnssrealtime" in upload.name for row in json.loads(upload.payload)["data"]]
    assert told
    for row in told:
        assert float(row["x_disp"]) == pytest.approx(float(row["x_speed"]) * every / 3600, abs=0.011)
