"""What an event says can be kept as JSON, whatever a mine left out."""

from __future__ import annotations

import json
import math

from kuangan.library.warning.events import Record
from tests.library.warning.scene import MINE, START


def test_a_number_that_is_none_is_nothing_in_an_event() -> None:
    inputs = {"value": math.nan, "limit": 1.0, "related": [{"value": math.inf, "at": START}], "children": ["a"]}
    event = Record("a", "r", 1, MINE, "mine", MINE, START, START, "blue", inputs=inputs).snapshot(START)
    assert event.inputs == {"value": None, "limit": 1.0, "related": [{"value": None, "at": START}], "children": ["a"]}
    json.dumps(event.inputs, allow_nan=False)
    assert event.inputs["related"] is not inputs["related"]
