"""Over-limits that come again, and what the ladder counts."""

from __future__ import annotations

import pytest

from kuangan.library.warning.danger.repeated import matching, occurrences
from kuangan.library.warning.danger.settings import GAS_REPEATED, RepeatRow
from kuangan.library.warning.events import Record
from tests.library.warning.danger.stage import HEADING, Stage, point
from tests.library.warning.scene import HOUR, MINUTE, START

GAS, NEAR, FAR = point("0043", 1), point("0043", 2), point("0043", 3)
POINTS = {"gas": (GAS, f"{HEADING}T1"), "near": (NEAR, f"{HEADING}回风流T2"), "far": (FAR, "一采区回风巷瓦斯")}


def over(stage: Stage, at: float, name: str, value: float, seconds: float = 60) -> None:
    stage.keep(at, at + seconds, **{name: value})
    stage.keep(at + seconds, at + seconds + 60, **{name: 0.3})


def test_the_third_time_at_a_place_is_told_with_what_was_counted(stage: Stage) -> None:
    stage.begin(POINTS, gas=0.3, near=0.3, far=0.3)
    for number, name in enumerate(("gas", "near")):
        over(stage, number * 3600, name, 1.2)
    assert stage.of(GAS_REPEATED, 7200) == []
    over(stage, 7200, "gas", 1.4)
    (event,) = stage.of(GAS_REPEATED, 7400)
    assert (event.subject_kind, event.subject, event.grade, event.status) == ("place", HEADING, "orange", "open")
    assert [row["row"] for row in event.inputs["rows"]] == ["G-F1", "G-F2"]
    assert [one["peak"] for one in event.inputs["counted"]] == [1.2, 1.2, 1.4]


def test_one_cause_at_many_points_counts_once(stage: Stage) -> None:
    stage.begin(POINTS, gas=0.3, near=0.3, far=0.3)
    stage.keep(0, 120, gas=1.2, near=1.2, far=1.2)
    stage.keep(120, 300, gas=0.3, near=0.3, far=0.3)
    assert stage.of(GAS_REPEATED, 300) == []


def test_several_places_together_are_told_of_the_mine(stage: Stage) -> None:
    stage.begin(POINTS, gas=0.3, near=0.3, far=0.3)
    over(stage, 0, "gas", 2.2)
    over(stage, 3600, "far", 2.5)
    (event,) = stage.of(GAS_REPEATED, 3800)
    assert (event.subject_kind, event.grade, event.peak) == ("mine", "red", 2.5)
    assert [row["row"] for row in event.inputs["rows"]] == ["G-H1"]


def episode(onset: int, end: int | None, peak: float, seconds: int = 0) -> Record:
    return Record(
        "x", "r", 1, "m", "point", "p", onset, onset, "blue", end=end, peak=peak, inputs={"seconds_over": seconds}
    )


def test_what_runs_at_once_or_follows_within_the_gap_is_one() -> None:
    records = [episode(0, MINUTE, 1.0), episode(30_000, None, 2.0), episode(5 * HOUR, None, 3.0)]
    assert [one.peak for one in occurrences(records, 10 * MINUTE)] == [3.0]
    records[1].end = 2 * MINUTE
    assert [one.peak for one in occurrences(records, 10 * MINUTE)] == [2.0, 3.0]


@pytest.mark.parametrize(("peak", "minutes", "found"), [(0.0, 0.0, 2), (2.0, 0.0, 0), (0.0, 31.0, 0), (0.0, 30.0, 2)])
def test_a_row_counts_by_height_and_time(peak: float, minutes: float, found: int) -> None:
    row = RepeatRow(row="X", scope="mine", grade="red", days=1, count=2, peak=peak, minutes=minutes, confidence="I")
    known = occurrences(
        [episode(START, START + HOUR, 2.5, 1800), episode(START + 2 * HOUR, START + 3 * HOUR, 1.5, 1800)], 0
    )
    assert len(matching(row, known, START + 4 * HOUR)) == found
    assert matching(row, known, START + 48 * HOUR) == []
