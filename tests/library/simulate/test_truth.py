"""Labels agree with the values written, and nothing is over a limit without a label."""

import re

import pytest

from kuangan.library.simulate import (
    build_mine,
    calibrate,
    demo_script,
    fan_stop,
    file_fault,
    fleet,
    history_script,
    outage,
    ramp,
    sample_times,
    spike,
    truths,
    uploads,
)
from kuangan.library.simulate.readings import measure
from kuangan.library.simulate.truth import over_limits
from kuangan.library.simulate.wire import wire_time

START = 1_773_100_800_000
MINUTE = 60_000
HOUR = 60 * MINUTE
RHYTHM = 10
MINE = build_mine("141030900001", "筠塬煤业", seed=6, points=60, gas_grade="high")
CORNER = MINE.find("corner")


def labels(*faults):
    return truths(MINE, faults, RHYTHM)


def written(faults, start=START - HOUR, end=START + 3 * HOUR):
    """(code, value, status, time text) of every record in the real-time files."""
    for upload in uploads(MINE, start, end, RHYTHM, faults):
        if "_CDSS_" in upload.name:
            for record in upload.payload.decode().split("~")[1:-1]:
                code, _, _, value, _, status, time = record.split(";")
                yield code, float(value), int(status), time


@pytest.mark.parametrize(
    ("peak", "hold_min", "grade"),
    [(1.3, 4, "yellow"), (1.3, 36, "orange"), (2.3, 2, "orange"), (2.5, 16, "red"), (3.3, 2, "red")],
)
def test_a_ramp_gets_the_grade_of_its_height_and_duration(peak, hold_min, grade):
    (truth,) = labels(ramp(MINE, CORNER, START, peak=peak, rise_s=240, hold_s=hold_min * 60))
    assert (truth.rule, truth.subject, truth.grade) == ("gas.over_limit", CORNER.code, grade)
    assert truth.peak == pytest.approx(peak, rel=0.03)


def test_a_short_spike_stays_blue():
    (truth,) = labels(spike(MINE, CORNER, START, peak=1.3, seconds=30))
    assert truth.grade == "blue"


def test_a_label_can_be_recomputed_from_the_written_text():
    fault = ramp(MINE, CORNER, START, peak=2.4, rise_s=300, hold_s=300)
    (truth,) = labels(fault)
    over = [(time, value) for code, value, status, time in written([fault]) if code == CORNER.code and value >= 1.0]
    assert over[0][0] == wire_time(truth.onset // 1000)
    assert over[-1][0] == wire_time(truth.end // 1000 - RHYTHM)
    assert max(value for _, value in over) == truth.peak


def test_alarm_files_tell_the_same_story_as_the_label():
    fault = ramp(MINE, CORNER, START, peak=2.4, rise_s=300, hold_s=300)
    (truth,) = labels(fault)
    files = [one for one in uploads(MINE, START - HOUR, START + HOUR, RHYTHM, [fault]) if "_YCBJ_" in one.name]
    last = files[-1].payload.decode().split("~")[1].split(";")
    assert len(last) == 17
    assert last[0] == CORNER.code
    assert float(last[7]) == truth.peak
    assert files[0].send_time == truth.onset
    assert files[-1].send_time == truth.end
    assert re.fullmatch(r"\d{4}(-\d\d){2} \d\d(:\d\d){2}", last[6])


def test_calibration_writes_values_over_the_limit_yet_must_not_fire():
    fault = calibrate(MINE, CORNER, START)
    (truth,) = labels(fault)
    assert (truth.rule, truth.grade) == ("", "none")
    over = {status for code, value, status, _ in written([fault]) if code == CORNER.code and value >= 1.0}
    assert over == {4}


def test_two_ramps_within_ten_minutes_are_one_episode_and_further_apart_two():
    first = ramp(MINE, CORNER, START, peak=1.4, rise_s=60, hold_s=120, fall_s=60)
    near = ramp(MINE, CORNER, START + 8 * MINUTE, peak=1.4, rise_s=60, hold_s=120, fall_s=60)
    far = ramp(MINE, CORNER, START + 30 * MINUTE, peak=1.4, rise_s=60, hold_s=120, fall_s=60)
    assert len(labels(first, near)) == 1
    assert len(labels(first, far)) == 2


def test_a_fan_stop_lets_gas_rise_and_shows_in_fan_and_duct():
    fault = fan_stop(MINE, START, peak=1.6, minutes=20)
    (truth,) = labels(fault)
    assert truth.subject == MINE.find("heading").code
    off = {code for code, value, _, _ in written([fault]) if code == MINE.find("fan").code and value == 0}
    duct = {code for code, value, _, _ in written([fault]) if code == MINE.find("duct").code and value == 0}
    assert off and duct


@pytest.mark.parametrize(("minutes", "grade"), [(3, "none"), (7, "blue"), (15, "yellow"), (40, "orange"), (130, "red")])
def test_a_silent_link_gets_the_grade_of_its_clock(minutes, grade):
    (truth,) = labels(outage(MINE, START, minutes=minutes))
    assert truth.grade == grade
    assert truth.rule == ("" if grade == "none" else "link.network_outage")


def test_a_silent_methane_sensor_is_graded_higher_than_another():
    duct = MINE.find("duct").code
    by_subject = {
        t.subject: t.grade for t in labels(*(outage(MINE, START, minutes=8, subject=s) for s in (CORNER.code, duct)))
    }
    assert by_subject == {CORNER.code: "yellow", duct: "blue"}


def test_the_span_of_a_silence_is_bounded_by_the_samples_around_it():
    station = MINE.stations[1][0]
    fault = outage(MINE, START, minutes=9, subject=station)
    (truth,) = labels(fault)
    codes = {point.code for point in MINE.points if point.station == station}
    assert truth.onset < fault.start <= truth.onset + RHYTHM * 1000
    assert fault.end <= truth.end < fault.end + RHYTHM * 1000
    inside = uploads(MINE, fault.start, fault.end, RHYTHM, [fault])
    assert inside
    assert not any(code.encode() in one.payload for one in inside for code in codes)


def test_a_clock_ahead_is_labelled_and_shifts_every_time_of_its_files():
    fault = file_fault(MINE, "clock_ahead", START, seconds=60)
    (truth,) = labels(fault)
    assert (truth.rule, truth.subject, truth.grade, truth.peak) == ("link.clock_wrong", MINE.code, "blue", 20.0)
    assert START <= truth.onset < START + RHYTHM * 1000 and START + 60_000 <= truth.end < START + 60_000 + RHYTHM * 1000
    shifted = {time for _, _, _, time in written([fault], START, START + 120_000)}
    right = {time for _, _, _, time in written([], START, START + 120_000)}
    assert len(shifted - right) == 6


def test_file_faults_must_raise_nothing():
    faults = [file_fault(MINE, kind, START, seconds=120) for kind in ("duplicate_upload", "gbk_file", "out_of_order")]
    assert {truth.rule for truth in labels(*faults)} == {""}


def test_an_unknown_subject_or_kind_is_refused():
    with pytest.raises(LookupError):
        outage(MINE, START, minutes=5, subject="nowhere")
    with pytest.raises(ValueError):
        file_fault(MINE, "over_limit", START, seconds=60)
    with pytest.raises(LookupError):
        MINE.find("corner", 9)


def test_no_over_limit_stands_in_a_scripted_past_without_a_label():
    mines = fleet(seed=1, count=9)
    start, end = START - 48 * HOUR, START
    faults = history_script(mines, start, end, seed=11)
    found = labelled = 0
    for mine in mines:
        window = measure(mine, sample_times(mine, start, end, 60), faults)
        told = {
            (t.subject, t.onset, t.end, t.grade, t.peak) for t in truths(mine, faults, 60) if t.rule == "gas.over_limit"
        }
        seen = {(t.subject, t.onset, t.end, t.grade, t.peak) for t in over_limits(mine, window)}
        assert seen == told
        found, labelled = found + len(seen), labelled + len(told)
    assert found == labelled > 0


def test_the_demonstration_opens_with_what_it_promises():
    mines = fleet(seed=1, count=30)
    script = demo_script(mines, START)
    first = [fault for fault in script if fault.start < START + 10 * MINUTE]
    (rising,) = truths(mines[0], first, RHYTHM)
    assert rising.onset <= START + MINUTE
    assert rising.grade == "red"
    window = measure(mines[0], sample_times(mines[0], START, START + 10 * MINUTE, RHYTHM), first)
    corner = window.values[mines[0].index[rising.subject]]
    reached = [int(window.times[(corner >= height).argmax()]) - START // 1000 for height in (1.0, 2.0, 3.0)]
    assert reached[0] < 60 < reached[1] < 180 < reached[2] < 300
    rules = {truth.rule for mine in mines for truth in truths(mine, first, RHYTHM)}
    links = {"link.station_offline", "link.sensor_offline", "link.network_outage", "link.clock_wrong"}
    assert rules == {"gas.over_limit", "data.edited", "", *links}
    minor = [t.grade for mine in mines[4:9] for t in truths(mine, first, RHYTHM) if t.rule == "gas.over_limit"]
    assert len(minor) == 4
    assert set(minor) <= {"blue", "yellow"}
