"""Trials are the same for the same seed, other mines in another stream, and carry the deeds their labels speak of."""

import numpy as np
import pytest

from kuangan.library.simulate import build_mine, measure, sample_times
from kuangan.library.simulate.composing import BEGIN, DAY_MS, compose, mine_of
from kuangan.library.simulate.conditions import CONDITIONS
from kuangan.library.simulate.labels import HOUR_MS, Plant
from kuangan.library.simulate.plants import (
    calibrated_long,
    clipped,
    history_deleted,
    limit_raised,
    tampered,
    wrapped_together,
)
from kuangan.library.simulate.trials import Province
from kuangan.library.simulate.truth import over_limits

MINE = build_mine("141099900001", "合成第1号煤矿", seed=4, points=60, gas_grade="high")
FACE, CORNER, RETURN = (MINE.find(role) for role in ("face", "corner", "face_return"))
START = BEGIN + 8 * HOUR_MS


def values(faults, points, hours=10.0, rhythm=60, mine=MINE):
    times = sample_times(mine, START - HOUR_MS, START + round(hours * HOUR_MS), rhythm)
    window = measure(mine, times, faults)
    inside = (times * 1000 >= START) & (times * 1000 < START + round((hours - 1) * HOUR_MS))
    rows = [mine.index[point.code] for point in points]
    return [window.values[row][inside & (window.status[row] != 4)] for row in rows]


def trial(condition, plants=(), hours=6, rhythm=60):
    return compose("t", MINE, "high_gas", CONDITIONS[condition], (BEGIN, BEGIN + hours * HOUR_MS), rhythm, plants)


def test_a_trial_is_the_same_for_the_same_seed():
    one, same = (Province().trial(5, "report", "days/low_gas") for _ in range(2))
    assert one.uploads == same.uploads
    assert one.labels == same.labels


def test_report_and_tuning_share_no_mine():
    report, tuning = (mine_of(5, stream, 3, "low_gas") for stream in ("report", "tuning"))
    assert report.code != tuning.code
    assert report.seed != tuning.seed


def test_an_unknown_trial_is_refused():
    with pytest.raises(KeyError):
        Province().trial(1, "report", "days/elsewhere")


def test_every_kind_is_among_the_small_trials():
    listed, small = Province().keys(), Province().keys(small=True)
    families = {tuple(key.split("/")[:2]) for key in listed if key.split("/")[0] == "tamper"}
    assert families <= {tuple(key.split("/")[:2]) for key in small}


def test_a_blocked_sensor_relaxes_and_stands_still():
    (gas,) = values(tampered("blocked", MINE, FACE, START, 9).faults, [FACE])
    assert len(np.unique(gas[30:])) == 1
    assert gas[0] > gas[-1] > 0


def test_a_moved_sensor_shows_intake_air_and_no_cycle():
    face, corner = values(tampered("moved", MINE, FACE, START, 9).faults, [FACE, CORNER])
    assert face.mean() < 0.3 * corner.mean()
    assert np.ptp(face) < 0.05


def test_a_sensor_blown_on_is_lower_and_more_restless():
    (blown,), (own,) = values(tampered("blown", MINE, FACE, START, 9).faults, [FACE]), values((), [FACE])
    assert blown.mean() < 0.5 * own.mean()
    assert np.diff(blown).std() > 3 * np.diff(own).std()


def test_a_clipped_working_crowds_under_its_limit_and_never_reaches_it():
    points = [FACE, CORNER, RETURN]
    for gas in values(clipped(MINE, points, START, 9, surge=2.6).faults, points):
        assert gas.max() < 1.0
    assert (
        max(((gas >= 0.95).mean()) for gas in values(clipped(MINE, points, START, 9, surge=2.6).faults, points)) > 0.1
    )


def test_a_replayed_sensor_repeats_an_earlier_day_to_the_digit():
    (gas,) = values(tampered("replayed", MINE, FACE, START, 9, 2).faults, [FACE])
    times = sample_times(MINE, START - 2 * DAY_MS, START - 2 * DAY_MS + 9 * HOUR_MS, 60)
    then = measure(MINE, times)
    assert np.array_equal(gas, then.values[MINE.index[FACE.code]])


def test_wrapped_together_begins_within_ten_minutes():
    plant = wrapped_together(MINE, [FACE, CORNER, RETURN], START, 5)
    starts = [fault.start for fault in plant.faults]
    assert max(starts) - min(starts) < 10 * 60_000
    assert {label.rule for label in plant.labels if label.must} == {"tamper.group_event", "tamper.blocked"}


def test_a_raised_limit_stands_in_the_definitions_while_it_lasts():
    sent = trial("plain", [limit_raised(MINE, FACE, BEGIN + HOUR_MS, 3, 1.6)]).uploads
    records = [
        next(r for r in u.payload.decode().split("~") if r.startswith(FACE.code)).split(";")[8]
        for u in sent
        if "_CDDY_" in u.name
    ]
    assert records == ["1", "1.6", "1"]


def test_deleted_history_is_sent_again_without_its_sensor():
    sent = trial("plain", [history_deleted(MINE, FACE, BEGIN + HOUR_MS)]).uploads
    again = {name for name in (u.name for u in sent) if [u.name for u in sent].count(name) == 2}
    assert len(again) == 21
    pairs = [[FACE.code in u.payload.decode() for u in sent if u.name == name] for name in again]
    assert all(pair == [True, False] for pair in pairs)


def test_a_long_calibration_is_no_over_limit():
    plant = calibrated_long(MINE, FACE, BEGIN + HOUR_MS)
    assert not [label for label in trial("plain", [plant]).labels if label.rule == "gas.over_limit"]


def test_the_interlock_cuts_electricity_at_the_cut_value_unless_it_failed():
    from kuangan.library.simulate.faults import Fault, ramp

    mine = build_mine("141099900003", "合成第3号煤矿", seed=4, points=140, gas_grade="high")
    feed = next(p for p in mine.points if p.type == "1015")
    high = ramp(mine, mine.find("face"), START, peak=1.8, rise_s=300, hold_s=1800)
    failed = Fault("interlock_failed", mine.code, START, START + HOUR_MS, feed.code)
    (cut,), (live,) = values([high], [feed], mine=mine), values([high, failed], [feed], mine=mine)
    assert cut.min() == 0
    assert live.min() == 1


@pytest.mark.parametrize(("condition", "share"), [("missing20", 0.8), ("missing50", 0.5), ("missing80", 0.2)])
def test_lost_files_are_lost_at_the_rate_of_the_condition(condition, share):
    count = sum("_CDSS_" in upload.name for upload in trial(condition).uploads)
    assert count == pytest.approx(360 * share, rel=0.15)


def test_on_change_only_changes_are_sent_and_the_register_says_so():
    made, plain = trial("on_change"), trial("plain")
    assert sum(len(u.payload) for u in made.uploads) < 0.6 * sum(len(u.payload) for u in plain.uploads)
    assert b"on_change" in made.register


def test_a_clock_ahead_writes_later_times_than_it_sends():
    sent = [u for u in trial("clock_askew").uploads if "_CDSS_" in u.name]
    assert sent[0].send_time < BEGIN


def test_over_limits_of_a_lossy_trial_are_read_off_what_is_left():
    from kuangan.library.simulate.faults import ramp

    high = ramp(MINE, FACE, BEGIN + HOUR_MS, peak=1.3, rise_s=120, hold_s=600)
    made = trial("missing50", [Plant((high,), ())])
    times = sample_times(MINE, BEGIN, BEGIN + 6 * HOUR_MS, 60)
    left = CONDITIONS["missing50"].through(MINE, measure(MINE, times, [high]))
    wanted = [(t.subject, t.onset, t.end) for t in over_limits(MINE, left)]
    found = [(*label.subjects, label.onset, label.end) for label in made.labels if label.rule == "gas.over_limit"]
    assert found == wanted
    assert found


def test_a_stopped_mine_has_no_cutting_cycle():
    still = build_mine("141099900002", "合成第2号煤矿", seed=4, points=60, gas_grade="high", activity="stopped")
    times = sample_times(still, BEGIN, BEGIN + DAY_MS, 60)
    row = still.index[still.find("face").code]
    assert np.ptp(measure(still, times).values[row]) < 0.5 * np.ptp(measure(MINE, times).values[MINE.index[FACE.code]])
