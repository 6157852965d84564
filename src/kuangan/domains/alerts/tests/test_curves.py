"""Lines for charts: gaps stay open, peaks survive thinning, reports are found in archive and hot file alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kuangan.domains.alerts.curves import (
    CURVE_POINTS,
    Window,
    _thin,
    gap_of,
    reported_alarms,
    spans,
    spark_window,
    with_gaps,
)
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.reported import REPORTED, ReportedAlarms

NOW = 1_763_683_200_000


def test_a_silence_of_more_than_three_intervals_is_a_gap_and_a_bad_value_is_none() -> None:
    times = np.array([0, 30_000, 60_000, 200_000, 230_000])
    values = np.array([0.1, float("nan"), 0.2, 0.3, 0.4])
    assert gap_of(times) == 90_000
    assert with_gaps(times, values, 90_000) == [
        [0, 0.1], [30_000, None], [60_000, 0.2], [60_001, None], [200_000, 0.3], [230_000, 0.4],
    ]  # fmt: skip


def test_stretches_of_calibration_have_a_beginning_and_an_end() -> None:
    times = np.arange(6) * 10
    assert spans(times, np.array([False, True, True, False, False, True])) == [[10, 30], [50, 50]]
    assert spans(times[:0], np.array([], dtype=bool)) == []


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=4000))
def test_thinning_keeps_ends_and_extremes(values: list[float]) -> None:
    column = np.array(values)
    kept = _thin(column, CURVE_POINTS)
    assert kept[0] == 0 and kept[-1] == len(values) - 1
    assert list(kept) == sorted(set(kept.tolist()))
    assert column[kept].max() == column.max() and column[kept].min() == column.min()
    assert len(kept) <= CURVE_POINTS + 2


def test_a_sparkline_ends_now_while_the_event_lasts_and_with_it_afterwards() -> None:
    assert spark_window(NOW, None, NOW + 60_000).end == NOW + 60_000
    assert spark_window(NOW, NOW + 1000, NOW + 86_400_000).end == NOW + 121_000


def test_reports_are_read_from_the_archive_and_the_hot_file_once(tmp_path: Path) -> None:
    row = dict.fromkeys(REPORTED) | {"gateway": "g1", "seq": 1, "received_at": NOW, "mine": "140404900001"}
    row |= {"code": "P1", "alarm_type": "001", "start": NOW - 1000, "max": 1.2}
    table = pl.DataFrame([row], schema=REPORTED)
    ReportedAlarms(tmp_path).append([table], {"g1": 1})
    fresh = pl.DataFrame([row, row | {"seq": 2, "start": NOW - 500}], schema=REPORTED)
    publish(tmp_path, "reported", fresh)
    found = reported_alarms(tmp_path, "P1", Window(NOW - 60_000, NOW))
    assert [item["seq"] for item in found] == [1, 2]
    assert reported_alarms(tmp_path, "P2", Window(NOW - 60_000, NOW)) == []
    assert reported_alarms(tmp_path, "P1", Window(NOW + 60_000, NOW + 90_000)) == []
