"""The split law and the checkpoint hold with the cameras of a mine in the state."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.warning import checkpoint
from kuangan.library.warning.batch import Lookup
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from kuangan.library.warning.video.settings import MODELS
from tests.library.warning.test_split_law import FEW, FEWER, batch_of, homes, part, picture, uncut
from tests.library.warning.video.lives import Told, hours, spool


@FEW
@given(hours(), st.data())
def test_a_life_cut_anywhere_gives_the_same_state_and_events(told: list[Told], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        batch = batch_of(Path(name) / "b", spool(Path(name) / "a", told))
        whole, events = step(State(), part(batch, batch.marks), Lookup())
        cuts = data.draw(st.lists(st.integers(0, len(batch.marks)), max_size=6), label="cuts")
        pieces: list[Event] = []
        state, lookup = State(), Lookup()
        for lo, hi in pairwise([0, *sorted(cuts), len(batch.marks)]):
            state, more = step(state, part(batch, batch.marks[lo:hi]), lookup)
            pieces += more
            if data.draw(st.booleans(), label="copy"):
                state, lookup = state.copied(), Lookup()
        assert pieces == events
        assert picture(state) == picture(whole)


@FEWER
@given(hours())
def test_cut_and_copied_at_every_mark_it_is_the_same_and_is_saved_whole(told: list[Told]) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        batch = batch_of(home / "b", spool(home / "a", told))
        whole, events = step(State(), part(batch, batch.marks), Lookup())
        state, pieces = State(), list[Event]()
        for mark in batch.marks:
            state, more = step(state.copied(), part(batch, [mark]), Lookup())
            pieces += more
        assert pieces == events
        checkpoint.save(home, 3, state, {})
        loaded = checkpoint.load(home)
        assert loaded is not None and picture(loaded[1]) == picture(whole)


@FEWER
@given(hours(), st.data())
def test_chopped_runs_with_flush_or_crash_give_the_events_of_one_run(told: list[Told], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        frames = spool(Path(name) / "stage", told)
        whole, flushed, crashed = homes(name, frames, "whole", "flushed", "crashed")
        expected = uncut(whole, frames)
        cuts = data.draw(st.lists(st.integers(1, len(frames)), max_size=5), label="cuts")
        assert chopped.run(flushed, frames, cuts) == expected
        assert chopped.run(crashed, frames, cuts, crash=True) == expected


def test_such_lives_raise_events_of_nearly_every_kind(tmp_path: Path) -> None:
    """The properties above say nothing about rules that never speak."""
    cases = ("0001", "0002", "0006", "0001", "0002", "0006")
    life = [Told(170, (1, 2, 3, 6), (6,), (3, case), (4, "04", 2), 1, 5, 0) for case in cases]
    life += [Told(170, (1, 2, 3, 6), (2,), (1, "0001"), None, 3, 5, 0) for _ in range(6)]
    life += [Told(1000, (), (), None, None, None, None, 0)]
    frames = spool(tmp_path / "stage", life)
    (home,) = homes(str(tmp_path), frames, "whole")
    raised = {event.rule for event in uncut(home, frames) if event.rule in MODELS}
    assert set(MODELS) - raised == {"video.dark", "video.poor", "video.lost"}
