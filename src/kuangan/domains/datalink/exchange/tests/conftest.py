"""The warning platform, set up for the province; alerts of the two mines; a worker that does its round when told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from kuangan.base import audit
from kuangan.base.clock import to_ms
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.datalink.exchange import managing
from kuangan.domains.datalink.exchange.job import make_all
from kuangan.domains.datalink.exchange.mapping import SHIPPED, Mapping, mappings
from kuangan.domains.datalink.exchange.models import Package, Platform
from kuangan.domains.datalink.exchange.shapes import IN, Answer
from kuangan.domains.datalink.exchange.taking import take
from tests.walk.world import over_limit

SETUP = managing.Setup(enabled=True, region="14", sectors=("coal", "noncoal", "tailings"), folder=True)


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    for name in ("spool", "run", "ledger", "hot", "config", "secrets"):
        (tmp_path / name).mkdir()
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def mapping() -> Mapping:
    return mappings(SHIPPED)["warning"]


@pytest.fixture
def platform(cast: Any, mapping: Mapping, moment: datetime) -> Platform:
    return managing.set_up(mapping, SETUP, by=cast.system_admin, at=moment, reason="接入")


@pytest.fixture
def raised(cast: Any, moment: datetime) -> Callable[..., Alert]:
    """Raise, or with a higher `rev` revise, an alert of mine A; keyword arguments replace fields of the event."""

    def make(ident: str = "g1-1-1", at: datetime = moment, mine: str = "", **changes: Any) -> Alert:
        base = over_limit(mine or cast.mine_a.code, moment)
        event = replace(base, id=ident, **{"changed_at": to_ms(at), **changes})
        with transaction.atomic():
            apply_events([event], at)
        return Alert.objects.select_related("case").get(event_id=ident)

    return make


@pytest.fixture
def round_(mapping: Mapping, moment: datetime) -> Callable[..., list[Package]]:
    """Seal and make; gives the packages that are new, in order."""

    def turn(at: datetime = moment, of: Mapping = mapping) -> list[Package]:
        before = set(Package.objects.values_list("pk", flat=True))
        audit.seal(at)
        make_all(of, at, rounds=50)
        return [row for row in Package.objects.order_by("seq") if row.pk not in before]

    return turn


@pytest.fixture
def told(platform: Platform, mapping: Mapping, moment: datetime) -> Callable[..., Answer]:
    """Hand in records."""

    def give(*records: dict[str, Any], at: datetime = moment, source: str = "http:测试", **more: Any) -> Answer:
        return take(platform, mapping, batch(*records), source, at, **more)

    return give


@pytest.fixture
def alert(platform: Platform, raised: Callable[..., Alert], round_: Callable[..., list[Package]]) -> Alert:
    """An alert of which a package was made."""
    found = raised()
    round_()
    return found


def batch(*records: object) -> bytes:
    return json.dumps({"schema": IN, "records": list(records)}).encode()


def handling(alert: Alert, state: str, at: datetime, ident: str = "", **more: Any) -> dict[str, Any]:
    """A record of theirs that says `state` of an alert."""
    said = {"id": ident or f"h-{state}", "kind": "handling", "alert_no": alert.case.number, "state": state}
    return {**said, "handled_at": (at - timedelta(minutes=1)).isoformat(), "handler": "平台甲", **more}


def data_of(package: Package) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(package.body)["data"]
    return found
