"""Labels that are read off what was written and when it arrived, whatever was planted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from kuangan.library.simulate.labels import Label
from kuangan.library.simulate.second.layout import CO, METHANE
from kuangan.library.simulate.second.scene import BROKEN, CALIBRATING, HOUR, MINUTE
from kuangan.library.simulate.second.traffic import BEIJING_MS, DAY_MS, Traffic

MERGE_MS = 10 * MINUTE
"""Over-limits of one place less than this apart are one (rule of a mining company; see the reference of gas rules)."""
OUTAGE_MS = 5 * MINUTE
SENSOR_MS = {METHANE: 5 * MINUTE}
OTHER_SENSOR_MS = 30 * MINUTE
BAD = CALIBRATING | BROKEN


def over_limits(traffic: Traffic, limits: Sequence[float]) -> Iterator[Label]:
    """From the first written value at or above the limit to the first good one below it; spans less than MERGE_MS apart are one."""
    scene, clocks = traffic.scene, traffic.clocks
    for number, point in enumerate(scene.layout.points):
        if point.kind not in (METHANE, CO) or not point.limit:
            continue
        good = scene.sent[:, number] & ~traffic.lost & ((scene.status[:, number] & BAD) == 0)
        times, over = clocks[good], scene.values[good, number] >= limits[number]
        for onset, end in _merged(_runs(times, over)):
            yield Label("gas.over_limit", "over", scene.layout.code, (point.code,), onset, end, exact=True)


def _runs(times: npt.NDArray[np.int64], over: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], over, [False]]).astype(np.int8)))
    ends = np.append(times, times[-1] if len(times) else 0)
    return [(int(times[low]), int(ends[high])) for low, high in edges.reshape(-1, 2)]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for onset, end in spans:
        if found and onset - found[-1][1] <= MERGE_MS:
            found[-1] = (found[-1][0], end)
        else:
            found.append((onset, end))
    return found


def outages(traffic: Traffic) -> list[tuple[int, int]]:
    """Spans without any file: (arrival of the last before, arrival of the first after), longer than OUTAGE_MS."""
    arrived = np.sort([one.send_time for one in traffic.uploads()])
    gaps = np.flatnonzero(np.diff(arrived) > OUTAGE_MS)
    return [(int(arrived[k]), int(arrived[k + 1])) for k in gaps]


def lost_sensors(traffic: Traffic) -> Iterator[tuple[int, int, int]]:
    """(point, arrival of the last good value, of the next) of points that were silent or broken for long; none where a point is sent only
    when it changes, which may be seldom."""
    if traffic.link.on_change:
        return
    scene, arrived = traffic.scene, traffic.arrivals
    for number, point in enumerate(scene.layout.points):
        good = scene.sent[:, number] & ~traffic.lost & ((scene.status[:, number] & BROKEN) == 0)
        times = arrived[good]
        gaps = np.flatnonzero(np.diff(times) > SENSOR_MS.get(point.kind, OTHER_SENSOR_MS))
        for k in gaps:
            yield number, int(times[k]), int(times[k + 1])


def risen(traffic: Traffic) -> Iterator[Label]:
    """Where gas stands above the mean of the day before as the law of points asks (twice, or 0.2 % / 10 ppm more): may be said, whoever caused it."""
    scene, clocks = traffic.scene, traffic.clocks
    days = (clocks + BEIJING_MS) // DAY_MS
    for number, point in enumerate(scene.layout.points):
        if point.kind not in (METHANE, CO):
            continue
        good = scene.sent[:, number] & ~traffic.lost & ((scene.status[:, number] & BAD) == 0)
        rise = 0.2 if point.kind == METHANE else 10.0
        for day in np.unique(days)[1:]:
            before, now = good & (days == day - 1), good & (days == day)
            if before.sum() < 60 or not now.any():
                continue
            mean = float(scene.values[before, number].mean())
            high = (scene.values[now, number] >= mean + rise) | (scene.values[now, number] > 2 * mean)
            if not high.any():
                continue
            times = clocks[now][high]
            cuts = np.flatnonzero(np.diff(times) > HOUR)
            for part in np.split(times, cuts + 1):
                yield Label(
                    "gas.trend", "risen", scene.layout.code, (point.code,), int(part[0]), int(part[-1]), must=False
                )
