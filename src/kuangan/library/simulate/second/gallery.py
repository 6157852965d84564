"""Gas in galleries: one-dimensional advection and dispersion, upwind in space, explicit in time.

∂c/∂t = −u ∂c/∂x + D ∂²c/∂x² + 100 q' / S, with c in %, u m/s, D m²/s, q' the source per metre in m³/s and S the section in m².
Galleries run from where air enters (a face: its intake end; a heading: the head) to the return. Stable while u·STEP_S ≤ CELL_M.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEP_S = 10.0
CELL_M = 25.0
CELLS = 36
DISPERSION = 4.0
"""m²/s; turbulent mixing by shear in a gallery of a few metres."""


class Sources(NamedTuple):
    """By gallery and step: `cut` m³/min in cell `cell`, `goaf` m³/min in `goaf_cell`; by gallery `ribs` m³/min along it and `inlet` %."""

    cut: Floats
    cell: npt.NDArray[np.int64]
    goaf: Floats
    goaf_cell: npt.NDArray[np.int64]
    ribs: Floats
    inlet: Floats


def carried(air: Floats, section: Floats, sources: Sources) -> Floats:
    """Concentrations % (steps, galleries, CELLS) for `air` m/s (galleries, steps) and `section` m² (galleries).

    Raises ValueError when air is too fast for the grid.
    """
    if float(air.max()) * STEP_S > CELL_M:
        raise ValueError("air too fast for the grid")
    galleries, steps = air.shape
    every = np.arange(galleries)
    gain = STEP_S * 100 / (60 * section * CELL_M)
    steady = np.repeat((sources.ribs / CELLS * gain)[:, None], CELLS, axis=1)
    courant = air * STEP_S / CELL_M
    spread = DISPERSION * STEP_S / CELL_M**2
    found = np.empty((steps, galleries, CELLS))
    padded = np.empty((galleries, CELLS + 2))
    total = (sources.ribs + sources.cut.mean(axis=1) + sources.goaf.mean(axis=1)) / (60 * section * air.mean(axis=1))
    padded[:] = (100 * total)[:, None] * np.linspace(0.2, 1, CELLS + 2)
    for k in range(steps):
        padded[:, 0] = sources.inlet
        padded[:, -1] = padded[:, -2]
        here, before, after = padded[:, 1:-1], padded[:, :-2], padded[:, 2:]
        following = here - courant[:, k, None] * (here - before) + spread * (before - 2 * here + after) + steady
        following[:, 0] += spread * (here[:, 0] - before[:, 0])  # no gas disperses against the air out of the inlet
        following[every, sources.cell[:, k]] += sources.cut[:, k] * gain
        following[every, sources.goaf_cell] += sources.goaf[:, k] * gain
        padded[:, 1:-1] = following
        found[k] = following
    return found
