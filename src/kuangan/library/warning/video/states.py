"""Cameras off line, and a video system that tells nothing.

A camera is off line when its mine says so (our arrival clock runs from that word), or when it is left out while states of the mine's
other cameras come. Where no state comes at all, or all cameras are off line together, that is one event of the mine with the cameras as
children. While the mine's link is out, or nobody told of its cameras yet, nothing is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.columns import Array, Columns
from kuangan.library.warning.events import Event, event_id
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.opening import about_mine
from kuangan.library.warning.settings import MINUTE, Grade, clocks
from kuangan.library.warning.silence import give_grade
from kuangan.library.warning.video import seals
from kuangan.library.warning.video.memory import EXEMPT, OFF, ON, REQUIRED, UNKNOWN, Memory
from kuangan.library.warning.video.records import about_camera, over
from kuangan.library.warning.video.settings import OFFLINE, SYSTEM_SILENT, OfflineRule, SilentRule
from kuangan.library.warning.video.where import camera, stopped

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

Clocks = list[tuple[int, Grade]]


def silent_rule(state: State) -> SilentRule:
    return state.book.settings(SYSTEM_SILENT, SilentRule)


def take(state: State, memory: Memory, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
    """A file of states. One that is not newer than the last of its camera, or too old when it came, tells nothing."""
    oldest = mark.at - int(silent_rule(state).fresh_min * MINUTE)
    told = (
        rows.select("camera", "status", time=pl.col("time").fill_null(mark.at).clip(upper_bound=mark.at))
        .filter((pl.col("time") > oldest) & pl.col("camera").is_not_null() & pl.col("status").is_in([OFF, ON]))
        .sort("time", maintain_order=True)
    )
    indices = np.array([camera(state, memory, mine, code) for code in told["camera"].to_list()], np.int64)
    time, status = told["time"].to_numpy(), told["status"].to_numpy()
    c, site = memory.c, memory.site(mine)
    newer = time > c["time"][indices] if len(indices) else np.zeros(0, np.bool_)
    indices, time, status = indices[newer], time[newer], status[newer]
    if not len(indices):
        return []
    turned = status != _before(c, indices, status)
    c["since"][indices[turned]] = time[turned]
    c["down"][indices[turned]] = np.where(status[turned] == OFF, mark.at, NEVER)
    c["time"][indices], c["status"][indices], c["seen"][indices] = time, status, mark.at
    silent_before, site.heard = site.heard, mark.at
    events: list[Event] = []
    if bool((status == ON).any()) and site.silence is not None:
        events.append(over(site.silence, mark.at, mark.at))
        site.silence, site.level, site.back = None, 0, mark.at
    elif silent_before == NEVER:
        site.back = mark.at
    for at, came in zip(indices[status == ON].tolist(), time[status == ON].tolist(), strict=True):
        c["level"][at] = 0
        if (record := memory.offline.pop(at, None)) is not None:
            events.append(over(record, came, mark.at))
        events += seals.lifted(state, memory, at, "offline", mark.at, mark)
    return events


def _before(c: Columns, indices: Array, status: Array) -> Array:
    """The state of each camera before each row, of rows in order of time: that of its row before, else the one known."""
    order = np.argsort(indices, kind="stable")
    told, shown = indices[order], status[order]
    before = np.empty_like(status)
    before[order] = np.where(np.r_[False, told[1:] == told[:-1]], np.r_[shown[:1], shown[:-1]], c["status"][told])
    return before


class Gone(NamedTuple):
    """Of every camera: how long it has been off line (ms) and whether that may be judged now."""

    age: Array
    judged: Array


def judge(state: State, memory: Memory, now: int, tick: TickMark) -> list[Event]:
    """Cameras off line, but for those that another event tells of."""
    events: list[Event] = []
    gone = _gone(state, memory, now)
    c = memory.c
    for at in np.flatnonzero(c["sealed"] & gone.judged).tolist():
        if gone.age[at] > 0 and (c["status"][at] == OFF or gone.age[at] >= left_out(state)):
            events += seals.seen(state, memory, at, "offline", now - int(gone.age[at]), now, tick)
    minutes = state.book.settings(OFFLINE, OfflineRule).minutes
    required = c["duty"] == REQUIRED
    for times, mask in ((minutes["must_see"], required), (minutes["other"], ~required)):
        table = clocks(times)
        level = np.searchsorted([after for after, _ in table], gone.age, side="right")
        rising = np.flatnonzero(mask & gone.judged & ~c["sealed"] & (level > c["level"]))
        for at in rising.tolist():
            events += _offline(state, memory, at, int(level[at]), table, now, tick)
    for at in [at for at in memory.offline if c["sealed"][at] or c["status"][at] == UNKNOWN]:
        c["level"][at] = 0
        events.append(over(memory.offline.pop(at), now, now))
    return events


def left_out(state: State) -> int:
    """After how long without a state, while others come, a camera counts as off line, ms."""
    return int(silent_rule(state).fresh_min * MINUTE)


def _gone(state: State, memory: Memory, now: int) -> Gone:
    c = memory.c
    mine, count = c["mine"], len(state.mines)
    heard, back, quiet = np.full(count, NEVER), np.full(count, NEVER), state.m["silent"] > 0
    for number, site in memory.sites.items():
        heard[number], back[number] = site.heard, site.back
        quiet[number] |= site.level > 0
    told = heard[mine] - np.maximum(np.maximum(c["seen"], back[mine]), state.resumed)
    down = now - np.maximum(c["down"], state.resumed)
    age = np.where(c["status"] == OFF, down, told)
    folded = np.zeros(len(memory.codes), np.bool_)
    for site in memory.sites.values():
        for want in site.wants.values():
            if want.record is not None:
                folded[want.cameras] = True
    judged = (c["status"] != UNKNOWN) & ~quiet[mine] & (c["duty"] != EXEMPT) & ~folded
    return Gone(np.where(judged, age, 0), judged)


def _offline(state: State, memory: Memory, at: int, level: int, table: Clocks, now: int, tick: TickMark) -> list[Event]:
    c = memory.c
    minutes, grade = table[level - 1]
    c["level"][at] = level
    record = memory.offline.get(at)
    if record is None:
        off = bool(c["status"][at] == OFF)
        onset = int(c["since"][at] if off else c["time"][at])
        told = {"told": off, "last_state": int(c["time"][at]), "required": bool(c["duty"][at] == REQUIRED)}
        record = memory.offline[at] = about_camera(state, memory, OFFLINE, at, onset, now, tick, told)
    record.inputs["silent_minutes"] = minutes // MINUTE
    give_grade(record, grade, now, f"{minutes // MINUTE}min")
    return [record.snapshot(now)]


def systems(state: State, memory: Memory, now: int, tick: TickMark) -> list[Event]:
    """Mines whose cameras all say nothing, or that they are off line."""
    c, rule, count = memory.c, silent_rule(state), len(state.mines)
    known = c["status"] != UNKNOWN
    mine = c["mine"][known]
    total = np.bincount(mine, minlength=count)
    off = np.bincount(mine[c["status"][known] == OFF], minlength=count)
    down = np.full(count, NEVER)
    np.maximum.at(down, mine, c["down"][known])
    events: list[Event] = []
    for number, site in memory.sites.items():
        if site.heard == NEVER or state.m["silent"][number]:
            continue
        all_off = total[number] >= rule.together and off[number] == total[number]
        untold = max(site.heard, int(state.m["up_since"][number]), state.resumed)
        base = min(untold, max(int(down[number]), state.resumed)) if all_off else untold
        table = clocks(rule.minutes["stopped" if stopped(state, number) else "operating"])
        level = sum(now - base >= after for after, _ in table)
        if level > site.level:
            cause = "all_offline" if all_off else "no_states"
            events += _silent(state, memory, number, level, table, base, cause, now, tick)
    return events


def _silent(
    state: State, memory: Memory, mine: int, level: int, table: Clocks, base: int, cause: str, now: int, tick: TickMark
) -> list[Event]:
    site, (minutes, grade) = memory.site(mine), table[level - 1]
    site.level = level
    events: list[Event] = []
    record = site.silence
    if record is None:
        ident = event_id(tick.gateway, tick.seq, f"{state.mines[mine]}.video")
        children = [at for at in site.cameras if memory.c["status"][at] != UNKNOWN]
        told = {
            "cause": cause,
            "last_arrival": site.heard,
            "cameras": len(children),
            "children": [memory.codes[at] for at in children],
            "stopped": stopped(state, mine),
        }
        record = site.silence = about_mine(state, SYSTEM_SILENT, mine, ident, base, now, told, grade)
        for at in children:
            memory.c["level"][at] = 0
            if (child := memory.offline.pop(at, None)) is not None:
                events.append(over(child, now, now, record.id))
    record.inputs["silent_minutes"] = minutes // MINUTE
    give_grade(record, grade, now, f"{minutes // MINUTE}min")
    return [record.snapshot(now), *events]
