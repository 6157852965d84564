"""A mine of a face and a heading as arrays of minutes, for the rules about deceit: gas that rises and falls with cutting, each sensor with
noise of its own. Nothing here is taken from the simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit.falls import Falls
from kuangan.library.warning.deceit.judging import judge
from kuangan.library.warning.deceit.replayed import Earlier
from kuangan.library.warning.deceit.rules import MODELS
from kuangan.library.warning.deceit.verdict import Sign, Verdict
from kuangan.library.warning.deceit.window import HOUR, MINUTE, SPAN, Facts, Track, Window, _spread
from kuangan.library.warning.rulebook import shipped

MINE = "141030900001"
END = 1_773_100_800_000 - 8 * HOUR
MINUTES = SPAN // MINUTE
PLACES = (
    ("T1", "coal_face", "1102", 0.22, 0.30, 0),
    ("T0", "return_corner", "1102", 0.30, 0.36, 1),
    ("T2", "face_return", "1102", 0.21, 0.28, 4),
    ("H1", "heading_face", "2104", 0.16, 0.22, 0),
    ("H2", "heading_return", "2104", 0.15, 0.20, 5),
    ("MR", "main_return", "", 0.18, 0.12, 15),
)
Deed = Callable[[Array, int], None]
"""Changes the values (minutes) of one sensor in place, from a minute on."""


def gas(day: int = 0, seed: int = 5, still: bool = False, quiet: float = 1.0) -> dict[str, Array]:
    """Values by name over the window that ends `day` days before END. `still`: no cutting at all."""
    found = {}
    for number, (name, _, working, base, gain, delay) in enumerate(PLACES):
        minute = np.arange(MINUTES) - delay - 1440 * day
        key = {"1102": 0, "2104": 31, "": 13}[working]
        rng = np.random.default_rng([seed, number, day])
        local = (minute + END // MINUTE) % 1440
        cycle = 0.5 - 0.5 * np.cos(2 * np.pi * ((minute + key) % 95) / 95)
        cutting = np.where((local // 480 == 1) | still, 0.0, cycle)
        smooth = np.convolve(rng.normal(size=MINUTES + 30), np.ones(30) / 30, "valid")[:MINUTES]
        value = quiet * (base + gain * cutting) * (1 + 0.25 * smooth) + rng.normal(scale=0.008, size=MINUTES)
        found[name] = np.round(np.maximum(value, 0), 2)
    return found


def tracks(limits: Mapping[str, float] | None = None) -> tuple[Track, ...]:
    made = []
    for number, (name, place, working, *_) in enumerate(PLACES):
        limit = (limits or {}).get(name, 1.0)
        kind = {"1102": "coal_face", "2104": "heading"}.get(working, "")
        station = {"1102": 0, "2104": 1}.get(working, 2)
        made.append(
            Track(
                number, f"{MINE}{name}", place, working, kind, "methane", station, 0.01, limit, 1.0, limit, name, 0, 0.3
            )
        )
    return tuple(made)


def window(
    values: Mapping[str, Array], calibrating: Mapping[str, slice] | None = None, facts: Facts | None = None
) -> Window:
    raw = np.array([values[name] for name, *_ in PLACES])
    marked = np.zeros(raw.shape, np.bool_)
    for name, span in (calibrating or {}).items():
        marked[[n for n, *_ in PLACES].index(name), span] = True
    shown = raw.copy()
    shown[_spread(marked)] = np.nan
    return Window(0, MINE, END - SPAN, END, tracks(), shown, raw, marked, facts or Facts())


def found(given: Window, earlier: Earlier | None = None) -> dict[tuple[str, str], Verdict]:
    """Verdicts by rule and the end of the subject's name."""
    rules = {name: shipped().settings(name, model) for name, model in MODELS.items()}
    told = judge(given, Falls(given), earlier, {}, rules)
    return {(verdict.rule.removeprefix("tamper."), verdict.subject.removeprefix(MINE)): verdict for verdict in told}


def said(verdict: Verdict) -> dict[str, str]:
    return {each.name: each.state for each in verdict.signs}


def numbers(verdict: Verdict, name: str) -> Mapping[str, float]:
    chosen: Sign = next(each for each in verdict.signs if each.name == name)
    return chosen.numbers


# --- what a hand does -----------------------------------------------------------------------------------------------------


def wrap(value: Array, start: int) -> None:
    """Sealed air: three minutes to half of what it was, then no change."""
    before = value[start - 1]
    since = np.arange(len(value) - start)
    value[start:] = np.round(before / 2 + before / 2 * np.exp(-since / 3), 2)


def hang_in_intake(value: Array, start: int) -> None:
    rng = np.random.default_rng(71)
    value[start:] = np.round(np.maximum(0.03 + rng.normal(scale=0.006, size=len(value) - start), 0), 2)


def blow(value: Array, start: int) -> None:
    rng = np.random.default_rng(72)
    torn = value[start:] * 0.4 * (1 + 0.4 * rng.normal(size=len(value) - start))
    value[start:] = np.round(np.maximum(torn, 0.01), 2)


def hold_below(value: Array, start: int, limit: float = 1.0) -> None:
    rng = np.random.default_rng(73)
    held = np.round(limit - 0.01 - 0.03 * rng.random(len(value) - start), 2)
    value[start:] = np.where(value[start:] >= limit - 0.01, held, value[start:])
