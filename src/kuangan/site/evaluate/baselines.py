"""One-line judges for comparison: what somebody without this system would write first.

Each looks at the series of one point (or of a whole mine) and gives spans; a span is an alarm of no rule. Against which detectors
each is shown stands in `AGAINST`. False is what touches nothing planted in that mine: a mild measure, in favour of the baselines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from kuangan.site.evaluate.scoring import Alarm
from kuangan.site.evaluate.series import CARBON_MONOXIDE, METHANE, Series

MINUTE = 60_000
HOUR = 60 * MINUTE
CONSTANT = {METHANE: 1.0, CARBON_MONOXIDE: 24.0}
SILENT = 5 * MINUTE
UNCHANGED = 4 * HOUR
WINDOW, SIGMA, IN_A_ROW = 24 * 60, 4.0, 3
GAP = 10 * MINUTE
AGAINST: dict[str, tuple[str, ...]] = {
    "constant_threshold": ("gas.over_limit",),
    "no_reading_5min": ("link.network_outage", "link.station_offline", "link.sensor_offline"),
    "no_change_4h": ("point.flat", "tamper.blocked", "tamper.group_event"),
    "rolling_z_score": (
        "gas.trend",
        "tamper.blocked",
        "tamper.group_event",
        "tamper.moved",
        "tamper.blown",
        "tamper.clipped",
        "tamper.replayed",
    ),
}
Ints = npt.NDArray[np.int64]


def spans(times: Ints, hot: npt.NDArray[np.bool_], least: int = 1) -> Iterator[tuple[int, int, int]]:
    """(first hot time, time after the last, time at which `least` in a row were reached); breaks up to GAP are bridged."""
    edges = np.flatnonzero(np.diff(np.r_[0, hot.astype(np.int8), 0])).reshape(-1, 2)
    found: list[list[int]] = []
    for a, b in edges[edges[:, 1] - edges[:, 0] >= least].tolist():
        after = int(times[min(b, len(times) - 1)])
        if found and times[a] - found[-1][1] <= GAP:
            found[-1][1] = after
        else:
            found.append([int(times[a]), after, int(times[min(a + least - 1, len(times) - 1)])])
    yield from ((a, b, c) for a, b, c in found)


def _alarms(one: Series, hot: npt.NDArray[np.bool_], least: int = 1) -> list[Alarm]:
    return [Alarm("", one.mine, (one.point, one.mine), a, b, c) for a, b, c in spans(one.times, hot, least)]


def constant_threshold(found: Sequence[Series]) -> list[Alarm]:
    """Methane 1.0 %, carbon monoxide 24 ppm, whatever the place and the status."""
    gas = [one for one in found if one.quantity in CONSTANT]
    return [alarm for one in gas for alarm in _alarms(one, one.values >= CONSTANT[one.quantity])]


def no_reading_5min(found: Sequence[Series]) -> list[Alarm]:
    """A point without a good reading for five minutes."""
    alarms = []
    for one in found:
        good = one.times[~np.isnan(one.values)]
        for at in np.flatnonzero(np.diff(good) > SILENT).tolist():
            begin, end = int(good[at]), int(good[at + 1])
            station = f"{one.mine}0{one.point[20:24]}"
            alarms.append(Alarm("", one.mine, (one.point, station, one.mine), begin, end, begin + SILENT))
    return alarms


def no_change_4h(found: Sequence[Series]) -> list[Alarm]:
    """A methane or carbon monoxide point with one value for four hours."""
    alarms = []
    for one in found:
        if one.quantity in CONSTANT and len(one.times):
            edges = np.r_[0, np.flatnonzero(np.diff(one.values)) + 1]
            begin, end = one.times[edges], one.times[np.r_[edges[1:], len(one.times) - 1]]
            for a, b in zip(begin.tolist(), end.tolist(), strict=True):
                if b - a >= UNCHANGED:
                    alarms.append(Alarm("", one.mine, (one.point, one.mine), a, b, a + UNCHANGED))
    return alarms


def rolling_z_score(found: Sequence[Series]) -> list[Alarm]:
    """Four deviations from the mean of the day before, three samples in a row."""
    alarms = []
    for one in found:
        if one.quantity != METHANE or len(one.times) <= WINDOW:
            continue
        value = np.nan_to_num(one.values)
        total, square = np.r_[0, np.cumsum(value)], np.r_[0, np.cumsum(value**2)]
        mean = (total[WINDOW:-1] - total[: -WINDOW - 1]) / WINDOW
        spread = np.sqrt(np.maximum((square[WINDOW:-1] - square[: -WINDOW - 1]) / WINDOW - mean**2, 1e-6))
        hot = np.r_[np.zeros(WINDOW, np.bool_), np.abs(value[WINDOW:] - mean) > SIGMA * spread]
        alarms += _alarms(one, hot, IN_A_ROW)
    return alarms


BASELINES: dict[str, Callable[[Sequence[Series]], list[Alarm]]] = {
    "constant_threshold": constant_threshold,
    "no_reading_5min": no_reading_5min,
    "no_change_4h": no_change_4h,
    "rolling_z_score": rolling_z_score,
}


def run(found: Sequence[Series]) -> dict[str, list[Alarm]]:
    """Alarms of every baseline."""
    return {name: judge(found) for name, judge in BASELINES.items()}
