"""Labels read off what a mine really sends under a condition: over-limits, silence, trends, points that stand still or are missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kuangan.library.simulate.conditions import Condition
from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.labels import HOUR_MS, Label, may, of_truth
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.readings import Window
from kuangan.library.simulate.truth import Truth, flappings, over_limits, trends, truths

SILENT_MS = 300_000
WRITTEN_SLACK_MS = 30 * 60_000
SILENCE_KINDS = ("link_outage", "station_outage", "sensor_outage", "clock_ahead")
DAYS_KINDS = ("frozen", "missing_point", "edited_upload")


def value_labels(mine: SimulatedMine, window: Window) -> list[Label]:
    """Every over-limit of gas in the values sent; around each, gas above the day before may be said, and a calibration that falls together
    with it. Speed of air has a rule of its own."""
    found = []
    for truth in over_limits(mine, window):
        if mine.points[mine.index[truth.subject]].spec.wind:
            continue
        found.append(of_truth(truth))
        beside = ("gas.trend", "tamper.calibration_abuse")
        found += may(mine.code, truth.onset, truth.end, *beside, slack=WRITTEN_SLACK_MS)
    return found


def day_labels(mine: SimulatedMine, faults: Sequence[Fault], rhythm: int) -> list[Label]:
    """Trends, standing and missing points of the faults of a mine, by the shipped rules."""
    own = [fault for fault in faults if fault.mine == mine.code]
    found: list[Label] = []
    for fault in own:
        if fault.kind == "rising_trend":
            place = mine.points[mine.index[fault.subject]].place
            codes = tuple(p.code for p in mine.points if p.place == place and p.is_methane)
            said = [t for t in trends(mine, own, fault, rhythm) if fault.start <= t.onset < fault.end]
            if said:
                onset, end = min(t.onset for t in said), max(t.end for t in said)
                found.append(Label("gas.trend", fault.kind, mine.code, codes, onset, end, slack=WRITTEN_SLACK_MS))
                found += may(mine.code, onset, end, "gas.trend", slack=2 * HOUR_MS)
    relevant = [fault for fault in own if fault.kind in DAYS_KINDS]
    for truth in truths(mine, relevant, rhythm) if relevant else []:
        if truth.rule:
            exact = truth.kind == "frozen"
            found.append(of_truth(truth, exact=exact, slack=0 if exact else HOUR_MS))
            if exact:
                found += may(mine.code, truth.onset, truth.end, "tamper.blocked", "people.no_movement", slack=HOUR_MS)
    return found


def silence_labels(
    mine: SimulatedMine, faults: Sequence[Fault], window: Window, condition: Condition, rhythm: int
) -> list[Label]:
    """Outages of link, station and sensor. Where files are lost by chance, those of the link are read off what is left.

    A station whose points are sent only when they change can be silent for long: its outage may be said, but need not be.
    """
    own = [fault for fault in faults if fault.mine == mine.code and fault.kind in SILENCE_KINDS]
    told = [truth for truth in truths(mine, own, rhythm) if truth.rule] if own else []
    if not condition.missing:
        slack = 0 if condition.plain else SILENT_MS
        links = [t for t in told if t.rule == "link.network_outage"]
        labels = [
            of_truth(
                t, exact=condition.plain, slack=slack, must=not (condition.on_change and t.kind == "station_outage")
            )
            for t in told
        ]
        return [*labels, *(of_truth(t, exact=False, slack=slack) for t in flappings(links))]
    links = _link_gaps(mine, window)
    labels = [of_truth(t, exact=False, slack=SILENT_MS) for t in links]
    labels += [of_truth(t, exact=False, must=False, slack=HOUR_MS) for t in flappings(links)]
    labels += [of_truth(t, exact=False, slack=SILENT_MS) for t in told if t.rule != "link.network_outage"]
    return labels + _chance_gaps(mine, window)


def _gaps(times: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[tuple[int, int]]:
    """(last before, first after) of every gap longer than the first clock, ms."""
    at = np.flatnonzero(np.diff(times) * 1000 > SILENT_MS)
    return [(int(times[i]) * 1000, int(times[i + 1]) * 1000) for i in at]


def _link_gaps(mine: SimulatedMine, window: Window) -> list[Truth]:
    sent = window.times[window.present.any(axis=0)]
    return [Truth("files_lost", "link.network_outage", mine.code, mine.code, a, b, "blue") for a, b in _gaps(sent)]


def _chance_gaps(mine: SimulatedMine, window: Window) -> list[Label]:
    """A station's short loss that falls together with lost files is silence of it, and may be said."""
    found: list[Label] = []
    for row, point in enumerate(mine.points):
        for a, b in _gaps(window.times[window.present[row]]):
            subjects = (point.code, point.station)
            found += may(
                mine.code, a, b, "link.sensor_offline", "link.station_offline", subjects=subjects, slack=SILENT_MS
            )
    return found
