"""Every declared type of every family: read exactly, cut anywhere without raising, its numbers where they belong."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from kuangan.library.telemetry import fast, tables
from kuangan.library.telemetry.decode import decode, decode_carefully
from kuangan.library.telemetry.grammar import COAL, file_types, sensor_types
from kuangan.library.telemetry.shapes import ORIGIN, SHAPES
from tests.library.telemetry.specimen import ALL, offered, specimen
from tests.library.telemetry.wire import AT, MINE, frame

FAMILIES = {
    *("mtt1201", "water", "pressure", "equipment", "noncoal", "tailings"),
    *("slope", "video", "legacy", "db14", "own"),
}
UNKNOWN = ["RYCS", "RYQJ", "RYKJ", "WZCDSS", "WZCDDY", "BWYSS", "HDWY", "CZZD", "SSWJ"]


def test_every_family_is_declared() -> None:
    assert {kind.family for kind in file_types().values()} == FAMILIES


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_nobody_has_described_stays_unknown(name: str) -> None:
    assert decode([frame(b"x~||", f"{MINE}_{name}_20260310081520.txt")]).outcomes[0].status == "unknown"


@pytest.mark.parametrize(("name", "extension"), ALL)
def test_a_good_file_of_every_type_is_accepted_and_feeds_what_it_says(name: str, extension: str) -> None:
    kind = file_types()[name]
    decoded = decode([offered(*specimen(name, extension))])
    found = decoded.outcomes[0]
    assert (found.status, found.type, found.mine, found.good, found.rejected) == ("accepted", name, MINE, 2, 0)
    filled = {feed for feed, table in decoded.kept.items() if table.height}
    assert decoded.readings.height == (2 * len(kind.values) if kind.feeds == "readings" else 0)
    assert decoded.points.height == (2 * len(kind.values) if kind.feeds == "points" else 0)
    assert decoded.stations.height == (2 if kind.feeds == "stations" else 0)
    assert decoded.reported_alarms.height == (2 if kind.feeds == "reported_alarms" else 0)
    assert filled - {"definitions"} == {feed for feed in (kind.feeds, *kind.also) if feed in SHAPES} - {"definitions"}


@pytest.mark.parametrize(("name", "extension"), ALL)
def test_a_file_cut_at_any_byte_raises_nothing_and_gives_no_number_that_was_not_sent(name: str, extension: str) -> None:
    called, payload = specimen(name, extension)
    whole = decode([frame(payload, called)])
    cuts = decode([frame(payload[:length], called, seq=length) for length in range(len(payload))])
    assert {found.status for found in cuts.outcomes} <= {"quarantined", "accepted", "partial"}
    assert all(found.good <= 2 for found in cuts.outcomes)
    sent = set(whole.readings.select(pl.col("code").cast(pl.String), "value").rows())
    assert set(cuts.readings.select(pl.col("code").cast(pl.String), "value").rows()) <= sent
    ends = file_types()[name].grammar.syntax in ("text", "json", "xml") or (extension == "json")
    whole_again = [len(payload[:-1].rstrip()) == len(payload.rstrip())] if ends else []
    accepted = sum(found.status != "quarantined" for found in cuts.outcomes)
    assert accepted == sum(whole_again) if ends else accepted <= len(payload)


def test_every_column_of_a_kept_table_has_the_kind_of_its_shape() -> None:
    for feeds, shape in SHAPES.items():
        schema = tables._schema(feeds)
        assert {name: schema[name] for name in schema if name in shape.columns and name not in ORIGIN} == {
            name: shape.columns[name] for name in schema if name in shape.columns and name not in ORIGIN
        }
        assert set(shape.columns) - set(ORIGIN) <= {*schema, "rejected"}


def test_the_sensor_type_of_every_reading_is_known_with_quantity_unit_and_name() -> None:
    known = sensor_types()
    for kind in file_types().values():
        for value in kind.values:
            assert not value.type or value.type in known or value.type == "legacy:total", (kind.name, value.type)
    assert all(each.quantity.isidentifier() and each.name for each in known.values())
    assert {code.partition(":")[0] for code in known if ":" in code} == {
        *("water", "pressure", "equipment", "noncoal", "tailings", "slope", "own"),
    }
    assert max(map(len, known)) <= 16, "what the register and the pages have room for"
    coal = {code for code, each in known.items() if each.family == COAL}
    assert all(":" not in code for code in coal)


def test_the_same_number_means_another_thing_in_another_family() -> None:
    known = sensor_types()
    assert (known["0008"].quantity, known["noncoal:0008"].quantity) == ("coal_level", "hydrogen_sulphide")
    assert known["water:0502"].unit == "m" and known["slope:x_speed"].unit == "mm/h"


def test_one_record_of_a_hole_gives_a_level_and_a_temperature() -> None:
    record = f"{MINE}05MN05020104;0;562.31;14.20;2026-03-10 08:15:20"
    payload = f"{MINE};合成一号煤矿;2026-03-10 08:15:20~{record}~||".encode()
    decoded = decode([frame(payload, f"{MINE}_CGKCDSS_20260310081520.txt")])
    code = f"{MINE}05MN05020104"
    assert decoded.readings.rows() == [(0, 1, code, AT, 562.31, 0), (0, 1, f"{code}#temperature", AT, 14.2, 0)]
    assert decoded.describe(np.array([0, 1])).rows() == [
        (code, "水位", "", "m", "water:0502"),
        (f"{code}#temperature", "水温", "", "℃", "water:0507"),
    ]


def test_a_value_that_is_missing_is_a_reading_without_a_number() -> None:
    payload = f"{MINE};x;2026-03-10 08:15:20~{MINE}05MN0502;0;-9999;;2026-03-10 08:15:20~||".encode()
    decoded = decode([frame(payload, f"{MINE}_CGKCDSS_20260310081520.txt")])
    assert decoded.readings["value"].is_nan().to_list() == [True, True]


def test_a_literal_within_a_number_is_passed_over_and_remarked() -> None:
    payload = f"{MINE};x;2026-03-10 08:15:20~{MINE}05MN0503;0;86%n.40;2026-03-10 08:15:20~||".encode()
    decoded = decode([frame(payload, f"{MINE}_YSLCDSS_20260310081520.txt")])
    assert decoded.readings["value"].to_list() == [86.4]
    assert decoded.outcomes[0].marks == ("wrapped",)


def test_status_bits_are_read_as_a_mask() -> None:
    record = f"{MINE}05MN0502;1.0;;00000101;2026-03-10 08:15:20"
    payload = f"{MINE};x;2026-03-10 08:15:20~{record}~||".encode()
    assert decode([frame(payload, f"{MINE}_DBSCDSS_20260310081520.txt")]).readings["status"].to_list() == [5, 5]


def test_a_definition_keeps_what_has_no_column() -> None:
    name, payload = specimen("QRXDY")
    decoded = decode([frame(payload, name)])
    kept = decoded.kept["definitions"].row(0, named=True)
    assert json.loads(kept["extra"])["warn_1"] == json.loads(kept["extra"])["design_depth"] == 1.25
    assert (kept["sensor_type"], kept["unit"]) == ("tailings:QRX", "m")
    assert decoded.points["type_name"].to_list() == ["浸润线埋深"] * 2


def test_the_provincial_types_that_are_coals_own_are_judged_as_such() -> None:
    decoded = decode([offered(*specimen("AQMC.xml", records=1))])
    assert decoded.points.select("code", "sensor_type").rows() == [("001A01", "0001")]
    limit = decode(
        [frame(specimen("AQMC.xml")[1].replace(b'alarmhigh="60"', b'alarmhigh="-0.01"'), specimen("AQMC.xml")[0])]
    )
    assert limit.points["alarm_high"].is_nan().all()


@pytest.mark.parametrize(
    "payload",
    [
        b'<!DOCTYPE root [<!ENTITY a "aaaa">]><root code="DB14/T 671.1-2012"><head/></root>',
        b'<root code="DB14/T 671.1-2012">' + b"<a>" * 50 + b"</a>" * 50 + b"</root>",
        b'<root code="something else"><head/></root>',
        b"not a document",
    ],
)
def test_a_hostile_document_is_quarantined(payload: bytes) -> None:
    found = decode([frame(payload, f"AQSS_{MINE}_20260310081520.xml")]).outcomes[0]
    assert (found.status, found.reason) == ("quarantined", "bad_structure")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"[" * 100_000, "bad_structure"),
        (b'{"send_time":"2026-03-10 08:15:20","data":' + b"[" * 30 + b"]" * 30 + b"}", "bad_structure"),
        (b'{"send_time":"2026-03-10 08:15:20","data":{}}', "bad_structure"),
        (b'{"data":[]}', "header_time"),
        (b'{"send_time":"2026-03-10 08:15:20","data":[', "truncated"),
        (b'{"send_time":"2026-03-10 08:15:20","data":[]} {}', "text_after_end"),
        (b'{"send_time":"2026-03-10 08:15:20","open_pit_no":"140602900999","data":[]}', "header_mine_differs"),
        (b"", "truncated"),
        (b"\xff\xff\xff", "undecodable"),
    ],
)
def test_a_broken_json_document_is_quarantined(payload: bytes, reason: str) -> None:
    found = decode([frame(payload, f"{MINE}_gnssrealtime_20260310081520_0042.json")]).outcomes[0]
    assert (found.status, found.reason) == ("quarantined", reason)


def test_items_of_another_mine_or_of_no_object_are_rejected_alone() -> None:
    items = [
        {"cameraCode": f"{MINE}01010101", "cameraStatus": "1", "dataTime": "2026-03-10 08:15:20", "mineCode": MINE},
        {
            "cameraCode": f"{MINE}01010101",
            "cameraStatus": "1",
            "dataTime": "2026-03-10 08:15:20",
            "mineCode": "140581990002",
        },
        "nothing",
    ]
    decoded = decode([frame(json.dumps(items).encode(), f"{MINE}_cameraStatus_20260310081520.json")])
    assert [(each.record, each.column, each.reason) for each in decoded.rejects] == [
        (2, "mine", "mine_differs"),
        (3, "record", "bad_structure"),
    ]
    assert decoded.kept["camera_states"]["status"].to_list() == [1]


def test_a_sheet_and_a_document_of_our_own_say_the_same() -> None:
    for name, kind in file_types().items():
        if kind.family != "own":
            continue
        json_, csv_ = (decode([offered(*specimen(name, extension))]).kept[kind.feeds] for extension in ("json", "csv"))
        assert json_.rows() == csv_.rows()


def test_a_sheet_in_another_order_of_columns_is_read_by_its_names() -> None:
    payload = (
        b"start,unit,account,end,energy,whatever\n"
        b"2026-03-10 08:00:00,kWh,A-1,2026-03-10 08:15:00,12.5,x\n"
        b"2026-03-10 08:00:00,kWh,A-2,2026-03-10 08:15:00,13.5\n"
    )
    decoded = decode([frame(payload, f"{MINE}_ELECTRICITY_20260310081520.csv")])
    assert [each.reason for each in decoded.rejects] == ["bad_structure"]
    assert decoded.kept["electricity"].select("account", "energy", "end").rows() == [("A-1", 12.5, AT - 20_000)]


def test_too_many_people_elsewhere_is_an_event_with_cards_and_no_names() -> None:
    record = (
        "1;1;2;1401219000200203;850中段;2026-03-10 08:12:00;2026-03-10 08:15:20;14012190002000007&14012190002000011"
    )
    payload = f"140121900020;合成铁矿;2026-03-10 08:15:20^{record}^]]]".encode()
    event = decode([frame(payload, "140121900020_NRYCY_20260310081520.txt")]).kept["events"].row(0, named=True)
    assert (event["category"], event["code"], event["limit"], event["value"]) == (
        "over_crowd",
        "1401219000200203",
        1.0,
        2.0,
    )
    assert json.loads(event["extra"])["cards"].count("&") == 1


def test_persons_of_other_families_feed_the_same_tables() -> None:
    decoded = decode(
        [offered(*specimen("NRYSS")), offered(*specimen("NRYQY"), 1), offered(*specimen("RYSS.joined"), 2)]
    )
    assert decoded.kept["positions"]["area"].to_list()[:2] == [f"{MINE}0001"] * 2
    assert decoded.kept["positions"].height == 4
    assert decoded.kept["areas"]["area_type"].to_list() == ["其他区域"] * 2


def test_a_code_that_has_no_room_for_its_suffix_is_rejected() -> None:
    record = f"{'9' * 60};0;562.31;14.20;2026-03-10 08:15:20"
    payload = f"{MINE};x;2026-03-10 08:15:20~{record}~||".encode()
    decoded = decode([frame(payload, f"{MINE}_CGKCDSS_20260310081520.txt")])
    assert [(each.column, each.reason) for each in decoded.rejects] == [("code", "bad_code")]


def test_an_empty_code_in_the_first_file_of_a_process_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "_CODES", fast.KnownCodes())
    payload = f"{MINE};x;2026-03-10 08:15:20~;a;b;1;c;0;2026-03-10 08:15:20~||".encode()
    decoded = decode([frame(payload, f"{MINE}_CDSS_20260310081520.txt")])
    assert [each.reason for each in decoded.rejects] == ["value_missing"]


def test_readings_of_one_record_keep_their_order_beside_other_types() -> None:
    several = [specimen("ZKSS"), specimen("gnssrealtime"), specimen("MGSS"), specimen("CGKCDSS"), specimen("ZKSS")]
    frames = [offered(name, payload, seq) for seq, (name, payload) in enumerate(several)]
    assert decode(frames).readings.equals(decode_carefully(frames).readings)
