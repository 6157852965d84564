"""Events of the two mines of the cast, and the hands that apply them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import transaction

from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.sink import apply_events
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.records import SHAPES
from kuangan.library.warning.events import Event
from tests.walk.world import over_limit

MINUTE = 60_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGNS = ("drainage", "feed", "pump", "pressure", "slope", "pond")
"""What the rules of danger see in the points of a mine that sends everything."""


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


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    (tmp_path / "hot").mkdir()
    return tmp_path


@pytest.fixture
def sending(cast: Any, home: Path, moment: datetime) -> Callable[..., None]:
    """Mine A sends every kind of data, for a month; keyword arguments change it."""

    def send(at: datetime = moment, clock: datetime | None = None, first: datetime | None = None, **row: Any) -> None:
        code, now = cast.mine_a.code, to_ms(at)
        signs = {f"{code}MN{sign}": sign for sign in SIGNS} | {f"{code}MNmethane": "methane"}
        points = [
            {"code": point, "mine": code, "sensor_type": "0001" if sign == "methane" else "9999", "sign": sign}
            for point, sign in signs.items()
        ]
        latest = [{"code": point, "mine": code, "time": now, "value": 0.1} for point in signs]
        publish(home, "points", pl.DataFrame(points))
        publish(home, "latest", pl.DataFrame(latest))
        seen = {"mine": code, "mine_name": "", "first_seen": to_ms(first or at - 30 * DAY), "last_arrival": now}
        seen |= {"last_data_time": now, "silent_since": None, "maker": "", "system_model": ""} | row
        kinds = {"mine": pl.String, "mine_name": pl.String, "maker": pl.String, "system_model": pl.String}
        publish(home, "mines", pl.DataFrame([seen], schema={name: kinds.get(name, pl.Int64) for name in seen}))
        record(home, "positions", code, now, record=0, moment=now, rejected=0, type="RYSS")
        record(home, "camera_states", code, now, record=1, camera="C1", status=1, time=now)
        status = {"clock": to_ms(clock or at)}
        (home / "hot" / "status.json").write_text(json.dumps(status), encoding="utf-8")

    return send


def record(home: Path, table: str, mine: str, at: int, **fields: Any) -> None:
    columns = SHAPES[table].columns
    row: dict[str, Any] = dict.fromkeys(columns)
    row |= {"gateway": "g1", "seq": 0, "received_at": at, "mine": mine} | fields
    publish(home, table, pl.DataFrame([row], schema=dict(columns)))


@pytest.fixture
def state_of(cast: Any, moment: datetime) -> Callable[[str], None]:
    """Put a state of production of mine A on record."""

    def put(state: str) -> None:
        record_facts([NewFact(cast.mine_a.code, "state", state, moment - 40 * DAY)], at=moment - DAY, basis="测试")

    return put


@pytest.fixture
def raised(cast: Any, moment: datetime) -> Callable[..., Alert]:
    """An orange alert at mine A of two hours ago; keyword arguments replace its fields."""

    def make(rule: str, at: datetime = moment - 2 * HOUR, closed: datetime | None = None, **changes: Any) -> Alert:
        number = Alert.objects.count() + 1
        drill = bool(changes.get("drill", False))
        state = changes.pop("state", "closed" if closed else "raised")
        case = Case.objects.create(
            kind="alert",
            number=f"GJ-20261121-{number:04}",
            mine=cast.mine_a,
            region="140404",
            sector="coal",
            state=state,
            severity="orange",
            opened=at,
            closed=closed,
            title="示例远峰煤业",
            drill=drill,
        )
        fields: dict[str, Any] = {
            "event_id": f"g1-{number}-1",
            "rev": 1,
            "rule": rule,
            "rule_version": 1,
            "subject_kind": "mine",
            "subject": cast.mine_a.code,
            "mine_name": "示例远峰煤业",
            "location": "2307综采面上隅角",
            "grade": "orange",
            "rank": 2,
            "graded_at": at,
            "onset": at,
            "peak": 2.0,
            "unit": "%CH4",
            "event_status": "cleared" if closed else "open",
            "end": closed,
            "raised_at": at,
            "changed_at": closed or at,
        }
        return Alert.objects.create(case=case, **(fields | changes))

    return make
