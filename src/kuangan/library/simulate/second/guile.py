"""Frauds at instruments: what their hands do to a sensor, in values before rounding. Spans are Unix ms on the clock of the mine's gateway."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kuangan.library.simulate.labels import Label, may
from kuangan.library.simulate.second.layout import METHANE
from kuangan.library.simulate.second.scene import CALIBRATING, HOUR, MINUTE, Scene

FALSELY_LOW = ("tamper.blocked", "tamper.moved", "tamper.blown")
"""What a sensor that suddenly reads too little may be called, whichever of these it was."""
CLIP_BELOW = 0.02
CLIPPED_LEAST = 10


def _labels(scene: Scene, rule: str, point: int, begin: int, end: int, *beside: str, variant: str = "") -> list[Label]:
    mine, code = scene.layout.code, scene.layout.points[point].code
    return [
        Label(rule, rule.rpartition(".")[2], mine, (code,), begin, end, variant=variant, slack=MINUTE),
        *may(mine, begin, end, *beside, subjects=(code,), slack=30 * MINUTE),
    ]


def blocked(scene: Scene, point: int, begin: int, hours: float) -> list[Label]:
    """A bag over the head: what is inside is used up, almost nothing comes in."""
    span, end = scene.span(begin, begin + int(hours * HOUR)), begin + int(hours * HOUR)
    share = np.exp(-(scene.times[span] - begin) / (4 * MINUTE))
    seep = 0.02 + 0.03 * scene.values[span, point].mean()
    count = span.stop - span.start
    scene.values[span, point] = (
        seep + (scene.values[span.start, point] - seep) * share + scene.rng.normal(0, 0.002, count)
    )
    others = [rule for rule in FALSELY_LOW if rule != "tamper.blocked"]
    return _labels(
        scene, "tamper.blocked", point, begin, end, "point.flat", *others, variant=scene.layout.points[point].role
    )


def moved(scene: Scene, point: int, begin: int, hours: float) -> list[Label]:
    """Hung into fresh air: it follows its old place only faintly."""
    span, end = scene.span(begin, begin + int(hours * HOUR)), begin + int(hours * HOUR)
    noise = scene.rng.normal(0, scene.layout.character.noise, span.stop - span.start)
    scene.values[span, point] = 0.03 + 0.1 * scene.values[span, point] + noise
    others = [rule for rule in FALSELY_LOW if rule != "tamper.moved"]
    return _labels(
        scene, "tamper.moved", point, begin, end, "point.flat", *others, variant=scene.layout.points[point].role
    )


def blown(scene: Scene, point: int, begin: int, hours: float) -> list[Label]:
    """Compressed air at the head: diluted at once, and unsteady."""
    span, end = scene.span(begin, begin + int(hours * HOUR)), begin + int(hours * HOUR)
    jet = np.clip(scene.rng.normal(0.35, 0.13, span.stop - span.start), 0.02, 0.95)
    scene.values[span, point] *= jet
    others = [rule for rule in FALSELY_LOW if rule != "tamper.blown"]
    return _labels(scene, "tamper.blown", point, begin, end, *others, variant=scene.layout.points[point].role)


def clipped(scene: Scene, begin: int, hours: float) -> list[Label]:
    """A program that lets no methane value of the mine reach its limit; told of points where it had to work."""
    span, end = scene.span(begin, begin + int(hours * HOUR)), begin + int(hours * HOUR)
    found = []
    for number in scene.layout.of_kind(METHANE):
        top = scene.layout.points[number].limit - CLIP_BELOW
        calm = (scene.status[span, number] & CALIBRATING) == 0
        high = (scene.values[span, number] > top) & calm
        scene.values[span, number] = np.where(high, top, scene.values[span, number])
        if high.sum() >= CLIPPED_LEAST:
            first, last = (int(scene.times[span][k]) for k in np.flatnonzero(high)[[0, -1]])
            found += _labels(scene, "tamper.clipped", number, first, min(last + HOUR, end), "point.flat")
    return found


def replayed(scene: Scene, point: int, begin: int, hours: float, back_hours: int) -> list[Label]:
    """The curve of an earlier day is sent again, value by value."""
    span, end = scene.span(begin, begin + int(hours * HOUR)), begin + int(hours * HOUR)
    back = int(back_hours * 3600 / scene.rhythm_s)
    before = slice(span.start - back, span.stop - back)
    scene.values[span, point] = scene.values[before, point]
    scene.status[span, point] = scene.status[before, point]
    return _labels(scene, "tamper.replayed", point, begin, end, variant=f"{back_hours} h")


def calibrated_away(
    scene: Scene, point: int, begin: int, spells: int, minutes: float, every_hours: float
) -> list[Label]:
    """Marked as being calibrated, far too long and far too often."""
    for n in range(spells):
        low = begin + int(n * every_hours * HOUR)
        span = scene.span(low, low + int(minutes * MINUTE))
        scene.values[span, point] = 0.01
        scene.status[span, point] |= CALIBRATING
    end = begin + int(((spells - 1) * every_hours + minutes / 60) * HOUR)
    return _labels(scene, "tamper.calibration_abuse", point, begin, end, variant=f"{spells} × {minutes:g} min")


def group(scene: Scene, points: Sequence[int], begin: int, hours: float) -> list[Label]:
    """Several sensors go quiet within minutes and come back together."""
    end = begin + int(hours * HOUR)
    labels = []
    for point in points:
        low = begin + int(scene.rng.uniform(0, 6) * MINUTE)
        labels += blocked(scene, point, low, (end - low + scene.rng.uniform(0, 5) * MINUTE) / HOUR)
    codes = tuple(scene.layout.points[n].code for n in points)
    alone = [
        Label(one.rule, "companion", one.mine, one.subjects, one.onset, one.end, must=False, slack=one.slack)
        for one in labels
    ]
    event = Label(
        "tamper.group_event",
        "group",
        scene.layout.code,
        codes,
        begin,
        end,
        variant=f"{len(points)} sensors",
        slack=10 * MINUTE,
    )
    return [event, *alone]


def frozen(scene: Scene, point: int, begin: int, hours: float) -> list[Label]:
    """A value that no longer moves."""
    span, end = scene.span(begin, begin + int(hours * HOUR)), begin + int(hours * HOUR)
    scene.values[span, point] = np.round(scene.values[span.start, point], 2)
    return _labels(scene, "point.flat", point, begin, end, "tamper.blocked", "tamper.moved")


def risen(scene: Scene, working: int, roles: Sequence[str], begin: int, hours: float, percent: float) -> list[Label]:
    """Before sensing: more gas than the day before, still below the limit."""
    end = begin + int(hours * HOUR)
    scene.add_release(working, begin, end, percent, 900)
    codes = tuple(scene.layout.points[scene.layout.find(role, working)].code for role in roles)
    return [Label("gas.trend", "risen", scene.layout.code, codes, begin, end + 30 * MINUTE)]
