"""What the points of a mine measure when nothing is wrong: vectorised over points × times, a pure function of time.

Cutting follows a three-shift day (two production, one maintenance) in cycles; methane answers to cutting with a lag of twelve
minutes and is diluted by ventilation; a return point sees its face later; blasting throws CO that decays. Times are seconds
since the epoch (UTC), the mine's day is Beijing time.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kuangan.library.simulate.catalogue import layout
from kuangan.library.simulate.mine import SimulatedMine
from kuangan.library.simulate.noise import AR_BOUND, NORMAL_BOUND, Floats, Ints, normal, red_noise, uniform

BEIJING_S = 8 * 3600
DAY_MIN = 1440
SHIFT_MIN = 480
LAG_MIN = 12.0
LAG_TAPS = 60
BLAST_DECAY_MIN = 12.0
BLAST_WINDOW_MIN = 90
BLASTS_PER_SHIFT = 2
AIR_SWING = 0.08
_SHARED_ROWS = {"none": 0, "one": 1, "door": 2, "load": 3, "haulage": 4}
_WORKING_ROWS = {"emission": 0, "running": 1, "blast": 2, "air": 3}
_AIR_ROW = 5
_FIRST_WORKING_ROW = 6
_LAG_WEIGHTS = np.exp(-np.arange(LAG_TAPS) / LAG_MIN)
_LAG_WEIGHTS = _LAG_WEIGHTS / _LAG_WEIGHTS.sum()
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Model:
    """The coefficients of a mine's points as columns, shape (P, 1) each; rows index the drivers."""

    base: Floats
    gain: Floats
    ar: Floats
    white: Floats
    day: Floats
    driver: Ints
    air: Ints
    wind: Bools
    delay: Ints
    switch: Bools


def _row(driver: str, working: int) -> int:
    if driver in _SHARED_ROWS:
        return _SHARED_ROWS[driver]
    if working < 0:
        return _SHARED_ROWS["load"]
    return _FIRST_WORKING_ROW + working * len(_WORKING_ROWS) + _WORKING_ROWS[driver]


@lru_cache(maxsize=4096)
def _model(mine: SimulatedMine) -> _Model:
    specs = [point.spec for point in mine.points]
    scale = layout().grade_scale[mine.gas_grade]
    gas = np.array([[scale if spec.gas else 1.0] for spec in specs])
    spread = 0.9 + 0.2 * uniform(mine.keys, np.array([[-1]], dtype=np.int64))

    def column(name: str) -> Floats:
        return np.array([[getattr(spec, name)] for spec in specs], dtype=np.float64)

    # The corner and oxygen take no spread and other methane points only a lower one, so that T0 stays above T1.
    steady = np.array([[spec.role in ("corner", "oxygen")] for spec in specs])
    methane = np.array([[point.is_methane] for point in mine.points])
    spread = np.where(steady, 1.0, np.where(methane, np.minimum(spread, 1.0), spread))
    workings = [point.working for point in mine.points]
    air_rows = [_row("air", w) if w >= 0 else _AIR_ROW for w in workings]
    diluted = [spec.air or spec.wind for spec in specs]
    return _Model(
        base=column("base") * gas * spread,
        gain=column("gain") * gas * spread,
        ar=column("ar"),
        white=column("white"),
        day=column("day"),
        driver=np.array([_row(spec.driver, w) for spec, w in zip(specs, workings, strict=True)], dtype=np.int64),
        air=np.array([row if on else 1 for row, on in zip(air_rows, diluted, strict=True)], dtype=np.int64),
        wind=np.array([[spec.wind] for spec in specs]),
        delay=np.array([[spec.delay] for spec in specs], dtype=np.int64),
        switch=np.array([[point.value_type == "KG"] for point in mine.points]),
    )


def _producing(mine: SimulatedMine, local: Ints) -> Bools:
    shift = (local // SHIFT_MIN) % 3
    match mine.activity:
        case "producing":
            return np.asarray(shift != mine.maintenance_shift)
        case "maintenance":
            return np.asarray(shift == (mine.maintenance_shift + 1) % 3)
        case _:
            return np.zeros(local.shape, dtype=np.bool_)


def _cutting(mine: SimulatedMine, working: int, local: Ints) -> Floats:
    """Share of full cutting in each local minute: cycles with a late start and their own strength, none in maintenance."""
    key = np.array([mine.key("cutting", working)], dtype=np.int64)
    cycle = mine.workings[working].cycle_min
    number = (local + working * 37) // cycle
    place = (local + working * 37) % cycle / cycle
    start = 0.15 * uniform(key, number * 2)
    strength = 0.8 + 0.2 * uniform(key, number * 2 + 1)
    active = (place >= start) & (place < start + 0.65) & _producing(mine, local)
    return np.where(active, strength, 0.0)


def _blasting(mine: SimulatedMine, working: int, local: Ints) -> Floats:
    """CO after blasting, 1 at the shot, decaying; two shots in a production shift."""
    if not mine.workings[working].blasts:
        return np.zeros(local.shape)
    key = np.array([mine.key("blast", working)], dtype=np.int64)
    level = np.zeros(local.shape)
    for back in (0, 1):
        shift = local // SHIFT_MIN - back
        fires = _producing(mine, shift * SHIFT_MIN)
        for shot in range(BLASTS_PER_SHIFT):
            minute = (
                shift * SHIFT_MIN + 60 + shot * 200 + np.floor(150 * uniform(key, shift * 4 + shot)).astype(np.int64)
            )
            since = local - minute
            seen = fires & (since >= 0) & (since < BLAST_WINDOW_MIN)
            level = np.maximum(level, np.where(seen, np.exp(-np.maximum(since, 0) / BLAST_DECAY_MIN), 0.0))
    return level


def _air(mine: SimulatedMine, name: int, local: Ints) -> Floats:
    """Air quantity relative to plan, 1 ± AIR_SWING: slow red noise and the day's temperature."""
    key = np.array([[mine.key("air", name)]], dtype=np.int64)
    slow = red_noise(key, local * 10)[0] * 0.02
    day = 0.02 * np.cos(2 * np.pi * (local % DAY_MIN) / DAY_MIN)
    return np.asarray(1.0 + slow + day, dtype=np.float64)


def drivers(mine: SimulatedMine, first_minute: int, count: int) -> Floats:
    """The hidden movers of a mine minute by minute, shape (rows, count), from `first_minute` since the epoch."""
    padded = np.arange(first_minute - LAG_TAPS + 1, first_minute + count, dtype=np.int64) + BEIJING_S // 60
    local = padded[LAG_TAPS - 1 :]
    rows = np.zeros((_FIRST_WORKING_ROW + len(mine.workings) * len(_WORKING_ROWS), count))
    rows[1] = 1.0
    door_key = np.array([mine.key("door")], dtype=np.int64)
    rows[2] = (uniform(door_key, local) < 0.03).astype(np.float64)
    rows[_AIR_ROW] = _air(mine, -1, local)
    for working in range(len(mine.workings)):
        cutting = _cutting(mine, working, padded)
        at = _FIRST_WORKING_ROW + working * len(_WORKING_ROWS)
        for lag, weight in enumerate(_LAG_WEIGHTS):
            start = LAG_TAPS - 1 - lag
            rows[at] += weight * cutting[start : start + count]
        rows[at + 1] = cutting[LAG_TAPS - 1 :]
        rows[at + 2] = _blasting(mine, working, local)
        rows[at + 3] = _air(mine, working, local)
        rows[3] += rows[at] / len(mine.workings)
        rows[4] = np.maximum(rows[4], rows[at + 1])
    return rows


def baseline(mine: SimulatedMine, times: Ints) -> Floats:
    """True values at increasing times (s) before rounding, shape (P, T); no point reaches an alarm limit here."""
    model = _model(mine)
    first = (int(times[0]) - int(model.delay.max())) // 60
    count = int(times[-1]) // 60 + 2 - first
    rows = drivers(mine, first, count)
    shifted = times[None, :] - model.delay
    minute = shifted // 60 - first
    share = (shifted % 60) / 60
    driver = model.driver[:, None]
    moved = rows[driver, minute] * (1 - share) + rows[driver, minute + 1] * share
    plain = times // 60 - first
    part = (times % 60) / 60
    air = (rows[:, plain] * (1 - part) + rows[:, plain + 1] * part)[model.air]
    value = model.base + model.gain * moved
    value *= 1 + model.ar * red_noise(mine.keys, times)
    value = np.where(model.wind, value * air, value / air)
    value += model.white * normal(mine.keys ^ 0x5DEECE66D, times[None, :])
    value += model.day * np.cos(2 * np.pi * ((times[None, :] + BEIJING_S) % 86400) / 86400)
    on = rows[driver, plain[None, :]] > 0.5
    return np.where(model.switch, on.astype(np.float64), np.maximum(value, 0.0))


def bounds(mine: SimulatedMine) -> tuple[Floats, Floats]:
    """Lowest and highest value `baseline` can ever give for each point, shape (P,): all noise is bounded."""
    model = _model(mine)
    noisy = np.where(model.switch, 0.0, model.ar * AR_BOUND)
    swing = np.where((model.air == 1)[:, None], 0.0, AIR_SWING)
    rest = model.white * NORMAL_BOUND + np.abs(model.day)
    low = model.base * (1 - noisy) * (1 - swing) - rest
    high = (model.base + model.gain) * (1 + noisy) / (1 - swing) + rest
    return low[:, 0], high[:, 0]
