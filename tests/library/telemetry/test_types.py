"""Station states, statistics, areas, base stations, persons and positions: read exactly, never raising."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kuangan.library.telemetry.codes import REASONS
from kuangan.library.telemetry.decode import Decoded, decode
from kuangan.library.telemetry.grammar import KEPT, file_types
from tests.library.telemetry.people import (
    AREA,
    EARLIER,
    OLD_HEADER,
    OLD_MINE,
    RECORDS,
    STATION,
    STATIONS_HEADER,
    TIME,
    card,
    named,
    old_position,
    one,
    person,
    position,
)
from tests.library.telemetry.wire import AT, HEADER, MINE, frame, wire

WAS = AT - (35 * 60 + 9) * 1000


def read(kind: str, payload: bytes, mine: str = MINE) -> Decoded:
    return decode([frame(payload, named(kind, mine))])


def row(kind: str, payload: bytes) -> dict[str, Any]:
    decoded = read(kind, payload)
    assert decoded.outcomes[0].status == "accepted", decoded.rejects
    return decoded.kept[file_types()[kind].feeds].row(0, named=True)


@pytest.mark.parametrize("kind", RECORDS)
def test_a_good_file_of_each_type_is_accepted_and_fills_its_table_alone(kind: str) -> None:
    decoded = read(kind, one(kind))
    found = decoded.outcomes[0]
    assert (found.status, found.type, found.good, found.rejected, found.marks) == ("accepted", kind, 1, 0, ())
    assert (found.mine_name, found.header_time) == ("合成一号煤矿", AT)
    filled = {name for name, table in decoded.kept.items() if table.height}
    assert filled == {file_types()[kind].feeds}
    assert decoded.readings.height == 0 and set(decoded.kept) == {*KEPT, "definitions"}


def test_states_of_stations_are_digits() -> None:
    state = row("JZSS", one("JZSS"))
    assert (state["code"], state["run"], state["power"], state["time"]) == (STATION, 1, 9, AT)


def test_statistics_keep_extremes_and_when_they_were() -> None:
    found = row("TJSJ", one("TJSJ"))
    assert (found["end"] - found["start"], found["max"], found["min"], found["average"]) == (300_000, 0.41, 0.22, 0.31)
    assert (found["max_at"], found["unit"]) == (AT, "%CH4")


def test_an_area_has_its_approved_number_or_none() -> None:
    decoded = read("RYQY", one("RYQY", f"重点区域;{AREA};26;面", f"井口区域;{MINE}0001;;井口"))
    assert decoded.kept["areas"]["approved"].to_list() == [26, None]


def test_a_base_station_is_read_in_both_forms_whatever_the_header() -> None:
    six, seven = f"{STATION};机头;1.5;-2;0;面", f"{STATION};20;1.5;-2;0;面;{TIME}"
    for header in (HEADER, STATIONS_HEADER):
        decoded = read("RYJZ", wire(six, seven, header=header))
        assert (decoded.outcomes[0].good, decoded.outcomes[0].marks) == (2, ())
        table = decoded.kept["base_stations"]
        assert table.select("name", "area_type", "y", "description", "time").rows() == [
            ("机头", None, -2.0, "面", None),
            (None, "20", -2.0, "面", AT),
        ]


def test_a_person_has_particulars_and_the_header_the_approved_number() -> None:
    decoded = read("RYXX", one("RYXX"))
    found = decoded.kept["persons"].row(0, named=True)
    assert (found["card"], found["name"], found["team"], found["leader"], found["special"]) == (
        card(1),
        "合成甲",
        "综采一队",
        0,
        1,
    )
    assert decoded.headers[0]["approved"] == "400"


def test_a_position_has_a_signed_distance_and_a_track() -> None:
    found = row("RYSS", one("RYSS"))
    assert (found["flag"], found["area_since"], found["distance"], found["special"]) == (1, WAS, -12.5, 1)
    assert found["out_time"] is None
    assert found["track"] == f"{STATION}&{EARLIER},{STATION}&{TIME}"


def test_a_position_may_lack_all_that_is_not_known_yet() -> None:
    bare = dict.fromkeys(("out_time", "area", "area_since", "station", "station_since", "distance"), "")
    found = row("RYSS", one("RYSS", position(leader="", special="", track="", work_state="", **bare)))
    assert (found["area"], found["area_since"], found["leader"]) == ("", None, None)
    assert math.isnan(found["distance"])


def test_a_snapshot_without_records_is_a_good_file() -> None:
    assert [read("RYSS", wire(header=HEADER)).outcomes[0].status] == ["accepted"]
    assert read("RYSS", f"{HEADER}~||".encode()).outcomes[0].good == 0


@pytest.mark.parametrize("line", ["", "\r\n"])
def test_the_older_form_begins_with_a_time_and_has_ten_fields(line: str) -> None:
    payload = f"{OLD_HEADER}~{line}{old_position(1)};~{line}{old_position(2, flag='2')}~{line}||{line}".encode()
    decoded = read("RYSS", payload, OLD_MINE)
    found = decoded.outcomes[0]
    assert (found.status, found.mine, found.header_time, found.good) == ("accepted", OLD_MINE, AT, 2)
    table = decoded.kept["positions"]
    assert table.select("flag", "out_time", "area", "distance", "work_state").rows() == [
        (1, None, AREA, None, None),
        (2, None, AREA, None, None),
    ]
    assert table["track"][0].startswith(STATION)


def test_an_empty_track_of_the_older_form_is_no_separator_too_many() -> None:
    records = [old_position(track=""), f"{old_position(track='')};"]
    assert read("RYSS", wire(*records, header=OLD_HEADER), OLD_MINE).outcomes[0].good == 2


def test_records_of_one_form_do_not_pass_under_the_header_of_the_other() -> None:
    new = read("RYSS", wire(old_position(), header=HEADER))
    old = read("RYSS", wire(position(), header=OLD_HEADER), OLD_MINE)
    assert [decoded.rejects[0].reason for decoded in (new, old)] == ["field_count"] * 2


@pytest.mark.parametrize(
    ("kind", "record", "column", "reason"),
    [
        ("FZSS", f"{MINE}00001;x;1;{TIME}", "run", "bad_mask"),
        ("FZSS", f"{MINE}00001;0;10;{TIME}", "power", "bad_mask"),
        ("JZSS", f"{STATION};;1;{TIME}", "run", "value_missing"),
        ("JZSS", f"{STATION};0;1", "record", "field_count"),
        ("TJSJ", RECORDS["TJSJ"][1].replace("0.41", "high"), "max", "bad_number"),
        ("TJSJ", RECORDS["TJSJ"][1].replace("2026-03-10 08:10:00", ""), "start", "value_missing"),
        ("RYQY", f"重点区域;{AREA};-1;面", "approved", "bad_number"),
        ("RYQY", f"重点区域;{AREA};2.5;面", "approved", "bad_number"),
        ("RYQY", "重点区域;;26;面", "area", "value_missing"),
        ("RYJZ", f"{STATION};机头;x;0;0;面", "x", "bad_number"),
        ("RYJZ", f"{STATION};机头;0;0", "record", "field_count"),
        ("RYXX", person().replace(card(1), "卡"), "card", "bad_code"),
        ("RYXX", f"{person()};0", "record", "field_count"),
        ("RYSS", position(flag=""), "flag", "value_missing"),
        ("RYSS", position(flag="in"), "flag", "bad_mask"),
        ("RYSS", position(in_time="07:02"), "in_time", "bad_time"),
        ("RYSS", position(area_since="2026-03-12 08:15:20"), "area_since", "time_in_future"),
        ("RYSS", position(distance="near"), "distance", "bad_number"),
        ("RYSS", position(leader="yes"), "leader", "bad_mask"),
        ("RYSS", position(track="somewhere"), "track", "bad_track"),
        ("RYSS", position().replace(";", "；"), "record", "full_width_separator"),
    ],
)
def test_a_bad_record_is_rejected_and_its_neighbour_counts(kind: str, record: str, column: str, reason: str) -> None:
    decoded = read(kind, one(kind, RECORDS[kind][1], record))
    assert (decoded.outcomes[0].status, decoded.outcomes[0].good) == ("partial", 1)
    assert [(each.record, each.column, each.reason) for each in decoded.rejects] == [(2, column, reason)]
    assert reason in REASONS


def test_what_is_shown_of_a_bad_record_names_nobody() -> None:
    bad = read("RYSS", one("RYSS", position(flag="x"))).rejects[0]
    assert bad.excerpt == card(1)
    assert read("RYXX", one("RYXX", f"{person()};0")).rejects[0].excerpt == card(1)
    for payload in (one("RYSS")[:-2], one("RYSS").replace(b"2026-03-10 08:15:20~", b"?~", 1), b"\xff\xff~||"):
        assert [each.excerpt for each in read("RYSS", payload).rejects] == [""]


@pytest.mark.parametrize("kind", RECORDS)
def test_a_file_cut_off_anywhere_is_quarantined(kind: str) -> None:
    whole = one(kind)
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        found = read(kind, whole[:length]).outcomes[0]
        assert (found.status, found.good) == ("quarantined", 0)
        assert found.reason in ("truncated", "undecodable")


FIELDS = st.one_of(
    st.sampled_from(
        ["", "0", "1", "9", "-1", "x", TIME, "xxxx-xx-xx xx:xx:xx", card(1), AREA, STATION, "合成", "-9999"]
    ),
    st.text(max_size=6),
)
SOME = st.lists(FIELDS, min_size=1, max_size=17).map(";".join)
HEADERS = st.one_of(st.sampled_from([HEADER, OLD_HEADER, STATIONS_HEADER, RECORDS["RYXX"][0], "", TIME]), SOME)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(RECORDS)),
            HEADERS,
            st.lists(st.one_of(SOME, st.sampled_from([record for _, record in RECORDS.values()])), max_size=5),
            st.sampled_from(["~||", "||", "~", ""]),
        ),
        max_size=5,
    )
)
def test_no_content_raises_and_every_record_is_accounted_for(files: list[tuple[str, str, list[str], str]]) -> None:
    payloads = [(kind, ("~".join([header, *rows]) + end).encode()) for kind, header, rows, end in files]
    decoded = decode([frame(payload, named(kind), seq=seq) for seq, (kind, payload) in enumerate(payloads)])
    for index, ((kind, _), outcome) in enumerate(zip(payloads, decoded.outcomes, strict=True)):
        table = decoded.kept[file_types()[kind].feeds]
        assert table.filter(frame=index).height == outcome.good
        rejected = [each for each in decoded.rejects if each.frame == index and each.record > 0]
        assert len(rejected) == outcome.rejected
        assert outcome.status in ("accepted", "partial", "quarantined")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(RECORDS)), st.binary(max_size=200))
def test_no_bytes_raise(kind: str, payload: bytes) -> None:
    assert read(kind, payload).outcomes[0].type == kind
