"""Moments as people read them."""

from __future__ import annotations

from datetime import datetime

from kuangan.base.clock import BEIJING


def moment(at: datetime | None) -> str:
    """Beijing time to the minute; — for nothing."""
    return "—" if at is None else f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def second(at: datetime | None) -> str:
    """Beijing time to the second, without the date; — for nothing."""
    return "—" if at is None else f"{at.astimezone(BEIJING):%H:%M:%S}"
