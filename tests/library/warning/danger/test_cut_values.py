"""The cut value of a definition counts where it is the lower one: nobody sets himself free of it."""

from __future__ import annotations

from kuangan.library.warning.danger.settings import FEED_LIVE
from tests.library.warning.danger.stage import HEADING, Stage, defined, point

GAS, FEED = (point("0043", 1), f"{HEADING}T1"), (point("1015", 1), f"{HEADING}馈电")


def test_a_cut_value_above_that_of_the_place_does_not_count(stage: Stage) -> None:
    stage.upload("CDDY", [defined(*GAS, high=1.0, cut=4.0), defined(*FEED)], 0)
    stage.begin({"gas": GAS, "feed": FEED}, gas=0.5, feed=1)
    stage.keep(10, 60)
    stage.keep(60, 100, gas=1.6)
    (event,) = stage.of(FEED_LIVE, 100)
    assert (event.inputs["limit"], event.inputs["limit_source"]) == (1.5, "system_default")
