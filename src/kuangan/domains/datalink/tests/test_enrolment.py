"""A mine enrols its own systems, an authority confirms; a file can be looked at beforehand, and nothing of it stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import MINE_A, MINE_B, MOMENT, Cast
from kuangan.base.audit.models import AuditEntry
from kuangan.base.clock import to_ms
from kuangan.base.people.models import User
from kuangan.domains.datalink.models import Carrier, Enrolment
from kuangan.domains.datalink.senders import publish_senders
from kuangan.domains.datalink.tests.conftest import World
from kuangan.library.telemetry.gateways.senders import Senders

HEAD = f"{MINE_A};示例远峰煤业;2026-11-21 07:59:50"
KEY = "ssh-ed25519 " + "A" * 68 + " engineer@mine"
CARRIERS = {
    "http": {"address": "https://gateway.example/v1/frames"},
    "ftp": {"host": "gateway.example", "port": 21, "tls": True},
    "mqtt": {"host": "gateway.example", "port": 8883, "tls": True, "root": "kuangan"},
    "sftp": {"host": "gateway.example", "port": 22},
}


@pytest.fixture(autouse=True)
def _all_carriers(settings: Any) -> None:
    settings.CARRIERS = CARRIERS


def said(**changed: Any) -> dict[str, Any]:
    plain = {"mine": MINE_A, "system": "安全监控系统", "maker": "示例厂 KJ0X", "contact": "张工 0355-0000000"}
    return plain | {"carrier": "ftp", "types": ["CDDY", "CDSS"], "public_key": ""} | changed


def reading(number: int, value: str = "0.12") -> str:
    return f"{MINE_A}01MN0043{number:06d};激光甲烷;1102回风巷;{value};%CH4;0;2026-11-21 07:59:50"


def test_credentials_are_shown_once_and_work_from_the_confirmation_on(
    cast: Cast, client_of: Callable[..., Any], world: World, django_capture_on_commit_callbacks: Any
) -> None:
    engineer, administrator = client_of(cast.mine_a_manager), client_of(cast.system_admin)
    with django_capture_on_commit_callbacks(execute=True):
        made = engineer.post("/enrolments/", said())
    token, row = made.context["token"], Enrolment.objects.get()
    assert token in made.content.decode()
    address = f"/enrolments/{row.pk}/"
    assert token not in engineer.get(address).content.decode()
    gateway = Senders(world.home, lambda: to_ms(MOMENT))
    assert gateway.match(token) is None
    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(address, {"act": "confirm", "reason": "资料齐全"})
    found = gateway.match(token)
    assert found is not None
    assert found.codes == {MINE_A}
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "sender.create",
        "enrolment.apply",
        "enrolment.confirm",
        "sender.enable",
    ]


def test_what_was_not_confirmed_stays_shut_and_is_decided_once(
    cast: Cast, client_of: Callable[..., Any], world: World
) -> None:
    client_of(cast.mine_a_manager).post("/enrolments/", said())
    row = Enrolment.objects.get()
    administrator = client_of(cast.system_admin)
    shut = administrator.post(f"/senders/{row.sender_id}/", {"act": "enable", "reason": "绕过确认"})
    assert shut.status_code == 400
    administrator.post(f"/enrolments/{row.pk}/", {"act": "refuse", "reason": "系统未备案"})
    administrator.post(f"/enrolments/{row.pk}/", {"act": "confirm", "reason": "又想确认"})
    row.refresh_from_db()
    assert (row.state, row.reason, row.sender.disabled) == ("refused", "系统未备案", True)
    publish_senders(world.home)
    assert AuditEntry.objects.filter(action="enrolment.confirm").count() == 0


@pytest.mark.parametrize("carrier", Carrier.values)
def test_the_page_shows_where_to_send_and_a_command_for_each_carrier(
    cast: Cast, client_of: Callable[..., Any], world: World, carrier: str
) -> None:
    given = said(carrier=carrier, public_key=KEY if carrier == "sftp" else "")
    made = client_of(cast.mine_a_manager).post("/enrolments/", given)
    row, text = Enrolment.objects.get(), made.content.decode()
    client = {
        "http": "curl --fail -H",
        "ftp": "--ssl-reqd",
        "mqtt": "mosquitto_pub",
        "sftp": f"sender-{row.sender_id}@",
    }
    assert client[carrier] in text
    assert "gateway.example" in text
    assert f"{MINE_A}_CDDY_" in text
    assert (made.context["token"] in text) == (carrier != "sftp")


@pytest.mark.parametrize(
    "wrong",
    [
        {"mine": MINE_B},
        {"types": ["CDSS", "NONE"]},
        {"types": []},
        {"carrier": "pigeon"},
        {"carrier": "sftp"},
        {"carrier": "sftp", "public_key": "no key"},
    ],
    ids=str,
)
def test_a_wrong_form_makes_no_account(
    cast: Cast, client_of: Callable[..., Any], world: World, wrong: dict[str, Any]
) -> None:
    assert client_of(cast.mine_a_manager).post("/enrolments/", said(**wrong)).status_code == 422
    assert not Enrolment.objects.exists()


def test_one_mine_sees_nothing_of_another_and_nobody_confirms_for_the_own_enterprise(
    cast: Cast, client_of: Callable[..., Any], world: World
) -> None:
    client_of(cast.mine_a_manager).post("/enrolments/", said())
    row = Enrolment.objects.get()
    other = client_of(cast.mine_b_dispatcher)
    assert other.get(f"/enrolments/{row.pk}/").status_code == 404
    assert "安全监控系统" not in other.get("/enrolments/").content.decode().split("登记一套系统")[0]
    assert client_of(cast.parent_dispatcher).post("/enrolments/", said()).status_code == 403
    own = User.objects.create(
        username="own_admin",
        organisation=cast.organisations["mine_a"],
        roles=["system_admin"],
        display_name="本矿管理员",
    )
    confirmed = client_of(own).post(f"/enrolments/{row.pk}/", {"act": "confirm", "reason": "自己确认"})
    assert confirmed.status_code == 403


def check(browser: Any, name: str, text: str | bytes) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return browser.post("/enrolments/check/", {"file": SimpleUploadedFile(name, content)})


def files(home: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_size) for path in home.rglob("*") if path.is_file()}


def test_a_test_file_is_explained_record_by_record_and_nothing_of_it_is_kept(
    cast: Cast, client_of: Callable[..., Any], world: World
) -> None:
    browser, before = client_of(cast.mine_a_manager), files(world.home)
    text = "~".join([HEAD, reading(1), reading(2, "abc"), reading(3, "-9999"), reading(4)[:-20], "||"])
    answer = check(browser, f"{MINE_A}_CDSS_20261121075950.txt", text)
    seen = answer.context["seen"]
    assert (seen.status, seen.outcome.good, seen.outcome.rejected) == ("部分接收", 2, 2)
    assert [(record.number, bool(record.reason)) for record in seen.records] == [
        (1, False),
        (2, True),
        (3, False),
        (4, True),
    ]
    assert (seen.records[1].column, seen.records[1].reason) == ("数值", "不是数字")
    assert ";abc;" in seen.records[1].excerpt
    assert "无数值" in seen.records[2].values
    assert "坏记录超过两成" in seen.marks
    shown = answer.content.decode()
    for words in ("1102回风巷", "激光甲烷", "%CH4", "2026-11-21 07:59:50", "不是数字", "字段个数不对"):
        assert words in shown
    assert seen.remarks == ["本矿的接入登记没有列出 CDSS 类型"]
    assert files(world.home) == before
    assert json.loads(AuditEntry.objects.get(action="enrolment.check").content)["status"] == "partial"


@pytest.mark.parametrize(
    ("name", "text", "status", "reason"),
    [
        (f"{MINE_A}_CDSS_20261121075950.txt", f"{HEAD}~{reading(1)}", "隔离", "文件不完整"),
        (f"{MINE_B}_CDSS_20261121075950.txt", f"{HEAD}~{reading(1)}~||", "隔离", "不一致"),
        ("notes.txt", "x", "未知类型", ""),
        (f"{MINE_A}_QQQQ_20261121075950.txt", "||", "未知类型", ""),
        (f"{MINE_A}_CDSS_20261121075950.txt", b"\x00\xff\xfe" * 50, "隔离", ""),
    ],
)
def test_what_would_not_be_understood_says_why(
    cast: Cast, client_of: Callable[..., Any], world: World, name: str, text: str | bytes, status: str, reason: str
) -> None:
    seen = check(client_of(cast.mine_a_manager), name, text).context["seen"]
    assert seen.status == status
    assert reason in seen.reason
    assert seen.records == []


def test_a_file_for_another_mine_is_remarked_and_one_too_large_is_not_looked_at(
    cast: Cast, client_of: Callable[..., Any], world: World, settings: Any
) -> None:
    browser = client_of(cast.mine_b_dispatcher)
    seen = check(browser, f"{MINE_A}_CDSS_20261121075950.txt", "~".join([HEAD, reading(1), "||"])).context["seen"]
    assert seen.remarks == [f"矿山编码 {MINE_A} 不是本单位的矿山，正式上传会被拒收"]
    settings.PRECHECK_BYTES = 10
    answer = check(browser, f"{MINE_A}_CDSS_20261121075950.txt", "x" * 11)
    assert (answer.status_code, answer.context["seen"]) == (422, None)


def test_every_definition_of_a_point_is_shown_with_its_limits(
    cast: Cast, client_of: Callable[..., Any], world: World
) -> None:
    from tests.kills.fleet import Fleet

    fleet = Fleet(1, to_ms(MOMENT), mines=1)
    offers = {offer.name.split("_")[1]: offer for offer in fleet.offers(0, 0)}
    for kind, column in (("CDDY", "上限报警"), ("FZDY", "位置"), ("CDSS", "数值")):
        seen = check(client_of(cast.mine_a_manager), offers[kind].name, offers[kind].payload).context["seen"]
        assert (seen.status, len(seen.records)) == ("已接收", seen.outcome.good)
        assert column in seen.columns
        assert all(len(record.values) == len(seen.columns) for record in seen.records)
