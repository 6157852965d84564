"""Ground truth: what a judge must find, computed from the very values that are written.

Grades follow the shipped defaults (methane: ≥ limit for 1 min yellow, ≥ 1.0 for 30 min or ≥ 2.0 orange, ≥ 2.0 for 10 min or
≥ 3.0 red; CO: ≥ limit for 10 min yellow, ≥ 50 for 30 min orange, ≥ 100 red; link 5/10/30/120 min; sensor 5/30 min) for one
episode alone: what came before it (a third over-limit in a week, methane rising before a sensor fell silent) may lift them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kuangan.library.simulate.faults import FILE_KINDS, VALUE_KINDS, Fault
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.noise import Floats, Ints
from kuangan.library.simulate.readings import BAD, CALIBRATION, Window, measure, routine_calibrations, sample_times

MERGE_GAP_S = 600
GRADES = ("none", "blue", "yellow", "orange", "red")
_MARGIN_MS = 1_800_000
_Ladder = tuple[tuple[str, float, int], ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """One label. `rule` is empty where nothing may fire; `end` is the first sample (or arrival) after it; times in ms."""

    kind: str
    rule: str
    mine: str
    subject: str
    onset: int
    end: int
    grade: str
    peak: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of samples at or over the limit: indices [first, last] into its window; `after` the first sample below."""

    first: int
    last: int
    after: int


def _ladder(point: Point, limit: float) -> _Ladder:
    if point.is_methane:
        return (
            ("red", 3.0, 0),
            ("red", 2.0, 600),
            ("orange", 2.0, 0),
            ("orange", 1.0, 1800),
            ("yellow", limit, 60),
        )
    if point.sensor.unit == "ppm":
        return (("red", 100, 0), ("orange", 50, 1800), ("yellow", limit, 600))
    return (("yellow", limit, 1800),)


def _longest(times: Ints, over: Sequence[bool] | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Longest unbroken time over, from the first to the last sample of a run, in s; −1 when there is none."""
    best, begin = -1, -1
    for time, hot in zip(times.tolist(), over, strict=True):
        begin = (time if begin < 0 else begin) if hot else -1
        best = max(best, time - begin) if hot else best
    return best


def grade_of(point: Point, times: Ints, values: Floats) -> str:
    """Grade of one episode of samples (uncalibrated, in time order) at a point with an alarm limit."""
    limit = point.spec.alarm
    if limit is None or not np.nanmax(values, initial=-np.inf) >= limit:
        return "none"
    for grade, height, seconds in _ladder(point, limit):
        if _longest(times, values >= height) >= seconds:
            return grade
    return "blue"


def episodes(window: Window, row: int, limit: float, merge_gap: int = MERGE_GAP_S) -> list[Episode]:
    """Over-limit episodes of one point; runs no more than `merge_gap` seconds apart are one."""
    usable = window.present[row] & (window.scaled[row] != BAD) & ((window.status[row] & CALIBRATION) == 0)
    over = np.flatnonzero(usable & (window.scaled[row] >= round(limit * 10 ** int(window.decimals[row]))))
    seen = np.flatnonzero(usable)
    found: list[Episode] = []
    for i in over.tolist():
        later = seen[np.searchsorted(seen, i, side="right") :]
        after = int(later[0]) if later.size else i
        if found and window.times[i] - window.times[found[-1].last] <= merge_gap:
            found[-1] = Episode(found[-1].first, i, after)
        else:
            found.append(Episode(i, i, after))
    return found


def over_limits(mine: SimulatedMine, window: Window) -> Iterator[Truth]:
    """Every over-limit that stands in the written values of a window, at whatever point."""
    for row, point in enumerate(mine.points):
        if point.spec.alarm is None:
            continue
        for episode in episodes(window, row, point.spec.alarm):
            part = slice(episode.first, episode.last + 1)
            usable = window.present[row, part] & ((window.status[row, part] & CALIBRATION) == 0)
            times, values = window.times[part][usable], window.values[row, part][usable]
            yield Truth(
                kind="over_limit",
                rule="gas.over_limit",
                mine=mine.code,
                subject=point.code,
                onset=int(times[0]) * 1000,
                end=int(window.times[episode.after]) * 1000,
                grade=grade_of(point, times, values),
                peak=float(np.nanmax(values)),
            )


def _clock(silent_ms: int, clocks: dict[str, int]) -> str:
    """Highest clock that ran out before data came back; coming back at the very moment is in time."""
    return max((g for g, m in clocks.items() if silent_ms > m * 60_000), key=GRADES.index, default="none")


def _silent_span(mine: SimulatedMine, fault: Fault, rhythm: int) -> tuple[int, int]:
    """Last sample sent before the fault and first one after it (ms)."""
    before = sample_times(mine, fault.start - rhythm * 1000, fault.start, rhythm)
    after = sample_times(mine, fault.end, fault.end + rhythm * 1000, rhythm)
    return int(before[-1]) * 1000, int(after[0]) * 1000


def _sensor_grade(point: Point, silent_ms: int) -> str:
    return _clock(silent_ms, {"yellow": 5, "orange": 30} if point.is_methane else {"blue": 5, "yellow": 30})


def _silence(mine: SimulatedMine, fault: Fault, rhythm: int) -> Truth:
    onset, end = _silent_span(mine, fault, rhythm)
    silent, subject = end - onset, fault.subject
    if fault.kind == "sensor_outage":
        rule, grade = "link.sensor_offline", _sensor_grade(mine.points[mine.index[subject]], silent)
    elif fault.kind == "station_outage":
        grades = [_sensor_grade(point, silent) for point in mine.points if point.station == subject]
        rule, grade = "link.station_offline", max(grades, key=GRADES.index)
    else:
        rule, subject = "link.network_outage", mine.code
        grade = _clock(silent, {"blue": 5, "yellow": 10, "orange": 30, "red": 120})
    rule = rule if grade != "none" else ""
    return Truth(fault.kind, rule, mine.code, subject, onset, end, grade)


def truths(mine: SimulatedMine, faults: Sequence[Fault], rhythm: int) -> list[Truth]:
    """Labels of all faults of one mine, in order of onset; over-limits are read off the values written."""
    own = [fault for fault in faults if fault.mine == mine.code]
    found: set[Truth] = set()
    for fault in own:
        if fault.kind in VALUE_KINDS:
            window = measure(mine, sample_times(mine, fault.start - _MARGIN_MS, fault.end + _MARGIN_MS, rhythm), own)
            found.update(t for t in over_limits(mine, window) if fault.start <= t.end and t.onset < fault.end)
        elif fault.kind == "calibration":
            found.add(_quiet(fault, "status 4"))
        elif fault.kind in FILE_KINDS:
            found.add(_quiet(fault, "files"))
        else:
            found.add(_silence(mine, fault, rhythm))
    return sorted(found, key=lambda t: (t.onset, t.rule, t.subject))


def _quiet(fault: Fault, note: str) -> Truth:
    return Truth(fault.kind, "", fault.mine, fault.subject, fault.start, fault.end, "none", note=note)


def routine_truths(mine: SimulatedMine, start: int, end: int) -> list[Truth]:
    """Labels of the calibrations a mine does by itself in [start, end)."""
    return [_quiet(fault, "routine") for fault in routine_calibrations(mine, start, end)]
