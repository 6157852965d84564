"""From the answers of several checks to the state of a clause for a subject. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kuangan.base.compliance.checks import State

ORDER: Final = (State.DETERMINED, State.SUSPECTED, State.UNKNOWN, State.PAPER, State.PROVED)
"""The gravest first: what is not known hides what was proved, never the other way round."""


def judged(states: Iterable[State]) -> State | None:
    """The gravest state of what was judged; not applicable when all are, None when there is none."""
    found = set(states)
    if not found:
        return None
    return next((state for state in ORDER if state in found), State.NOT_APPLICABLE)


def combined(states: Iterable[State], *, whole: bool) -> tuple[State, State | None]:
    """(state of the clause, state of the part that was judged).

    A clause of which checks judge a part alone is never met by it: it is unknown, unless that part speaks against it.
    """
    part = judged(states)
    if part is None:
        return State.UNKNOWN, None
    if whole or part in (State.DETERMINED, State.SUSPECTED):
        return part, part
    return State.UNKNOWN, part
