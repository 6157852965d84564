"""A look back that is due while a point of it becomes one of another kind."""

from __future__ import annotations

from kuangan.library.warning.batch import LateRow
from kuangan.library.warning.danger.again import Again, Replayed
from kuangan.library.warning.danger.settings import FAN_STOPPED
from tests.library.warning.danger.stage import HEADING, Stage, defined, point, row
from tests.library.warning.scene import GATEWAY, moment

FAN, SPARE = (point("1001", 1), f"{HEADING}1号局部通风机"), (point("1001", 2), f"{HEADING}2号局部通风机")


def test_a_point_that_is_no_fan_any_more_is_left_out_of_a_look_back(stage: Stage) -> None:
    for at in range(0, 200, 10):
        stage.upload("CDSS", [row(*FAN, int(not 50 <= at < 150), at), row(*SPARE, 0, at)], at)
    stage.judge(200)
    state = stage.pipeline.state
    fans = state.families[FAN_STOPPED]
    assert isinstance(fans, Replayed)
    first, spare = (state.point_index[code] for code, _ in (FAN, SPARE))
    told = LateRow(first, moment(60), 0.0, 0, moment(200), GATEWAY, 0, 0)
    fans.again.append(Again(0, [told], [first, spare], moment(0), moment(190), moment(200)))
    fields = defined(*SPARE).split(";")
    stage.upload("CDDY", [";".join([*fields[:3], "1014", *fields[4:]])], 201)
    (event,) = stage.of(FAN_STOPPED, 220)
    assert spare not in state.signs
    assert (event.status, event.onset, event.end) == ("cleared", moment(50), moment(150))
