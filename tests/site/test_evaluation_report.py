"""The report hides nothing, says on every figure that it is synthetic, and names what could not be run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from kuangan.library.simulate.labels import HOUR_MS, Label
from kuangan.library.warning.rulebook import shipped
from kuangan.site.evaluate import baselines, comparing, programs
from kuangan.site.evaluate.charts import MARK
from kuangan.site.evaluate.detectors import DETECTORS
from kuangan.site.evaluate.report import html, text, write
from kuangan.site.evaluate.running import table
from kuangan.site.evaluate.scoring import Heard
from kuangan.site.evaluate.series import METHANE, OTHER, Series

DAY = 24 * HOUR_MS
MINUTE = 60_000


@pytest.fixture
def result():
    rows = table([], shipped(), {})
    point = {"setting": "shipped", "recall": 1.0, "false_per_mine_week": 0.2}
    rows["point.flat"]["curve"] = [point, {**point, "setting": "1 h", "false_per_mine_week": 2.0}]
    compared = {"trials": 1, "false_per_mine_week": 1.5, "recall": {"point.flat": {"planted": 2, "recall": 0.5}}}
    return {
        "seed": 1,
        "stream": "report",
        "trials": 2,
        "mine_weeks": 3,
        "seconds": 1,
        "detectors": rows,
        "baselines": {"no_change_4h": compared},
        "programs": {
            "ioos_qc": {"run": False, "reason": "no registry"},
            "saqc": {"run": True, "version": "2", "tests": {"range": compared}},
        },
    }


def test_every_figure_says_that_it_is_synthetic(result):
    page = html(result)
    figures = re.findall(r"<svg.*?</svg>|<table.*?</table>", page, re.DOTALL)
    assert len(figures) > 10
    assert all(MARK in figure for figure in figures)


def test_every_detector_is_on_both_pages_and_none_that_is_absent_is_hidden(result):
    for page in (html(result), text(result)):
        assert all(name in page for name in DETECTORS)
    assert "NOT BUILT" in text(result) or all(name in shipped().rules for name in DETECTORS)
    assert "no registry" in html(result) and "no registry" in text(result)


def test_the_page_asks_for_nothing_from_elsewhere(result):
    page = html(result).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"(src|href)=|https?://|@import", page)


def test_both_pages_are_written(result, tmp_path):
    write(result, tmp_path / "report")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"report.html", "report.txt"}


def series(values, quantity=METHANE, step=MINUTE):
    times = np.arange(len(values), dtype=np.int64) * step
    shown = np.array(values, dtype=np.float64)
    return Series("m", "p", quantity, times, shown, np.zeros(len(values), np.bool_))


def test_a_constant_threshold_sees_what_is_over_it():
    (alarm,) = baselines.constant_threshold([series([0.2, 1.0, 1.2, 0.3])])
    assert (alarm.onset, alarm.end) == (MINUTE, 3 * MINUTE)
    assert baselines.constant_threshold([series([30.0], OTHER)]) == []


def test_no_change_for_four_hours():
    (alarm,) = baselines.no_change_4h([series([*np.linspace(0.1, 0.5, 50), *[0.5] * 300, 0.4])])
    assert alarm.raised_at - alarm.onset == 4 * HOUR_MS
    assert baselines.no_change_4h([series(np.tile([0.1, 0.2], 300))]) == []


def test_no_reading_for_five_minutes():
    one = series([0.1] * 30)
    gone = one._replace(times=np.where(one.times > 10 * MINUTE, one.times + 6 * MINUTE, one.times))
    (alarm,) = baselines.no_reading_5min([gone])
    assert alarm.end - alarm.onset == 7 * MINUTE


def test_four_deviations_from_the_day_before():
    rng = np.random.Generator(np.random.Philox(1))
    calm = 0.3 + 0.02 * rng.standard_normal(2000)
    assert baselines.rolling_z_score([series(np.clip(calm, 0.25, 0.35))]) == []
    (alarm, *_) = baselines.rolling_z_score([series([*calm[:1800], *[0.8] * 20, *calm[:100]])])
    assert alarm.onset == 1800 * MINUTE


def test_what_a_baseline_says_during_any_deed_is_not_false():
    label = Label("r", "k", "m", ("p",), HOUR_MS, 2 * HOUR_MS)
    one = Heard("t", "plain", "c", 7 * DAY, [label], [])
    inside, outside = (baselines.Alarm("", "m", ("q",), at, at + MINUTE, at) for at in (HOUR_MS, 5 * HOUR_MS))
    told = comparing.measured([one], {one.name: [inside, outside]}, ("r",))
    assert told["false_per_mine_week"] == 1
    assert told["recall"]["r"] == {"planted": 1, "recall": 0.0}


def test_a_program_that_cannot_be_installed_is_a_reason_and_no_failure(tmp_path, monkeypatch):
    requirements = tmp_path / "requirements" / "ioos_qc.txt"
    requirements.parent.mkdir()
    requirements.write_text("nothing-of-this-name==1\n")
    monkeypatch.setattr(programs, "ROOT", tmp_path)
    told = programs.outcome(programs.PROGRAMS[0], {"t": tmp_path / "t.npz"}, tmp_path / "build")
    assert told.reason.startswith("could not be installed: ")


def test_a_program_without_a_list_of_its_packages_is_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "ROOT", tmp_path)
    told = programs.outcome(programs.PROGRAMS[0], {"t": tmp_path / "t.npz"}, tmp_path)
    assert told.reason == "could not be installed: no ioos_qc.txt"


def test_programs_are_locked_with_a_script_each():
    for program in programs.PROGRAMS:
        assert program.requirements.is_file()
        assert Path(programs.__file__).with_name(f"program_{program.name}.py").is_file()
