"""Reading warnings: CAP 1.2 and our JSON, exactly; hostile and wrong input refused with field and reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.domains.duty.weather.affected import significant
from kuangan.domains.duty.weather.cap import read_cap
from kuangan.domains.duty.weather.plain import read_record, records_of
from kuangan.domains.duty.weather.reading import Area, Circle, Reference, Refused
from kuangan.domains.duty.weather.rules import event_of, judge
from kuangan.domains.duty.weather.shapes import covers, inside
from tests.duty.weather_wire import cap, packed, plain, refer

SQUARE = ((113.0, 36.0), (114.0, 36.0), (114.0, 37.0), (113.0, 37.0), (113.0, 36.0))


def why(payload: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read_cap(payload)
    return str(refused.value)


def test_a_cap_message_is_read_whole(moment: datetime) -> None:
    shape = "<polygon>36.0,113.0 36.0,114.0 37.0,114.0 37.0,113.0 36.0,113.0</polygon><circle>36.5,113.5 12.5</circle>"
    said = read_cap(cap(moment, area=shape, codes=("140404", "140404100000")))
    assert (said.sender, said.identifier, said.sent, said.kind, said.status) == (
        "weather.example.cn",
        "QX-1",
        moment,
        "alert",
        "actual",
    )
    assert (said.event, said.colour, said.onset, said.expires) == ("暴雨", "red", moment, moment + timedelta(hours=6))
    assert (said.severity, said.urgency, said.certainty) == ("Extreme", "Immediate", "Likely")
    [part] = said.parts
    assert part.areas == (Area("示例区", ("140404", "140404100000"), (SQUARE,), (Circle(113.5, 36.5, 12.5),)),)
    assert not said.notes


def test_an_update_names_what_it_replaces(moment: datetime) -> None:
    said = read_cap(cap(moment, "QX-2", kind="Update", references=f"{refer(moment)} {refer(moment, 'QX-0')}"))
    assert said.references == (Reference("weather.example.cn", "QX-1"), Reference("weather.example.cn", "QX-0"))
    assert "references" in why(cap(moment, "QX-3", kind="Update"))
    assert "references" in why(cap(moment, "QX-3", kind="Cancel"))
    assert read_cap(cap(moment, "QX-4", kind="Cancel", references=refer(moment))).parts == ()


@pytest.mark.parametrize(
    ("colour", "severity", "found", "notes"),
    [
        ("蓝", "Minor", "blue", 0),
        ("橙", "Severe", "orange", 0),
        ("黄", "Extreme", "red", 1),
        ("", "Moderate", "yellow", 0),
    ],
)
def test_the_colour_is_the_stronger_of_what_is_said(
    moment: datetime, colour: str, severity: str, found: str, notes: int
) -> None:
    said = read_cap(cap(moment, colour=colour, severity=severity))
    assert (said.colour, len(said.notes)) == (found, notes)


def test_a_message_without_any_colour_is_refused(moment: datetime) -> None:
    assert "severity" in why(cap(moment, colour="", severity="Unknown"))


@pytest.mark.parametrize("status", ["Test", "Draft", "System"])
def test_tests_and_drafts_are_no_warnings(moment: datetime, status: str) -> None:
    assert "status" in why(cap(moment, status=status))


def test_an_exercise_is_marked(moment: datetime) -> None:
    assert read_cap(cap(moment, status="Exercise")).status == "exercise"


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><alert>&y;</alert>'
HOSTILE = {
    "entities": BOMB,
    "external": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>',
    "parameter": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]><alert/>',
    "external type": b'<!DOCTYPE alert SYSTEM "http://127.0.0.1/cap.dtd"><alert/>',
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "wide": b"<a>" + b"<b/>" * 30_000 + b"</a>",
    "large": b"<a>" + b" " * (1 << 20) + b"</a>",
    "cut": b"<alert><info>",
    "encoding": b'<?xml version="1.0" encoding="no-such-thing"?><alert/>',
    "undeclared": b"<alert>&nothing;</alert>",
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused_before_it_does_anything(payload: bytes) -> None:
    assert why(payload)


def test_another_namespace_is_no_cap(moment: datetime) -> None:
    assert "命名空间" in why(cap(moment).replace(b"cap:1.2", b"cap:1.1"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"<identifier>QX-1</identifier>", b"", "identifier"),
        (b"<identifier>QX-1", b"<identifier>Q X,1", "identifier"),
        (b"<value>140404</value>", b"<value>14040</value>", "geocode"),
        (b"<msgType>Alert", b"<msgType>Ack", "msgType"),
        ("<event>暴雨</event>".encode(), b"<event></event>", "event"),
    ],
)
def test_a_fault_names_its_field(moment: datetime, old: bytes, new: bytes, field: str) -> None:
    payload = cap(moment)
    assert old in payload
    assert field in why(payload.replace(old, new))


@pytest.mark.parametrize(
    "shape",
    [
        "<polygon>36,113 36,114</polygon>",
        "<polygon>96,113 36,114 37,114</polygon>",
        "<polygon>nan,113 36,114 37,114</polygon>",
        "<circle>36,113</circle>",
        "<circle>36,113 -5</circle>",
    ],
)
def test_shapes_that_cannot_be_are_refused(moment: datetime, shape: str) -> None:
    assert why(cap(moment, area=shape))


def test_of_blocks_in_two_languages_the_chinese_one_counts(moment: datetime) -> None:
    chinese = cap(moment).split(b"<info>")[1].split(b"</info>")[0].decode()
    english = chinese.replace("zh-CN", "en-US").replace("暴雨", "Rainstorm")
    said = read_cap(cap(moment, info=f"<info>{english}</info><info>{chinese}</info>"))
    assert said.event == "暴雨" and len(said.parts) == 1


def test_our_json_says_the_same_as_cap(moment: datetime) -> None:
    said = read_record(plain(moment, colour="红色"))
    assert (said.colour, said.event, said.parts[0].areas[0].codes) == ("red", "暴雨", ("140404",))
    assert read_record(plain(moment, type="cancel", references=["P-0"], colour="", areas=[])).references == (
        Reference("example", "P-0"),
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "紫"}, "colour"),
        ({"sent": "yesterday"}, "sent"),
        ({"extra": 1}, "extra"),
        ({"id": ""}, "id"),
        ({"areas": [{"codes": ["14"]}]}, "areas.codes"),
        ({"areas": []}, "area"),
        ({"areas": [{"polygons": [[[113.0], [1.0], [2.0]]]}]}, "polygons"),
        ({"expires": "2020-01-01T00:00:00+08:00"}, "expires"),
        ({"type": "update"}, "references"),
        ({"format": "other"}, "format"),
    ],
)
def test_a_json_fault_names_its_field(moment: datetime, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_record(plain(moment, **changes))
    assert any(field in fault.field for fault in refused.value.faults)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    for read in (read_cap, records_of):
        try:
            read(payload)
        except Refused as refused:
            assert refused.faults


def test_a_list_of_records_is_kept_apart(moment: datetime) -> None:
    assert len(records_of(packed(plain(moment), {}))) == 2


def test_region_codes_mean_what_their_digits_say() -> None:
    assert [significant(code) for code in ("140000", "140400", "140404", "140404100000")] == [
        "14",
        "1404",
        "140404",
        "140404",
    ]


@pytest.mark.parametrize(
    ("lon", "lat", "within"), [(113.5, 36.5, True), (113.0, 36.5, True), (114.0, 37.0, True), (114.1, 36.5, False)]
)
def test_edges_and_corners_of_a_polygon_count_as_inside(lon: float, lat: float, within: bool) -> None:
    assert inside(SQUARE, lon, lat) is within


def test_a_circle_is_measured_along_the_earth() -> None:
    area = Area("", circles=(Circle(113.0, 36.0, 10.0),))
    assert covers(area, 113.0, 36.0 + 9.9 / 111.195) and not covers(area, 113.0, 36.0 + 10.1 / 111.195)


@pytest.mark.parametrize(
    ("words", "event"),
    [
        ("暴雨", "rainstorm"),
        ("雷暴大风预警", "gale"),
        ("雷电", "thunderstorm"),
        ("Rainstorm", "rainstorm"),
        ("不明", "other"),
    ],
)
def test_the_kind_of_event_is_known_by_its_words(words: str, event: str) -> None:
    assert event_of(words) == event


def test_only_what_a_rule_names_is_to_be_withdrawn() -> None:
    assert judge("rainstorm", "red", "underground_coal", {}).action == "withdraw"
    assert "未登记" in judge("rainstorm", "red", "underground_coal", {}).why
    safe = judge("rainstorm", "orange", "underground_coal", {"flood_threat": "none"})
    assert safe.action == "prepare" and "不受地表水威胁" in safe.why
    assert judge("rainstorm", "yellow", "underground_coal", {}).action == "prepare"
    assert judge("thunderstorm", "red", "open_pit_coal", {}).action == "withdraw"
    assert judge("thunderstorm", "red", "underground_coal", {}).action == "prepare"
    assert judge("rainstorm", "blue", "underground_coal", {}).action == "inform"
    assert judge("other", "red", "tailings_pond", {}).action == "inform"
