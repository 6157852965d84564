"""The columns of the state: what is remembered of each point and each mine, with type and first value."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kuangan.library.warning.never import NEVER
from kuangan.library.warning.signs import UNKNOWN

POINT_COLUMNS: Mapping[str, tuple[str, float | int]] = {
    "mine": ("i4", -1),
    "station": ("i4", -1),
    "methane": ("?", 0),
    "periodic": ("?", 1),
    "limit": ("f8", math.nan),
    "screen": ("f8", math.inf),
    "loud": ("f8", math.inf),
    "floor": ("f8", -math.inf),
    "ceiling": ("f8", math.inf),
    "watch": ("?", 0),
    "own": ("f8", math.nan),
    "own_low": ("f8", math.nan),
    "own_cut": ("f8", math.nan),
    "band": ("i1", UNKNOWN),
    "band_at": ("i8", NEVER),
    "band_value": ("f8", math.nan),
    "hydro": ("i1", 0),
    "time": ("i8", NEVER),
    "value": ("f8", math.nan),
    "status": ("i4", 0),
    "arrival": ("i8", NEVER),
    "first": ("i8", NEVER),
    "good": ("i8", NEVER),
    "sound": ("i8", NEVER),
    "silent": ("i1", 0),
    "step": ("f8", 0.0),
    "samples": ("?", 0),
    "moved": ("i8", NEVER),
    "seen": ("i8", NEVER),
    "day": ("i4", -1),
    "count": ("i4", 0),
    "low": ("f8", math.inf),
    "high": ("f8", -math.inf),
    "days": ("i4", 0),
    "spread": ("f8", math.nan),
    "run": ("i8", 0),
    "run_day": ("i8", 0),
    "run_usual": ("i8", 0),
    "flat": ("i1", 0),
    "varies": ("?", 0),
    "rises": ("i1", 0),
    "total": ("f8", 0.0),
    "mean": ("f8", math.nan),
    "idle": ("i1", 0),
    "rise": ("i2", 0),
    "rise_since": ("i8", NEVER),
    "rising": ("?", 0),
    "steep": ("i2", 0),
    "block": ("i2", 0),
    "block_low": ("f8", math.nan),
    "held": ("f8", math.nan),
    "crest": ("f8", math.nan),
}
MINE_COLUMNS: Mapping[str, tuple[str, float | int]] = {
    "first": ("i8", NEVER),
    "last": ("i8", NEVER),
    "up_since": ("i8", NEVER),
    "feeds": ("?", 0),
    "check": ("i8", NEVER),
    "silent": ("i1", 0),
}
