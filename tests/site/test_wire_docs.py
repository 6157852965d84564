"""What is published about our own files is what the code reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of
from kuangan.library.telemetry.grammar import file_types
from kuangan.site.wire_docs import EXAMPLE_MINE, FILES, OWN_TYPES, SOME_DAY_MS, own_schema
from tests.policy.source import ROOT

SCHEMA = json.loads(own_schema())


def test_schema_and_examples_are_fresh() -> None:
    folder = ROOT / "docs/reference"
    stale = [name for name, write in FILES.items() if (folder / name).read_text("utf-8") != write()]
    assert not stale, "run `make docs`"
    assert {f"examples/{path.name}" for path in (folder / "examples").iterdir()} == set(FILES) - {"own.schema.json"}


def test_every_type_of_our_own_is_published() -> None:
    assert set(OWN_TYPES) == {name for name, kind in file_types().items() if kind.family == "own"}


def read(name: str, payload: bytes) -> Any:
    return decode([Frame(0, EXAMPLE_MINE, UPLOAD, name, "t", SOME_DAY_MS, digest_of(payload), payload)])


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("examples/")])
def test_every_published_example_is_read_whole(name: str) -> None:
    found = read(name, (ROOT / "docs/reference" / name).read_bytes()).outcomes[0]
    assert (found.status, found.good, found.rejected) == ("accepted", 2, 0)


@pytest.mark.parametrize("kind", OWN_TYPES)
def test_what_the_schema_requires_is_what_a_record_cannot_do_without(kind: str) -> None:
    name = f"{EXAMPLE_MINE}_{kind}_20260310081520.json"
    document = json.loads((ROOT / "docs/reference/examples" / name).read_text("utf-8"))
    item = SCHEMA["$defs"][kind]["properties"]["records"]["items"]
    record = document["records"][0]
    assert set(record) == set(item["properties"])
    for field in record:
        short = {key: value for key, value in record.items() if key != field}
        outcome = read(name, json.dumps(document | {"records": [short]}).encode()).outcomes[0]
        assert (outcome.good == 0) is (field in item["required"]), field
