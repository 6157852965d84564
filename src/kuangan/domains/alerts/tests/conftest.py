"""Events of the two mines of the cast, and the hands that apply them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from kuangan.base.clock import to_ms
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.sink import apply_events
from kuangan.library.warning.events import Event
from tests.walk.world import over_limit

MINUTE = 60_000


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.fixture
def event(moment: datetime) -> Callable[..., Event]:
    """An over-limit of mine A, one minute old; keyword arguments replace its fields."""

    def make(ident: str = "g1.100.0", **changes: Any) -> Event:
        inputs = {
            "value": 1.2,
            "unit": "%CH4",
            "limit": 1.0,
            "limit_source": "statutory_location",
            "limit_row": "S-01",
            "location": "2307综采面上隅角",
            "type_name": "甲烷",
            "seconds_over": 60,
            "tiers": [2.0, 3.0],
            "article": "规程498条",
            "confidence": "I",
            "notes": [],
        }
        inputs |= changes.pop("inputs", {})
        own = {"id": ident, "subject": "14040490000101MN000101", "onset": to_ms(moment) - MINUTE, "inputs": inputs}
        return replace(over_limit("140404900001", moment), **(own | changes))

    return make


@pytest.fixture
def apply(cast: Any, moment: datetime) -> Callable[..., list[Alert]]:
    """Apply events in one transaction and give back the alerts, in the order of the events."""

    def run(*events: Event, at: datetime = moment) -> list[Alert]:
        with transaction.atomic():
            apply_events(events, at)
        found = {alert.event_id: alert for alert in Alert.objects.select_related("case", "case__owner")}
        return [found[event.id] for event in events]

    return run
