"""What a mine reported itself is held against our events."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import time_machine
from django.test import Client

from conftest import MINE_A, MOMENT, Cast
from kuangan.base.clock import to_ms
from kuangan.domains.alerts.models import Alert
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.reported import REPORTED
from kuangan.portal.tests.test_live import raise_alert


def report(point: str) -> dict[str, Any]:
    now = to_ms(MOMENT)
    row: dict[str, Any] = dict.fromkeys(REPORTED) | {"gateway": "g1", "seq": 1, "mine": MINE_A, "code": point}
    return row | {"received_at": now, "start": now - 60_000, "end": now, "max": 1.2, "cause": "示例原因"}


def test_a_report_without_an_event_of_ours_is_noted(cast: Cast, home: Path) -> None:
    publish(home, "reported", pl.DataFrame([report("with"), report("without")], schema=REPORTED))
    raise_alert(cast, "GJ-1", MOMENT)
    Alert.objects.update(subject="with")
    assert matches(cast.county_officer) == {"with": True, "without": False}
    Alert.objects.update(onset=MOMENT - timedelta(days=2), end=MOMENT - timedelta(days=1))
    assert matches(cast.county_officer) == {"with": False, "without": False}
    assert matches(cast.neighbour_officer) == {}


def matches(user: Any) -> dict[str, bool]:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with time_machine.travel(MOMENT, tick=False):
        rows = client.get("/link/?tab=reported").context["reported"]
    return {row["code"]: row["matched"] for row in rows}
