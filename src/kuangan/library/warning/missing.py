"""A point that should be there and is not: what a place must have by rule, against what its mine defines and sends.

Judged only for places that the mine itself defines (CDDY), `after_hours` after the first definition in them came, and while the
mine's link is up. A requirement is met when a point of its quantity is defined at the place and sent a good value within
`silent_hours`, ever where the point is sent on change. One event per place lists what is missing; it is over when the mine has no
such place any more. Rows that depend on a gas grade
count only where the register knows it: unknown is not required. Source: Coal Mine Safety Regulations art. 498–503 as marked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.rulebook import MISSING, Required
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State

HOUR = 60 * MINUTE


class Need(NamedTuple):
    """One thing a place of a mine must have, and the points that are it."""

    place: str
    row: Required
    points: tuple[int, ...]


def defined(state: State, mine: int, mark: FrameMark) -> None:
    """Definitions of a mine came: what it needs is worked out again when it is next due; new places are noted."""
    state.needs.pop(mine, None)
    at = mark.at
    for row in mark.points:
        working = state.book.working_of(str(row.get("location") or ""))
        if working is not None:
            state.places.setdefault(f"{state.mines[mine]}/{working[1]}", at)
    due = at + int(state.book.missing.after_hours * HOUR)
    checked = int(state.m["check"][mine])
    state.m["check"][mine] = due if checked == NEVER else min(checked, due)
    state.next_check = min(state.next_check, int(state.m["check"][mine]))


def needs_of(state: State, mine: int) -> list[Need]:
    """What the places a mine defines must have; the answer is kept until definitions or configuration change."""
    found = state.needs.get(mine)
    if found is None:
        found = state.needs[mine] = _worked_out(state, mine)
    return found


def _worked_out(state: State, mine: int) -> list[Need]:
    places: dict[tuple[str, str], list[int]] = {}
    for index in np.flatnonzero(state.p["mine"] == mine).tolist():
        point = state.points[index]
        working = state.book.working_of(point.location) if point.defined else None
        if working is not None:
            places.setdefault(working, []).append(index)
    grade, needs = state.register.gas_grade(state.mines[mine]), []
    for (kind, name), members in places.items():
        for row in state.book.missing.required:
            if row.working == kind and (row.gas_grades is None or grade in row.gas_grades):
                needs.append(Need(name, row, tuple(i for i in members if _is(state, i, row))))
    return needs


def _is(state: State, index: int, row: Required) -> bool:
    limit = state.points[index].limit
    return limit is not None and limit.place == row.place and limit.quantity == row.quantity


def judge(state: State, now: int, tick: TickMark) -> list[Event]:
    """Check the mines that are due."""
    m, events = state.m, []
    for mine in np.flatnonzero((m["check"] != NEVER) & (m["check"] <= now)).tolist():
        m["check"][mine] = now + int(state.book.missing.check_min * MINUTE)
        if m["last"][mine] != NEVER and not m["silent"][mine]:
            events += _checked(state, mine, now, tick)
    due = m["check"][m["check"] != NEVER]
    state.next_check = int(due.min()) if len(due) else FOREVER
    return events


def _checked(state: State, mine: int, now: int, tick: TickMark) -> list[Event]:
    lacking: dict[str, list[dict[str, Any]]] = {}
    for need in needs_of(state, mine):
        key = f"{state.mines[mine]}/{need.place}"
        since = state.places.setdefault(key, now)
        why = _why(state, mine, need)
        lacking.setdefault(need.place, [])
        if why and now - since >= state.book.missing.after_hours * HOUR:
            row = need.row
            told = {"row": row.row, "place": row.place, "quantity": row.quantity, "why": why}
            lacking[need.place].append(told | {"article": row.article, "confidence": row.confidence})
    gone = [record.subject for record in state.missing.values() if record.mine == state.mines[mine]]
    for place in gone:
        lacking.setdefault(place, [])
    events: list[Event] = []
    for place, missing in lacking.items():
        events += _told(state, mine, place, missing, now, tick)
    return events


def _why(state: State, mine: int, need: Need) -> str:
    """Why a requirement is not met, empty when it is."""
    if not need.points:
        return "undefined"
    p, points = state.p, list(need.points)
    sent = p["first"][points] != NEVER
    if not sent.any():
        return "never_sent"
    recent = state.m["last"][mine] - p["good"][points] < state.book.missing.silent_hours * HOUR
    return "" if (sent & (recent | ~p["periodic"][points])).any() else "silent"


def _told(state: State, mine: int, place: str, missing: list[dict[str, Any]], now: int, tick: TickMark) -> list[Event]:
    code = state.mines[mine]
    key = f"{code}/{place}"
    record = state.missing.get(key)
    if not missing:
        if record is None:
            return []
        del state.missing[key]
        record.end, record.status = now, CLEARED
        return [record.snapshot(now)]
    if record is not None and record.inputs["missing"] == missing:
        return []
    if record is None:
        rule = state.book.missing
        record = state.missing[key] = Record(
            event_id(tick.gateway, tick.seq, f"{code}.missing.{list(state.places).index(key)}"),
            MISSING,
            state.book.rule_version(MISSING),
            code,
            "place",
            place,
            state.places[key],
            now,
            rule.grade,
            inputs=base_inputs(state, MISSING, mine) | {"location": place, "after_hours": rule.after_hours},
        )
    record.inputs["missing"] = missing
    return [record.snapshot(now)]
