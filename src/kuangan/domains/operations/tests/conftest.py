"""Announcements of the two mines of the cast, and hands that move the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base import deadlines
from kuangan.domains.operations.acts import declare
from kuangan.domains.operations.models import Announcement
from kuangan.domains.operations.rules import Draft

POINT = "14040490000101MN000101"
HOUR = timedelta(hours=1)
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.fixture
def draft(moment: datetime) -> Make:
    """A calibration of one point of mine A, in an hour, for twenty minutes; keyword arguments replace its fields."""

    def make(**changes: Any) -> Draft:
        fields: dict[str, Any] = {
            "kind": "calibration",
            "starts": moment + HOUR,
            "ends": moment + HOUR + timedelta(minutes=20),
            "reason": "十五日例行标校",
            "measures": "专人监护，标校期间不作业",
            "responsible": "演示监测工",
            "parts": (("point", POINT),),
            "protected": "主通风、主排水双回路不停",
        }
        return Draft(**(fields | changes))

    return make


@pytest.fixture
def declared(cast: Any, draft: Make, moment: datetime) -> Make:
    """Declare as the dispatcher of mine A."""

    def make(at: datetime = moment, **changes: Any) -> Announcement:
        return declare(draft(**changes), mine=cast.mine_a, by=cast.mine_a_dispatcher, at=at)

    return make


@pytest.fixture
def tick() -> Callable[[datetime], int]:
    """The hand of the clock, with the handlers of the site."""
    from kuangan.site.wiring import HANDLERS

    return lambda at: deadlines.tick(at, HANDLERS)
