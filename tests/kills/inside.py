"""`python -m tests.kills.inside prepare|dump`: work on a home's database through its own models, in a process of its own.

`prepare` makes a sender, and a routing table whose clocks run out within a minute, so that they lapse during a round.
`dump` prints what the database holds as one JSON object.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml

from kuangan.site.processes import set_up
from tests.kills.installation import SENDER, TOKEN


def prepare() -> dict[str, Any]:
    from kuangan.base import clock
    from kuangan.domains.alerts.routing import import_routing
    from kuangan.domains.datalink.senders import create_sender

    table = yaml.safe_load((files("kuangan.domains.alerts") / "routing.yaml").read_text("utf-8"))
    table |= {"name": "测试用时限", "climb_ack_minutes": 1}
    for row in table["rows"]:
        row["minutes"] = 1 if row["step"] == "acknowledge" else 2
    at = clock.now()
    import_routing(yaml.safe_dump(table, allow_unicode=True), None, at)
    create_sender(name=SENDER, kind="forwarder", codes=["*"], by=None, at=at, token=TOKEN)
    return {}


def dump() -> dict[str, Any]:
    from kuangan.base.audit.models import AuditEntry, AuditPending
    from kuangan.base.case.models import Case
    from kuangan.base.deadlines.models import Deadline
    from kuangan.base.notices.models import Notice
    from kuangan.base.registry.models import Mine, Point
    from kuangan.domains.alerts.models import Alert, Change
    from kuangan.domains.datalink.position import read_position
    from kuangan.domains.suspicions.models import Suspicion

    def rows(query: Any, *names: str) -> list[dict[str, Any]]:
        return [{name: _plain(value) for name, value in row.items()} for row in query.order_by("pk").values(*names)]

    return {
        "alerts": rows(
            Alert.objects.all(),
            *("event_id", "rev", "rule", "subject_kind", "subject", "onset", "end", "peak", "grade", "event_status"),
            *("merged_into", "raised_at", "void", "inputs", "case_id", "case__number", "case__state", "case__due"),
        ),
        "changes": rows(Change.objects.all(), "alert_id", "rev", "kind", "grade", "level", "detail", "at"),
        "deadlines": rows(Deadline.objects.all(), "id", "subject_id", "code", "state", "rung", "started_at", "due"),
        "notices": rows(Notice.objects.all(), "key", "state"),
        "audit": rows(AuditEntry.objects.all(), "action", "kind", "ident", "content"),
        "unsealed": AuditPending.objects.count(),
        "cases": Case.objects.filter(kind="alert").count(),
        "suspicions": rows(Suspicion.objects.all(), "event_id", "rev", "rule", "subject", "status", "tier"),
        "mines": rows(Mine.objects.filter(provisional=True), "code", "name"),
        "points": rows(Point.objects.filter(valid_to__isnull=True), "code", "location"),
        "position": read_position(),
    }


def _plain(value: Any) -> Any:
    from kuangan.base.clock import to_ms

    return to_ms(value) if isinstance(value, datetime) else value


def main() -> None:
    set_up()
    print(json.dumps({"prepare": prepare, "dump": dump}[sys.argv[1]]()))


if __name__ == "__main__":
    main()
