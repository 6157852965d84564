"""What must hold of every family of rules however its spool is cut; `staged` writes one to a folder and gives its frames."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from kuangan.library.warning import checkpoint
from kuangan.library.warning.batch import Lookup
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from tests.library.warning.test_split_law import batch_of, homes, part, picture, uncut

Staged = Callable[[Path], Any]


def cut_anywhere(staged: Staged, data: st.DataObject) -> None:
    """The same events and the same state, also when the state is copied between the pieces."""
    with tempfile.TemporaryDirectory() as name:
        batch = batch_of(Path(name) / "b", staged(Path(name) / "a"))
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


def copied_at_every_mark(staged: Staged) -> None:
    """The same events mark by mark, and a checkpoint holds all of the state."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        batch = batch_of(home / "b", staged(home / "a"))
        whole, events = step(State(), part(batch, batch.marks), Lookup())
        state, pieces = State(), list[Event]()
        for mark in batch.marks:
            state, more = step(state.copied(), part(batch, [mark]), Lookup())
            pieces += more
        assert pieces == events
        checkpoint.save(home, 3, state, {})
        loaded = checkpoint.load(home)
        assert loaded is not None and picture(loaded[1]) == picture(whole)


def chopped_with_flush_or_crash(staged: Staged, data: st.DataObject) -> None:
    """The events of one run."""
    with tempfile.TemporaryDirectory() as name:
        frames = staged(Path(name) / "stage")
        whole, flushed, crashed = homes(name, frames, "whole", "flushed", "crashed")
        expected = uncut(whole, frames)
        cuts = data.draw(st.lists(st.integers(1, len(frames)), max_size=5), label="cuts")
        assert chopped.run(flushed, frames, cuts) == expected
        assert chopped.run(crashed, frames, cuts, crash=True) == expected
