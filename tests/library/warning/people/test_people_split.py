"""The split law and the checkpoint hold with the people of a mine in the state."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.warning.people.settings import MODELS
from tests.library.warning import laws
from tests.library.warning.people.lives import Told, days, spool
from tests.library.warning.scene import MINE
from tests.library.warning.test_split_law import FEW, FEWER, homes, uncut


@FEW
@given(days(), st.data())
def test_a_life_cut_anywhere_gives_the_same_state_and_events(told: list[Told], data: st.DataObject) -> None:
    laws.cut_anywhere(lambda folder: spool(folder, told), data)


@FEWER
@given(days())
def test_cut_and_copied_at_every_mark_it_is_the_same_and_is_saved_whole(told: list[Told]) -> None:
    laws.copied_at_every_mark(lambda folder: spool(folder, told))


@FEWER
@given(days(), st.data())
def test_chopped_runs_with_flush_or_crash_give_the_events_of_one_run(told: list[Told], data: st.DataObject) -> None:
    laws.chopped_with_flush_or_crash(lambda folder: spool(folder, told), data)


def test_the_lives_raise_events_of_nearly_every_kind(tmp_path: Path) -> None:
    """The properties above say nothing about rules that never speak: overtime, speed, calls and the older header have tests of their own."""
    life = [Told(300, 7, n % 3 == 0, n < 3, n < 2, True, 2, False, 1, 0, MINE) for n in range(12)]
    life += [Told(1900, 2, False, False, True, False, 0, False, 1, 0, MINE)]
    frames = spool(tmp_path / "stage", life)
    (home,) = homes(str(tmp_path), frames, "whole")
    raised = {event.rule for event in uncut(home, frames)}
    quiet = {"people.speed", "people.entry_mismatch", "people.help"}
    assert set(MODELS) - raised <= quiet, set(MODELS) - raised
