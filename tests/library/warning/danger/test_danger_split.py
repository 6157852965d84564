"""It does not matter where the spool is cut: conditions that hold over many files, looked at between them."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kuangan.library.warning.batch import Batch, Lookup
from kuangan.library.warning.events import Event
from kuangan.library.warning.family_rules import MODELS
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from tests.library.warning.danger.stage import POINTS, Stage, defined, row
from tests.library.warning.scene import MINE, moment, wire_time
from tests.library.warning.test_split_law import batch_of, homes, picture
from tests.library.warning.test_split_law import part as without_tables

CALM = {"fan": 1, "spare": 0, "gas": 0.3, "feed": 1, "air": 0.8, "one": 0, "two": 0, "smoke": 0, "co": 4}
CHANGES: dict[str, tuple[float, ...]] = {
    "gas": (0.3, 0.99, 1.2, 1.6, 2.3),
    "air": (0.8, 0.3, 0.2, 4.4),
    "co": (4, 23, 30, 120),
}


def part(batch: Batch, marks: list[Any]) -> Batch:
    return replace(without_tables(batch, marks), kept=batch.kept)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """An hour in which everything changes now and then, with faults, files sent late, and mains that come and go."""
    found = Stage(tmp_path_factory.mktemp("stage"))
    chance = random.Random(7)
    found.begin(POINTS, **CALM)
    found.upload("CDDY", [defined(*POINTS["gas"], relation=f"K-{POINTS['feed'][0]}-馈电")], 0)
    for at in range(10, 3600, 15):
        changed: dict[str, float] = {}
        for name in chance.sample(list(POINTS), chance.choice((0, 0, 1, 2))):
            changed[name] = chance.choice(CHANGES.get(name, (0, 1)))
        found.show(at, chance.choice((0, 0, 0, 0, 4, 32)), **changed)
        if chance.random() < 0.1:
            found.upload("CDSS", [row(*POINTS["fan"], 0, at - 200)], at + 1)
        if chance.random() < 0.2:
            codes = [
                f"{MINE}0000{number};0;{chance.choice((0, 1, 1, 2))};{wire_time(moment(at))}" for number in range(1, 5)
            ]
            found.upload("FZSS", codes, at + 2)
    found.tick(4200)
    return found


@pytest.fixture(scope="module")
def batch(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return batch_of(tmp_path_factory.mktemp("batch"), stage.frames)


@pytest.fixture(scope="module")
def whole(batch: Batch) -> tuple[State, list[Event]]:
    return step(State(), part(batch, batch.marks), Lookup())


def test_there_is_something_to_cut(whole: tuple[State, list[Event]]) -> None:
    rules = {event.rule for event in whole[1]}
    assert {rule.split(".")[1] for rule in rules if rule in MODELS} >= {
        "fan_stopped",
        "doors_open",
        "feed_live",
        "fire",
        "air_speed",
    }


def test_cut_at_every_single_mark(batch: Batch, whole: tuple[State, list[Event]]) -> None:
    state, lookup, pieces = State(), Lookup(), list[Event]()
    for mark in batch.marks:
        state, more = step(state, part(batch, [mark]), lookup)
        pieces += more
    assert pieces == whole[1]
    assert picture(state) == picture(whole[0])


@pytest.mark.parametrize("seed", range(4))
def test_cut_anywhere_and_copied(seed: int, batch: Batch, whole: tuple[State, list[Event]]) -> None:
    chance = random.Random(seed)
    edges = sorted({0, len(batch.marks), *(chance.randrange(len(batch.marks)) for _ in range(25))})
    state, lookup, pieces = State(), Lookup(), list[Event]()
    for lo, hi in pairwise(edges):
        state, more = step(state, part(batch, batch.marks[lo:hi]), lookup)
        pieces += more
        state, lookup = state.copied(), Lookup()
    assert pieces == whole[1]
    assert picture(state) == picture(whole[0])


@pytest.mark.parametrize("crash", [False, True], ids=["flushed", "crashed"])
def test_chopped_runs_give_the_events_of_one_run(stage: Stage, crash: bool, tmp_path: Path) -> None:
    one, other = homes(str(tmp_path), stage.frames, "one", "other")
    size = len(stage.frames)
    cuts = [size // 7, size // 3, size // 2 + 1, size * 5 // 6]
    assert chopped.run(other, stage.frames, cuts, crash=crash) == chopped.run(one, stage.frames, [])


@pytest.mark.parametrize("mute", ["late", "calibrating"])
def test_a_value_that_was_shown_first_by_a_row_that_is_not_judged_is_taken_from_the_next(
    mute: str, tmp_path: Path
) -> None:
    stage = Stage(tmp_path / "stage")
    fan = POINTS["fan"]
    early = row(*fan, 0, 5) if mute == "late" else row(*fan, 0, 15, 4)
    stage.upload("CDSS", [row(*fan, 1, 10), early, row(*fan, 0, 20), row(*fan, 0, 30)], 40)
    stage.tick(200)
    batch = batch_of(tmp_path / "batch", stage.frames)
    state, _ = step(State(), part(batch, batch.marks), Lookup())
    index = state.point_index[fan[0]]
    assert (int(state.p["band"][index]), int(state.p["band_at"][index])) == (0, moment(20))
