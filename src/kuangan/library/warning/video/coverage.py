"""Places that must be seen and are not: no video, no work.

A working that is active must have a live camera; so must the mouths and rooms that stand in the table for the kind of mine, and what
the register asks for. A camera is live when its newest state is on line and its picture shows something. Judged where the places of the
mine's cameras are known: by the register, or because the mine itself named every one. A working whose activity is not known is not judged;
that a mine has no camera at all of a kind is told only where the register lists its cameras. Cameras that are out at such a place are
told with it, not besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.events import Event, Record, event_id
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.settings import GRADES, MINUTE, clocks
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.video.activity import is_active
from kuangan.library.warning.video.memory import OFF, UNKNOWN, Memory, Site, Want
from kuangan.library.warning.video.records import over
from kuangan.library.warning.video.settings import NO_COVERAGE, UNSEEN, MustSee
from kuangan.library.warning.video.states import left_out
from kuangan.library.warning.video.where import coverage, registered, required_rows, stopped, views

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

NEVER_SENT: Final = "never_sent"


class Need(NamedTuple):
    """A place that must be seen now, or of which that is not known (`active` None)."""

    place: str
    kind: str
    when: Literal["working", "standing"]
    active: bool | None
    cameras: list[int]
    row: MustSee | None


def judge(state: State, memory: Memory, now: int, tick: TickMark) -> list[Event]:
    """Every mine whose video speaks."""
    events: list[Event] = []
    blind, silent = _blind(state, memory), state.m["silent"].tolist()
    for mine, site in memory.sites.items():
        if site.heard != NEVER and not site.level and not silent[mine]:
            events += _mine(state, memory, mine, site, blind, now, tick)
    return events


def _blind(state: State, memory: Memory) -> list[str]:
    """Of every camera why nothing is seen by it, empty for one that is live."""
    c, heard = memory.c, np.full(len(state.mines), NEVER)
    for mine, site in memory.sites.items():
        heard[mine] = site.heard
    out = (c["status"] == OFF) | (heard[c["mine"]] - c["seen"] >= left_out(state))
    blind: list[str] = np.where(c["status"] == UNKNOWN, NEVER_SENT, np.where(out, "offline", "")).tolist()
    for (at, rule), spell in memory.spells.items():
        if rule in UNSEEN and spell.record is not None and not blind[at]:
            blind[at] = "hidden"
    return blind


def _mine(
    state: State, memory: Memory, mine: int, site: Site, blind: Sequence[str], now: int, tick: TickMark
) -> list[Event]:
    events: list[Event] = []
    named = set()
    for need in needs(state, memory, mine, blind, now):
        named.add(need.place)
        if need.active is None:
            continue
        why = unseen([blind[at] for at in need.cameras]) if need.active else ""
        if why and not _told_by_seal(memory, need, why):
            events += _lacking(state, memory, mine, need, why, now, tick)
        else:
            events += _met(site, need.place, "" if need.active else "idle", now)
        if not need.active:
            site.active.pop(need.place, None)
    for place in [each for each in site.wants if each not in named]:
        events += _met(site, place, "register", now)
    return events


def needs(state: State, memory: Memory, mine: int, blind: Sequence[str], now: int) -> list[Need]:
    """What must be seen in a mine; `blind` as in `unseen`, of all cameras. Of places in several tables the first counts."""
    found: dict[str, Need] = {}
    for need in _needs(state, memory, mine, blind, now):
        found.setdefault(need.place, need)
    return list(found.values())


def _needs(state: State, memory: Memory, mine: int, blind: Sequence[str], now: int) -> Iterator[Need]:
    site, rule, listed = memory.site(mine), coverage(state), registered(state, mine)
    by_kind, by_name, unnamed = views(state, memory, mine)
    if not listed and any(blind[at] != NEVER_SENT for at in unnamed):
        return
    rows = required_rows(state, mine)
    working = {row.place: row for row in rows if row.when == "working"}
    for camera in listed.values():
        place = rule.place_of(camera.place)
        name = place[1] if place is not None else camera.place
        if camera.duty in ("always", "working"):
            active = True if camera.duty == "always" else is_active(site, name, now)
            when: Literal["working", "standing"] = "standing" if camera.duty == "always" else "working"
            kind = place[0] if place is not None else ""
            yield Need(name, kind, when, active, by_name.get(name, []), None)
    for name in site.active:
        place = rule.place_of(name)
        if place is not None and place[0] in working and not stopped(state, mine):
            cameras = by_name.get(name, [])
            yield Need(name, place[0], "working", is_active(site, name, now), cameras, working[place[0]])
    for row in rows:
        if row.when == "standing" and (row.place in by_kind or listed):
            yield Need(row.place, row.place, "standing", True, by_kind.get(row.place, []), row)


def unseen(blind: Sequence[str]) -> str:
    """Why a place is not seen by any of its cameras, empty when one is live; `blind` says it of each camera."""
    if not blind:
        return "no_camera"
    return next(why for why in ("hidden", "offline", NEVER_SENT) if why in blind) if all(blind) else ""


def _told_by_seal(memory: Memory, need: Need, why: str) -> bool:
    """Whether the place is a sealed mouth whose cameras tell of themselves."""
    return why in ("offline", "hidden") and any(memory.c["sealed"][at] for at in need.cameras)


def _lacking(state: State, memory: Memory, mine: int, need: Need, why: str, now: int, tick: TickMark) -> list[Event]:
    site = memory.site(mine)
    want = site.wants.setdefault(need.place, Want(now))
    table = clocks(coverage(state).minutes[need.when])
    reached = [(after, grade) for after, grade in table if now - max(want.since, state.resumed) >= after]
    if want.record is None and not reached:
        return []
    events: list[Event] = []
    fresh = want.record is None
    record = want.record = want.record or _opened(state, mine, need, want.since, now, tick)
    cameras = [memory.codes[at] for at in need.cameras]
    told = {"why": why, "cameras": cameras, "children": cameras, **_activity(site, need)}
    changed = {name: record.inputs.get(name) for name in ("why", "cameras")} != {k: told[k] for k in ("why", "cameras")}
    want.cameras = list(need.cameras)
    for at in need.cameras:
        memory.c["level"][at] = 0
        if (child := memory.offline.pop(at, None)) is not None:
            events.append(over(child, now, now, record.id))
    graded = False
    if reached:
        after, grade = reached[-1]
        graded = give_grade(record, grade, now, f"{after // MINUTE}min")
    if fresh or graded or changed or events:
        record.inputs |= told
        return [record.snapshot(now), *events]
    return []


def _activity(site: Site, need: Need) -> dict[str, Any]:
    told = site.active.get(need.place) if need.when == "working" else None
    return {} if told is None else {"persons": told[1], "activity": told[2]}


def _opened(state: State, mine: int, need: Need, since: int, now: int, tick: TickMark) -> Record:
    code, row = state.mines[mine], need.row
    inputs = base_inputs(state, NO_COVERAGE, mine) | {
        "location": need.place if need.kind != need.place else "",
        "place_kind": need.kind,
        "when": need.when,
        "row": row.row if row is not None else "",
        "row_source": row.source if row is not None else "",
        "row_confidence": row.confidence if row is not None else "",
    }
    ident = event_id(tick.gateway, tick.seq, f"{code}.no_coverage.{need.place}")
    version = state.book.rule_version(NO_COVERAGE)
    return Record(ident, NO_COVERAGE, version, code, "place", need.place, since, now, GRADES[0], inputs=inputs)


def _met(site: Site, place: str, ended: str, now: int) -> list[Event]:
    want = site.wants.pop(place, None)
    if want is None or want.record is None:
        return []
    if ended:
        want.record.inputs["ended"] = ended
    return [over(want.record, now, now)]
