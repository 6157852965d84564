"""What a deed does to the values of a sensor, with the physics behind it. Arrays are (points × times); times are Unix s.

blocked   sealed air relaxes to what was let in (three minutes) and no longer moves
moved     hung in the intake: a trace of gas, no cycle of the working behind it
blown     compressed air: diluted, and torn by the jet (lower mean, higher variance)
clipped   software holds what would be over the limit just under it, while the working gives off more gas than before
replayed  the readings of an earlier day, to the digit
forced    whatever the profile says: switches, air speed, carbon monoxide, temperature
Sources: gas_rules.yaml tamper_detection (methods inferred, numbers ours).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import Floats, Ints, normal, uniform
from kuangan.library.simulate.physics import Bools, baseline

RELAX_S = 180.0
ENCLOSED_SHARE = 0.5
INTAKE_GAS, INTAKE_SHARE, INTAKE_NOISE = 0.03, 0.06, 0.004
JET_SHARE, JET_NOISE, JET_FLOOR = 0.38, 0.45, 0.02
CEILING_BELOW, CEILING_BAND = 0.01, 0.035
FEED_TYPES = ("1015", "1011")


def apply(values: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> None:
    """Change the row of the fault's subject where it is in force, in place."""
    at = np.flatnonzero((times * 1000 >= fault.start) & (times * 1000 < fault.end))
    if at.size:
        row = mine.index[fault.subject]
        values[row, at] = _DEEDS[fault.kind](values[row, at], mine, fault, times[at])


def _setting(fault: Fault, default: float) -> float:
    return fault.profile[0][1] if fault.profile else default


def _noise(mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    return normal(np.array([mine.key("deed", fault.subject, fault.start)], dtype=np.int64), times)


def _blocked(_true: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    row, begin = mine.index[fault.subject], fault.start // 1000
    before = float(baseline(mine, np.array([begin], dtype=np.int64))[row, 0])
    inside = before * ENCLOSED_SHARE
    return np.asarray(inside + (before - inside) * np.exp(-(times - begin) / RELAX_S), dtype=np.float64)


def _moved(true: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    return np.maximum(INTAKE_GAS + INTAKE_SHARE * true + INTAKE_NOISE * _noise(mine, fault, times), 0.0)


def _blown(true: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    share = _setting(fault, JET_SHARE)
    return np.maximum(true * share * (1 + JET_NOISE * _noise(mine, fault, times)), JET_FLOOR * share)


def _clipped(true: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    limit = mine.points[mine.index[fault.subject]].spec.alarm or np.inf
    key = np.array([mine.key("clip", fault.subject)], dtype=np.int64)
    held = limit - CEILING_BELOW - CEILING_BAND * uniform(key, times)
    more = true * _setting(fault, 1.0)
    return np.where(more >= limit - CEILING_BELOW, held, more)


def _replayed(_true: Floats, mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    row, days = mine.index[fault.subject], int(_setting(fault, 1))
    return np.asarray(baseline(mine, times - days * 86_400)[row], dtype=np.float64)


def _forced(_true: Floats, _mine: SimulatedMine, fault: Fault, times: Ints) -> Floats:
    knots = np.array(fault.profile, dtype=np.float64)
    return np.asarray(np.interp(times - fault.start / 1000, knots[:, 0], knots[:, 1]), dtype=np.float64)


_DEEDS = {
    "blocked": _blocked,
    "moved": _moved,
    "blown": _blown,
    "clipped": _clipped,
    "replayed": _replayed,
    "forced": _forced,
}
DEEDS = tuple(_DEEDS)


def interlock(values: Floats, mine: SimulatedMine, active: Sequence[Fault], times: Ints, quiet: Bools) -> None:
    """Electricity of a place is off while methane there is at its cut value or its fan stands, unless the interlock failed.

    `quiet` is True where a sensor is being calibrated, shape (points × times): that cuts nothing.
    """
    feeds = [i for i, point in enumerate(mine.points) if point.type in FEED_TYPES]
    if not feeds:
        return
    cut = np.rint(mine.limit("cut") * 100)[:, None]
    for feed in feeds:
        place = mine.points[feed].place
        there = [i for i, p in enumerate(mine.points) if p.place == place]
        gas = [i for i in there if mine.points[i].is_methane]
        off = ((np.rint(values[gas] * 100) >= cut[gas]) & ~quiet[gas]).any(axis=0)
        fans = [i for i in there if mine.points[i].spec.role == "fan"]
        off |= (values[fans] < 0.5).any(axis=0)
        for fault in active:
            if fault.kind == "interlock_failed" and fault.subject == mine.points[feed].code:
                off &= ~((times * 1000 >= fault.start) & (times * 1000 < fault.end))
        values[feed, off] = 0.0
