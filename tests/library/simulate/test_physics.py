"""The baseline is plausible and never alarms."""

import numpy as np
import pytest

from kuangan.library.simulate import build_mine, fleet, measure, routine_truths, sample_times
from kuangan.library.simulate.physics import baseline, bounds
from kuangan.library.simulate.truth import over_limits

START = 1_773_100_800_000
DAY = 86_400_000
OUTBURST = build_mine("140303900001", "檀渚煤业", seed=2, points=120, gas_grade="outburst")


def row(role, nth=0, mine=OUTBURST):
    return mine.index[mine.find(role, nth).code]


def day_of(mine, days=1, rhythm=60):
    times = sample_times(mine, START, START + days * DAY, rhythm)
    return times, baseline(mine, times)


@pytest.mark.parametrize("grade", ["low", "high", "outburst"])
@pytest.mark.parametrize("points", [20, 55, 300])
def test_no_value_can_ever_reach_a_limit_by_itself(grade, points):
    mine = build_mine("140303900002", "檀渚煤业", seed=5, points=points, gas_grade=grade)
    low, high = bounds(mine)
    alarm, floor = mine.limit("alarm"), mine.limit("low")
    assert np.all(np.isnan(alarm) | (high < 0.9 * alarm))
    assert np.all(np.isnan(floor) | (low > floor))


def test_values_keep_within_the_stated_bounds():
    _, values = day_of(OUTBURST, days=3)
    low, high = bounds(OUTBURST)
    analogue = [i for i, point in enumerate(OUTBURST.points) if point.value_type == "MN"]
    assert np.all(values[analogue].max(axis=1) <= high[analogue])
    assert np.all(values[analogue].min(axis=1) >= np.maximum(low[analogue], 0) - 1e-9)


def test_a_week_of_an_ordinary_fleet_has_no_over_limit():
    for mine in fleet(seed=1, count=6):
        window = measure(mine, sample_times(mine, START, START + 7 * DAY, 60))
        assert list(over_limits(mine, window)) == []


def test_routine_calibrations_go_over_the_limit_but_carry_the_bit():
    truths = routine_truths(OUTBURST, START, START + 30 * DAY)
    methane = [point.code for point in OUTBURST.points if point.is_methane]
    assert {truth.subject for truth in truths} == set(methane)
    first = truths[0]
    times = sample_times(OUTBURST, first.onset, first.end, 10)
    window = measure(OUTBURST, times)
    at = OUTBURST.index[first.subject]
    assert window.values[at].max() > 1.9
    assert set(window.status[at].tolist()) == {4}


def test_the_return_corner_stands_above_the_face():
    times, values = day_of(OUTBURST)
    corner, face = values[row("corner")], values[row("face")]
    hours = times // 3600
    for hour in np.unique(hours):
        assert corner[hours == hour].mean() > face[hours == hour].mean()


def test_gas_answers_to_cutting():
    times, values = day_of(OUTBURST, days=2)
    local_hour = (times // 3600 + 8) % 24
    maintenance = local_hour // 8 == OUTBURST.maintenance_shift
    settled = local_hour % 8 >= 2
    face = values[row("face")]
    assert face[~maintenance & settled].mean() > 1.2 * face[maintenance & settled].mean()


def test_the_face_return_follows_the_face_by_some_minutes():
    times = np.arange(START // 1000, START // 1000 + 86_400, 20)
    values = baseline(OUTBURST, times)
    face, back = values[row("face")], values[row("face_return")]
    lags = range(0, 40)
    match = [np.corrcoef(face[: len(face) - lag or None], back[lag:])[0, 1] for lag in lags]
    assert 4 <= int(np.argmax(match)) <= 20


def test_blasting_throws_carbon_monoxide_that_decays():
    _, values = day_of(OUTBURST)
    heading = next(i for i, p in enumerate(OUTBURST.points) if p.spec.role == "co" and p.spec.driver == "blast")
    co = values[heading]
    top = int(np.argmax(co))
    assert co[top] > 3 * np.median(co)
    assert co[top] > co[top + 10] > co[top + 30]


def test_sensor_resolution_is_kept():
    times = sample_times(OUTBURST, START, START + 3_600_000, 10)
    window = measure(OUTBURST, times)
    co = OUTBURST.index[OUTBURST.find("co").code]
    assert np.array_equal(window.values[co], np.rint(window.values[co]))
    assert window.scaled[row("corner")].max() < 100


@pytest.mark.parametrize("points", [20, 55, 137, 300])
def test_a_mine_has_the_points_asked_for_each_with_its_own_code(points):
    mine = build_mine("140303900003", "檀渚煤业", seed=5, points=points)
    assert len(mine.points) == points
    assert len(mine.index) == points
    assert len({point.location for point in mine.points}) == points


@pytest.mark.parametrize("bad", [{"points": 19}, {"points": 301}, {"code": "14030390000"}])
def test_an_impossible_mine_is_refused(bad):
    arguments = {"code": "140303900003", "name": "檀渚煤业", "seed": 5, **bad}
    with pytest.raises(ValueError):
        build_mine(**arguments)
