"""A roster for each organisation of the cast, an alert at mine A, and time that stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.duty.models import Shift
from kuangan.domains.duty.rosters import Entry, enter_shifts
from tests.walk.world import over_limit

HOUR = timedelta(hours=1)
STAFFED = ("mine_a", "parent", "county", "city", "province", "neighbour")
BY = {
    "mine_a": "mine_a_dispatcher",
    "parent": "parent_dispatcher",
    "county": "county_officer",
    "city": "city_officer",
    "province": "province_officer",
    "neighbour": "neighbour_officer",
}


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.fixture
def roster(cast: Any, moment: datetime) -> Callable[..., Shift]:
    """A shift of an organisation of the cast around the moment; keyword arguments replace its fields."""

    def enter(key: str, **changes: Any) -> Shift:
        number = STAFFED.index(key)
        entry = Entry(
            start=moment - HOUR,
            end=moment + 23 * HOUR,
            officer_name=f"员{key}",
            officer_phone=f"0000000{number}001",
            deputy_name=f"副{key}",
            deputy_phone=f"0000000{number}002",
            leader_name=f"领{key}",
            leader_phone=f"0000000{number}003",
            phone=f"0000-000{number}",
        )
        by = cast.people[BY[key]]
        [row] = enter_shifts(
            cast.organisations[key], [replace(entry, **changes)], by=by, at=moment - 2 * HOUR, basis="测试"
        )
        return row

    return enter


@pytest.fixture
def staffed(roster: Callable[..., Shift]) -> dict[str, Shift]:
    return {key: roster(key) for key in STAFFED}


@pytest.fixture
def alert_of(cast: Any, moment: datetime) -> Callable[..., Alert]:
    """Raise an alert at a mine of the cast."""

    def raised(mine: str = "", ident: str = "g1-1-1", at: datetime = moment, **changes: Any) -> Alert:
        event = replace(over_limit(mine or cast.mine_a.code, at), id=ident, **changes)
        with transaction.atomic():
            apply_events([event], at)
        return Alert.objects.select_related("case").get(event_id=ident)

    return raised


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """An empty home that the pages read from."""
    (tmp_path / "hot").mkdir()
    settings.HOME = tmp_path
    return tmp_path
