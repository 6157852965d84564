"""A point that never sent anything stands among what is related to an event without a time."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import FAN_STOPPED
from tests.library.warning.danger.stage import HEADING, Stage, defined, point

FAN, GAS = (point("1001", 1), f"{HEADING}局部通风机"), (point("0043", 1), f"{HEADING}T1")


def test_gas_that_was_never_heard_has_no_time(stage: Stage) -> None:
    stage.upload("CDDY", [defined(*FAN), defined(*GAS)], 0)
    stage.begin({"fan": FAN}, fan=1)
    stage.keep(10, 60)
    stage.keep(60, 200, fan=0)
    (event,) = stage.of(FAN_STOPPED, 200)
    (gas,) = [row for row in event.inputs["related"] if row["role"] == "methane"]
    assert (gas["value"], gas["at"], gas["since"]) == (None, None, None)
