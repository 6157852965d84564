"""The split law and the checkpoint hold with the cameras of a mine in the state."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.warning.video.settings import MODELS
from tests.library.warning import laws
from tests.library.warning.test_split_law import FEW, FEWER, homes, uncut
from tests.library.warning.video.lives import Told, hours, spool


@FEW
@given(hours(), st.data())
def test_a_life_cut_anywhere_gives_the_same_state_and_events(told: list[Told], data: st.DataObject) -> None:
    laws.cut_anywhere(lambda folder: spool(folder, told), data)


@FEWER
@given(hours())
def test_cut_and_copied_at_every_mark_it_is_the_same_and_is_saved_whole(told: list[Told]) -> None:
    laws.copied_at_every_mark(lambda folder: spool(folder, told))


@FEWER
@given(hours(), st.data())
def test_chopped_runs_with_flush_or_crash_give_the_events_of_one_run(told: list[Told], data: st.DataObject) -> None:
    laws.chopped_with_flush_or_crash(lambda folder: spool(folder, told), data)


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
