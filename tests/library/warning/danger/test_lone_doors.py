"""A door that stands alone is followed without telling anyone, and is what it would have been when a second door is defined."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.warning import step as judging
from kuangan.library.warning import unheard
from kuangan.library.warning.batch import Batch, Lookup
from kuangan.library.warning.danger.settings import DOORS_OPEN
from kuangan.library.warning.signs import switch, switch_bands, switch_quiet
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from tests.library.warning.danger.stage import Stage, defined, point, row
from tests.library.warning.scene import moment
from tests.library.warning.test_split_law import batch_of, part, picture

INNER, OUTER, APART = point("1002", 1), point("1002", 2), point("1002", 3)
DOORS = {"inner": (INNER, "南翼联络巷风门1号"), "apart": (APART, "北翼回风巷风门")}
BOTH = DOORS | {"outer": (OUTER, "南翼联络巷风门2号")}


def unminded(state: State, code: str) -> bool:
    return bool(unheard.unheard(state, np.array([state.point_index[code]]))[0])


def test_a_door_is_minded_from_the_moment_a_second_one_stands_at_its_place(stage: Stage) -> None:
    stage.begin(DOORS, inner=0, apart=0)
    stage.keep(0, 60)
    stage.judge(60)
    assert unminded(stage.pipeline.state, INNER) and unminded(stage.pipeline.state, APART)
    stage.begin(BOTH, inner=0, apart=0, outer=0)
    stage.keep(60, 120)
    stage.judge(120)
    assert not unminded(stage.pipeline.state, INNER) and not unminded(stage.pipeline.state, OUTER)
    assert unminded(stage.pipeline.state, APART)


def test_a_door_that_stood_open_alone_makes_a_pair_with_one_defined_later(stage: Stage) -> None:
    stage.begin(DOORS, inner=0, apart=1)
    stage.keep(0, 100)
    stage.keep(100, 300, inner=1)
    assert stage.of(DOORS_OPEN, 300) == []
    stage.begin(BOTH, inner=1, apart=1, outer=1)
    stage.keep(300, 360)
    (event,) = stage.of(DOORS_OPEN, 360)
    assert event.onset == moment(300)
    told = {door["point"]: door["since"] for door in event.inputs["related"]}
    assert told == {INNER: moment(100), OUTER: moment(300)}, "the first has been open since long before"


@given(st.lists(st.floats(-3, 3), min_size=1), st.sampled_from([1.0, 0.01, 0.1, 0.5]))
def test_many_switches_have_the_bands_of_one(shown: list[float], resolution: float) -> None:
    sign = switch("door")
    steps = np.full(len(shown), resolution)
    bands = switch_bands(np.array(shown), steps)
    assert bands.tolist() == [sign.band(value, resolution) for value in shown]
    low, high = switch_quiet(bands, steps)
    expected = [sign.quiet(band, resolution) for band in bands.tolist()]
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == expected


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Half an hour of doors that move, in files of several times of a point, some late; the second door comes half way, and goes
    elsewhere by a definition near the end."""
    stage, chance = Stage(tmp_path_factory.mktemp("doors")), random.Random(5)
    for at in range(20, 1800, 20):
        doors = list((BOTH if at > 800 else DOORS).values())
        records = [
            row(*door, chance.choice((0, 1)), at - back, chance.choice((0, 0, 0, 4, 32)))
            for back in chance.sample(range(20), 3)
            for door in chance.sample(doors, 2)
        ]
        stage.upload("CDSS", records, at)
        if at == 1600:
            stage.upload("CDDY", [defined(OUTER, "西翼联络巷风门")], at + 1)
    stage.tick(1900)
    return batch_of(tmp_path_factory.mktemp("batch"), stage.frames)


def test_cut_at_every_single_mark(batch: Batch) -> None:
    whole, events = step(State(), part(batch, batch.marks), Lookup())
    assert [event for event in events if event.rule == DOORS_OPEN]
    state, lookup, pieces = State(), Lookup(), []
    for mark in batch.marks:
        state, more = step(state, part(batch, [mark]), lookup)
        pieces += more
    assert (pieces, picture(state)) == (events, picture(whole))


def test_followed_by_arrays_or_told_of_every_move_it_is_the_same(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, events = step(State(), part(batch, batch.marks), Lookup())
    monkeypatch.setattr(unheard, "unheard", lambda state, point: np.zeros(len(point), np.bool_))
    told, same = step(State(), part(batch, batch.marks), Lookup())
    assert (same, picture(told)) == (events, picture(whole))


@pytest.mark.parametrize(("least", "most"), [(1, 1), (4, 9), (20, 20)])
def test_waves_of_any_size_give_the_same(least: int, most: int, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, events = step(State(), part(batch, batch.marks), Lookup())
    monkeypatch.setattr(judging, "LEAST_ROWS", least)
    monkeypatch.setattr(judging, "MOST_ROWS", most)
    cut, same = step(State(), part(batch, batch.marks), Lookup())
    assert (same, picture(cut)) == (events, picture(whole))
