"""Events of this family: about a camera, with a ladder of minutes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.settings import GRADES
from kuangan.library.warning.video.memory import Memory
from kuangan.library.warning.video.where import inputs_of

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

Cause = FrameMark | TickMark
"""What raises an event: its spool coordinates make the id."""


def about_camera(
    state: State, memory: Memory, rule: str, at: int, onset: int, now: int, cause: Cause, told: Mapping[str, Any]
) -> Record:
    """A record, not yet graded, of a camera."""
    mine, code = int(memory.c["mine"][at]), memory.codes[at]
    ident = event_id(cause.gateway, cause.seq, f"{state.mines[mine]}.{rule.rpartition('.')[2]}.{code}")
    inputs = {**base_inputs(state, rule, mine), **inputs_of(state, memory, at), **told}
    version = state.book.rule_version(rule)
    return Record(ident, rule, version, state.mines[mine], "camera", code, onset, now, GRADES[0], inputs=inputs)


def over(record: Record, end: int, now: int, into: str | None = None) -> Event:
    """The last revision of an event; `into` the one that tells it from now on."""
    record.end, record.status, record.merged_into = max(end, record.onset), CLEARED, into
    return record.snapshot(now)
