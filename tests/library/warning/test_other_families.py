"""Files of other families through the whole engine: kept, archived and shown, never judged by rules of coal mines."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from kuangan.library.telemetry.archive import read_points
from kuangan.library.telemetry.events import events_of
from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.telemetry.grammar import file_types, sensor_types
from kuangan.library.telemetry.ledger import balance, verify
from kuangan.library.telemetry.records import read_records
from kuangan.library.telemetry.shapes import SHAPES
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.runners.embedded import Embedded
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Replay, header_time
from kuangan.library.warning.runners.sink import Collecting
from tests.library.telemetry.specimen import ALL, specimen
from tests.library.telemetry.wire import AT, MINE

MINUTE = 60_000
TIME = "2026-03-10 08:15:20"


def replayed(home: Path, files: list[tuple[str, bytes]]) -> tuple[Pipeline, Replay]:
    pipeline = Pipeline(home, Collecting())
    replay = Replay(pipeline, AT + 10 * MINUTE)
    replay.run(files)
    return pipeline, replay


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("families")
    replayed(home, [specimen(name, extension) for name, extension in ALL])
    return home


def test_the_ledger_balances_over_every_type_of_every_family(home: Path) -> None:
    found = balance(home)
    assert (found.balanced, found.accepted, found.partial, found.quarantined, found.unknown) == (
        True,
        len(ALL),
        0,
        0,
        0,
    )
    assert found.archived + found.repeated > 0 and verify(home) == []


def test_every_kept_table_has_rows_and_they_say_where_they_came_from(home: Path) -> None:
    for name in SHAPES:
        rows = read_records(home, name).collect()
        assert rows.height, name
        assert rows["mine"].unique().to_list() == [MINE], name
        assert rows["received_at"].min() == AT, name


def water(level: str, time: str = TIME) -> tuple[str, bytes]:
    stamp = "".join(letter for letter in time if letter.isdigit())
    record = f"{MINE}05MN05020104;0;{level};14.20;{time}"
    return f"{MINE}_CGKCDSS_{stamp}.txt", f"{MINE};合成一号煤矿;{time}~{record}~||".encode()


def test_one_code_of_a_hole_is_two_points_in_the_archive(tmp_path: Path) -> None:
    replayed(tmp_path, [water("562.31"), water("562.11", "2026-03-10 08:25:20")])
    codes = [f"{MINE}05MN05020104", f"{MINE}05MN05020104#temperature"]
    rows = read_points(tmp_path, codes, AT - 1, AT + 20 * MINUTE)
    assert rows.sort("point", "time").select("point", "value").rows() == [
        *((codes[0], 562.31), (codes[0], 562.11), (codes[1], 14.2), (codes[1], 14.2)),
    ]
    assert balance(tmp_path).archived == 4


def test_the_engine_shows_points_of_other_families_under_their_own_names_and_without_a_limit(tmp_path: Path) -> None:
    record = f"{MINE}01MN00080A01;0008;850中段;99;ppm;0;{TIME}"
    definition = f"{MINE}01MN00080A01;01;;0008;MN;ppm;100;0;6.6;6.6;;;850中段;;;;;{TIME}"
    head = f"{MINE};合成铁矿;NKJ0;系统;厂家;2028-12-31;{TIME}"
    files = [
        (f"{MINE}_NCDDY_20260310081520.txt", f"{head}^{definition}^]]]".encode()),
        (f"{MINE}_NCDSS_20260310081520.txt", f"{MINE};合成铁矿;{TIME}^{record}^]]]".encode()),
        water("562.31"),
    ]
    pipeline, replay = replayed(tmp_path, files)
    assert replay.events == []
    embedded = Embedded(pipeline, lambda: AT)
    points = {row["code"]: row for row in embedded.publisher._points().iter_rows(named=True)}
    gas = points[f"{MINE}01MN00080A01"]
    assert (gas["sensor_type"], gas["type_name"], gas["unit"]) == ("noncoal:0008", "硫化氢", "ppm")
    assert (gas["limit"], gas["limit_source"], gas["own_alarm_high"]) == (None, "none", 6.6)
    heat = points[f"{MINE}05MN05020104#temperature"]
    assert (heat["sensor_type"], heat["type_name"], heat["unit"], heat["step"]) == ("water:0507", "水温", "℃", 0.1)


def test_older_nodes_are_judged_by_the_rules_of_coal(tmp_path: Path) -> None:
    line = f"山西省;某市;某县;{MINE};001;001A01;甲烷;1102采煤工作面;0;0;2.32;{TIME};;\n"
    _, replay = replayed(tmp_path, [(f"{MINE}AQSS_20260310081520.txt", line.encode())])
    assert [(event.rule, event.subject) for event in replay.events] == [("gas.over_limit", f"{MINE}:001A01")]


def test_a_hole_that_is_quiet_between_its_ten_minutes_is_no_outage(tmp_path: Path) -> None:
    sink = Collecting()
    pipeline = Pipeline(tmp_path, sink)
    writer = SpoolWriter(tmp_path, "a")
    gas = f"{MINE}01MN0043000001;激光甲烷;T1;0.1;%CH4;0;"
    for second in range(0, 3600):
        at = AT + second * 1000
        told = f"2026-03-10 {8 + (920 + second) // 3600:02d}:{(920 + second) // 60 % 60:02d}:{(920 + second) % 60:02d}"
        stamp = "".join(letter for letter in told if letter.isdigit())
        if second % 10 == 0:
            live = f"{MINE};合成一号煤矿;{told}~{gas}{told}~||".encode()
            name = f"{MINE}_CDSS_{stamp}.txt"
            writer.append(kind=UPLOAD, name=name, source="t", payload=live, received_at=at, mine=MINE)
        if second == 0:
            name, payload = water("562.31", told)
            writer.append(kind=UPLOAD, name=name, source="t", payload=payload, received_at=at, mine=MINE)
        writer.append(kind=TICK, name="tick", source="t", payload=b"", received_at=at)
    writer.commit()
    engine = Embedded(pipeline, lambda: AT)
    while engine.poll():
        pass
    writer.close()
    assert not sink.events


def alarm(level: int, at: str = TIME) -> bytes:
    said = {
        "equip_no": f"{MINE}01A7KQ",
        "alarm_time": at,
        "alarm_level": level,
        "alarm_value": {"horizontal_displacement": 11},
    }
    return json.dumps({"send_time": at, "data": [said]}).encode()


def test_an_event_told_twice_and_ended_in_another_file_is_one(tmp_path: Path) -> None:
    over = {
        "equip_no": f"{MINE}01A7KQ",
        "alarm_time": TIME,
        "handle_time": "2026-03-10 08:20:00",
        "description": "已撤人",
    }
    cleared = json.dumps({"send_time": "2026-03-10 08:20:20", "data": [over]}).encode()
    replayed(
        tmp_path,
        [
            (f"{MINE}_gnssalarm_20260310081520_0001.json", alarm(4)),
            (f"{MINE}_gnssalarm_20260310081620_0002.json", alarm(3)),
            (f"{MINE}_clearalarm_20260310082020_0003.json", cleared),
        ],
    )
    events = events_of(tmp_path, [MINE]).collect()
    assert events.select("code", "level", "value", "text", "end").rows() == [
        (f"{MINE}01A7KQ", "3", 11.0, "已撤人", AT + 280_000)
    ]
    assert events_of(tmp_path, ["140581990002"]).collect().is_empty()
    early = events_of(tmp_path, known_at=AT + 90_000).collect()
    assert early["end"].to_list() == [None]


def test_a_document_is_stamped_with_the_first_time_in_it() -> None:
    assert header_time(alarm(1)) == AT
    assert header_time(b'[{"dataTime": "2026-03-10 08:15:20"}]') == AT
    assert header_time(b"[{}]") is None


def test_types_that_feed_readings_say_which_family_they_are_of() -> None:
    live = {name for name, kind in file_types().items() if kind.live}
    assert live == {"CDSS", "NCDSS", "AQSS", "AQSS.xml"}


def test_every_qualified_type_that_a_rule_names_is_one_that_files_bring() -> None:
    folder = resources.files("kuangan.library.warning").joinpath("data")
    texts = [path.read_text("utf-8") for path in folder.iterdir() if path.name.endswith(".yaml")]
    families = {kind.grammar.prefix for kind in file_types().values()} - {""}
    named = {found[0] for text in texts for found in re.finditer(rf"\b(?:{'|'.join(families)}):\w+", text)}
    assert named
    assert named - set(sensor_types()) == set()
