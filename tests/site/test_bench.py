import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kuangan.cli import app
from kuangan.library.simulate import fleet
from kuangan.library.warning.families import FAMILIES
from kuangan.library.warning.rulebook import RULES, STATION_OFFLINE
from kuangan.site.bench import NAMED, run, shown
from kuangan.site.bench.live import planted
from kuangan.site.bench.running import WORDS
from kuangan.site.bench.stages import STAGES
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
    "checks_first_s",
    "checks_changed_s",
)


PIPELINE = (
    *("readings_per_second", "ratio_to_plain_read", "judging_readings_per_second", "bytes_per_reading", "peak_rss_mib"),
    *("mixed_ratio_to_plain_read", "mixed_judging_readings_per_second", "spool_to_archive_readings_per_second"),
)


@pytest.mark.slow
def test_the_pipeline_is_measured_alone_with_what_every_rule_takes(tmp_path: Path) -> None:
    result = run(Configuration(home=tmp_path), 3000, 0, 0, "pipeline")
    assert all(isinstance(result[name], float) and result[name] > 0 for name in PIPELINE)
    assert result["points"] == 300 < result["memory_points"] < 400, "instruments of other families are points too"
    assert result["seed"] and result["cpu"] and "synthetic" in result["data_set"]
    costs = result["cost_per_rule"]
    assert costs.keys() >= {family.name for family in FAMILIES} | set(RULES) - {STATION_OFFLINE}
    assert all(0 <= share < 1 for share in costs.values()) and 0 < sum(costs.values()) <= 1
    assert costs["people"] > 0 and costs["screen"] > 0
    assert "socket_to_spool_readings_per_second" not in result and "lists_alerts" not in result
    assert "ratio to the plain read" in shown(result) and "lists of the desk" not in shown(result)
    assert not list(tmp_path.glob("bench-*"))


def test_an_unknown_measurement_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUANGAN_HOME", str(tmp_path))
    answer = CliRunner().invoke(app, ["bench", "everything", "--json"])
    assert answer.exit_code == 2
    assert "pipeline, receive, register, checks, lists, live" in json.loads(answer.stdout)["error"]


def test_everything_measured_has_a_name_and_words() -> None:
    assert {stage for stages in NAMED.values() for stage in stages} == set(STAGES) == set(WORDS)


@pytest.mark.slow
def test_a_small_run_measures_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    result = run(Configuration(home=tmp_path), 3000, 0, 400)
    assert all(isinstance(result[name], float) and result[name] > 0 for name in MEASURED)
    assert 1500 <= result["readings"] < 3000, "the other frames make the points known before the clock starts"
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
