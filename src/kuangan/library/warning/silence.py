"""Silence on the arrival clock, layered: the mine's link, the sub-station, the sensor; one cause, one alert.

A mine's link is out when no frame with readings came for the first of its clocks. A sensor is judged against its own mine's
link, never against our clock: it is out when the mine went on sending for `minutes` after the sensor's last good reading, so a dead
link never shows as hundreds of dead sensors. Sensors of one sub-station that went out together are one station alert with the
sensors as children. A sensor that is sent only when it changes is out from the moment it says that it is faulty; until then it was
good. Across our own outages nothing is judged: clocks start again at the first tick after the gap.
Clocks: rule book (`gas_rules.yaml`, data_quality_terms).
"""

from __future__ import annotations

import numpy as np

from kuangan.library.warning import flapping
from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.columns import Array, Columns
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.masks import FAULTS
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.opening import about_mine, about_point, base_inputs
from kuangan.library.warning.rulebook import NETWORK_OUTAGE, SENSOR_OFFLINE, STATION_OFFLINE, StationRule
from kuangan.library.warning.settings import GRADES, MINUTE, Grade, rank
from kuangan.library.warning.state import State

SECOND = 1000
POINT_CADENCE = 5 * SECOND


def first_clock(state: State) -> int:
    return state.book.link_clocks[0][0]


def sensor_clock(state: State) -> int:
    return state.book.soonest_sensor_clock


# --- arrivals -----------------------------------------------------------------------------------------------------------


def arrived(state: State, mine: int, mark: FrameMark) -> list[Event]:
    """Note that a frame of a mine came; clears a link outage."""
    if not mark.holds_link:
        return []
    m = state.m
    if mark.feeds and not m["feeds"][mine]:
        m["feeds"][mine] = True
        m["last"][mine] = max(m["last"][mine], mark.at)
    elif not mark.feeds and m["feeds"][mine]:
        return []
    last = int(m["last"][mine])
    if m["first"][mine] == NEVER:
        m["first"][mine] = m["up_since"][mine] = mark.at
        state.next_link = min(state.next_link, mark.at + first_clock(state))
    elif mark.at - last > sensor_clock(state) // 2:
        m["up_since"][mine] = mark.at
        state.next_point = min(state.next_point, mark.at + sensor_clock(state))
    m["last"][mine] = max(last, mark.at)
    if not m["silent"][mine]:
        return []
    m["silent"][mine] = 0
    state.next_link = min(state.next_link, mark.at + first_clock(state))
    state.next_point = min(state.next_point, mark.at + sensor_clock(state))
    record = state.links.pop(mine)
    flapping.closed(state, record, mark.at)
    record.end, record.status = mark.at, CLEARED
    return [record.snapshot(mark.at)]


def recovered(state: State, index: int, at: int) -> list[Event]:
    """A good reading of a point that was out: clears its alert, or its station's when it was the last child."""
    p = state.p
    p["silent"][index] = 0
    state.watch(index)
    state.next_point = min(state.next_point, at + sensor_clock(state))
    station = int(p["station"][index])
    p["station"][index] = state.points[index].station
    record = state.offline.pop(index, None)
    if record is not None:
        flapping.closed(state, record, at)
        record.end, record.status = at, CLEARED
        return [record.snapshot(at)]
    parent = state.station_records.get(station)
    if parent is None or bool(((p["station"] == station) & (p["silent"] > 0)).any()):
        return []
    del state.station_records[station]
    parent.end, parent.status = at, CLEARED
    return [parent.snapshot(at)]


def broken(state: State, point: Array, good: Array, arrival: Array) -> tuple[Array, Array]:
    """Points sent only on change that say in these rows (in time, late ones left out) that they are faulty, and when the last of them fell out."""
    p = state.p
    rows = np.flatnonzero(~good)
    rows = rows[~p["periodic"][point[rows]]] if len(rows) else rows
    found, when = [], []
    for index in np.unique(point[rows]).tolist():
        own = np.flatnonzero(point == index)
        fell = own[~good[own] & np.r_[not _faulty(p, index), good[own][:-1]]]
        if len(fell):
            found.append(index)
            when.append(int(arrival[fell[-1]]))
    return np.array(found, np.int64), np.array(when, np.int64)


def fallen_out(state: State, points: Array, at: Array) -> None:
    """Take what `broken` found, once the rows are remembered."""
    if len(points):
        state.p["good"][points] = np.maximum(state.p["good"][points], at)
        state.next_point = min(state.next_point, int(at.min()) + sensor_clock(state))


def _faulty(p: Columns, points: Array | int) -> Array:
    """Whether what a point showed last was no value."""
    return np.asarray(((p["status"][points] & FAULTS) != 0) | np.isnan(p["value"][points]))


# --- ticks --------------------------------------------------------------------------------------------------------------


def judge_links(state: State, now: int, tick: TickMark) -> list[Event]:
    m = state.m
    table = state.book.link_clocks
    base = np.maximum(m["last"], state.resumed)
    known = m["last"] != NEVER
    level = np.searchsorted([t for t, _ in table], now - base, side="right")
    waits = np.array([t for t, _ in table] + [FOREVER >> 1])
    due = np.where(known, base + waits[np.maximum(level, m["silent"])], FOREVER)
    state.next_link = int(due.min()) if len(due) else FOREVER
    events = []
    for mine in np.flatnonzero(known & (level > m["silent"])):
        events += _link_event(state, int(mine), int(level[mine]), table, now, tick)
    return events


def _link_event(
    state: State, mine: int, level: int, table: list[tuple[int, Grade]], now: int, tick: TickMark
) -> list[Event]:
    minutes, grade = table[level - 1]
    record = state.links.get(mine)
    code = state.mines[mine]
    fresh = record is None
    if record is None:
        record = state.links[mine] = about_mine(
            state,
            NETWORK_OUTAGE,
            mine,
            event_id(tick.gateway, tick.seq, code),
            int(state.m["last"][mine]),
            now,
            {
                "last_arrival": int(state.m["last"][mine]),
                "points": int((state.p["mine"] == mine).sum()),
                "children": [
                    r.subject for r in (*state.offline.values(), *state.station_records.values()) if r.mine == code
                ],
            },
            grade,
        )
    give_grade(record, grade, now, f"{minutes // MINUTE}min")
    record.inputs["silent_minutes"] = minutes // MINUTE
    state.m["silent"][mine] = level
    more = flapping.opened(state, record, now, tick) if fresh else flapping.climbed(state, record, now)
    return [record.snapshot(now), *more]


def give_grade(record: Record, grade: Grade, now: int, note: str) -> bool:
    """Raise a grade; the first one given is noted like those it rises to. True when there is something to tell."""
    if "grades" in record.inputs:
        return record.raise_to(grade, now, note)
    record.grade = grade
    record.inputs |= {"ladder_row": note, "grades": [[grade, now, note]]}
    return True


def judge_points(state: State, now: int, tick: TickMark) -> list[Event]:
    p, m = state.p, state.m
    table = state.book.sensor_clocks
    mine = p["mine"]
    base = np.maximum(np.maximum(p["good"], m["up_since"][mine]), state.resumed)
    age = m["last"][mine] - base
    judged = (p["first"] != NEVER) & (m["silent"][mine] == 0)
    judged &= p["periodic"] | _faulty(p, np.arange(len(p)))
    level = np.zeros(len(p), np.int64)
    wait = np.full(len(p), FOREVER >> 1)
    for kind, mask in (("methane", p["methane"]), ("other", ~p["methane"])):
        times = np.array([t for t, _ in table[kind]] + [FOREVER >> 1])
        level[mask] = np.searchsorted(times[:-1], age[mask], side="right")
        wait[mask] = times[np.maximum(level, p["silent"])[mask]]
    due = np.where(judged, base + wait, FOREVER)
    later = (now // POINT_CADENCE + 1) * POINT_CADENCE
    state.next_point = max(int(due.min()) if len(due) else FOREVER, later)
    rising = np.flatnonzero(judged & (level > p["silent"]))
    return _point_events(state, rising, level, age, judged, table, now, tick) if len(rising) else []


def _point_events(
    state: State,
    rising: Array,
    level: Array,
    age: Array,
    judged: Array,
    table: dict[str, list[tuple[int, Grade]]],
    now: int,
    tick: TickMark,
) -> list[Event]:
    p = state.p
    rule = state.book.station_offline
    events: list[Event] = []
    grown: dict[int, list[int]] = {}
    for index in map(int, rising):
        was, p["silent"][index] = int(p["silent"][index]), int(level[index])
        state.watch(index)
        station = int(p["station"][index])
        alone = state.offline.get(index)
        if alone is not None:
            grade, note = _sensor_grade(state, index, table)
            alone.raise_to(grade, now, note)
            events += [alone.snapshot(now), *flapping.climbed(state, alone, now)]
        elif was or station in state.station_records or _together(state, index, age, judged, rule):
            grown.setdefault(station, []).append(index)
        else:
            events += _open_sensor(state, index, table, now, tick)
    for station, members in grown.items():
        events += _grow_station(state, station, members, table, now, tick)
    return events


def _together(state: State, index: int, age: Array, judged: Array, rule: StationRule) -> bool:
    """True when the point went out with enough others of its sub-station, or as the last of all (two or more)."""
    p = state.p
    if p["station"][index] < 0:
        return False
    members = judged | ~(p["periodic"] | p["periodic"][index]) & (p["first"] != NEVER)
    members = members & (p["station"] == p["station"][index])
    out = judged & members & (age >= sensor_clock(state) - rule.settle_s * SECOND)
    with_it = out & (np.abs(p["good"] - p["good"][index]) <= rule.settle_s * SECOND)
    return int(members.sum()) >= 2 and (int(with_it.sum()) >= rule.together or bool((out == members).all()))


def _sensor_grade(state: State, index: int, table: dict[str, list[tuple[int, Grade]]]) -> tuple[Grade, str]:
    steps = table["methane" if state.p["methane"][index] else "other"]
    minutes, grade = steps[int(state.p["silent"][index]) - 1]
    if _was_rising(state, index):
        grade = GRADES[min(rank(grade) + 1, len(GRADES) - 1)]
        return grade, f"{minutes // MINUTE}min+rising"
    return grade, f"{minutes // MINUTE}min"


def _was_rising(state: State, index: int) -> bool:
    """Methane above the rule's height and rising in the minutes before the last good reading (one grade more)."""
    last = int(state.p["sound"][index])
    since = last - int(state.book.sensor_offline.rising_before.window_min * MINUTE)
    track = [(t, v) for t, v in state.high.get(index, []) if t >= since]
    if not track or track[-1][0] != last:
        return False
    return len(track) == 1 or track[-1][1] > track[0][1]


def _open_sensor(
    state: State, index: int, table: dict[str, list[tuple[int, Grade]]], now: int, tick: TickMark
) -> list[Event]:
    point, p = state.points[index], state.p
    grade, note = _sensor_grade(state, index, table)
    record = state.offline[index] = about_point(
        state,
        SENSOR_OFFLINE,
        index,
        event_id(tick.gateway, tick.seq, point.code),
        int(p["good"][index]),
        now,
        {
            "station": state.stations[point.station] if point.station >= 0 else "",
            "last_status": int(p["status"][index]),
            "last_good": int(p["good"][index]),
            "sending_faults": bool(
                p["arrival"][index] > p["good"][index] or (_faulty(p, index) and not p["periodic"][index])
            ),
        },
    )
    give_grade(record, grade, now, note)
    more = flapping.opened(state, record, now, tick)
    return [record.snapshot(now), *more]


def _grow_station(
    state: State, station: int, members: list[int], table: dict[str, list[tuple[int, Grade]]], now: int, tick: TickMark
) -> list[Event]:
    events: list[Event] = []
    mine = state.points[members[0]].mine
    record = state.station_records.get(station)
    if record is None:
        code = state.stations[station]
        record = state.station_records[station] = Record(
            event_id(tick.gateway, tick.seq, code),
            STATION_OFFLINE,
            state.book.rule_version(STATION_OFFLINE),
            state.mines[mine],
            "station",
            code,
            int(min(state.p["good"][i] for i in members)),
            now,
            GRADES[0],
            inputs=base_inputs(state, STATION_OFFLINE, mine)
            | {"children": [], "location": state.points[members[0]].location},
        )
        for index, child in sorted(state.offline.items()):
            if state.points[index].station == station:
                child.merged_into, child.end, child.status = record.id, now, CLEARED
                events.append(child.snapshot(now))
                record.inputs["children"].append(child.subject)
                del state.offline[index]
    children = record.inputs["children"]
    children += [code for i in members if (code := state.points[i].code) not in children]
    for index in members:
        grade, note = _sensor_grade(state, index, table)
        give_grade(record, grade, now, note)
    events.append(record.snapshot(now))
    return events
