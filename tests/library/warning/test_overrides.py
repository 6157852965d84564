"""Rows of the book that override it for one mine or point: stricter limits, other spans, the same however the spool is cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.rulebook import OVER_LIMIT, parse, shipped
from kuangan.library.warning.runners import chopped
from tests.library.warning.scene import CH4, MINE, OTHER, Scene, code
from tests.library.warning.test_split_law import FEWER

OTHER_CH4 = code(1, OTHER)


def row(**given: Any) -> dict[str, Any]:
    return {"id": "7", "rule": OVER_LIMIT, "setting": "limit", "mine": MINE, "value": 0.5} | given


def book(*rows: dict[str, Any]) -> bytes:
    return json.dumps(json.loads(shipped().model_dump_json()) | {"overrides": list(rows)}).encode()


def lived(scene: Scene, *rows: dict[str, Any]) -> Scene:
    """Both mines at 0.6 for a minute, the book with the rows in force from the beginning."""
    scene.config("rulebook", book(*rows), 0)
    for at in range(1, 1200, 20):
        value = 0.6 if 300 <= at < 360 or 700 <= at < 730 else 0.2
        scene.send(at, {CH4: value, code(2): value})
        scene.send(at, {OTHER_CH4: value}, mine=OTHER)
    return scene


def over(scene: Scene) -> list[tuple[str, float, str]]:
    found = [e for e in scene.judge(1300) if e.rule == OVER_LIMIT]
    return sorted((e.subject, e.inputs["limit"], e.inputs["limit_source"]) for e in found)


def test_without_a_row_nobody_is_over(scene: Scene) -> None:
    assert over(lived(scene)) == []


def test_a_stricter_limit_holds_for_the_mine_alone_and_says_so(scene: Scene) -> None:
    found = over(lived(scene, row(quantity="methane")))
    assert set(found) == {(CH4, 0.5, "override"), (code(2), 0.5, "override")}
    assert scene.events()[0].inputs["notes"] == ["override 7"]


def test_a_row_of_a_point_goes_before_the_one_of_its_mine(scene: Scene) -> None:
    found = over(lived(scene, row(quantity="methane", value=0.7), row(id="8", point=CH4)))
    assert {subject for subject, _, _ in found} == {CH4}


@pytest.mark.parametrize("value", [1.0, 3.0, 0.0])
def test_no_row_makes_a_limit_laxer(scene: Scene, value: float) -> None:
    lived(scene, row(quantity="methane", value=value))
    scene.send(1220, {CH4: 1.2})
    assert [limit for _, limit, _ in over(scene)] == [1.0]


def test_a_row_for_another_quantity_changes_nothing(scene: Scene) -> None:
    assert over(lived(scene, row(quantity="carbon_monoxide"))) == []


def test_a_shorter_gap_makes_two_alerts_of_one(scene: Scene) -> None:
    strict, apart = row(point=CH4), row(id="8", setting="merge_gap_min", value=1, point=CH4)
    assert len(over(lived(scene, strict))) == 1
    assert len(over(lived(Scene(scene.home / "second"), strict, apart))) == 2


def test_when_the_row_is_gone_the_book_holds_again(scene: Scene) -> None:
    lived(scene, row(quantity="methane"))
    scene.config("rulebook", book(), 1300)
    for at in range(1320, 1500, 20):
        scene.send(at, {CH4: 0.6})
    scene.judge(1600)
    limit = scene.pipeline.state.points[0].limit
    assert limit is not None
    assert (limit.value, limit.source) == (1.0, "statutory_location")
    assert max(e.onset for e in scene.events() if e.rule == OVER_LIMIT) < scene.frames[-1][1].received_at - 600_000


@pytest.mark.parametrize(
    "fault",
    [{"rule": "point.flat"}, {"setting": "frequency"}, {"value": -1}, {"value": float("nan")}, {"extra": 1}],
)
def test_a_book_with_a_row_that_means_nothing_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="overrides"):
        parse(book(row(**fault)))


@FEWER
@given(st.data())
def test_the_split_law_holds_with_rows(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    scene = lived(Scene(tmp_path_factory.mktemp("whole")), row(quantity="methane"), row(id="8", point=CH4, value=0.55))
    scene.config("rulebook", book(row(value=0.4)), 1500)
    scene.send(1520, {CH4: 0.45})
    scene.tick(1600)
    frames = spooled(scene, tmp_path_factory.mktemp("spool"))
    cuts = data.draw(st.lists(st.integers(1, len(frames) - 1), max_size=4))
    whole = chopped.run(tmp_path_factory.mktemp("one"), frames, [])
    assert chopped.run(tmp_path_factory.mktemp("cut"), frames, cuts, data.draw(st.booleans())) == whole
    assert {e.inputs["limit"] for e in whole if e.rule == OVER_LIMIT} == {0.5, 0.55, 0.4}


def spooled(scene: Scene, home: Path) -> list[Any]:
    writer = SpoolWriter(home, "g1")
    for _, frame in scene.frames:
        writer.append(
            kind=frame.kind,
            name=frame.name,
            source="test",
            payload=frame.payload,
            received_at=frame.received_at,
        )
    writer.commit()
    writer.close()
    return chopped.frames_of(home, "g1")
