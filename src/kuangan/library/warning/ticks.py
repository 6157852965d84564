"""Ticks of our clock: whatever is due is judged at the very tick at which it is, also within a run of ticks."""

from __future__ import annotations

from kuangan.library.warning import families, flapping, missing, own_outage, silence
from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.events import Event
from kuangan.library.warning.sampling import sample
from kuangan.library.warning.silence import SECOND
from kuangan.library.warning.state import State


def next_due(state: State) -> int:
    own = min(state.next_link, state.next_point, state.next_sample, state.next_check, state.next_flap)
    return min(own, families.next_due(state))


def judge(state: State, tick: TickMark) -> list[Event]:
    """Judge silence and take samples at every tick of the run at which something may be due."""
    events = own_outage.resumed(state, tick)
    now = since = max(tick.since, state.clock)
    while True:
        due = next_due(state)
        if due > now:
            now = since + -(-(due - since) // SECOND) * SECOND
        if now > tick.at:
            break
        if state.next_link <= now:
            events += silence.judge_links(state, now, tick)
        if state.next_point <= now:
            events += silence.judge_points(state, now, tick)
        if state.next_sample <= now:
            events += sample(state, now, tick)
        if state.next_check <= now:
            events += missing.judge(state, now, tick)
        if state.next_flap <= now:
            events += flapping.judge(state, now)
        events += families.tick(state, now, tick)
    state.clock = max(state.clock, tick.at)
    return events
