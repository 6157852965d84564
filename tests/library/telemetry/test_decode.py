from __future__ import annotations

import math
import random

import numpy as np
import pytest

from kuangan.library.telemetry.codes import MARKS, REASONS
from kuangan.library.telemetry.decode import Decoded, decode
from tests.library.telemetry.wire import AT, HEADER, MINE, NAME, code, frame, record, wire

GOOD = record(1)


def outcome_of(payload: bytes, name: str = NAME) -> tuple[str, str]:
    found = decode([frame(payload, name)]).outcomes[0]
    return found.status, found.reason


def only_reject(decoded: Decoded) -> tuple[int, str, str]:
    (reject,) = decoded.rejects
    return reject.record, reject.column, reject.reason


def test_a_good_file_gives_its_readings() -> None:
    decoded = decode([frame(wire(GOOD, record(2, "1.06", "3")))])
    assert decoded.outcomes[0].status == "accepted"
    assert (decoded.outcomes[0].mine, decoded.outcomes[0].mine_name) == (MINE, "合成一号煤矿")
    assert decoded.outcomes[0].header_time == AT
    assert decoded.readings.rows() == [(0, 1, code(1), AT, 0.32, 0), (0, 2, code(2), AT, 1.06, 3)]
    assert decoded.describe(np.array([1])).rows() == [(code(2), "激光甲烷", "1102采煤工作面T2", "%CH4", "")]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (wire(GOOD, header=HEADER.replace(MINE, "140581990002")), "header_mine_differs"),
        (wire(GOOD)[:-1], "truncated"),
        (wire(GOOD)[:60], "truncated"),
        (b"", "truncated"),
        (wire(GOOD) + b"more", "text_after_end"),
        (wire(GOOD) + wire(GOOD), "text_after_end"),
        (b"\xff\xff\xff~||", "undecodable"),
        (wire(GOOD, header=f"{MINE};x;yesterday"), "header_time"),
        (wire(GOOD, header=MINE), "header_field_count"),
        (wire(GOOD, header=HEADER.replace(";", "；")), "full_width_separator"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_quarantined_with_its_reason(payload: bytes, reason: str) -> None:
    decoded = decode([frame(payload), frame(wire(GOOD))])
    first, second = decoded.outcomes
    assert (first.status, first.reason, first.good, first.rejected) == ("quarantined", reason, 0, 0)
    assert only_reject(decoded)[0] == 0
    assert second.status == "accepted"
    assert decoded.readings["frame"].to_list() == [1]
    assert reason in REASONS


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        (record(2, value=""), "value", "value_missing"),
        (record(2, value="low"), "value", "bad_number"),
        (record(2, value="nan"), "value", "bad_number"),
        (record(2, value="1e999"), "value", "bad_number"),
        (record(2, status="-1"), "status", "bad_mask"),
        (record(2, status="70000"), "status", "bad_mask"),
        (record(2, status=""), "status", "value_missing"),
        (record(2, time="2026-02-30 08:15:20"), "time", "bad_time"),
        (record(2, time="2026-03-12 08:15:20"), "time", "time_in_future"),
        (record(2, time="1970-01-01 08:00:00"), "time", "time_too_old"),
        (record(2).replace(";0;", ";0;0;"), "record", "field_count"),
        (record(2).rsplit(";", 1)[0], "record", "field_count"),
        ("", "record", "field_count"),
        (record(2).replace(";", "；"), "record", "full_width_separator"),
        (record(2).replace(MINE, "煤矿"), "code", "bad_code"),
        (record(2).replace(code(2), ""), "code", "value_missing"),
    ],
)
def test_a_bad_record_is_rejected_and_its_neighbours_count(bad: str, column: str, reason: str) -> None:
    decoded = decode([frame(wire(GOOD, bad, record(3)))])
    assert decoded.outcomes[0].status == "partial"
    assert (decoded.outcomes[0].good, decoded.outcomes[0].rejected) == (2, 1)
    assert only_reject(decoded) == (2, column, reason)
    assert decoded.readings["record"].to_list() == [1, 3]
    assert reason in REASONS


@pytest.mark.parametrize(
    ("payload", "mark"),
    [
        (wire(GOOD).decode().encode("gbk"), "gbk"),
        (b"\xef\xbb\xbf" + wire(GOOD), "bom"),
        (wire(GOOD).replace(b"~", b"~\r\n") + b"\r\n", "crlf"),
        (b'"' + wire(GOOD) + b'"', "wrapped"),
        (wire(GOOD).replace(b"~", b"~%n") + b"%n", "wrapped"),
        (wire(GOOD, header=f"{MINE};name;KJ95X;2026-03-10 08:15:20"), "header_width"),
        (wire(GOOD, header=HEADER.replace("08:15", "08:21")), "header_in_future"),
        (wire(GOOD, GOOD), "superseded"),
    ],
)
def test_a_tolerated_oddity_is_accepted_with_a_mark(payload: bytes, mark: str) -> None:
    decoded = decode([frame(payload)])
    assert decoded.outcomes[0].status == "accepted"
    assert decoded.outcomes[0].marks == (mark,)
    assert decoded.readings["value"].to_list() == [0.32]
    assert decoded.describe(np.array([0]))["type_name"].to_list() == ["激光甲烷"]
    assert mark in MARKS


def test_a_faulted_measurement_is_a_good_record_without_a_value() -> None:
    decoded = decode([frame(wire(record(1, "-9999", "128")))])
    assert decoded.outcomes[0].status == "accepted"
    assert math.isnan(decoded.readings["value"][0])
    assert decoded.readings["status"][0] == 128


def test_more_than_a_fifth_bad_marks_the_file_and_keeps_the_good() -> None:
    good = [record(number) for number in range(4)]
    fifth = decode([frame(wire(*good, record(9, "x")))]).outcomes[0]
    more = decode([frame(wire(*good[:3], record(9, "x")))]).outcomes[0]
    assert (fifth.marks, fifth.good) == ((), 4)
    assert (more.marks, more.good) == (("over_20_percent_bad",), 3)


def test_the_last_of_the_same_point_and_time_wins() -> None:
    decoded = decode([frame(wire(record(1, "0.1"), record(2, "0.2"), record(1, "0.3")))])
    assert decoded.readings.select("record", "value").rows() == [(2, 0.2), (3, 0.3)]
    assert (decoded.outcomes[0].good, decoded.outcomes[0].superseded) == (3, 1)


def test_other_types_and_other_names_are_unknown_and_kept() -> None:
    for name, kind in [(f"{MINE}_RYCS_20260310081520.txt", "RYCS"), ("notes.txt", "UNNAMED")]:
        found = decode([frame(b"anything", name)]).outcomes[0]
        assert (found.status, found.type) == ("unknown", kind)


def test_random_bytes_never_raise() -> None:
    chance = random.Random(3)
    for _ in range(50):
        status, _ = outcome_of(chance.randbytes(300))
        assert status == "quarantined"


def test_point_definitions_keep_limits_relation_and_the_header() -> None:
    head = f"{MINE};合成一号煤矿;KJ95X;系统;厂家;2028-12-31;2026-03-10 08:15:20"
    row = (
        f"{code(1)};01;{MINE}00001;0043;MN;%CH4;10;0;1.0;1.0;-0.01;;1.5;1.0;;;;;1102采煤工作面T1;"
        f"1.5;-2;;D-{code(1)}-甲烷:K-{code(2)};2026-03-10 08:15:20"
    )
    decoded = decode([frame(wire(row, header=head), f"{MINE}_CDDY_20260310081520.txt")])
    point = decoded.points.row(0, named=True)
    assert (point["code"], point["alarm_high"], point["y"]) == (code(1), 1.0, -2.0)
    assert math.isnan(point["alarm_low"]) and math.isnan(point["cut_low"]) and math.isnan(point["z"])
    assert point["relation"] == f"D-{code(1)}-甲烷:K-{code(2)}"
    assert (point["system_model"], point["maker"], point["time"]) == ("KJ95X", "厂家", AT)


def test_a_station_record_may_stop_after_its_location() -> None:
    name = f"{MINE}_FZDY_20260310081520.txt"
    decoded = decode([frame(wire(f"{MINE}00001;井底", f"{MINE}00002;井口;1;2;3", f"{MINE}00003"), name)])
    assert decoded.stations["location"].to_list() == ["井底", "井口"]
    assert only_reject(decoded) == (3, "record", "field_count")


def test_a_reported_alarm_may_have_no_end_yet() -> None:
    at = "2026-03-10 08:15:20"
    row = f"{code(1)};激光甲烷;T1;%CH4;001;{at};xxxx-xx-xx xx:xx:xx;1.06;{at};1;{at};1.03;;;;;{at}"
    decoded = decode([frame(wire(row), f"{MINE}_YCBJ_20260310081520.txt")])
    alarm = decoded.reported_alarms.row(0, named=True)
    assert (alarm["start"], alarm["end"], alarm["max"], alarm["alarm_type"]) == (AT, None, 1.06, "001")
