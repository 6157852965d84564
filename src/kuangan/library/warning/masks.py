"""What the status of a reading allows: additive bits of the wire's mask (wire formats, point status)."""

from __future__ import annotations

import math

FAULTS = 16 | 32 | 128
"""Fault of the sub-station, not polled, fault of the sensor: the value says nothing."""
CALIBRATION = 4
PAUSED = 64


def judged(value: float, status: int) -> bool:
    """A sample that may open, extend or end an event: a number, no fault, not paused, not being calibrated."""
    return not math.isnan(value) and not status & (FAULTS | PAUSED | CALIBRATION)


def calibrating(value: float, status: int) -> bool:
    return bool(status & CALIBRATION) and not math.isnan(value)
