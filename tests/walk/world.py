"""What the walk over every address stands on: one alert, one frame, one account, all of mine A."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from kuangan.base.clock import to_ms
from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.events import Event

if TYPE_CHECKING:
    from conftest import Cast
    from kuangan.base.people.models import User
    from kuangan.domains.alerts.models import Alert, Evidence
    from kuangan.domains.datalink.models import Sender

GATEWAY = "g1"
POINT = "14040490000101MN004300010A01"
Arguments = dict[str, Any]


@dataclass(frozen=True)
class World:
    """The things that addresses with an argument point to."""

    alert: Alert
    evidence: Evidence
    sender: Sender
    seq: int
    cast: Cast

    @property
    def number(self) -> str:
        return self.alert.case.number


def over_limit(mine: str, at: datetime) -> Event:
    """A yellow over-limit of methane at mine `mine`, open since `at`."""
    onset = to_ms(at)
    inputs: dict[str, Any] = {
        "value": 1.2,
        "unit": "%CH4",
        "limit": 1.0,
        "limit_source": "statutory_location",
        "limit_row": "S-02",
        "notes": [],
        "location": "示例1102采煤工作面T1",
        "type_name": "激光甲烷",
        "ladder_row": "M-Y1",
        "seconds_over": 60,
    }
    return Event(
        id="g1-1-1",
        rev=1,
        rule="gas.over_limit",
        rule_version=1,
        mine=mine,
        subject_kind="point",
        subject=f"{mine}01MN004300010A01",
        onset=onset,
        end=None,
        peak=1.2,
        peak_at=onset,
        grade="yellow",
        status="open",
        merged_into=None,
        late=False,
        raised_at=onset,
        changed_at=onset,
        inputs=inputs,
    )


def handed_in(alert: Alert, by: User, at: datetime) -> Evidence:
    """A small file that the mine handed in with its report."""
    from django.conf import settings

    from kuangan.domains.alerts.acts import evidence_path
    from kuangan.domains.alerts.models import Evidence

    content = b"synthetic evidence"
    sha256 = hashlib.sha256(content).hexdigest()
    path = evidence_path(settings.HOME, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Evidence.objects.create(
        alert=alert,
        step="report",
        name="a.txt",
        content_type="text/plain",
        size=len(content),
        sha256=sha256,
        by=by,
        at=at,
    )


def uploaded(mine: str, at: datetime) -> int:
    """The sequence number of a file of `mine`, in the spool and in the ledger."""
    from django.conf import settings

    name, arrival = f"{mine}_CDSS_20261121080000.txt", to_ms(at)
    writer = SpoolWriter(settings.HOME, GATEWAY)
    seq = writer.append(kind=UPLOAD, name=name, source="http", payload=b"~||", received_at=arrival, mine=mine)
    writer.commit()
    writer.close()
    row: dict[str, Any] = {column: 0 if kind.is_integer() else "" for column, kind in FRAMES.items()}
    row |= {"gateway": GATEWAY, "seq": seq, "received_at": arrival, "outcome": "accepted", "stale": False}
    row |= {"header_time": None, "type": "CDSS", "mine": mine, "name": name}
    ledger = Ledger(settings.HOME)
    ledger.append(pl.DataFrame([row], schema=FRAMES), pl.DataFrame(schema=REJECTS), {GATEWAY: seq})
    return seq


def build(cast: Cast, at: datetime) -> World:
    """The world, in the database of the test."""
    from django.db import transaction

    from kuangan.base.registry.intake import enter_seen
    from kuangan.domains.alerts.models import Alert
    from kuangan.domains.alerts.sink import apply_events
    from kuangan.domains.datalink.senders import create_sender

    enter_seen([], [{"code": POINT, "mine": cast.mine_a.code, "valid_from": at}], at)
    with transaction.atomic():
        apply_events([over_limit(cast.mine_a.code, at)], at)
    alert = Alert.objects.select_related("case").get()
    sender, _ = create_sender(
        name="示例远峰煤业前置机", kind="mine", codes=[cast.mine_a.code], by=cast.system_admin, at=at
    )
    evidence = handed_in(alert, cast.mine_a_manager, at)
    return World(alert, evidence, sender, uploaded(cast.mine_a.code, at), cast)


def of_alert(world: World) -> Arguments:
    return {"number": world.number}


def of_mine(world: World) -> Arguments:
    return {"code": world.cast.mine_a.code}


def of_person(world: World) -> Arguments:
    return {"pk": world.cast.mine_a_manager.pk}


# Arguments of addresses that have some, and forms of those that are posted to.
ARGUMENTS: dict[str, Callable[[World], Arguments]] = {
    "account_confirm_email": lambda _: {"key": "none"},
    "account_reset_password_from_key": lambda _: {"uidb36": "1", "key": "none"},
    "alerts:alert": of_alert,
    "alerts:drawer": of_alert,
    "alerts:curve": of_alert,
    "alerts:sheet": of_alert,
    "alerts:evidence": lambda world: {"number": world.number, "pk": world.evidence.pk},
    "alerts:step": lambda world: {"number": world.number, "name": "acknowledge"},
    "api:get_alert": of_alert,
    "api:get_curve": of_alert,
    "datalink:frame": lambda world: {"gateway": GATEWAY, "seq": world.seq},
    "datalink:download": lambda world: {"gateway": GATEWAY, "seq": world.seq},
    "datalink:sender": lambda world: {"pk": world.sender.pk},
    "notices:answer": lambda _: {"token": "none"},
    "people:user": of_person,
    "people:user_edit": of_person,
    "people:user_active": of_person,
    "people:user_password": of_person,
    "portal:mine": of_mine,
    "registry:mine": of_mine,
    "registry:supervisor": of_mine,
    "registry:place": lambda world: {"code": world.cast.mine_a.code, "point": POINT},
    "registry:contacts": lambda world: {"pk": world.cast.organisations["mine_a"].pk},
    "registry:organisation": lambda world: {"pk": world.cast.organisations["mine_a"].pk},
}
# What follows the question mark.
QUERIES: dict[str, Callable[[World], Arguments]] = {
    "people:user_new": lambda world: {"organisation": world.cast.organisations["mine_a"].pk},
}
# What is posted; rows with " POST" in the table use it.
FORMS: dict[str, Callable[[World], Arguments]] = {
    "alerts:step": lambda _: {"note": "已通知井下"},
    "people:user_new": lambda _: {
        "username": "mine_a_deputy",
        "display_name": "甲矿副矿长",
        "roles": ["mine_manager"],
        "password": "yan-men-7-guan-shan",
        "reason": "新任",
    },
    "people:user_edit": lambda _: {"display_name": "甲矿矿长", "roles": ["mine_manager"], "reason": "改名"},
    "registry:supervisor": lambda world: {"body": world.cast.organisations["city"].pk, "reason": "提级监管"},
    "registry:place": lambda _: {"name": "示例上隅角", "place_class": "return_corner", "reason": "登记"},
    "registry:contacts": lambda _: {"phone": "0355-0000000", "reason": "登记"},
    "people:user_active": lambda _: {"reason": "调离"},
    "people:user_password": lambda _: {"password": "yan-men-7-guan-shan", "reason": "遗忘"},
}
