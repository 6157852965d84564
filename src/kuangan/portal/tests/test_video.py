"""The video board: counts agree with what they open, unknown is not live, nobody sees beyond his scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import time_machine
from django.test import Client

from conftest import MINE_A, MINE_B, MOMENT, Cast
from kuangan.base.clock import to_ms
from kuangan.base.registry.cameras import read, take
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.datalink import cameras
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.records import SHAPES
from kuangan.library.warning.events import Event

Clients = Callable[[Any], Client]
BOARD = "/video/board/"
PLACES = {1: "主井井口", 2: "副井井口", 3: "1102综采工作面机头", 4: "调度室"}


@pytest.fixture(autouse=True)
def _eight_in_the_morning() -> Any:
    cameras.forget()
    with time_machine.travel(MOMENT, tick=False):
        yield
    cameras.forget()


def camera(number: int) -> str:
    return f"{MINE_A}0101{number:04d}"


def rows(name: str, told: list[dict[str, Any]]) -> pl.DataFrame:
    blank = dict.fromkeys(SHAPES[name].columns)
    at = to_ms(MOMENT) - 60_000
    origin = {"gateway": "g1", "mine": MINE_A, "seq": 1, "received_at": at, "moment": at}
    rows = [blank | origin | {"record": number} | row for number, row in enumerate(told, 1)]
    return pl.DataFrame(rows, schema=dict(SHAPES[name].columns))


@pytest.fixture
def sent(home: Path) -> Path:
    """Mine A has four cameras, of which the second is off line and the fourth never sent a state; mine B sent nothing."""
    publish(home, "cameras", rows("cameras", [{"camera": camera(n), "position": text} for n, text in PLACES.items()]))
    at = to_ms(MOMENT) - 60_000
    states = [{"camera": camera(n), "status": int(n != 2), "time": at} for n in (1, 2, 3)]
    publish(home, "camera_states", rows("camera_states", states))
    covered = {"code": camera(1), "category": "video_anomaly", "level": "0001", "start": at, "type": "videoAnomaly"}
    passed = {"code": camera(1), "category": "video_counting", "level": "06", "start": at, "value": 3.0}
    publish(home, "events", rows("events", [covered, passed]))
    return home


def event(rule: str, ident: str = "g1.1.x", subject: str = MINE_A, **changes: Any) -> Event:
    at = to_ms(MOMENT) - 1_800_000
    inputs: dict[str, Any] = {"mine_name": "示例", "location": "主井井口", **changes.pop("inputs", {})}
    made = Event(ident, 1, rule, 1, MINE_A, "camera", subject, at, None, None, None, "yellow", "open", None, False, at, at, inputs)  # fmt: skip
    return replace(made, **changes)


def line_of(page: Any, code: str = MINE_A) -> Any:
    return next(line for line in page.context["lines"] if line.mine.code == code)


def test_a_mine_stands_with_its_cameras_and_what_they_do_not_show(cast: Cast, client_of: Clients, sent: Path) -> None:
    line = line_of(client_of(cast.county_officer).get(BOARD))
    assert (line.live, line.offline, line.unknown, len(line.cameras)) == (2, 1, 1, 4)
    states = {cell.kind: cell.state for cell in line.cells}
    assert states == {
        "main_shaft": "covered",
        "auxiliary_shaft": "lacking",
        "air_shaft": "unknown",
        "vehicle_gate": "unknown",
        "dispatch_room": "unknown",
        "coal_face": "covered",
    }


def test_where_the_register_lists_the_cameras_a_kind_without_one_is_lacking(
    cast: Cast, client_of: Clients, sent: Path
) -> None:
    listed = "\n".join(f"{camera(n)}\t\t{text}\t按规则\t否" for n, text in PLACES.items())
    take(cast.mine_a, read(listed), by=cast.county_leader, at=MOMENT, basis="台账")
    line = line_of(client_of(cast.county_officer).get(BOARD))
    assert {cell.kind for cell in line.cells if cell.state == "lacking"} == {
        "auxiliary_shaft",
        "air_shaft",
        "vehicle_gate",
    }


def test_a_covered_picture_and_a_silent_system_are_not_live_video(cast: Cast, client_of: Clients, sent: Path) -> None:
    apply_events([event("video.blocked", subject=camera(1))], MOMENT)
    line = line_of(client_of(cast.county_officer).get(BOARD))
    assert next(cell.state for cell in line.cells if cell.kind == "main_shaft") == "lacking"
    apply_events([event("video.system_silent", "g1.2.x", inputs={"location": ""})], MOMENT)
    line = line_of(client_of(cast.county_officer).get(BOARD))
    assert (line.live, line.offline, line.unknown) == (0, 0, 4)
    assert {cell.state for cell in line.cells} == {"unknown"}


def test_the_seals_of_a_stopped_mine_are_counted_and_of_a_working_one_there_are_none(
    cast: Cast, client_of: Clients, sent: Path
) -> None:
    assert line_of(client_of(cast.county_officer).get(BOARD)).seals == []
    record_facts([NewFact(MINE_A, "state", "stopped", MOMENT)], at=MOMENT, basis="文件", by=cast.county_leader)
    line = line_of(client_of(cast.county_officer).get(BOARD))
    assert [camera.place for camera in line.seals] == ["主井井口", "副井井口", "调度室"]
    assert line.seals_live == 1


def test_each_figure_counts_the_mines_it_opens(cast: Cast, client_of: Clients, sent: Path) -> None:
    apply_events([event("video.no_coverage"), event("video.sealed_shaft", "g1.2.x", camera(1))], MOMENT)
    client = client_of(cast.province_officer)
    for value, _, address, _ in client.get(BOARD).context["counts"]:
        assert len(client.get(address).context["lines"]) == value


def test_a_mine_that_sends_nothing_is_unknown(cast: Cast, client_of: Clients, sent: Path) -> None:
    page = client_of(cast.province_officer).get(BOARD)
    line = line_of(page, MINE_B)
    assert (line.cameras, line.cells) == ([], [])
    assert "未知" in page.content.decode()


def test_the_page_of_a_mine_lists_cameras_places_alerts_and_messages(
    cast: Cast, client_of: Clients, sent: Path
) -> None:
    apply_events([event("video.offline", subject=camera(2))], MOMENT)
    page = client_of(cast.county_officer).get(f"/mines/{MINE_A}/video/")
    text = page.content.decode()
    assert all(place in text for place in PLACES.values())
    assert "从入井口出井 3 人次" in text and "遮挡" in text and "摄像机离线" in text
    assert "Message(" not in text
    assert client_of(cast.neighbour_officer).get(f"/mines/{MINE_A}/video/").status_code == 404


def test_queries_do_not_grow_with_alerts(
    cast: Cast, client_of: Clients, sent: Path, django_assert_max_num_queries: Any
) -> None:
    apply_events([event("video.offline", f"g1.{n}.x", camera(n)) for n in range(1, 40)], MOMENT)
    client = client_of(cast.province_officer)
    client.get(BOARD)
    with django_assert_max_num_queries(13):
        client.get(BOARD)
