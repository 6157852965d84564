"""An outage of our own: no tick for longer than the rule book allows. It counts against no mine; silence was not judged in it.

The event is about the gateway whose tick ends it, open and over at once: while nothing ticks, nobody could tell. A gateway that left
by its own word (a replay that ended) is no outage.
"""

from __future__ import annotations

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.opening import provenance
from kuangan.library.warning.rulebook import GATEWAY_OUTAGE
from kuangan.library.warning.settings import GRADES, MINUTE, clocks
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.state import State

RETIRED = "retired"


def resumed(state: State, tick: TickMark) -> list[Event]:
    """Clocks of silence start again at a tick behind a gap; a gap worth telling is an event."""
    since, retired = state.clock, state.retired
    state.retired = False
    if since == NEVER or tick.since - since <= state.book.own_outage_gap_s * 1000:
        return []
    state.resumed = tick.since
    table = clocks(state.book.gateway_outage.minutes)
    reached = [(minutes, grade) for minutes, grade in table if tick.since - since >= minutes]
    if retired or not reached:
        return []
    record = Record(
        event_id(tick.gateway, tick.seq, "outage"),
        GATEWAY_OUTAGE,
        state.book.rule_version(GATEWAY_OUTAGE),
        "",
        "gateway",
        tick.gateway,
        since,
        tick.since,
        GRADES[0],
        end=tick.since,
        status=CLEARED,
        inputs={
            **provenance(state.book, GATEWAY_OUTAGE),
            "mines": int((state.m["first"] != NEVER).sum()),
            "not_judged_s": (tick.since - since) // 1000,
        },
    )
    minutes, grade = reached[-1]
    give_grade(record, grade, tick.since, f"{minutes // MINUTE}min")
    return [record.snapshot(tick.since)]
