"""One mine over one stretch: air, gas, carbon monoxide, heat; what instruments make of them; what is sent. Deeds act on it.

Physical deeds add to `release` before `sense`; all others change `values`, `status` or what is `sent` after it; `written` is final.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kuangan.library.simulate.second import gallery, sensing, shearer
from kuangan.library.simulate.second.layout import CO, HEAT, METHANE, PRESSURE, STEP, SWITCH, WIND, Layout

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
HOUR, MINUTE = 3_600_000, 60_000
CORNER, T1_CELL, RETURN_CELL, CO_CELL, HEAD_RETURN_CELL = 9, 8, 14, 18, 30
ALARM, CUT, CALIBRATING, BROKEN = 1, 2, 4, 128
LAGS = {METHANE: 18.0, CO: 35.0, HEAT: 60.0, WIND: 4.0, PRESSURE: 4.0, SWITCH: 0.001}
NOISE = {CO: 0.5, HEAT: 0.08, WIND: 0.06, PRESSURE: 9.0, SWITCH: 0.0}
BLAST_PPM = (9.0, 16.0)
DIESEL_PPM = (3.0, 9.0)


class Scene:
    """Arrays are (samples, points); `times` Unix ms on the clock of the mine, `hours` since the beginning."""

    def __init__(self, layout: Layout, rng: np.random.Generator, begin: int, end: int, rhythm_s: int) -> None:
        self.layout, self.rng, self.begin, self.end, self.rhythm_s = layout, rng, begin, end, rhythm_s
        self.times = np.arange(begin + int(rng.integers(0, rhythm_s)) * 1000, end, rhythm_s * 1000, dtype=np.int64)
        self.hours = (self.times - begin) / HOUR
        self.fine = rhythm_s // int(gallery.STEP_S)
        self.steps = len(self.times) * self.fine
        self.release = np.zeros((len(layout.workings), self.steps))
        shape = (len(self.times), len(layout.points))
        self.values: Floats = np.zeros(shape)
        self.status = np.zeros(shape, np.int64)
        self.sent: Bools = np.ones(shape, np.bool_)
        self.calibrated = np.full(len(layout.points), -1.0)
        self.face_work = np.zeros(len(self.times))
        self._make_air()

    def _make_air(self) -> None:
        c, rng, days = self.layout.character, self.rng, self.steps * gallery.STEP_S / 86_400
        clock = np.arange(self.steps) * gallery.STEP_S / 3600
        fan = 1 + sensing.wander(rng, self.steps, 1, 0.008, 60)[:, 0]
        for at in rng.uniform(0, self.steps, rng.poisson(0.7 * days)):
            fan[int(at) :] *= rng.uniform(0.96, 1.04)
        speeds = [c.air, *(c.air * rng.uniform(0.3, 0.38) for _ in self.layout.workings[1:])]
        own = 1 + sensing.wander(rng, self.steps, len(speeds), 0.012, 30)
        self.fan = fan
        self.air = np.clip(np.array(speeds)[:, None] * fan * own.T, 0.1, 2.4)
        weather = sensing.wander(rng, self.steps // 60 + 2, 1, 4.0, 90)[:, 0]
        tide = 1.1 * np.sin(2 * np.pi * (clock - rng.uniform(0, 12)) / 12)
        coarse = np.interp(
            clock, np.arange(len(weather)) / 6, np.convolve(np.pad(weather, 6, "edge"), np.full(13, 1 / 13), "valid")
        )
        self.falling = -np.gradient(coarse + tide, clock)

    def flow(self, working: int) -> float:
        """Mean air of a working, m³/min."""
        section = self.layout.character.section * (1.0 if working == 0 else 0.8)
        return float(self.air[working].mean() * section * 60)

    def span(self, begin: int, end: int) -> slice:
        """Samples in [begin, end) of Unix ms."""
        return slice(int(np.searchsorted(self.times, begin)), int(np.searchsorted(self.times, end)))

    def at(self, hour: float) -> int:
        """Time of the first sample at or after an hour of the stretch."""
        return int(self.times[min(int(np.searchsorted(self.hours, hour)), len(self.times) - 1)])

    def add_release(self, working: int, begin: int, end: int, percent: float, rise_s: float = 120.0) -> None:
        """Let gas in that lifts the return of a working by about `percent`, with exponential rise."""
        low, high = ((t - self.begin) / 1000 / gallery.STEP_S for t in (begin, end))
        low, high = max(0, int(low)), min(self.steps, int(high))
        shape = 1 - np.exp(-np.arange(high - low) * gallery.STEP_S / rise_s)
        self.release[working, low:high] += shape * percent * self.flow(working) / 100

    def sense(self) -> None:
        """Run the physics and the instruments."""
        layout, c, rng = self.layout, self.layout.character, self.rng
        works = [shearer.shifts_of_face(rng, self.steps, gallery.STEP_S, c.pass_minutes, c.passes)]
        works += [shearer.cycles_of_heading(rng, self.steps, gallery.STEP_S, c.blasts) for _ in layout.workings[1:]]
        truth = self._concentrations(works)
        self._other(truth, works)
        lags = np.array([LAGS[point.kind] for point in layout.points]) * rng.uniform(0.8, 1.3, len(layout.points))
        felt = sensing.lagged(truth, lags, gallery.STEP_S)[:: self.fine]
        sizes = np.array([NOISE.get(point.kind, c.noise) for point in layout.points])
        felt += sensing.wander(rng, len(self.times), len(sizes), 1.0, 2.5) * sizes
        gas = layout.of_kind(METHANE)
        self.calibrated[gas] = rng.uniform(0, 15 * 24, len(gas))
        felt[:, gas] += sensing.drift(rng, self.hours, self.calibrated[gas], 0.0012)
        self.values = felt
        self.face_work = works[0].rate[:: self.fine]
        for point in gas:
            self.calibrate(point, self.calibrated[point], 12)

    def calibrate(self, point: int, hour: float, minutes: float) -> None:
        """Zero gas, test gas of 2 %, and back: marked by status."""
        if hour + minutes / 60 > self.hours[-1]:
            return
        share = (self.hours - hour) * 60 / minutes
        during = (share >= 0) & (share < 1)
        self.values[during, point] = np.where((share > 0.3) & (share < 0.8), 2.0, 0.0)[during]
        self.status[during, point] |= CALIBRATING

    def _concentrations(self, works: list[shearer.Work]) -> Floats:
        layout, c, rng = self.layout, self.layout.character, self.rng
        count = len(layout.workings)
        heads = np.arange(count) > 0
        scale = np.where(heads, rng.uniform(0.25, 0.33, count), 1.0)
        rates = np.array([work.rate for work in works])
        loose = sensing.lagged(rates.T, c.relaxation * 60, gallery.STEP_S).T
        cut = c.cut * scale[:, None] * (0.45 * rates + 0.55 * loose)
        cell = np.array([np.clip((work.position * CORNER).astype(np.int64), 0, T1_CELL) for work in works])
        cell[1:] = 0
        breath = np.clip(1 + c.breathing * self.falling, 0.2, 2.2)
        goaf = np.where(heads[:, None], 0.0, c.goaf * breath) + self.release
        section = c.section * np.where(heads, 0.8, 1.0)
        sources = gallery.Sources(
            cut, cell, goaf, np.where(heads, 0, CORNER), c.rib * scale, rng.uniform(0.0, 0.04, count)
        )
        air = gallery.carried(self.air, section, sources)
        truth = np.zeros((self.steps, len(layout.points)))
        flow = self.air * section[:, None] * 60
        corner = air[:, 0, CORNER] + 22 * goaf[0] / flow[0]
        total = (air[:, :, -1] * flow.T).sum(axis=1) / flow.sum(axis=0)
        known = {
            "face_t1": air[:, 0, T1_CELL],
            "face_t0": corner,
            "face_t2": air[:, 0, RETURN_CELL],
            "face_t3": np.full(self.steps, sources.inlet[0]) + 0.05,
            "district": total,
            "main": 0.55 * np.roll(total, 30),
            "bunker": 0.1 + 0.5 * loose[0] * c.cut * 100 / flow[0],
        }
        for number, point in enumerate(layout.points):
            if point.role == "head_t1":
                truth[:, number] = air[:, point.working, 1]
            elif point.role == "head_t2":
                truth[:, number] = air[:, point.working, HEAD_RETURN_CELL]
            elif point.role in known:
                truth[:, number] = known[point.role]
        return truth

    def _other(self, truth: Floats, works: list[shearer.Work]) -> None:
        rng = self.rng
        day = 2 * np.pi * np.arange(self.steps) * gallery.STEP_S / 86_400
        base = sensing.wander(rng, self.steps, len(self.layout.points), 0.6, 1500)
        for number, point in enumerate(self.layout.points):
            if point.kind == WIND:
                truth[:, number] = self.air[0] if point.role == "face_wind" else 5.2 * self.fan
            elif point.kind == HEAT:
                truth[:, number] = 22 + base[:, number] + 1.5 * np.sin(day) + 1.2 * works[0].rate
            elif point.kind == PRESSURE:
                truth[:, number] = 1900 * self.fan**2
            elif point.kind == SWITCH:
                truth[:, number] = 0.0 if point.role == "door" else 1.0
            elif point.kind == CO:
                truth[:, number] = 3 + base[:, number] + self._fumes(point.role, works[max(point.working, 0)])

    def _fumes(self, role: str, work: shearer.Work) -> Floats:
        """Exhaust of vehicles on the haulage road, fumes of blasts at headings: pulses that spread while they travel, ppm."""
        c, rng = self.layout.character, self.rng
        pulses = np.zeros(self.steps)
        if role == "haul_co":
            passing = rng.random(self.steps) < c.diesel * gallery.STEP_S / 3600
            low, high, length = *DIESEL_PPM, 60
        elif role == "head_co":
            passing, (low, high), length = work.blasts, BLAST_PPM, 220
        else:
            return pulses
        pulses[passing] = rng.uniform(low, high, int(passing.sum()))
        age = np.arange(length) / length
        kernel = age * np.exp(-age * 6)
        return np.asarray(np.convolve(pulses, kernel / kernel.max())[: self.steps])

    def finish(self) -> None:
        """Round as written and set the bits of alarm and cut."""
        points = self.layout.points
        step = np.array([STEP[point.kind] for point in points])
        self.values = sensing.shown(self.values, step, np.array([point.range for point in points]))
        self.values = np.round(self.values, 2)
        limit = np.array([point.limit or np.inf for point in points])
        cut = np.array([point.cut or np.inf for point in points])
        self._interlock(limit, cut)
        good = (self.status & (CALIBRATING | BROKEN)) == 0
        self.status |= np.where(good & (self.values >= limit), ALARM, 0) | np.where(good & (self.values >= cut), CUT, 0)

    def _interlock(self, limit: Floats, cut: Floats) -> None:
        """Electricity of a working is off from the cut value until all its methane is below the limit again."""
        for number, point in enumerate(self.layout.points):
            if not point.role.endswith("_feed"):
                continue
            gas = [n for n in self.layout.of_kind(METHANE) if self.layout.points[n].working == point.working]
            real = np.where(self.status[:, gas] & (CALIBRATING | BROKEN), 0.0, self.values[:, gas])
            high, low = (real >= cut[gas]).any(axis=1), (real < limit[gas]).all(axis=1)
            known = np.where(high, 0.0, np.where(low, 1.0, np.nan))
            last = np.maximum.accumulate(np.where(np.isnan(known), 0, np.arange(len(known))))
            self.values[:, number] = np.nan_to_num(known[last], nan=1.0)
