"""A link or a sensor whose outages open and close again and again: one event instead of many.

The `openings`-th outage of a subject within `window_min` opens it, with the first of them as its onset; this outage and all that
follow are merged into it, so that nobody is told of each. It takes the highest grade of what it holds, and ends when the subject was
there for `quiet_min`. All on the arrival clock.
"""

from __future__ import annotations

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.opening import provenance
from kuangan.library.warning.rulebook import FLAPPING
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State


def opened(state: State, record: Record, now: int, tick: TickMark) -> list[Event]:
    """An outage opens: merged into the event of its subject when that is flapping, which is told."""
    rule, subject = state.book.flapping, record.subject
    window = int(rule.window_min * MINUTE)
    times = [*(t for t in state.outages.get(subject, []) if now - t <= window), now]
    state.outages[subject] = times
    flap = state.flapping.get(subject)
    if flap is None and len(times) < rule.openings:
        return []
    if flap is None:
        kept = {
            k: v for k, v in record.inputs.items() if k in ("mine_name", "location", "type_name", "unit", "station")
        }
        flap = state.flapping[subject] = Record(
            event_id(tick.gateway, tick.seq, f"{subject}.flapping"),
            FLAPPING,
            state.book.rule_version(FLAPPING),
            record.mine,
            record.subject_kind,
            subject,
            times[0],
            now,
            rule.grade,
            inputs=kept
            | {
                **provenance(state.book, FLAPPING),
                "outage": record.rule,
                "openings": len(times) - 1,
                "window_min": rule.window_min,
                "last": now,
            },
        )
    record.merged_into = flap.id
    flap.inputs["openings"] += 1
    flap.inputs["last"] = now
    flap.raise_to(record.grade, now, str(record.inputs.get("ladder_row", "")))
    state.next_flap = min(state.next_flap, now + int(rule.quiet_min * MINUTE))
    return [flap.snapshot(now)]


def climbed(state: State, record: Record, now: int) -> list[Event]:
    """An outage that was merged goes on and rises: so does the event that holds it."""
    flap = state.flapping.get(record.subject)
    if flap is None or record.merged_into != flap.id:
        return []
    return [flap.snapshot(now)] if flap.raise_to(record.grade, now, str(record.inputs.get("ladder_row", ""))) else []


def closed(state: State, record: Record, at: int) -> None:
    """An outage is over: the quiet time of its subject begins."""
    flap = state.flapping.get(record.subject)
    if flap is not None:
        flap.inputs["last"] = at


def judge(state: State, now: int) -> list[Event]:
    """End the events whose subject has been there for long enough."""
    quiet, events, due = int(state.book.flapping.quiet_min * MINUTE), [], FOREVER
    out = {r.subject for r in (*state.links.values(), *state.offline.values())}
    for subject, flap in list(state.flapping.items()):
        last = int(flap.inputs["last"])
        if subject in out:
            due = min(due, now + quiet)
        elif now - last >= quiet:
            del state.flapping[subject]
            state.outages.pop(subject, None)
            flap.end, flap.status = last, CLEARED
            events.append(flap.snapshot(now))
        else:
            due = min(due, last + quiet)
    state.next_flap = due
    return events
