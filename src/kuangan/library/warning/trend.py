"""Gas that rises above what the point showed on the previous producing day: an early sign, once per place and shift.

Formal condition, at samples of methane and carbon monoxide points, with `mean` of the previous producing day: the value is at least
max(min(ratio × mean, mean + rise), floor, mean + steps × resolution) in `samples` samples in a row, none of them being calibrated,
no over-limit is open at the point, and in `samples` samples in a row the value is at least `crest` + margin × (crest − mean), margin being
`crest_margin` × (1 + 1 / days known): a working that swings with cutting every day is above its daily mean in every shift, and that has
a known cause. The crest is the level that the point holds for `samples` samples on its producing days at most, learnt slowly upwards. The onset is the first sample above. It ends with the first sample
below; within the same shift a place takes the same event up again. `hours` count the time its points were above, not the time between. Means are those of the samples of a Beijing day of event time, of days with enough of them.
Source: Shanxi supplementary provisions on penalty points art. 6 (gas_rules.yaml shanxi_daily_trigger).
"""

from __future__ import annotations

import numpy as np

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.events import CLEARED, OPEN, Event, Record, event_id
from kuangan.library.warning.opening import about_point
from kuangan.library.warning.rulebook import TREND
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import TREND_KINDS, State

HOUR = 60 * MINUTE
BEIJING = 8 * HOUR


def learn(state: State, points: Array) -> None:
    """Take the means of days that are over, idle ones apart."""
    p, rule = state.p, state.book.trend
    full = points[(p["count"][points] >= rule.day_samples) & (p["rises"][points] > 0)]
    mean, before = p["total"][full] / p["count"][full], p["mean"][full]
    idle = (mean < rule.idle_share * before) & (p["idle"][full] < rule.idle_days)
    p["idle"][full] = np.where(idle, p["idle"][full] + 1, 0)
    p["mean"][full] = np.where(idle, before, mean)
    working, held = full[~idle], p["held"][full[~idle]]
    known = p["crest"][working]
    learnt = (known + np.minimum(held, rule.crest_growth * known)) / 2
    p["crest"][working] = np.where(np.isnan(known), held, learnt)


def hold(state: State, points: Array, value: Array) -> None:
    """Take good samples into the highest level of the day that lasted `samples` samples."""
    p = state.p
    p["block_low"][points] = np.where(p["block"][points] == 0, value, np.minimum(p["block_low"][points], value))
    p["block"][points] += 1
    whole = points[p["block"][points] >= _samples(state, points)]
    p["held"][whole] = np.fmax(p["held"][whole], p["block_low"][whole])
    p["block"][whole] = 0


def _samples(state: State, points: Array) -> Array:
    """How many samples in a row the quantity of each point asks for, 0 where it has no trend."""
    rows = state.book.trend.quantities
    wanted = np.array([0, *(rows[name].samples if name in rows else 0 for name in TREND_KINDS)])
    return np.asarray(wanted[state.p["rises"][points]])


def thresholds(state: State, points: Array) -> Array:
    """What a sample must reach, NaN where the point has no past."""
    p, rows = state.p, state.book.trend.quantities
    kind, mean = p["rises"][points], p["mean"][points]
    result = np.full(len(points), np.nan)
    for name, number in TREND_KINDS.items():
        row = rows.get(name)
        if row is not None:
            wanted = np.maximum(np.minimum(row.ratio * mean, mean + row.rise), row.floor)
            wanted = np.maximum(wanted, mean + row.steps * p["step"][points])
            result = np.where(kind == number, wanted - 1e-9, result)
    return result


def unusual(state: State, points: Array) -> Array:
    """What a sample must reach beyond the usual day of its point; the fewer days are known, the farther."""
    p = state.p
    crest, margin = p["crest"][points], state.book.trend.crest_margin * (1 + 1 / np.maximum(p["days"][points], 1))
    return np.asarray(crest + margin * (crest - p["mean"][points]) - 1e-9)


def judge(state: State, points: Array, time: Array, value: Array, good: Array, now: int, tick: TickMark) -> list[Event]:
    """Count samples in a row; open, raise and end events."""
    p = state.p
    high = good & (value >= thresholds(state, points))
    fresh = high & (p["rise"][points] == 0)
    p["rise_since"][points[fresh]] = time[fresh]
    p["rise"][points] = np.where(high, np.minimum(p["rise"][points] + 1, 121), 0)
    steep = high & ~(value < unusual(state, points))
    p["steep"][points] = np.where(steep, np.minimum(p["steep"][points] + 1, 121), 0)
    hold(state, points[good], value[good])
    events: list[Event] = []
    lowered = np.flatnonzero(good & ~high & p["rising"][points])
    for at in lowered.tolist():
        events += _lowered(state, int(points[at]), int(time[at]), now)
    reached = steep & ~p["rising"][points] & (p["steep"][points] >= _samples(state, points))
    for at in np.flatnonzero(reached).tolist():
        machine = state.machines.get(int(points[at]))
        if machine is None or machine.record.end is not None:
            events += _reached(state, int(points[at]), int(time[at]), now, tick)
    events += _climbed(state, now)
    return events


def place_of(state: State, index: int) -> str:
    point = state.points[index]
    working = state.book.working_of(point.location)
    return f"{state.mines[point.mine]}/{working[1] if working else point.location or point.code}"


def _shift(state: State, time: int) -> int:
    return (time + BEIJING) // int(state.book.trend.shift_hours * HOUR)


def _reached(state: State, index: int, time: int, now: int, tick: TickMark) -> list[Event]:
    p, point, place = state.p, state.points[index], place_of(state, index)
    p["rising"][index] = True
    record = state.trends.get(place)
    since = int(p["rise_since"][index])
    known = record is not None and (record.status == OPEN or record.inputs["shift"] == _shift(state, since))
    if record is None or not known:
        record = state.trends[place] = _opened(state, index, since, now, tick)
    elif record.status != OPEN:
        again = max(since, record.end or since)
        record.status, record.end = OPEN, None
        record.inputs.setdefault("reopened", []).append(again)
    if point.code not in record.inputs["points"]:
        record.inputs["points"].append(point.code)
    _peak(record, float(p["value"][index]), time)
    return [record.snapshot(now)]


def _peak(record: Record, value: float, time: int) -> None:
    if record.peak is None or value > record.peak:
        record.peak, record.peak_at = value, time


def _opened(state: State, index: int, since: int, now: int, tick: TickMark) -> Record:
    p, point = state.p, state.points[index]
    wanted = float(thresholds(state, np.array([index]))[0])
    return about_point(
        state,
        TREND,
        index,
        event_id(tick.gateway, tick.seq, f"{point.code}.trend"),
        since,
        now,
        {
            "value": float(p["value"][index]),
            "mean_before": round(float(p["mean"][index]), 4),
            "threshold": round(wanted, 4),
            "shift": _shift(state, since),
            "points": [],
            "seconds_above": 0,
        },
    )


def _lowered(state: State, index: int, time: int, now: int) -> list[Event]:
    """A point is below again; the event it is part of ends with the last of its points, wherever they hang now."""
    state.p["rising"][index] = False
    code, events = state.points[index].code, []
    for record in state.trends.values():
        told = record.inputs["points"]
        if record.status != OPEN or code not in told:
            continue
        if not any(state.p["rising"][state.point_index[other]] for other in told):
            record.inputs["seconds_above"] = _above(record, time) // 1000
            record.status, record.end = CLEARED, time
            events.append(record.snapshot(now))
    return events


def _above(record: Record, until: int) -> int:
    """How long points of an open event have been above, ms: what is over and what runs since it was last taken up."""
    since = record.inputs.get("reopened", [record.onset])[-1]
    return int(record.inputs.get("seconds_above", 0) * 1000 + until - since)


def _climbed(state: State, now: int) -> list[Event]:
    """Events that go on; those of past shifts are forgotten."""
    events, p = [], state.p
    steps = sorted((hours, grade) for grade, hours in state.book.trend.hours.items())
    for place, record in list(state.trends.items()):
        if record.status != OPEN:
            if now - (record.end or now) > 2 * state.book.trend.shift_hours * HOUR:
                del state.trends[place]
            continue
        newest = 0
        for code in record.inputs["points"]:
            index = state.point_index[code]
            newest = max(newest, int(p["time"][index]))
            if p["rising"][index] and not np.isnan(p["value"][index]):
                _peak(record, float(p["value"][index]), int(p["time"][index]))
        for hours, grade in steps:
            if _above(record, newest) >= hours * HOUR and record.raise_to(grade, now, f"{hours:g}h"):
                events.append(record.snapshot(now))
    return events
