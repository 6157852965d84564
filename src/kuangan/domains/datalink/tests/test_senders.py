"""Accounts of senders: the token is shown once, the gateway's file follows each change."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import MINE_A, MOMENT, Cast
from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import to_ms
from kuangan.domains.datalink.broker import broker_users
from kuangan.domains.datalink.models import Sender
from kuangan.domains.datalink.position import read_position, store_position
from kuangan.domains.datalink.senders import create_sender, publish_senders
from kuangan.domains.datalink.tests.conftest import World
from kuangan.library.telemetry.gateways.mosquitto import password_hash
from kuangan.library.telemetry.gateways.senders import Senders
from kuangan.site.carriers import write_broker_files
from kuangan.site.configuration import Configuration


def published(home: Path) -> list[dict[str, Any]]:
    return json.loads((home / "senders.json").read_text())["senders"]


def test_the_file_of_the_gateway_holds_the_hash_and_never_the_token(cast: Cast, world: World) -> None:
    sender, token = create_sender(name="示例甲矿", kind="mine", codes=[MINE_A], by=cast.system_admin, at=MOMENT)
    path = publish_senders(world.home)
    assert published(world.home) == [
        {
            "id": str(sender.pk),
            "name": "示例甲矿",
            "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
            "codes": [MINE_A],
            "disabled": False,
        }
    ]
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in world.home.glob(".senders*")] == []


def test_the_token_is_shown_once(cast: Cast, client_of: Callable[..., Any], world: World) -> None:
    browser = client_of(cast.system_admin)
    made = browser.post("/senders/", {"name": "示例转发", "kind": "forwarder", "codes": "*"})
    token = made.context["token"]
    assert token in made.content.decode()
    assert token not in browser.get("/senders/").content.decode()
    assert Sender.objects.get().token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert AuditEntry.objects.filter(action="sender.create").count() == 1


@pytest.mark.parametrize(("kind", "codes"), [("mine", "*"), ("mine", "12345"), ("forwarder", ""), ("other", MINE_A)])
def test_an_account_with_wrong_codes_is_not_made(
    cast: Cast, client_of: Callable[..., Any], world: World, kind: str, codes: str
) -> None:
    answer = client_of(cast.system_admin).post("/senders/", {"name": "示例", "kind": kind, "codes": codes})
    assert answer.status_code == 422
    assert not Sender.objects.exists()


def test_disabling_needs_a_reason_is_recorded_and_reaches_the_gateway(
    cast: Cast, client_of: Callable[..., Any], world: World, django_capture_on_commit_callbacks: Any
) -> None:
    sender, _ = create_sender(name="示例甲矿", kind="mine", codes=[MINE_A], by=cast.system_admin, at=MOMENT)
    browser = client_of(cast.system_admin)
    browser.post(f"/senders/{sender.pk}/", {"act": "disable", "reason": ""})
    assert not Sender.objects.get().disabled
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/senders/{sender.pk}/", {"act": "disable", "reason": "令牌泄露"})
    assert [row["disabled"] for row in published(world.home)] == [True]
    assert Sender.objects.get().disabled
    assert AuditEntry.objects.get(action="sender.disable").reason == "令牌泄露"


def test_a_renewed_token_replaces_the_old_one(cast: Cast, client_of: Callable[..., Any], world: World) -> None:
    sender, old = create_sender(name="示例甲矿", kind="mine", codes=[MINE_A], by=cast.system_admin, at=MOMENT)
    answer = client_of(cast.system_admin).post(
        f"/senders/{sender.pk}/", {"act": "rotate", "days": 0, "reason": "例行更换"}
    )
    assert answer.context["token"] != old
    assert Sender.objects.get().token_sha256 == hashlib.sha256(answer.context["token"].encode()).hexdigest()


def test_in_a_changeover_two_tokens_hold_until_a_date_and_never_three(
    cast: Cast, client_of: Callable[..., Any], world: World, django_capture_on_commit_callbacks: Any
) -> None:
    sender, old = create_sender(name="示例甲矿", kind="mine", codes=[MINE_A], by=cast.system_admin, at=MOMENT)
    browser, address = client_of(cast.system_admin), f"/senders/{sender.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        new = browser.post(address, {"act": "rotate", "days": 7, "reason": "例行更换"}).context["token"]
    clock = {"ms": to_ms(MOMENT)}
    gateway = Senders(world.home, lambda: clock["ms"])
    assert [gateway.match(token) is not None for token in (old, new)] == [True, True]
    users = [user.name for user in broker_users(MOMENT)]
    assert users == [f"{sender.pk}.1", f"{sender.pk}.2"]
    again = browser.post(address, {"act": "rotate", "days": 7, "reason": "又换"})
    assert (again.status_code, again.context["token"]) == (422, "")
    clock["ms"] += 7 * 86_400_000
    assert [gateway.match(token) is not None for token in (old, new)] == [False, True]
    assert [user.name for user in broker_users(MOMENT + timedelta(days=7))] == [f"{sender.pk}.2"]
    content = json.loads(AuditEntry.objects.get(action="sender.renew_token").content)
    assert (content["tail"], content["previous"]) == (new[-4:], old[-4:])


def test_the_old_token_can_be_ended_before_its_date(
    cast: Cast, client_of: Callable[..., Any], world: World, django_capture_on_commit_callbacks: Any
) -> None:
    sender, old = create_sender(name="示例甲矿", kind="mine", codes=[MINE_A], by=cast.system_admin, at=MOMENT)
    browser, address = client_of(cast.system_admin), f"/senders/{sender.pk}/"
    browser.post(address, {"act": "rotate", "days": 7, "reason": "例行更换"})
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(address, {"act": "end", "reason": "各系统已更换"})
    assert Senders(world.home, lambda: to_ms(MOMENT)).match(old) is None
    assert json.loads(AuditEntry.objects.get(action="sender.end_previous").content)["tail"] == old[-4:]


def test_the_broker_is_given_hashes_of_accounts_in_use_alone(cast: Cast, world: World) -> None:
    sender, token = create_sender(name="示例甲矿", kind="mine", codes=[MINE_A], by=None, at=MOMENT)
    create_sender(name="停用的", kind="mine", codes=[MINE_A], by=None, at=MOMENT, disabled=True)
    forwarder, _ = create_sender(name="示例转发", kind="forwarder", codes=["*"], by=None, at=MOMENT)
    configuration = Configuration(home=world.home, mqtt_url="mqtt://gateway:secret@127.0.0.1")
    folder = world.home / "mqtt"
    assert [path.name for path in write_broker_files(configuration, folder, MOMENT)] == ["passwords", "acl"]
    assert write_broker_files(configuration, folder, MOMENT) == []
    lines = (folder / "passwords").read_text().splitlines()
    assert [line.split(":")[0] for line in lines] == ["gateway", f"{sender.pk}.1", f"{forwarder.pk}.1"]
    salt = base64.b64decode(lines[1].split("$")[3])
    assert lines[1].split(":", 1)[1] == password_hash(token, salt)
    assert f"topic write kuangan/{MINE_A}/+" in (folder / "acl").read_text()
    assert (folder / "passwords").stat().st_mode & 0o007 == 0


@pytest.mark.parametrize("who", ["county_officer", "security_admin", "mine_a_manager", "nobody"])
def test_only_the_system_administrator_opens_the_accounts(
    cast: Cast, client_of: Callable[..., Any], world: World, who: str
) -> None:
    assert client_of(cast.people[who]).get("/senders/").status_code == 403


@pytest.mark.django_db
def test_the_position_of_the_engine_is_kept_per_gateway() -> None:
    store_position({"g1": 5, "g2": 1}, 1000)
    store_position({"g1": 9}, 2000)
    assert read_position() == {"g1": 9, "g2": 1}
