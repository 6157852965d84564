"""One invented platform to compare with, once: in shadow mode, by files, with a first batch of what it says of our alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db.models import F

from kuangan.base.people.models import User
from kuangan.base.people.roles import Sector
from kuangan.domains.alerts.models import Alert
from kuangan.domains.datalink.exchange.leaving import folder_of
from kuangan.domains.datalink.exchange.managing import Setup, set_up
from kuangan.domains.datalink.exchange.mapping import SHIPPED, STATE_TABLE, Mapping, mappings
from kuangan.domains.datalink.exchange.models import Mode, Platform
from kuangan.domains.datalink.exchange.shapes import IN
from kuangan.library.shipped import read_yaml
from kuangan.library.telemetry.files import put_durably

CODE = "demo"
ADMINISTRATOR = "xitong"
SAID = {
    "platform": CODE,
    "name": "示例风险监测平台（合成数据）",
    "short": "示例平台",
    "mark": "合成平台，非官方接口",
    "basis": "合成数据，仅供演示对账",
    "default_mode": str(Mode.SHADOW),
}
TOLD_OF = 6
OTHER = "20"
"""A state of theirs that is neither where the invented past leaves an open alert nor where it leaves a closed one."""


def enter(home: Path, at: datetime) -> None:
    """Declared by a file in the home like any other platform, set up by the administrator; in shadow mode nothing leaves."""
    if Platform.objects.filter(pk=CODE).exists():
        return
    declared = read_yaml((SHIPPED / "warning.yaml").read_text("utf-8")) | SAID
    _write(home / "config" / "exchange" / f"{CODE}.yaml", yaml.safe_dump(declared, allow_unicode=True, sort_keys=False))
    mapping = mappings(home)[CODE]
    batch = {"schema": IN, "records": list(_records(mapping, at))}
    _write(folder_of(home, CODE) / "in" / "demo.json", json.dumps(batch, ensure_ascii=False))
    by = User.objects.filter(username=ADMINISTRATOR).first()
    setup = Setup(enabled=True, region="14", sectors=Sector.values, folder=True)
    set_up(mapping, setup, by=by, at=at, reason="演示数据")


def _records(mapping: Mapping, at: datetime) -> Iterator[dict[str, Any]]:
    """What they say: the same of most alerts, another state of every third, one that we do not have, one in no code of the table."""
    alerts = Alert.objects.select_related("case").filter(case__drill=False, void=False, merged_into="")
    for place, alert in enumerate(alerts.order_by(F("case__closed").desc(nulls_first=True), "-pk")[:TOLD_OF]):
        state = OTHER if place % 3 == 2 else mapping.tables[STATE_TABLE][alert.case.state]
        yield _record(place, at, state, alert_no=alert.case.number, official_no=f"SL-{place + 1:06d}")
    yield _record(TOLD_OF, at, "20", official_no="SL-000100", title="示例平台独有的告警（合成数据）")
    yield _record(TOLD_OF + 1, at, "77", official_no="SL-000101", title="状态代码不在代码表内（合成数据）")


def _record(place: int, at: datetime, state: str, **more: str) -> dict[str, Any]:
    handled = (at - timedelta(minutes=1)).isoformat()
    return {
        "id": f"SL-{place + 1}",
        "kind": "handling",
        "state": state,
        "handled_at": handled,
        "handler": "示例员",
        **more,
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    put_durably(path, text.encode())
