"""What the pages say of files of every family: words for all of it, examples that are read as they stand, events in a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import MINE_A, MOMENT, Cast
from kuangan.base.clock import to_ms
from kuangan.domains.datalink import wording
from kuangan.domains.datalink.examples import example_file, examples
from kuangan.domains.datalink.precheck import understand
from kuangan.domains.datalink.tests.conftest import World
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.forms import SensorType
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of
from kuangan.library.telemetry.grammar import file_types, sensor_types
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.keeping import Origin, kept_rows
from kuangan.library.telemetry.shapes import ORIGIN, SHAPES

AT = to_ms(MOMENT)
FILES = [(row.name, extension) for _, rows in examples() for row in rows for extension in row.extensions]


def test_every_family_type_column_and_kind_of_event_has_its_words() -> None:
    table, kinds = wording.words(), file_types()
    assert set(table["families"]) == {kind.family for kind in kinds.values()}
    assert set(table["types"]) == set(kinds)
    named = {column.name for kind in kinds.values() for column in kind.fields}
    named |= {name for shape in SHAPES.values() for name in shape.columns if name not in ORIGIN}
    assert {name for name in named if wording.column_word(name) == name} == set()
    assert {kind.fixed["category"] for kind in kinds.values() if "category" in kind.fixed} == set(table["categories"])


def test_every_sensor_type_has_a_name_that_people_read() -> None:
    assert [code for code, known in sensor_types().items() if not (isinstance(known, SensorType) and known.name)] == []


@pytest.mark.parametrize(("name", "extension"), FILES)
def test_an_example_of_every_type_is_understood_in_words(name: str, extension: str) -> None:
    found = example_file(name, extension, MINE_A, AT)
    assert found is not None
    seen = understand(*found, MOMENT)
    assert (seen.status, seen.outcome.good, seen.outcome.rejected, seen.remarks) == ("已接收", 2, 0, [])
    assert (seen.family, seen.holds) == (wording.family_word(file_types()[name].family), wording.type_word(name))
    assert len(seen.records) >= 2 and seen.columns
    assert not [column for column in seen.columns if column.isascii() and column not in ("X", "Y", "Z")]


def test_an_engineer_takes_an_example_and_gets_it_read(cast: Cast, client_of: Callable[..., Any], world: World) -> None:
    browser = client_of(cast.mine_a_manager)
    page = browser.get("/enrolments/check/").content.decode()
    assert "/enrolments/examples/gnssrealtime.json" in page and "长观孔实时数据" in page
    answer = browser.get("/enrolments/examples/CGKCDSS.txt")
    name = answer["Content-Disposition"].rpartition("''")[2]
    assert name.startswith(f"{MINE_A}_CGKCDSS_2026")
    seen = browser.post("/enrolments/check/", {"file": SimpleUploadedFile(name, answer.content)})
    text = seen.content.decode()
    assert "长观孔实时数据" in text and "水害防治" in text and "水温" in text
    assert browser.get("/enrolments/examples/CGKCDSS.csv").status_code == 404
    assert browser.get("/enrolments/examples/NOTHING.txt").status_code == 404


def events(mine: str) -> Any:
    """Rows of the table of events, as the engine shows them before they are archived."""
    told = [example_file(name, extension, mine, AT - 60_000) for name, extension in FILES]
    frames = [
        Frame(seq, mine, UPLOAD, each[0], "t", AT - 60_000 + seq, digest_of(each[1]), each[1])
        for seq, each in enumerate(each for each in told if each)
    ]
    decoded = decode(frames)
    origins = [
        Origin("g1", frame.seq, frame.received_at, outcome)
        for frame, outcome in zip(frames, decoded.outcomes, strict=True)
    ]
    return kept_rows(decoded, origins)["events"]


def test_events_of_a_scope_are_listed_with_their_words_and_exported(
    cast: Cast, client_of: Callable[..., Any], world: World
) -> None:
    publish(world.home, "events", events(MINE_A))
    own, neighbour = client_of(cast.county_officer), client_of(cast.neighbour_officer)
    answer = own.get("/link/?tab=events")
    rows = answer.context["events"]
    assert len(rows) > 10
    assert {row["mine"] for row in rows} == {MINE_A}
    assert {"排水量异常", "画面异常", "报警解除", "区域超员"} <= {row["type_word"] for row in rows}
    assert "遮挡" in answer.content.decode() or "画面异常" in answer.content.decode()
    assert neighbour.get("/link/?tab=events").context["events"] == []
    assert own.get("/link/export.xlsx?tab=events").status_code == 200
    assert [row["mine"] for row in own.get(f"/link/?tab=events&mine={MINE_A}").context["events"]] == [MINE_A] * len(
        rows
    )
