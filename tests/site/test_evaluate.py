"""The proof can fail: exact kinds are found as planted, a blunted detector finds less, and nothing is left out of the table."""

from __future__ import annotations

import json

import pytest

from kuangan.library.simulate import build_mine, outage, ramp
from kuangan.library.simulate.composing import BEGIN, compose
from kuangan.library.simulate.conditions import CONDITIONS
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, repeated
from kuangan.library.warning.rulebook import shipped
from kuangan.site.evaluate.command import Refused, run
from kuangan.site.evaluate.curves import changed, curves
from kuangan.site.evaluate.detectors import DETECTORS
from kuangan.site.evaluate.judging import judge
from kuangan.site.evaluate.running import table
from kuangan.site.evaluate.scoring import FOREVER, Alarm, Heard, alarms_of, belongs, score
from kuangan.site.evaluate.trialing import Job, heard_of
from kuangan.site.evaluate.trialing import run as execute

MINUTE = 60_000
MINE = build_mine("141099900001", "合成第1号煤矿", seed=4, points=30, gas_grade="high")


def trial(condition="plain"):
    faults = (
        ramp(MINE, MINE.find("corner"), BEGIN + HOUR_MS, peak=1.3, rise_s=120, hold_s=600),
        ramp(MINE, MINE.find("heading"), BEGIN + 2 * HOUR_MS, peak=1.2, rise_s=120, hold_s=300),
        outage(MINE, BEGIN + 3 * HOUR_MS, minutes=8),
        outage(MINE, BEGIN + 4 * HOUR_MS, minutes=12, subject=MINE.find("main_return").code),
    )
    plant = [Plant(faults, ())]
    return compose("t", MINE, "high_gas", CONDITIONS[condition], (BEGIN, BEGIN + 5 * HOUR_MS), 10, plant)


def heard(made, rulebook=b""):
    return heard_of(made, alarms_of(judge(made, rulebook)))


@pytest.fixture(scope="module")
def plain():
    return heard(trial())


@pytest.mark.parametrize(
    ("rule", "count"), [("gas.over_limit", 2), ("link.network_outage", 1), ("link.sensor_offline", 1)]
)
def test_exact_kinds_are_found_to_the_second_and_nothing_else_is_said(plain, rule, count):
    told = score(rule, [plain])
    assert (told.planted, told.found, told.exactly, told.false) == (count, count, count, 0)
    assert told.onset_errors == [0] * count


@pytest.mark.parametrize("condition", ["missing50", "on_change", "clock_behind"])
def test_over_limits_are_found_under_loss_too(condition):
    told = score("gas.over_limit", [heard(trial(condition))])
    assert (told.planted, told.found, told.false) == (2, 2, 0)


def test_a_blunted_detector_lowers_recall():
    content = json.loads(shipped().model_dump_json())
    content["rules"]["link.network_outage"]["minutes"] = {"red": 60}
    content["rules"]["link.sensor_offline"]["minutes"]["methane"] = {"red": 60}
    blunted = heard(trial(), json.dumps(content).encode())
    assert score("link.network_outage", [blunted]).recall == 0
    assert score("link.sensor_offline", [blunted]).recall == 0
    assert score("gas.over_limit", [blunted]).recall == 1


def test_an_alarm_without_cause_is_counted_false(plain):
    extra = Alarm("gas.over_limit", MINE.code, ("elsewhere",), BEGIN, FOREVER, BEGIN)
    told = score("gas.over_limit", [plain._replace(alarms=[*plain.alarms, extra])])
    assert told.false == 1
    assert told.false_per_week == pytest.approx(7 * 24 / 5)


def test_every_detector_stands_in_the_table_and_what_is_not_built_finds_nothing(plain):
    rows = table([plain], shipped(), {})
    assert set(DETECTORS) <= set(rows)
    absent = {name for name in DETECTORS if name not in shipped().rules}
    assert all(not rows[name]["built"] and rows[name]["recall"] == 0 for name in absent)


def test_no_rule_of_the_rule_book_is_left_out_of_the_proof():
    assert set(shipped().rules) <= set(DETECTORS)


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        ("cameras/pictures/first", {"video.blocked", "video.moved", "video.dark", "video.frozen", "video.lost"}),
        ("cameras/outages/first", {"video.offline", "video.no_coverage", "video.system_silent"}),
        ("cameras/seal/second", {"video.sealed_shaft"}),
        ("ours/outage/first", {"link.gateway_outage"}),
        ("danger/gas_level/first", {"danger.gas_level"}),
        ("elsewhere/slope_speed/first", {"danger.slope", "danger.reported"}),
    ],
)
def test_what_is_planted_is_found_where_it_is_and_nothing_else_is_said(key, rules):
    one = execute(Job("first", 3, "tuning", key)).heard
    assert rules <= {label.rule for label in one.labels if label.must}
    for rule in {label.rule for label in one.labels} | {alarm.rule for alarm in one.alarms}:
        told = score(rule, [one])
        assert (rule, told.found, told.false) == (rule, told.planted, 0)


def test_over_limits_that_come_again_are_labelled_from_the_third_on():
    spans = ((0, 2), (5, 6), (30, 31), (60, 61))
    over = [Label("gas.over_limit", "over", "m", (), a * MINUTE, b * MINUTE) for a, b in spans]
    found = repeated(over, 100 * MINUTE)
    assert [(one.must, one.onset) for one in found] == [(False, 30 * MINUTE), (True, 60 * MINUTE)]
    assert repeated(over[:2], 100 * MINUTE) == []


LABEL = Label("r", "k", "m", ("p",), 1000, 2000)


@pytest.mark.parametrize(
    ("alarm", "fits"),
    [
        (Alarm("r", "m", ("p",), 1500, FOREVER, 0), True),
        (Alarm("r", "m", ("q",), 1500, FOREVER, 0), False),
        (Alarm("r", "n", ("p",), 1500, FOREVER, 0), False),
        (Alarm("r", "m", ("p",), 2001, FOREVER, 0), False),
        (Alarm("r", "m", ("p",), 0, 999, 0), False),
    ],
)
def test_what_belongs_to_a_label(alarm, fits):
    assert belongs(alarm, LABEL) is fits


def test_what_may_be_said_is_neither_planted_nor_false():
    may = Label("r", "k", "m", (), 1000, 2000, must=False)
    one = Heard("t", "plain", "c", 7 * 24 * HOUR_MS, [may], [Alarm("r", "m", ("x",), 1500, 1600, 1500)])
    told = score("r", [one])
    assert (told.planted, told.found, told.false) == (0, 0, 0)


def test_every_curve_is_a_rule_book():
    for rule, curve in curves(shipped()).items():
        assert all(changed(shipped(), {rule: point.set}) for point in curve.points)


def test_a_setting_that_a_rule_does_not_have_is_refused():
    with pytest.raises(KeyError):
        changed(shipped(), {"point.flat": {"hours.never": 1}})


def test_a_report_is_never_made_of_the_mines_that_thresholds_are_set_by(tmp_path):
    with pytest.raises(Refused):
        run(1, (), True, True, tmp_path, False, 1)


def test_a_plan_without_a_trial_is_refused():
    with pytest.raises(Refused):
        run(1, ("nothing/*",), True, False, None, False, 1)
