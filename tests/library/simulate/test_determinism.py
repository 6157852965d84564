"""Everything is a function of seed, mine and time."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kuangan.library.simulate import (
    bench_frames,
    bench_mines,
    besides,
    build_mine,
    fleet,
    history,
    measure,
    outage,
    ramp,
    sample_times,
    uploads,
)
from kuangan.library.simulate.noise import AR_BOUND, NORMAL_BOUND, normal, red_noise
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of

START = 1_773_100_800_000
HOUR = 3_600_000
MINE = build_mine("140105900001", "砚岫煤业", seed=7, points=40, gas_grade="high")
FAULTS = [
    ramp(MINE, MINE.find("corner"), START + 600_000, peak=2.4, rise_s=300, hold_s=200),
    outage(MINE, START + 1_800_000, minutes=7),
    outage(MINE, START + 900_000, minutes=6, subject=MINE.stations[1][0]),
]


def test_the_same_seed_gives_the_same_bytes():
    again = build_mine("140105900001", "砚岫煤业", seed=7, points=40, gas_grade="high")
    assert uploads(MINE, START, START + HOUR, 10, FAULTS) == uploads(again, START, START + HOUR, 10, FAULTS)


def test_another_seed_gives_other_values():
    other = build_mine("140105900001", "砚岫煤业", seed=8, points=40, gas_grade="high")
    times = np.arange(START // 1000, START // 1000 + 600, 10)
    assert not np.array_equal(measure(MINE, times).scaled[:3], measure(other, times).scaled[:3])


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, HOUR - 1), max_size=5), rhythm=st.sampled_from([10, 30, 60]))
def test_any_cutting_of_a_span_gives_the_same_uploads(cuts, rhythm):
    edges = [0, *sorted(set(cuts)), HOUR]
    whole = uploads(MINE, START, START + HOUR, rhythm, FAULTS)
    parts = [one for begin, end in pairwise(edges) for one in uploads(MINE, START + begin, START + end, rhythm, FAULTS)]
    assert sorted(parts) == sorted(whole)


def test_a_single_moment_equals_that_moment_of_a_long_run():
    times = sample_times(MINE, START, START + 24 * HOUR, 60)
    whole = measure(MINE, times, FAULTS)
    for i in (0, 17, 700, len(times) - 1):
        alone = measure(MINE, times[i : i + 1], FAULTS)
        assert np.array_equal(alone.scaled[:, 0], whole.scaled[:, i])
        assert np.array_equal(alone.present[:, 0], whole.present[:, i])


def test_rhythm_does_not_change_what_is_measured_at_a_moment():
    fine = np.arange(START // 1000, START // 1000 + 3600, 10)
    assert np.array_equal(measure(MINE, fine[::6]).scaled, measure(MINE, fine).scaled[:, ::6])


def test_noise_stays_within_its_bounds_and_has_unit_spread():
    keys = np.arange(50)[:, None]
    times = np.arange(0, 200_000, 120)
    white, red = normal(keys, times[None, :]), red_noise(keys, times)
    assert np.abs(white).max() <= NORMAL_BOUND
    assert np.abs(red).max() <= AR_BOUND
    assert white.std() == pytest.approx(1, abs=0.02)
    assert red.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(red[0, :-1], red[0, 1:])[0, 1] == pytest.approx(0.6, abs=0.1)


def test_history_comes_in_order_of_sending_and_loses_nothing():
    mines = fleet(seed=3, count=4, points=30)
    batches = list(history(mines, START, START + 6 * HOUR, 60, ()))
    files = [upload for batch in batches for upload in batch]
    sent = [upload.send_time for upload in files]
    assert sent == sorted(sent)
    alone = [one for mine in mines for one in uploads(mine, START, START + 6 * HOUR, 60, (), opening=True)]
    assert sorted(files) == sorted(alone)


def test_bench_frames_hold_exactly_300_records():
    for points in (300, 55):
        frames = bench_frames(2, points, 600, 10)
        assert len(frames) == 2 * (points * 60 // 300)
        assert {frame.payload.count(b"~") - 1 for frame in frames} == {300}
        assert len({frame.name for frame in frames}) == len(frames)


def test_what_mines_of_a_measurement_send_beside_is_read_without_a_flaw() -> None:
    files = besides(bench_mines(2, 60, seed=3, crew=20), 1_767_196_800, 900)
    assert files == besides(bench_mines(2, 60, seed=3, crew=20), 1_767_196_800, 900)
    assert [file.send_time for file in files] == sorted(file.send_time for file in files)
    frames = [
        Frame(number, file.mine, UPLOAD, file.name, "bench", file.send_time, digest_of(file.payload), file.payload)
        for number, file in enumerate(files)
    ]
    outcomes = decode(frames).outcomes
    assert {outcome.status for outcome in outcomes} == {"accepted"}
    kinds = {outcome.type for outcome in outcomes}
    assert kinds >= {"RYSS", "CDDY", "CGKCDSS", "YSLCDSS", "ZJSS", "ZKSS", "LCSS", "TFSS", "gnssrealtime", "KSWSS"}
