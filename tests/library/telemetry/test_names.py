from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.telemetry import names
from kuangan.library.telemetry.names import WireName, parse_name, type_of

AT = 1_773_101_720_000


@pytest.mark.parametrize(
    ("name", "mine", "type_", "time"),
    [
        ("140581900001_CDSS_20260310081520.txt", "140581900001", "CDSS", AT),
        ("140581900001_CDSS_20260310081520.TXT", "140581900001", "CDSS", AT),
        ("140581900001_CDSS_20260310081520000123.txt", "140581900001", "CDSS", AT),
        ("140581900001_CDSS_20260310081530_gbk.txt", "140581900001", "CDSS", AT + 10_000),
        ("14122800315_YCBJ_20260310081520.txt", "14122800315", "YCBJ", AT),
        ("150622B0012000200092_CDDY_20260310081520.txt", "150622B0012000200092", "CDDY", AT),
        ("140581900001AQSS_example.txt", "140581900001", "AQSS", None),
        ("140602900102_gnssalarm_20260310081520_0042.json", "140602900102", "gnssalarm", AT),
        ("140121900020_NCDSS_20260310081520.txt", "140121900020", "NCDSS", AT),
        ("140581900001_CDSS_20261399081520.txt", "140581900001", "CDSS", None),
        ("some/folder/140581900001_CDSS_20260310081520.txt", "140581900001", "CDSS", AT),
    ],
)
def test_a_wire_name_says_mine_type_and_time(name: str, mine: str, type_: str, time: int | None) -> None:
    found = parse_name(name)
    assert found is not None
    assert (found.mine, found.type, found.time) == (mine, type_, time)
    assert type_of(name) == type_


@pytest.mark.parametrize("name", ["", "notes.txt", "140581900001.txt", "_CDSS_.txt", "x" * 300])
def test_any_other_name_is_unnamed(name: str) -> None:
    assert parse_name(name) is None
    assert type_of(name) == "UNNAMED"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AQSS_067999001_20260310081520.xml", WireName("067999001", "AQSS", AT, "xml", "xml")),
        ("140581900001AQSS_20260310081520.txt", WireName("140581900001", "AQSS", AT, "joined", "txt")),
        ("140581900001_ADVANCE_20260310081520.csv", WireName("140581900001", "ADVANCE", AT, "", "csv")),
        ("140602900102_gnssalarm_2026-03-10 08:15:20_0042.json", WireName("140602900102", "gnssalarm", AT, "", "json")),
        ("video_cameraStatus.json", WireName("", "cameraStatus", None, "", "json")),
        ("video_cameraStatus_20260310081520.json", WireName("", "cameraStatus", AT, "", "json")),
    ],
)
def test_style_and_extension_tell_apart_what_has_the_same_type(name: str, found: WireName) -> None:
    assert parse_name(name) == found


@given(st.from_regex(r"[0-9A-Za-z]{8,22}_?[A-Za-z]{1,4}[0-9]?_[0-9]{13,15}[_a1]?\.(txt|TXT|json)", fullmatch=True))
def test_the_quick_look_at_usual_names_finds_what_the_whole_pattern_finds(name: str) -> None:
    usual = names._USUAL.fullmatch(name)
    if usual is not None:
        whole = names._NAME.fullmatch(name)
        assert whole is not None
        assert (whole["mine"].upper(), whole["gap"], whole["type"], whole["time"]) == (
            usual[1],
            "_",
            usual[2],
            usual[3],
        )
