"""Deeds against sensors and data, each as faults to write and labels to find: the frauds of the proof."""

from __future__ import annotations

from collections.abc import Sequence

from kuangan.library.simulate.faults import Fault, Kind, calibrate, edit, outage, ramp, shaped
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, may
from kuangan.library.simulate.mine import Point, SimulatedMine

MINUTE_MS = 60_000
SLACK_MS = 2 * HOUR_MS
GROUP_WITHIN_MS = 9 * MINUTE_MS
SURGE = 1.9
SEEN_IN_VALUES = (
    "point.flat",
    "gas.trend",
    "tamper.blocked",
    "tamper.moved",
    "tamper.blown",
    "tamper.clipped",
    "tamper.replayed",
)
"""What may be said of any sensor that was tampered with: one deed looks like another."""


def _span(fault: Fault) -> tuple[int, int]:
    return fault.start, fault.end


def _names(mine: SimulatedMine, points: Sequence[Point]) -> tuple[str, ...]:
    """What an event about these points may be filed under: point, place, or the mine."""
    return tuple(dict.fromkeys([*(p.code for p in points), *(p.place for p in points), mine.code]))


def _label(
    rule: str, kind: str, mine: SimulatedMine, points: Sequence[Point], start: int, end: int, variant: str = ""
) -> Label:
    return Label(rule, kind, mine.code, _names(mine, points), start, end, variant=variant, slack=SLACK_MS)


def _beside(mine: SimulatedMine, start: int, end: int, *rules: str) -> tuple[Label, ...]:
    return tuple(may(mine.code, start, end, *rules, slack=3 * SLACK_MS))


def tampered(
    kind: Kind, mine: SimulatedMine, point: Point, start: int, hours: float, setting: float | None = None
) -> Plant:
    """One sensor blocked, moved, blown on, or fed with an earlier day."""
    profile = () if setting is None else ((0.0, setting),)
    end = start + int(hours * HOUR_MS)
    fault = Fault(kind, mine.code, start, end, point.code, profile)
    must = _label(f"tamper.{kind}", kind, mine, [point], start, end)
    rest = tuple(rule for rule in SEEN_IN_VALUES if rule != must.rule)
    return Plant((fault,), (must, *_beside(mine, start, end, *rest)))


def wrapped_together(mine: SimulatedMine, points: Sequence[Point], start: int, hours: float) -> Plant:
    """Three sensors or more wrapped within ten minutes and freed together."""
    end = start + int(hours * HOUR_MS)
    step = GROUP_WITHIN_MS // max(len(points), 1)
    faults = tuple(Fault("blocked", mine.code, start + n * step, end + n * step, p.code) for n, p in enumerate(points))
    must = _label("tamper.group_event", "group", mine, points, start, end)
    alone = tuple(
        _label("tamper.blocked", "group", mine, [p], f.start, f.end) for p, f in zip(points, faults, strict=True)
    )
    rest = tuple(rule for rule in SEEN_IN_VALUES if rule != "tamper.blocked")
    return Plant(faults, (must, *alone, *_beside(mine, start, end, *rest)))


def clipped(mine: SimulatedMine, working: Sequence[Point], start: int, hours: float, surge: float = SURGE) -> Plant:
    """A working gives off more gas, and software holds every sensor of it under its limit."""
    end = start + int(hours * HOUR_MS)
    faults = tuple(Fault("clipped", mine.code, start, end, p.code, ((0.0, surge),)) for p in working)
    must = _label("tamper.clipped", "clipped", mine, working, start, end)
    rest = tuple(rule for rule in SEEN_IN_VALUES if rule != must.rule)
    return Plant(faults, (must, *_beside(mine, start, end, *rest)))


def calibrated_long(mine: SimulatedMine, point: Point, start: int, minutes: float = 50) -> Plant:
    """A calibration that lasts longer than half an hour."""
    fault = calibrate(mine, point, start, minutes=minutes)
    return Plant(
        (fault,), (_label("tamper.calibration_abuse", "calibration_abuse", mine, [point], *_span(fault), "long"),)
    )


def calibrated_often(mine: SimulatedMine, point: Point, starts: Sequence[int]) -> Plant:
    """More than four calibrations of one sensor in a month."""
    faults = tuple(calibrate(mine, point, start) for start in starts)
    must = _label("tamper.calibration_abuse", "calibration_abuse", mine, [point], starts[0], faults[-1].end, "often")
    return Plant(faults, (must,))


def calibrated_while_high(mine: SimulatedMine, point: Point, neighbour: Point, start: int) -> Plant:
    """A sensor is being calibrated while its neighbour is over the limit."""
    high = ramp(mine, neighbour, start - 4 * MINUTE_MS, peak=1.4, rise_s=180, hold_s=20 * 60)
    fault = calibrate(mine, point, start, minutes=20)
    must = _label("tamper.calibration_abuse", "calibration_abuse", mine, [point], *_span(fault), "neighbour_high")
    return Plant((high, fault), (must, *_beside(mine, *_span(high), "gas.trend")))


def limit_raised(mine: SimulatedMine, point: Point, start: int, hours: float, alarm: float = 1.6) -> Plant:
    """A definition with an alarm limit above the statutory table."""
    fault = Fault("limit_raised", mine.code, start, start + int(hours * HOUR_MS), point.code, ((0.0, alarm),))
    return Plant((fault,), (_label("tamper.limit_above_law", "limit_raised", mine, [point], *_span(fault)),))


def history_edited(mine: SimulatedMine, point: Point, start: int) -> Plant:
    """An over-limit that is sent again half an hour later with lower values."""
    high = ramp(mine, point, start, peak=1.35, rise_s=240, hold_s=480)
    told = edit(mine, point, start - MINUTE_MS, seconds=1200, factor=0.6)
    must = _label("tamper.edited_history", "history_edited", mine, [point], *_span(told))
    return Plant((high, told), (must, *_beside(mine, *_span(told), "gas.trend")))


def history_deleted(mine: SimulatedMine, point: Point, start: int) -> Plant:
    """The files of an over-limit are sent again half an hour later without the sensor that showed it."""
    high = ramp(mine, point, start, peak=1.35, rise_s=240, hold_s=480)
    told = Fault("deleted_upload", mine.code, start - MINUTE_MS, start + 20 * MINUTE_MS, point.code)
    must = _label("tamper.deleted_history", "history_deleted", mine, [point], *_span(told))
    return Plant((high, told), (must, *_beside(mine, *_span(told), "gas.trend", "data.edited")))


def cut_before(mine: SimulatedMine, inspection: int, minutes_before: float = 12, minutes: float = 55) -> Plant:
    """The link is cut a little before inspectors arrive."""
    fault = outage(mine, inspection - int(minutes_before * MINUTE_MS), minutes=minutes)
    must = _label("tamper.cut_before_inspection", "cut_before_inspection", mine, [], *_span(fault))
    return Plant((fault,), (must,))


def risen(mine: SimulatedMine, point: Point, start: int, peak: float, hours: float) -> Plant:
    """Gas far above the day before without reaching a limit; what the rule must say is read off the values."""
    seconds = hours * 3600
    knots = ((0, 0.0), (seconds / 6, peak), (seconds * 5 / 6, peak), (seconds, 0.0))
    fault = shaped(mine, point, start, knots, "rising_trend")
    return Plant((fault,), _beside(mine, *_span(fault), "tamper.replayed", "tamper.moved"))
