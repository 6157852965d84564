"""Faults that can be planted, as plain data. Times are Unix ms; `subject` is the code of a point, sub-station or base station,
empty for the mine.

Value faults (over_limit, fan_stop, calibration) carry a profile: (seconds since start, value) knots, read linearly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kuangan.library.simulate.crew import areas
from kuangan.library.simulate.mine import Point, SimulatedMine

Kind = Literal[
    "over_limit",
    "fan_stop",
    "calibration",
    "link_outage",
    "station_outage",
    "sensor_outage",
    "late_delivery",
    "duplicate_upload",
    "truncated_file",
    "wrong_header",
    "gbk_file",
    "out_of_order",
    "clock_ahead",
    "frozen",
    "edited_upload",
    "missing_point",
    "rising_trend",
    "base_station_outage",
    "blocked",
    "moved",
    "blown",
    "clipped",
    "replayed",
    "forced",
    "interlock_failed",
    "limit_raised",
    "deleted_upload",
    "station_battery",
    "area_over",
    "visitors",
    "overtime",
    "restricted_area",
    "no_leader",
    "no_special",
    "no_movement",
    "speed",
    "cards_together",
    "mass_exit",
    "declared",
    "people_silent",
]
VALUE_KINDS = ("over_limit", "fan_stop", "rising_trend")
FILE_KINDS = ("duplicate_upload", "truncated_file", "wrong_header", "gbk_file", "out_of_order", "clock_ahead")
Profile = tuple[tuple[float, float], ...]
REFERENCE_GAS = 2.0
CLOCK_AHEAD_S = 1200
EDIT_DELAY_S = 1800


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault, in force in [start, end)."""

    kind: Kind
    mine: str
    start: int
    end: int
    subject: str = ""
    profile: Profile = ()


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def shaped(mine: SimulatedMine, point: Point, start: int, profile: Profile, kind: Kind = "over_limit") -> Fault:
    """A value fault with a free profile; it ends with the last knot."""
    return Fault(kind, mine.code, start, start + _ms(profile[-1][0]), point.code, profile)


def ramp(
    mine: SimulatedMine, point: Point, start: int, *, peak: float, rise_s: float, hold_s: float, fall_s: float = 300
) -> Fault:
    """Rise from nothing to `peak`, stay, fall: the value is never below the baseline."""
    top = rise_s + hold_s
    return shaped(mine, point, start, ((0, 0.0), (rise_s, peak), (top, peak), (top + fall_s, 0.0)))


def spike(mine: SimulatedMine, point: Point, start: int, *, peak: float, seconds: float = 30) -> Fault:
    """A short over-limit with steep flanks."""
    return shaped(mine, point, start, ((0, peak), (seconds, peak)))


def fan_stop(mine: SimulatedMine, start: int, *, peak: float, minutes: float, heading: int = 0) -> Fault:
    """The local fans of a heading stop: fan and duct read 0 and methane rises to `peak` at its T1."""
    seconds = minutes * 60
    profile: Profile = ((0, 0.1), (seconds * 0.6, peak), (seconds * 0.8, peak), (seconds, 0.1))
    return shaped(mine, mine.find("heading", heading), start, profile, "fan_stop")


def calibrate(mine: SimulatedMine, point: Point, start: int, *, minutes: float = 12) -> Fault:
    """Zero, then reference gas above the limit with the calibration bit set: must raise nothing."""
    seconds = minutes * 60
    gas = REFERENCE_GAS if point.is_methane else 40.0
    profile: Profile = ((0, 0.0), (seconds * 0.2, 0.0), (seconds * 0.25, gas), (seconds * 0.7, gas), (seconds, 0.1))
    return shaped(mine, point, start, profile, "calibration")


def outage(mine: SimulatedMine, start: int, *, minutes: float, subject: str = "") -> Fault:
    """Link (no subject), sub-station, sensor or base station falls silent; what it would have seen meanwhile is lost.

    Raises LookupError for a subject that the mine does not have.
    """
    return Fault(_outage_of(mine, subject), mine.code, start, start + _ms(minutes * 60), subject)


def _outage_of(mine: SimulatedMine, subject: str) -> Kind:
    if not subject:
        return "link_outage"
    if subject in mine.index:
        return "sensor_outage"
    if subject in dict(mine.stations):
        return "station_outage"
    if mine.crew and any(subject == code for area in areas(mine) for code, _ in area.stations):
        return "base_station_outage"
    raise LookupError(f"{mine.code} has no point or station {subject}")


def freeze(mine: SimulatedMine, point: Point, start: int, *, hours: float) -> Fault:
    """A sensor that goes on sending the value it had at `start`."""
    return Fault("frozen", mine.code, start, start + _ms(hours * 3600), point.code)


def edit(mine: SimulatedMine, point: Point, start: int, *, seconds: float, factor: float = 0.5) -> Fault:
    """The real-time files of the span are sent again half an hour later with the values of one point multiplied."""
    return Fault("edited_upload", mine.code, start, start + _ms(seconds), point.code, ((0, factor),))


def leave_out(mine: SimulatedMine, point: Point, start: int, *, hours: float) -> Fault:
    """A point that the mine neither defines nor sends."""
    return Fault("missing_point", mine.code, start, start + _ms(hours * 3600), point.code)


def trend(mine: SimulatedMine, point: Point, start: int, *, peak: float, hours: float) -> Fault:
    """Gas that rises for hours without reaching a limit."""
    seconds = hours * 3600
    return shaped(
        mine, point, start, ((0, 0.0), (seconds / 4, peak), (seconds * 3 / 4, peak), (seconds, 0.0)), "rising_trend"
    )


def flap(
    mine: SimulatedMine, start: int, *, times: int, every_min: float, minutes: float, subject: str = ""
) -> list[Fault]:
    """A link (no subject) or sensor that falls silent again and again."""
    return [outage(mine, start + _ms(n * every_min * 60), minutes=minutes, subject=subject) for n in range(times)]


def file_fault(mine: SimulatedMine, kind: Kind, start: int, *, seconds: float) -> Fault:
    """Real-time files of the span are held back, doubled, cut, mislabelled, in GBK, swapped with their
    successor, or written by a clock twenty minutes ahead."""
    if kind not in (*FILE_KINDS, "late_delivery"):
        raise ValueError(f"not a file fault: {kind}")
    return Fault(kind, mine.code, start, start + _ms(seconds))


def of_mine(faults: Sequence[Fault], mine: SimulatedMine, start: int, end: int) -> list[Fault]:
    """The faults of one mine that touch [start, end)."""
    return [fault for fault in faults if fault.mine == mine.code and fault.start < end and fault.end > start]
