"""A mine's last day as the rules about deceit see it: its points on a grid of minutes, with what is known beside the readings.

A window ends with the last whole ten minutes before the look. Readings that the mine marks as faulty or paused, and those of a
calibration and ten minutes after it, are no values. Levels are medians of ten minutes, bins of the clock, so that where a span is cut does not
change them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series
from kuangan.library.warning.masks import CALIBRATION, FAULTS, PAUSED
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State

HOUR = 60 * MINUTE
DAY = 24 * HOUR
BIN = 10
STILL = 6
SPAN = 26 * HOUR
LEARNT = 12 * HOUR
"""How long a mine must have been sending before it is judged."""
GASES, AIR_SPEED = ("methane", "carbon_monoxide"), "air_speed"
SETTLING = 10
"""Minutes after a calibration in which a sensor is still coming back."""


@dataclass(frozen=True, slots=True)
class Track:
    """One point. `working`: name of the face or heading it belongs to, "" elsewhere. `limit`, `statutory`, `own` NaN when there is none."""

    index: int
    code: str
    place: str
    working: str
    kind: str
    quantity: str
    station: int
    step: float
    limit: float
    statutory: float
    own: float
    location: str
    usual_run: int
    spread: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the readings; None and empty mean not known."""

    gas_grade: str | None = None
    ventilation: Mapping[str, str] | None = None
    """Working → "U" or another system."""
    distance: Mapping[str, float] | None = None
    """Working → metres from T1 to T2."""
    inspections: Sequence[tuple[int, int]] | None = None
    clock_offset: int | None = None
    """How far the mine's clock is from ours, ms; None: not told."""


@dataclass(frozen=True)
class Window:
    """`value` and `calibrating` have shape (points, minutes); minute m is [start + m, start + m + 1)."""

    mine: int
    code: str
    start: int
    end: int
    tracks: tuple[Track, ...]
    value: Array
    raw: Array
    calibrating: Array
    facts: Facts

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // MINUTE

    def at(self, minute: int) -> int:
        """The moment (ms) at which a minute of the window begins."""
        return self.start + minute * MINUTE

    @cached_property
    def levels(self) -> Array:
        """Medians of ten minutes, shape (points, bins)."""
        return series.bins(self.value, BIN)

    @cached_property
    def extremes(self) -> tuple[Array, Array]:
        """Highest and lowest value of each bin, NaN where nothing was seen; shape (points, bins)."""
        whole = self.value.shape[1] // BIN * BIN
        parts = self.value[:, :whole].reshape(len(self.tracks), -1, BIN)
        empty = np.isnan(parts).all(axis=2)
        high = np.where(empty, np.nan, np.where(np.isnan(parts), -np.inf, parts).max(axis=2))
        low = np.where(empty, np.nan, np.where(np.isnan(parts), np.inf, parts).min(axis=2))
        return high, low

    @cached_property
    def standing(self) -> Array:
        """Bins that belong to an hour or more within one step of resolution; shape (points, bins)."""
        high, low = self.extremes
        marked = np.zeros(high.shape, np.bool_)
        if high.shape[1] < STILL:
            return marked
        step = np.array([[track.step] for track in self.tracks])
        begins = ranges(high, low, STILL) <= step + 1e-9
        for offset in range(STILL):
            marked[:, offset : offset + begins.shape[1]] |= begins
        return marked

    @cached_property
    def gas(self) -> list[int]:
        """Rows of methane points."""
        return [row for row, track in enumerate(self.tracks) if track.quantity == "methane"]

    def neighbours(self, row: int) -> list[int]:
        """Rows of the other methane points of the same working."""
        track = self.tracks[row]
        if not track.working or track.quantity != "methane":
            return []
        return [r for r in self.gas if r != row and self.tracks[r].working == track.working]

    def travel(self, working: str) -> float | None:
        """Minutes that air takes from T1 to T2 by the way in the register and the air's speed, None where one is not known."""
        way = (self.facts.distance or {}).get(working)
        rows = [r for r, t in enumerate(self.tracks) if t.quantity == AIR_SPEED and t.working == working]
        speeds = [float(np.nanmedian(self.levels[r])) for r in rows if np.isfinite(self.levels[r]).any()]
        if way is None or not speeds or speeds[0] <= 0:
            return None
        return way / speeds[0] / 60

    def of_place(self, working: str, *places: str) -> int | None:
        """Row of the first methane point of a class of places in a working."""
        return next((r for r in self.gas if self.tracks[r].working == working and self.tracks[r].place in places), None)


def ranges(high: Array, low: Array, width: int) -> Array:
    """Range over every `width` bins in a row, NaN where fewer than half were seen."""
    if high.shape[1] < width:
        return np.full((len(high), 1), np.nan)
    top, bottom = series.rolling(high, width), series.rolling(low, width)
    seen = (~np.isnan(top)).sum(axis=2) >= width / 2
    reach = np.where(np.isnan(top), -np.inf, top).max(axis=2) - np.where(np.isnan(bottom), np.inf, bottom).min(axis=2)
    return np.where(seen, reach, np.nan)


def window_end(at: int) -> int:
    """The end of the window of a look at `at`: whole bins that closed two minutes before."""
    return (at - 2 * MINUTE) // (BIN * MINUTE) * BIN * MINUTE


def tracks_of(state: State, mine: int) -> tuple[Track, ...]:
    """Methane and carbon monoxide points of a mine, and air speed in its workings, in order of their indices."""
    p = state.p
    made = (_track(state, row) for row in np.flatnonzero((p["mine"] == mine) & p["samples"]).tolist())
    return tuple(track for track in made if track.quantity in GASES or (track.quantity == AIR_SPEED and track.working))


def _track(state: State, index: int) -> Track:
    point, p = state.points[index], state.p
    limit = point.limit
    assert limit is not None
    kind, working = state.book.working_of(point.location) or ("", "")
    quantity = AIR_SPEED if point.sensor_type == "0002" else str(limit.quantity)
    return Track(
        index,
        point.code,
        limit.place,
        working if kind in ("coal_face", "heading") else "",
        kind,
        quantity,
        point.station,
        limit.step,
        limit.value,
        limit.statutory,
        float(p["own"][index]),
        point.location,
        int(p["run_usual"][index]),
        float(p["spread"][index]),
    )


def facts_of(state: State, mine: int) -> Facts:
    code, register = state.mines[mine], state.register
    known = [(i.start, i.end) for i in register.inspections if i.mine == code]
    head = state.heads.get(mine)
    return Facts(
        register.gas_grade(code),
        register.ventilation.get(code),
        register.distances.get(code),
        known if register.inspections else None,
        head[2] if head else None,
    )


def fill(
    state: State, mine: int, tracks: tuple[Track, ...], rows: tuple[Array, Array, Array, Array], start: int, end: int
) -> Window:
    """The window [start, end) from readings in order of time: row of the track, time (ms), value, status."""
    owner, time, value, status = rows
    minutes = (end - start) // MINUTE
    shape = (len(tracks), minutes)
    raw, calibrating = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    at = (time - start) // MINUTE
    raw[owner, at] = np.where(status & (FAULTS | PAUSED), np.nan, value)
    marked = np.flatnonzero(status & CALIBRATION)
    calibrating[owner[marked], at[marked]] = True
    shown = raw.copy()
    shown[_spread(calibrating)] = np.nan
    return Window(mine, state.mines[mine], start, end, tracks, shown, raw, calibrating, facts_of(state, mine))


def _spread(marked: Array) -> Array:
    """The marks and the minutes after them in which a sensor settles."""
    wide = marked.copy()
    for step in range(1, SETTLING + 1):
        wide[:, step:] |= marked[:, :-step]
    return wide
