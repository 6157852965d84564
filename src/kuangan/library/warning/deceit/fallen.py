"""What became of a sensor that fell by itself: wrapped, moved into fresh air, or blown on.

blocked   stands still where it used to move, while its neighbours move
blown     rougher than before and lower, its neighbours not rougher
moved     two at least of: no common course with neighbours any more, the level of intakes, the order of T0, T1 and T2 broken,
          the delay from T1 to T2 gone
A fall with less of this is watched as `moved` where it goes far below the floor of the point: a face that rests falls to its floor while
gas from the goaf goes on behind it. A sensor that merely stands still without having fallen is what `point.flat` tells.
Source: gas_rules.yaml tamper_detection (features inferred).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series
from kuangan.library.warning.deceit.falls import AFTER, BEFORE, Fall, Falls
from kuangan.library.warning.deceit.settings import BlockedRule, BlownRule, FallRule, MovedRule
from kuangan.library.warning.deceit.verdict import Sign, Verdict, sign, spoke, unknown
from kuangan.library.warning.deceit.window import BIN, Window

BLOCKED, MOVED, BLOWN = "tamper.blocked", "tamper.moved", "tamper.blown"
SMOOTH = 5
LAG_MOST = 15
INTAKE_FALL = 1.6
SURELY_ROUGH = 1.5
SOMETIMES = 0.15
"""Share of the time since a fall in which it must have been far below the floor."""
Rules = Mapping[str, Any]


def judge(window: Window, falls: Falls, rules: Rules) -> list[Verdict]:
    """Verdicts about the points of the window that fell and have not come back."""
    found: list[Verdict] = []
    for row in window.gas:
        for rule, decide in DECIDERS:
            fall = falls.find(row, rules[rule])
            verdict = decide(window, falls, fall, rules[rule]) if fall else None
            if verdict is not None:
                found.append(verdict)
                break
    return found


def over(window: Window, falls: Falls, rule: FallRule, code: str, memory: Mapping[str, Any]) -> int | None:
    """When (ms) the point was back where its neighbours say, None while it is not or stands still as if covered."""
    row = next((r for r, track in enumerate(window.tracks) if track.code == code), None)
    if row is None:
        return None
    if isinstance(rule, BlockedRule) and _flat(window, row, rule):
        return None
    back = falls.back(row, memory["ratios"], rule)
    return None if back is None else window.at(back * BIN)


def _verdict(window: Window, rule: str, tier: str, fall: Fall, signs: list[Sign]) -> Verdict:
    track = window.tracks[fall.row]
    near = [window.tracks[r].code for r in fall.neighbours]
    return Verdict(
        rule,
        "check" if tier == "check" else "watch",
        "point",
        track.code,
        _moment(window, fall),
        signs,
        [track.code],
        near,
        {"ratios": dict(zip(near, [round(r, 5) for r in fall.ratios], strict=True))},
        {"level_before": round(fall.level, 4), "level_since": round(fall.after, 4), "step": track.step},
    )


def _moment(window: Window, fall: Fall) -> int:
    """The minute of the fall: the first from which values stay below the middle between both levels."""
    first = max(fall.minute - BIN, 0)
    part = window.value[fall.row, first : fall.minute + BIN]
    high = np.flatnonzero(part > (fall.level + fall.after) / 2)
    return window.at(first + int(high[-1]) + 1 if len(high) else first)


def core(window: Window, fall: Fall) -> list[Sign]:
    """The two signs of every fall."""
    levels = window.levels[fall.row]
    before = float(series.median(levels[max(fall.at - AFTER, 0) : fall.at]))
    after = float(series.median(levels[fall.at : fall.at + AFTER]))
    share = 1 - after / before if before > 0 else 0.0
    return [
        sign("drop", True, share=share, before=before, after=after),
        sign("neighbours", True, share=fall.gap, neighbours=len(fall.neighbours)),
    ]


def reach(values: Array) -> float:
    """Highest minus lowest value, NaN when nothing was seen."""
    seen = values[~np.isnan(values)]
    return float(seen.max() - seen.min()) if len(seen) else float("nan")


def _blocked(window: Window, falls: Falls, fall: Fall, rule: BlockedRule) -> Verdict | None:
    track, width = window.tracks[fall.row], int(rule.flat_min)
    since = window.value[fall.row, fall.minute :]
    last = since[-width:]
    if len(since) < width or (~np.isnan(last)).sum() < width / 4:
        return None
    before = window.value[fall.row, max(fall.minute - 24 * width, 0) : fall.minute]
    usual = float(series.median(_reaches(before, width)))
    moving = max(reach(window.value[r, -width:]) for r in fall.neighbours)
    apart = abs(fall.after - falls.floor(fall.row, fall.at)) > 1.5 * rule.flat_steps * track.step
    if not _flat(window, fall.row, rule, wavering=apart) or usual < rule.varied_steps * track.step - 1e-9:
        return None
    signs = [
        *core(window, fall),
        sign("flat", True, range=reach(last), usual_range=usual, minutes=width),
        sign("neighbours_move", moving >= rule.neighbour_steps * track.step - 1e-9, range=moving),
    ]
    return _verdict(window, BLOCKED, "check", fall, signs)


def _flat(window: Window, row: int, rule: BlockedRule, wavering: bool = False) -> bool:
    """Whether a point stood still in the last `flat_min` of the window; `wavering`: it may change between two values as often as it likes,
    which a sensor that rests at its floor does too."""
    last = window.value[row, -int(rule.flat_min) :]
    seen = last[~np.isnan(last)]
    still = reach(seen) <= rule.flat_steps * window.tracks[row].step + 1e-9
    return bool(still and (wavering or (np.diff(seen) != 0).sum() <= rule.flat_changes))


def _reaches(values: Array, width: int) -> Array:
    """Highest minus lowest of every whole stretch of `width`, NaN where less than a quarter was seen."""
    whole = len(values) // width * width
    if not whole:
        return np.array([np.nan])
    return np.array(
        [reach(p) if (~np.isnan(p)).sum() >= width / 4 else np.nan for p in values[-whole:].reshape(-1, width)]
    )


def _below_own(window: Window, falls: Falls, fall: Fall) -> bool:
    """Whether the level since is lower than nearly all of what the point showed in the day before: work alone does not do that."""
    return fall.after <= falls.floor(fall.row, fall.at) + window.tracks[fall.row].step / 2


def _blown(window: Window, falls: Falls, fall: Fall, rule: BlownRule) -> Verdict | None:
    track = window.tracks[fall.row]
    ratio = _rougher(window, fall.row, fall)
    others = [_rougher(window, r, fall) for r in fall.neighbours]
    calm = float(np.nanmin(others)) if np.isfinite(others).any() else float("nan")
    now = float(series.roughness(window.value[fall.row, fall.minute :]))
    # Where work stops a sensor falls to a level it knows, and grows calm: far rougher than before it need not be below all it showed.
    sure = ratio >= SURELY_ROUGH * rule.rough_factor and calm <= rule.neighbour_rough
    if now < track.step or ratio < rule.rough_factor or not (sure or _below_own(window, falls, fall)):
        return None
    signs = [
        *core(window, fall),
        sign("rougher", True, factor=ratio),
        sign("neighbours_calm", calm <= rule.neighbour_rough, factor=calm)
        if np.isfinite(calm)
        else unknown("neighbours_calm", "no_data"),
    ]
    return _verdict(window, BLOWN, "check" if spoke(signs) == len(signs) else "watch", fall, signs)


def _rougher(window: Window, row: int, fall: Fall) -> float:
    before = float(series.roughness(window.value[row, : fall.minute]))
    now = float(series.roughness(window.value[row, fall.minute + BIN :]))
    return now / max(before, window.tracks[row].step / 4)


def _moved(window: Window, falls: Falls, fall: Fall, rule: MovedRule) -> Verdict | None:
    if not _below_own(window, falls, fall):
        return None
    more = [
        _coupling(window, fall, rule),
        _intake(window, fall, rule),
        _order(window, fall, rule),
        _delay(window, fall, rule),
    ]
    tier = "check" if spoke(more) >= rule.signs_for_check else "watch"
    if tier == "watch" and not falls.sunk(fall.row, fall.at, rule, SOMETIMES):
        return None
    return _verdict(window, MOVED, tier, fall, [*core(window, fall), *more]) if tier in rule.grades else None


def _smoothed(window: Window, row: int, first: int, last: int | None = None) -> Array:
    return np.asarray(series.bins(window.value[row, first:last], SMOOTH))


def _coupling(window: Window, fall: Fall, rule: MovedRule) -> Sign:
    """No common course with any neighbour any more, where there was one, while they move."""
    first = fall.minute + BIN
    moving = [
        r for r in fall.neighbours if reach(_smoothed(window, r, first)) >= rule.neighbour_steps * window.tracks[r].step
    ]
    if not moving:
        return unknown("coupling", "neighbours_still")
    own_before, own_now = _smoothed(window, fall.row, 0, fall.minute), _smoothed(window, fall.row, first)
    before = _largest([series.correlation(own_before, _smoothed(window, r, 0, fall.minute)) for r in moving])
    now = _largest([series.correlation(own_now, _smoothed(window, r, first)) for r in moving])
    if not before > rule.coupled:
        return unknown("coupling", "own_past")
    still = np.isnan(now)
    return sign("coupling", bool(still or now < rule.uncoupled), before=before, since=0.0 if still else now)


def _largest(values: list[float]) -> float:
    seen = [value for value in values if not np.isnan(value)]
    return max(seen, default=float("nan"))


def _intake(window: Window, fall: Fall, rule: MovedRule) -> Sign:
    """The level of fresh air: what the intakes of this mine show, or little at all."""
    intakes = [
        float(np.nanmedian(window.levels[r]))
        for r in window.gas
        if window.tracks[r].place in ("face_intake", "series_intake")
        and r != fall.row
        and np.isfinite(window.levels[r]).any()
    ]
    fresh = max(rule.intake_level, *(1.5 * level for level in intakes)) if intakes else rule.intake_level
    if fall.level < INTAKE_FALL * fresh:
        return unknown("intake", "own_past")
    return sign("intake", fall.after <= fresh + 1e-9, level=fall.after, intake=fresh)


def _order(window: Window, fall: Fall, rule: MovedRule) -> Sign:
    """T0 ≥ T1 and T2 ≈ T1, where they held before; only U ventilation promises them."""
    working = window.tracks[fall.row].working
    mode = (window.facts.ventilation or {}).get(working)
    if mode is not None and mode != "U":
        return unknown("order", "ventilation")
    corner, face, back = (
        window.of_place(working, *places)
        for places in (("return_corner",), ("coal_face", "heading_face"), ("face_return", "heading_return"))
    )
    told: list[Sign] = []
    if corner is not None and face is not None and fall.row in (corner, face):
        told.append(_turned(window, fall, corner, face, rule))
    if back is not None and face is not None and fall.row in (back, face):
        told.append(_apart(window, fall, back, face, rule))
    if not told:
        return unknown("order", "no_pair")
    return next((each for each in told if each.state == "spoke"), told[0])


def _turned(window: Window, fall: Fall, corner: int, face: int, rule: MovedRule) -> Sign:
    above = window.levels[corner] >= window.levels[face]
    seen = ~np.isnan(window.levels[corner]) & ~np.isnan(window.levels[face])
    before = slice(max(fall.at - 6 * BEFORE, 0), fall.at)
    if not seen[before].sum() or above[before].sum() < 0.9 * seen[before].sum():
        return unknown("order", "own_past")
    turned = int((~above & seen)[fall.at :].sum() * BIN)
    return sign("order", turned >= rule.order_min, minutes=turned)


def _apart(window: Window, fall: Fall, back: int, face: int, rule: MovedRule) -> Sign:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = window.levels[back] / np.maximum(window.levels[face], window.tracks[face].step / 2)
    before = float(series.median(ratio[max(fall.at - 6 * BEFORE, 0) : fall.at]))
    now = float(series.median(ratio[fall.at :]))
    if not 0.7 <= before <= 1.3:
        return unknown("order", "own_past")
    return sign("order", bool(now < rule.return_share or now > 1 / rule.return_share), before=before, since=now)


def _delay(window: Window, fall: Fall, rule: MovedRule) -> Sign:
    """Gas comes to T2 after T1, by the way divided by the air's speed; where it did, a sensor that sees it at once hangs elsewhere."""
    working = window.tracks[fall.row].working
    face, back = (
        window.of_place(working, "coal_face", "heading_face"),
        window.of_place(working, "face_return", "heading_return"),
    )
    if face is None or back is None or fall.row not in (face, back):
        return unknown("delay", "no_pair")
    told, height = series.lag(window.value[face, : fall.minute], window.value[back, : fall.minute], LAG_MOST)
    own = float(told) if told >= 2 and height > rule.coupled else None
    before = window.travel(working) or own
    if before is None or before < 2:
        return unknown("delay", "own_past")
    now, height = series.lag(window.value[face, fall.minute :], window.value[back, fall.minute :], LAG_MOST)
    if not height > rule.coupled:
        return unknown("delay", "no_course")
    return sign("delay", now <= 0, before_min=before, since_min=now)


DECIDERS: tuple[tuple[str, Callable[..., Verdict | None]], ...] = (
    (BLOCKED, _blocked),
    (BLOWN, _blown),
    (MOVED, _moved),
)
