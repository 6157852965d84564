from pathlib import Path

import pytest

from kuangan.library.simulate import fleet
from kuangan.site.bench import run, shown
from kuangan.site.bench.live import planted
from kuangan.site.configuration import Configuration

MEASURED = (
    "readings_per_second",
    "plain_readings_per_second",
    "ratio_to_plain_read",
    "judging_readings_per_second",
    "bytes_per_reading",
    "point_day_ms",
    "peak_rss_mib",
    "socket_to_spool_readings_per_second",
    "register_preview_s",
    "register_write_s",
    "register_engine_wait_p99_ms",
    "lists_p95_ms",
)


@pytest.mark.slow
def test_a_small_run_measures_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    result = run(Configuration(home=tmp_path), 3000, 0, 400)
    assert all(isinstance(result[name], float) and result[name] > 0 for name in MEASURED)
    assert result["readings"] == 1500, "the other half makes the points known before the clock starts"
    assert result["arrival_to_browser_p50_ms"] is result["arrival_to_browser_p99_ms"] is None
    assert result["seed"] and result["cpu"]
    assert "plain read of the same bytes" in shown(result)
    assert not list(tmp_path.glob("bench-*"))


def test_over_limits_are_planted_within_the_measurement() -> None:
    mines = fleet(3, 2, 55)
    faults = planted(mines, 1_000_000, 20, 3)
    assert {fault.mine for fault in faults} == {mine.code for mine in mines}
    assert all(1_000_000 <= fault.start < 1_020_000 for fault in faults)
    assert len({fault.start for fault in faults}) > len(mines)
