"""The equations hold: what goes in comes out, later; instruments lag, drift and saturate; channels lose what they are told to."""

from __future__ import annotations

import numpy as np
import pytest

from kuangan.library.simulate.second import gallery, links, sensing, shearer

STEPS = 6000


def steady(cut=0.0, goaf=0.0, ribs=1.2, air=1.5, section=12.0, inlet=0.0):
    sources = gallery.Sources(
        np.full((1, STEPS), cut),
        np.zeros((1, STEPS), np.int64),
        np.full((1, STEPS), goaf),
        np.array([9]),
        np.array([ribs]),
        np.array([inlet]),
    )
    return gallery.carried(np.full((1, STEPS), air), np.array([section]), sources)


def test_what_is_let_in_leaves_with_the_air():
    end = steady(cut=2.0, goaf=1.0, inlet=0.05)[-1, 0, -1]
    assert end == pytest.approx(0.05 + 100 * (2.0 + 1.0 + 1.2) / (1.5 * 12.0 * 60), rel=1e-3)


def test_half_the_air_doubles_the_gas():
    assert steady(air=0.75)[-1, 0, -1] == pytest.approx(2 * steady(air=1.5)[-1, 0, -1], rel=1e-3)


def test_gas_arrives_later_down_the_airway():
    cut = np.zeros((1, STEPS))
    cut[0, 3000:] = 3.0
    zero = np.zeros((1, STEPS))
    sources = gallery.Sources(cut, zero.astype(np.int64), zero, np.array([9]), np.array([1.0]), np.array([0.0]))
    found = gallery.carried(np.full((1, STEPS), 1.5), np.array([12.0]), sources)[:, 0]
    halfway = [int(np.argmax(found[3000:, cell] > found[2999, cell] + 0.1)) for cell in (0, 15, 30)]
    assert halfway == sorted(set(halfway))
    assert halfway[2] * gallery.STEP_S == pytest.approx(30 * gallery.CELL_M / 1.5, rel=0.35)


def test_air_too_fast_for_the_grid_is_refused():
    with pytest.raises(ValueError, match="too fast"):
        steady(air=3.0)


def test_a_sensor_answers_late_and_ends_where_the_truth_is():
    truth = np.concatenate([np.zeros(10), np.ones(200)])
    shown = sensing.lagged(truth, 60.0, 10.0)
    assert shown[15] == pytest.approx(1 - np.exp(-1), abs=0.1)
    assert shown[-1] == pytest.approx(1, abs=1e-3)


def test_drift_begins_anew_with_a_calibration():
    hours = np.arange(0, 72, 0.5)
    rise = sensing.drift(np.random.default_rng(1), hours, np.array([30.0]), 0.01)[:, 0]
    assert rise[hours == 30.0] == 0
    assert abs(rise[59]) > abs(rise[61])


def test_what_is_shown_has_the_step_and_the_range():
    shown = sensing.shown(np.array([[0.123, -0.2, 17.0]]), np.array([0.01, 0.01, 1.0]), np.array([4.0, 4.0, 10.0]))
    assert shown.round(2).tolist() == [[0.12, 0.0, 10.0]]


def test_losses_come_in_bursts_at_the_rate_asked_for():
    lost = links.gilbert_elliott(np.random.default_rng(2), 60_000, 0.2, 4.0)
    assert lost.mean() == pytest.approx(0.2, abs=0.02)
    again = lost[1:][lost[:-1]].mean()
    assert again > 0.5


def test_a_sender_of_changes_keeps_every_change_and_every_point_alive():
    values = np.repeat(np.array([[1.0, 2.0], [1.0, 3.0]]), 30, axis=0)
    sent = links.on_change(values, np.zeros_like(values, dtype=np.int64))
    assert sent[0].all() and sent[30, 1]
    assert sent.mean() < 0.2
    assert all(np.diff(np.flatnonzero(sent[:, point])).max() <= links.KEEP_ALIVE for point in (0, 1))


def test_a_face_cuts_in_passes_with_pauses_that_no_timetable_knows():
    works = [shearer.shifts_of_face(np.random.default_rng(n), 8640, 10.0, 60, 6) for n in (1, 2)]
    for work in works:
        cutting = work.rate > 0
        assert 0.2 < cutting.mean() < 0.95
        assert work.position.min() >= 0 and work.position.max() <= 1
    assert not np.array_equal(works[0].rate, works[1].rate)
