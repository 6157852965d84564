"""Readings of a mine as they leave its system: baseline, routine, planted faults, rounding, status."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from kuangan.library.simulate import frauds
from kuangan.library.simulate.faults import VALUE_KINDS, Fault, calibrate, of_mine
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import Floats, Ints, normal, uniform
from kuangan.library.simulate.physics import BEIJING_S, DAY_MIN, SHIFT_MIN, Bools, baseline

BAD = np.iinfo(np.int32).min
ALARM, CUT, CALIBRATION, SENSOR_FAULT = 1, 2, 4, 128
CALIBRATION_DAYS = 15
COMPANION_SHARE = 0.35
COMPANION_CEILING = 0.8
DROPOUT_SHARE = 0.01
Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Window:
    """Readings of P points at T times: `scaled` = value × 10^decimals (BAD = −9999 on the wire), `present` = sent at all."""

    times: Ints
    scaled: Int32s
    status: Int32s
    present: Bools
    decimals: Ints

    @property
    def values(self) -> Floats:
        """Values as written, NaN where the sensor was faulty, shape (P, T)."""
        value = self.scaled / 10.0 ** self.decimals[:, None]
        return np.where(self.scaled == BAD, np.nan, value)

    def span(self, start: int, end: int) -> "Window":
        """The part with times in [start, end), in s."""
        part = slice(*np.searchsorted(self.times, (start, end)))
        return Window(
            self.times[part], self.scaled[:, part], self.status[:, part], self.present[:, part], self.decimals
        )


def sample_times(mine: SimulatedMine, start: int, end: int, rhythm: int) -> Ints:
    """Seconds in [start, end) (ms) at which the mine samples, every `rhythm` seconds at the mine's own phase."""
    first = -(-start // 1000)
    offset = (mine.phase(rhythm) - first) % rhythm
    return np.arange(first + offset, -(-end // 1000), rhythm, dtype=np.int64)


def routine_calibrations(mine: SimulatedMine, start: int, end: int) -> list[Fault]:
    """Calibrations the mine does by itself: each methane sensor once in 15 days, in the maintenance shift."""
    methane = [i for i, point in enumerate(mine.points) if point.is_methane]
    cycle = CALIBRATION_DAYS * DAY_MIN
    first, last = ((ms // 1000 + BEIJING_S) // 60 // cycle for ms in (start, end))
    found: list[Fault] = []
    for number in range(first - 1, last + 1):
        counter = np.array([[2 * number, 2 * number + 1]], dtype=np.int64)
        draw = uniform(mine.keys[methane] ^ 0x2545F491, counter)
        day = (draw[:, 0] * CALIBRATION_DAYS).astype(np.int64)
        minute = (
            number * cycle + day * DAY_MIN + mine.maintenance_shift * SHIFT_MIN + (draw[:, 1] * 460).astype(np.int64)
        )
        begin = (minute * 60 - BEIJING_S) * 1000
        for which in np.flatnonzero((begin < end) & (begin > start - 3_600_000)):
            found.append(calibrate(mine, mine.points[methane[int(which)]], int(begin[which])))
    return of_mine(found, mine, start, end)


def station_dropouts(mine: SimulatedMine, times: Ints) -> Bools:
    """Short losses of a sub-station (20–50 s, one hour in a hundred), shape (stations, T): below every silence clock."""
    keys = np.array([[mine.key("dropout", code)] for code, _ in mine.stations], dtype=np.int64)
    hour = (times // 3600)[None, :]
    happens = uniform(keys, hour * 4) < DROPOUT_SHARE
    begin = np.floor(uniform(keys, hour * 4 + 1) * 3500)
    length = 20 + 30 * uniform(keys, hour * 4 + 2)
    second = (times % 3600)[None, :]
    return np.asarray(happens & (second >= begin) & (second < begin + length))


def _mask(fault: Fault, times: Ints) -> Bools:
    return np.asarray((times * 1000 >= fault.start) & (times * 1000 < fault.end))


def _target(fault: Fault, mine: SimulatedMine, times: Ints) -> Floats:
    knots = np.array(fault.profile, dtype=np.float64)
    shape = np.interp(times - fault.start / 1000, knots[:, 0], knots[:, 1])
    key = np.array([mine.key("fault", fault.subject, fault.start)], dtype=np.int64)
    return np.asarray(shape * (1 + 0.006 * normal(key, times)), dtype=np.float64)


def _raise_values(values: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> None:
    """Lift the subject along the profile; methane of the same working follows, always under its own limit."""
    at = np.flatnonzero(_mask(fault, times))
    if not at.size:
        return
    target = _target(fault, mine, times[at])
    subject = mine.points[mine.index[fault.subject]]
    row = mine.index[fault.subject]
    values[row, at] = np.maximum(values[row, at], target)
    for i, point in enumerate(mine.points):
        if point.place != subject.place or i == row:
            continue
        if fault.kind == "fan_stop" and point.spec.role in ("fan", "duct"):
            values[i, at] = 0.0
        elif point.is_methane and subject.is_methane and point.working >= 0 and point.spec.alarm is not None:
            follow = np.minimum(COMPANION_SHARE * target, COMPANION_CEILING * point.spec.alarm)
            values[i, at] = np.maximum(values[i, at], follow)


def _status(mine: SimulatedMine, scaled: Int32s, calibrating: Bools) -> Int32s:
    unit = 10.0**mine.decimals

    def steps(name: str) -> Floats:
        return np.rint(mine.limit(name) * unit)[:, None]

    over = (scaled >= steps("alarm")) | (scaled <= steps("low"))
    status = over * ALARM + (scaled >= steps("cut")) * CUT
    return np.asarray(np.where(calibrating, CALIBRATION, status), dtype=np.int32)


def measure(mine: SimulatedMine, times: Ints, faults: Sequence[Fault] = ()) -> Window:
    """All readings of a mine at the given increasing times (s), with the faults of that mine in force."""
    shape = (len(mine.points), len(times))
    if not len(times):
        empty = np.zeros(shape, dtype=np.int32)
        return Window(times, empty, empty, np.zeros(shape, dtype=np.bool_), mine.decimals)
    start, end = int(times[0]) * 1000, int(times[-1]) * 1000 + 1
    active = of_mine(faults, mine, start, end)
    values = baseline(mine, times)
    for fault in active:
        if fault.kind in VALUE_KINDS:
            _raise_values(values, mine, fault, times)
    for fault in [f for f in active if f.kind == "frozen"]:
        row = mine.index[fault.subject]
        values[row, _mask(fault, times)] = baseline(mine, np.array([fault.start // 1000], dtype=np.int64))[row, 0]
    for fault in [f for f in active if f.kind in frauds.DEEDS]:
        frauds.apply(values, mine, fault, times)
    calibrating = np.zeros(shape, dtype=np.bool_)
    for fault in [f for f in active if f.kind == "calibration"] + routine_calibrations(mine, start, end):
        row, at = mine.index[fault.subject], np.flatnonzero(_mask(fault, times))
        values[row, at] = np.maximum(_target(fault, mine, times[at]), 0.0)
        calibrating[row, at] = True
    frauds.interlock(values, mine, active, times, calibrating)
    scaled = np.rint(values * 10.0 ** mine.decimals[:, None]).astype(np.int32)
    window = Window(
        times,
        scaled,
        _status(mine, scaled, calibrating),
        ~station_dropouts(mine, times)[mine.station_of],
        mine.decimals,
    )
    return _silence(window, mine, active)


def _silence(window: Window, mine: SimulatedMine, active: Sequence[Fault]) -> Window:
    scaled, status, present = window.scaled, window.status, window.present.copy()
    for fault in active:
        at = _mask(fault, window.times)
        if fault.kind == "missing_point":
            present[mine.index[fault.subject], at] = False
        elif fault.kind == "sensor_outage":
            row = mine.index[fault.subject]
            scaled[row, at], status[row, at] = BAD, SENSOR_FAULT
        elif fault.kind == "station_outage":
            down = np.array([point.station == fault.subject for point in mine.points])
            present[np.outer(down, at)] = False
        elif fault.kind == "link_outage":
            present[:, at] = False
    return replace(window, scaled=scaled, status=status, present=present)
