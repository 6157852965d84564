"""A list of accounts that cannot be read: nobody is told that they are unknown, the last good list stands, it heals by itself."""

from __future__ import annotations

import ftplib
from pathlib import Path

import httpx
import pytest

from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.gateways.ftp import FtpSettings
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.senders import Senders, parsed
from tests.library.telemetry.gatewaying import beat, gateway, refusals, spooled, wait_for, write_senders
from tests.library.telemetry.wire import MINE, NAME, record, wire

GOOD = wire(record(1))
DAMAGES = (
    b"",
    b"{",
    b'{"senders": [',
    b"\x00" * 512,
    b"\xff\xfe{}",
    b"[]",
    b'{"senders": 7}',
    b'{"senders": [7]}',
    b'{"senders": [{"id": "1"}]}',
    b'{"senders": [{"id": "1", "token_sha256": 5, "codes": ["*"]}]}',
    b'{"senders": [{"id": "1", "token_sha256": "x", "codes": "*"}]}',
    b'{"senders": [{"id": "1", "token_sha256": "x", "codes": [], "previous": {"until": 1}}]}',
)


def damage(home: Path, content: bytes = b'{"senders": [{"id"') -> None:
    draft = home / "draft"
    draft.write_bytes(content)
    draft.replace(home / "senders.json")


def post(url: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "X-Frame-Name": NAME}
    return httpx.post(f"{url}/v1/frames", headers=headers, content=GOOD, timeout=30)


@pytest.mark.parametrize("content", DAMAGES)
def test_whatever_is_no_list_of_accounts_is_damage_and_keeps_the_last_good_one(tmp_path: Path, content: bytes) -> None:
    write_senders(tmp_path, mine=[MINE])
    senders = Senders(tmp_path, lambda: 0)
    assert senders.match("mine") is not None and senders.damaged == ""
    damage(tmp_path, content)
    assert senders.match("mine") is not None and senders.match("other") is None
    assert senders.damaged
    fresh = Senders(tmp_path, lambda: 0)
    assert (fresh.match("mine"), bool(fresh.damaged), fresh.any_known) == (None, True, False)
    with pytest.raises(ValueError):
        parsed(content)
    write_senders(tmp_path, other=["*"])
    assert (senders.match("mine"), senders.damaged) == (None, "")
    assert senders.match("other") is not None


def test_a_list_that_nobody_may_open_is_damage_until_it_may(tmp_path: Path) -> None:
    (tmp_path / "senders.json").mkdir()
    senders = Senders(tmp_path, lambda: 0)
    assert senders.match("mine") is None and "IsADirectory" in senders.damaged
    (tmp_path / "senders.json").rmdir()
    write_senders(tmp_path, mine=[MINE])
    assert senders.match("mine") is not None and senders.damaged == ""


def test_a_running_gateway_goes_on_with_the_last_good_list_and_asks_all_others_to_wait(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=[MINE])
    with gateway(tmp_path) as url:
        assert post(url, "new").status_code == 401
        damage(tmp_path)
        assert post(url, "mine").json()["frames"][0]["status"] == "stored"
        answer = post(url, "new")
        assert (answer.status_code, answer.json()["reason"], answer.headers["Retry-After"]) == (503, "senders", "30")
        health = httpx.get(f"{url}/v1/health")
        assert (health.status_code, health.json()["status"]) == (200, "senders")
        assert wait_for(lambda: beat(tmp_path)["senders"])
        write_senders(tmp_path, mine=[MINE], new=["*"])
        assert post(url, "new").status_code == 200
        assert wait_for(lambda: beat(tmp_path)["senders"] == "")
    assert len(spooled(tmp_path, UPLOAD)) == 2
    assert refusals(tmp_path) == ["token"], "what was asked to wait is no refusal"


def test_a_gateway_that_starts_without_a_list_takes_nothing_and_loses_nothing(tmp_path: Path) -> None:
    damage(tmp_path)
    inbox = tmp_path / "inbox" / "sender-mine"
    inbox.mkdir(parents=True)
    (inbox / NAME).write_bytes(GOOD)
    ftp = FtpSettings("127.0.0.1", 0, login_pause_s=0.1, plain=True)
    limits = Limits(frame_bytes=1 << 20, reserve_bytes=0, scan_seconds=0.2)
    with gateway(tmp_path, ftp=ftp, watch=tmp_path / "inbox", limits=limits) as url:
        assert post(url, "mine").status_code == 503
        assert httpx.get(f"{url}/v1/health").status_code == 503
        port = int(beat(tmp_path)["carriers"]["ftp"]["port"])
        with ftplib.FTP(timeout=20) as client:
            client.connect("127.0.0.1", port)
            with pytest.raises(ftplib.error_temp, match="421"):
                client.login("mine", "mine")
        assert (inbox / NAME).exists()
        assert refusals(tmp_path) == []
        write_senders(tmp_path, mine=[MINE])
        assert wait_for(lambda: not (inbox / NAME).exists())
        assert post(url, "mine").status_code == 200
        with ftplib.FTP(timeout=20) as client:
            client.connect("127.0.0.1", port)
            client.login("mine", "mine")
    assert len(spooled(tmp_path, UPLOAD)) == 2
