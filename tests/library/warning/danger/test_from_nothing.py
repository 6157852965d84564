"""Water where there was none: an inflow is measured against its own past, also when that is nothing."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import INFLOW
from kuangan.library.warning.rulebook import shipped
from tests.library.warning.danger.stage import Stage
from tests.library.warning.danger.test_ground_and_water import inflow


def test_an_inflow_at_a_place_that_was_dry_is_told(stage: Stage) -> None:
    book = shipped().model_dump(mode="json")
    book["rules"][INFLOW] |= {"least_days": 2}
    stage.config("rulebook", book, 0)
    for hour in range(0, 72, 2):
        inflow(stage, 60 + hour * 3600, 0.0)
    for minute in (0, 20, 40, 61):
        inflow(stage, 74 * 3600 + minute * 60, 30.0)
    (event,) = stage.of(INFLOW, 74 * 3600 + 3800)
    assert (event.grade, event.inputs["span"], event.inputs["value"], event.inputs["mean"]) == (
        "red",
        "hour",
        30.0,
        0.0,
    )
