"""Files are true wire files: the product's own decoder accepts every one of them."""

from hashlib import sha256

import numpy as np
import polars as pl
import pytest

from kuangan.library.simulate import (
    build_mine,
    calibrate,
    file_fault,
    measure,
    outage,
    ramp,
    sample_times,
    uploads,
    write_tree,
)
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.telemetry.names import parse_name

START = 1_773_100_800_000
HOUR = 3_600_000
MINE = build_mine("140524900001", "岑汀煤业", seed=4, points=60, gas_grade="outburst")


def frames(files):
    return [
        Frame(i, one.mine, UPLOAD, one.name, "test", one.send_time, sha256(one.payload).digest(), one.payload)
        for i, one in enumerate(files)
    ]


def hour(faults=(), rhythm=30):
    return uploads(MINE, START, START + HOUR, rhythm, faults, opening=True)


def kind(upload):
    return parse_name(upload.name).type


def statuses(files):
    return [outcome.status for outcome in decode(frames(files)).outcomes]


def test_every_file_of_a_faulty_hour_is_accepted():
    faults = [
        ramp(MINE, MINE.find("corner"), START + 300_000, peak=2.2, rise_s=120, hold_s=300),
        calibrate(MINE, MINE.find("heading"), START + 600_000),
        outage(MINE, START + 900_000, minutes=6, subject=MINE.find("main_return").code),
        outage(MINE, START + 1_500_000, minutes=6, subject=MINE.stations[1][0]),
    ]
    files = hour(faults)
    result = decode(frames(files))
    assert {outcome.status for outcome in result.outcomes} == {"accepted"}
    assert result.rejects == []
    assert {kind(one) for one in files} == {"FZDY", "CDDY", "CDSS", "YCBJ"}
    assert result.points.height == 60
    assert result.stations.height == len(MINE.stations)
    assert result.reported_alarms.height > 5


def test_decoded_readings_are_the_readings_that_were_measured():
    faults = [
        ramp(MINE, MINE.find("corner"), START + 300_000, peak=2.2, rise_s=120, hold_s=300),
        outage(MINE, START + 900_000, minutes=6, subject=MINE.find("main_return").code),
        outage(MINE, START + 1_500_000, minutes=6, subject=MINE.stations[1][0]),
    ]
    decoded = decode(frames([one for one in hour(faults) if kind(one) == "CDSS"])).readings
    window = measure(MINE, sample_times(MINE, START, START + HOUR, 30), faults)
    assert decoded.height == int(window.present.sum())
    rows = decoded.select(pl.col("code").cast(pl.String), "time", "value", "status").rows()
    column = {int(second) * 1000: i for i, second in enumerate(window.times)}
    values = window.values
    for code, time, value, status in rows:
        at = MINE.index[code], column[time]
        assert value == values[at] or (np.isnan(value) and np.isnan(values[at]))
        assert status == window.status[at]


def test_definitions_carry_the_limits_and_places():
    points = decode(frames(hour()[:2])).points
    by_code = {row["code"]: row for row in points.iter_rows(named=True)}
    corner = MINE.find("corner")
    assert by_code[corner.code]["alarm_high"] == 1.0
    assert by_code[corner.code]["cut_high"] == 1.5
    assert by_code[corner.code]["location"].endswith("上隅角T0")
    assert by_code[MINE.find("main_return").code]["alarm_high"] == 0.75
    assert all(row["station"] in dict(MINE.stations) for row in by_code.values())


def test_definitions_are_sent_again_every_day():
    files = uploads(MINE, START, START + 48 * HOUR, 600, (), opening=True)
    assert [kind(one) for one in files].count("CDDY") == 3


@pytest.mark.parametrize(
    ("flaw", "status"), [("truncated_file", "quarantined"), ("wrong_header", "quarantined"), ("gbk_file", "accepted")]
)
def test_a_flawed_file_is_flawed_as_told(flaw, status):
    fault = file_fault(MINE, flaw, START + 600_000, seconds=120)
    spoiled = [one for one in hour([fault]) if kind(one) == "CDSS" and fault.start <= one.send_time < fault.end]
    assert len(spoiled) == 4
    assert set(statuses(spoiled)) == {status}
    others = [one for one in hour([fault]) if one not in spoiled]
    assert set(statuses(others)) == {"accepted"}


def test_a_gbk_file_says_the_same_as_its_utf8_twin():
    fault = file_fault(MINE, "gbk_file", START + 600_000, seconds=60)
    plain, gbk = (decode(frames([f for f in hour(x) if kind(f) == "CDSS"])).readings for x in ([], [fault]))
    columns = ["frame", "record", "time", "value", "status"]
    assert plain.select(columns).sort(columns).equals(gbk.select(columns).sort(columns))


def test_a_duplicate_upload_comes_twice_byte_for_byte():
    fault = file_fault(MINE, "duplicate_upload", START + 600_000, seconds=60)
    assert len(hour([fault])) == len(hour()) + 2
    assert set(hour([fault])) - set(hour()) == {
        one._replace(send_time=one.send_time + 5000)
        for one in hour()
        if kind(one) == "CDSS" and fault.start <= one.send_time < fault.end
    }


def test_files_out_of_order_change_places_but_none_is_lost():
    fault = file_fault(MINE, "out_of_order", START + 600_000, seconds=300)
    names = [one.name for one in hour([fault])]
    assert names != [one.name for one in hour()]
    assert sorted(names) == sorted(one.name for one in hour())


def test_late_files_arrive_together_when_the_link_is_back():
    fault = file_fault(MINE, "late_delivery", START + 600_000, seconds=600)
    files = hour([fault])
    assert [one for one in files if fault.start <= one.send_time < fault.end] == []
    assert len([one for one in files if one.send_time == fault.end]) == 20
    assert sorted((one.name, one.payload) for one in files) == sorted((one.name, one.payload) for one in hour())


def test_a_link_outage_leaves_no_file():
    fault = outage(MINE, START + 600_000, minutes=10)
    assert len(hour([fault])) == len(hour()) - 20


def test_a_tree_holds_every_file_and_no_temporary_one(tmp_path):
    files = hour([file_fault(MINE, "duplicate_upload", START + 600_000, seconds=60)])
    assert write_tree(tmp_path, files) == len(files)
    found = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(found) == len(files)
    assert {path.parent.name for path in found} == {MINE.code}
    assert sorted(path.read_bytes() for path in found) == sorted(one.payload for one in files)
    assert all(parse_name(path.name) is not None for path in found)
