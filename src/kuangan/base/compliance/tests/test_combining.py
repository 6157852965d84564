"""The state of a clause from the answers of its checks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.compliance.checks import State
from kuangan.base.compliance.combining import combined, judged

STATES = st.lists(st.sampled_from(list(State)), max_size=6)


def test_what_speaks_against_it_outweighs_what_is_not_known_and_that_what_was_proved() -> None:
    assert judged([State.PROVED, State.UNKNOWN, State.SUSPECTED]) == State.SUSPECTED
    assert judged([State.PROVED, State.UNKNOWN, State.PAPER]) == State.UNKNOWN
    assert judged([State.PROVED, State.PAPER, State.NOT_APPLICABLE]) == State.PAPER
    assert judged([State.NOT_APPLICABLE]) == State.NOT_APPLICABLE
    assert judged([]) is None


def test_a_clause_judged_in_part_is_never_kept_but_may_be_suspected() -> None:
    assert combined([State.PROVED], whole=False) == (State.UNKNOWN, State.PROVED)
    assert combined([State.PROVED], whole=True) == (State.PROVED, State.PROVED)
    assert combined([State.SUSPECTED, State.PROVED], whole=False) == (State.SUSPECTED, State.SUSPECTED)
    assert combined([], whole=True) == (State.UNKNOWN, None)


@given(STATES)
def test_missing_data_is_never_compliance(states: list[State]) -> None:
    state, _ = combined([*states, State.UNKNOWN], whole=True)
    assert state in (State.UNKNOWN, State.SUSPECTED, State.DETERMINED)


@given(STATES, STATES, st.booleans())
def test_the_order_of_checks_does_not_matter_and_more_answers_never_hide_a_graver_one(
    states: list[State], more: list[State], whole: bool
) -> None:
    assert combined([*states, *more], whole=whole) == combined([*more, *states], whole=whole)
    if State.SUSPECTED in states and State.DETERMINED not in [*states, *more]:
        assert combined([*states, *more], whole=whole)[0] == State.SUSPECTED
