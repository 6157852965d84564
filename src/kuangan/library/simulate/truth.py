"""Ground truth: what a judge must find, computed from the very values that are written.

Grades follow the shipped defaults (methane: ≥ limit for 1 min yellow, ≥ 1.0 for 30 min or ≥ 2.0 orange, ≥ 2.0 for 10 min or
≥ 3.0 red; CO: ≥ limit for 10 min yellow, ≥ 50 for 30 min orange, ≥ 100 red; link 5/10/30/120 min; sensor 5/30 min; clock ahead 5/60 min) for one
episode alone: what came before it (a third over-limit in a week, methane rising before a sensor fell silent) may lift them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kuangan.library.simulate.catalogue import layout
from kuangan.library.simulate.crew import SNAPSHOT_S, areas, below, snapshot_times
from kuangan.library.simulate.faults import CLOCK_AHEAD_S, FILE_KINDS, VALUE_KINDS, Fault
from kuangan.library.simulate.mine import Point, SimulatedMine
from kuangan.library.simulate.noise import Floats, Ints
from kuangan.library.simulate.readings import BAD, CALIBRATION, Window, measure, routine_calibrations, sample_times

MERGE_GAP_S = 600
GRADES = ("none", "blue", "yellow", "orange", "red")
_MARGIN_MS = 1_800_000
_DAY_MS = 86_400_000
_BEIJING_MS = 28_800_000
_ROLES_OF_PLACE = {
    "coal_face": ("face", "corner", "face_return"),
    "heading": ("heading", "heading_return"),
    "main_return": ("main_return",),
    "district_return": ("district_return",),
    "bunker": ("bunker",),
}
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


def flat_line(mine: SimulatedMine, own: Sequence[Fault], fault: Fault, rhythm: int) -> Truth:
    """A frozen sensor, from the first sample of its last value to the first of another; where its past says it should move."""
    row = mine.index[fault.subject]
    times = sample_times(mine, fault.start - 4 * _MARGIN_MS, fault.end + 4 * _MARGIN_MS, rhythm)
    window = measure(mine, times, own)
    within = np.flatnonzero(window.present[row] & (times * 1000 >= fault.start) & (times * 1000 < fault.end))
    held = window.scaled[row, within[0]]
    other = np.flatnonzero(window.present[row] & (window.scaled[row] != held))
    before, after = other[other < within[0]], other[other > within[-1]]
    shown = np.flatnonzero(window.present[row])
    onset = int(times[shown[np.searchsorted(shown, before[-1], side="right")]]) * 1000
    end = int(times[after[0]]) * 1000
    last = int(times[shown[np.searchsorted(shown, after[0]) - 1]]) * 1000
    grade = max(
        (g for g, h in {"blue": 4, "orange": 8}.items() if last - onset >= h * 3_600_000),
        key=GRADES.index,
        default="none",
    )
    return Truth(fault.kind, "point.flat" if grade != "none" else "", mine.code, fault.subject, onset, end, grade)


def flappings(
    labels: Sequence[Truth], openings: int = 4, window_ms: int = 7_200_000, quiet_ms: int = 3_600_000
) -> list[Truth]:
    """What outages labelled in order of onset are together, by the shipped rule: `end` is the return after the last of them.

    Openings stand one first clock of five minutes behind their onset, give or take the tick.
    """
    found: list[Truth] = []
    for subject in dict.fromkeys(t.subject for t in labels):
        own = [t for t in labels if t.subject == subject and t.rule]
        for number in range(openings - 1, len(own)):
            first, this = own[number - openings + 1], own[number]
            if this.onset - first.onset <= window_ms and (
                not found or found[-1].subject != subject or found[-1].end < first.onset
            ):
                end, grade = this, this.grade
                for later in own[number + 1 :]:
                    if later.onset - end.end < quiet_ms:
                        end, grade = later, max(grade, later.grade, key=GRADES.index)
                grade = max("yellow", grade, key=GRADES.index)
                found.append(Truth("flapping", "link.flapping", this.mine, subject, first.onset, end.end, grade))
    return found


def trends(mine: SimulatedMine, own: Sequence[Fault], fault: Fault, rhythm: int) -> list[Truth]:
    """Methane above the mean of the day before by the shipped rule, at the subject of a fault, on the day it begins."""
    row = mine.index[fault.subject]
    midnight = (fault.start + _BEIJING_MS) // _DAY_MS * _DAY_MS - _BEIJING_MS
    before = measure(mine, sample_times(mine, midnight - _DAY_MS, midnight, rhythm), own)
    there = before.present[row] & (before.status[row] & CALIBRATION == 0) & (before.scaled[row] != BAD)
    mean = float(before.values[row, there].mean())
    wanted = max(min(2 * mean, mean + 0.2), 0.2, mean + 0.02)
    window = measure(mine, sample_times(mine, midnight, midnight + _DAY_MS, rhythm), own)
    seen = np.flatnonzero(window.present[row])
    high = window.values[row, seen] >= wanted - 1e-9
    runs = np.flatnonzero(np.diff(np.r_[0, high, 0])).reshape(-1, 2)
    found = [
        (int(window.times[seen[a]]), int(window.times[seen[min(b, len(seen) - 1)]])) for a, b in runs if b - a >= 3
    ]
    hours = {"blue": 0, "yellow": 4}
    grades = [max((g for g, h in hours.items() if b - a > h * 3600), key=GRADES.index) for a, b in found]
    return [
        Truth(fault.kind, "gas.trend", mine.code, fault.subject, a * 1000, b * 1000, grade)
        for (a, b), grade in zip(found, grades, strict=True)
    ]


def missing_points(mine: SimulatedMine, own: Sequence[Fault], at: int, rhythm: int) -> list[Truth]:
    """Places of a mine that lack what they must have while the faults of `at` last; `note` lists the roles.

    The end is the first sample after the fault, when that is on the day on which definitions come again.
    """
    absent = {f.subject: f for f in own if f.kind == "missing_point" and f.start <= at < f.end}
    labels = []
    for name in dict.fromkeys(point.place for point in mine.points):
        there = [p for p in mine.points if p.place == name and p.code not in absent]
        lacking = sorted(_required_roles(there) - {p.spec.role for p in there}) if there else []
        if lacking:
            first = int(sample_times(mine, at, at + rhythm * 1000, rhythm)[0]) * 1000
            ends = [f.end for code, f in absent.items() if mine.points[mine.index[code]].place == name]
            after = max(ends, default=at)
            end = int(sample_times(mine, after, after + rhythm * 1000, rhythm)[0]) * 1000
            labels.append(
                Truth("missing_point", "point.missing", mine.code, name, first, end, "yellow", None, " ".join(lacking))
            )
    return labels


def _required_roles(there: Sequence[Point]) -> set[str]:
    """What a place must have whatever the gas grade; the kind of place is told by the fixed end of its name."""
    ends = {kind: layout().places[kind].name.rpartition("}")[2] for kind in _ROLES_OF_PLACE}
    return next((set(_ROLES_OF_PLACE[kind]) for kind, end in ends.items() if there[0].place.endswith(end)), set())


def _working(mine: SimulatedMine, fault: Fault) -> str:
    return mine.points[mine.index[fault.subject]].place


def edited_history(mine: SimulatedMine, own: Sequence[Fault], fault: Fault, rhythm: int) -> Truth:
    """Values sent again differently: first and last reading, largest change, and in `note` how many."""
    row, factor = mine.index[fault.subject], fault.profile[0][1]
    window = measure(mine, sample_times(mine, fault.start, fault.end, rhythm), own)
    unit = 10 ** int(window.decimals[row])
    before = window.values[row]
    after = np.array([float(f"{value * factor:.{int(window.decimals[row])}f}") for value in before])
    changed = np.flatnonzero(
        window.present[row] & (np.rint(before * unit) != np.rint(after * unit)) & ~np.isnan(before)
    )
    times = window.times[changed] * 1000
    count, limit = len(changed), mine.points[row].spec.alarm or np.inf
    hidden = bool(((before[changed] >= limit) & (after[changed] < limit)).any())
    grade = "orange" if hidden else "yellow" if count >= 60 else "blue"
    peak = round(float(np.abs(before - after)[changed].max()), 6)
    return Truth(
        fault.kind, "data.edited", mine.code, mine.code, int(times[0]), int(times[-1]), grade, peak, str(count)
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


def _wrong_clock(mine: SimulatedMine, fault: Fault, rhythm: int) -> Truth:
    """Arrival of the first file written by the wrong clock and of the first one after it."""
    first = sample_times(mine, fault.start, fault.start + rhythm * 1000, rhythm)
    after = sample_times(mine, fault.end, fault.end + rhythm * 1000, rhythm)
    span, ahead = (int(first[0]) * 1000, int(after[0]) * 1000), CLOCK_AHEAD_S / 60
    return Truth(fault.kind, "link.clock_wrong", mine.code, mine.code, *span, "blue", ahead)


def truths(mine: SimulatedMine, faults: Sequence[Fault], rhythm: int) -> list[Truth]:
    """Labels of all faults of one mine, in order of onset; over-limits are read off the values written."""
    own = [fault for fault in faults if fault.mine == mine.code]
    found: set[Truth] = set()
    for fault in own:
        if fault.kind == "frozen":
            found.add(flat_line(mine, own, fault, rhythm))
            continue
        if fault.kind == "missing_point":
            found.update(
                t for t in missing_points(mine, own, fault.start, rhythm) if t.subject == _working(mine, fault)
            )
            continue
        if fault.kind == "rising_trend":
            found.update(t for t in trends(mine, own, fault, rhythm) if fault.start <= t.onset < fault.end)
            continue
        if fault.kind == "edited_upload":
            found.add(edited_history(mine, own, fault, rhythm))
            continue
        if fault.kind in VALUE_KINDS:
            window = measure(mine, sample_times(mine, fault.start - _MARGIN_MS, fault.end + _MARGIN_MS, rhythm), own)
            found.update(t for t in over_limits(mine, window) if fault.start <= t.end and t.onset < fault.end)
        elif fault.kind == "calibration":
            found.add(_quiet(fault, "status 4"))
        elif fault.kind == "clock_ahead":
            found.add(_wrong_clock(mine, fault, rhythm))
        elif fault.kind == "restricted_area":
            found.add(_strayed(mine, fault))
        elif fault.kind == "base_station_outage":
            found.add(_quiet(fault, "base station"))
        elif fault.kind in FILE_KINDS:
            found.add(_quiet(fault, "files"))
        else:
            found.add(_silence(mine, fault, rhythm))
    return sorted(found, key=lambda t: (t.onset, t.rule, t.subject))


def _strayed(mine: SimulatedMine, fault: Fault) -> Truth:
    """The label of a card in the sealed area: yellow, orange once snapshots have shown it for half an hour.

    It is first shown, and first no longer shown, by a snapshot. Raises ValueError when no snapshot of that time names the card below.
    """
    shown = [s for s in snapshot_times(mine, fault.start, fault.end) if fault.subject in _below(mine, s)]
    if not shown:
        raise ValueError(f"card {fault.subject} is not below in {fault.kind}")
    after = snapshot_times(mine, fault.end, fault.end + SNAPSHOT_S * 1000)[0]
    grade = "orange" if shown[-1] - shown[0] >= 1800 else "yellow"
    place = areas(mine)[-1].code
    return Truth(fault.kind, "people.restricted_area", mine.code, place, shown[0] * 1000, after * 1000, grade)


def _below(mine: SimulatedMine, second: int) -> set[str]:
    return {position.person.card for position in below(mine, second)}


def _quiet(fault: Fault, note: str) -> Truth:
    return Truth(fault.kind, "", fault.mine, fault.subject, fault.start, fault.end, "none", note=note)


def routine_truths(mine: SimulatedMine, start: int, end: int) -> list[Truth]:
    """Labels of the calibrations a mine does by itself in [start, end)."""
    return [_quiet(fault, "routine") for fault in routine_calibrations(mine, start, end)]
