"""Arrivals at the mines of the cast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.domains.enforcement.acts import enter
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.rules import Draft

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


def draft_at(arrived: datetime, **changes: Any) -> Draft:
    """Four people of an ordinary check."""
    return Draft(**({"kind": "on_site", "lead": "演示执法员", "team": 4, "arrived_at": arrived} | changes))


@pytest.fixture
def entered(cast: Any, moment: datetime) -> Make:
    """Enter an arrival at mine A, as the county and for now unless told otherwise."""

    def make(by: Any = None, at: datetime = moment, arrived: datetime | None = None, **changes: Any) -> Visit:
        return enter(cast.mine_a, draft_at(arrived or at, **changes), by=by or cast.county_officer, at=at)

    return make
