"""The whole system under one command: `serve` and `demo`, on ports that the environment chooses."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.running import Running, children, command, running
from tests.waiting import eventually, free_port

pytestmark = pytest.mark.kills
PROCESSES = {"receive", "engine", "web", "worker"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def ports() -> dict[str, str]:
    return {"KUANGAN_PORT": str(free_port()), "KUANGAN_GATEWAY_PORT": str(free_port())}


def answers(port: str, path: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for_all(system: Running, chosen: Mapping[str, str]) -> None:
    for name, path in (("KUANGAN_PORT", "/accounts/login/"), ("KUANGAN_GATEWAY_PORT", "/v1/health")):
        eventually(lambda name=name, path=path: answers(chosen[name], path), 120, lambda: system.err)


def test_serve_opens_the_first_accounts_once_and_brings_back_what_was_killed(home: Path, tmp_path: Path) -> None:
    chosen = ports()
    with running(tmp_path / "logs", home, "serve", "--json", **chosen) as system:
        wait_for_all(system, chosen)
        for name in ("system", "security", "audit"):
            secret = home / "secrets" / f"first_password_{name}"
            assert f"first password of {name}: {secret}" in system.err
            assert secret.stat().st_mode & 0o077 == 0
        second = command(home, "serve", "--json")
        assert second.code == 3
        assert "served already" in second.err
        before = eventually(lambda: _all(system), 60, lambda: system.err)
        os.kill(before["worker"], signal.SIGKILL)
        after = eventually(lambda: _all(system, other=before["worker"]), 60, lambda: system.err)
        assert {name for name in PROCESSES if before[name] != after[name]} == {"worker"}
        assert system.interrupt(15) == 0
        assert children(system.process.pid) == {}
    assert json.loads(system.out) == {
        "pages": int(chosen["KUANGAN_PORT"]),
        "gateway": int(chosen["KUANGAN_GATEWAY_PORT"]),
    }
    with running(tmp_path / "logs", home, "serve", **chosen) as again:
        wait_for_all(again, chosen)
        assert again.interrupt(15) == 0
    assert "first password" not in again.err


def test_the_demonstration_shows_an_alert_to_the_county_and_keeps_its_past(tmp_path: Path) -> None:
    home, chosen = tmp_path / "home", ports()
    words = ("demo", "--mines", "9", "--hours", "1", "--json")
    with running(tmp_path / "logs", home, *words, **chosen) as demo:
        eventually(lambda: "first alert after" in demo.err or demo.process.poll() is not None, 240, lambda: demo.err)
        assert demo.process.poll() is None, demo.err
        told = json.loads(demo.out)
        assert told["address"] == f"http://127.0.0.1:{chosen['KUANGAN_PORT']}/"
        assert len({sign["role"] for sign in told["sign_ins"]}) == len(told["sign_ins"]) == 13
        wait_for_all(demo, chosen)
        county = next(sign for sign in told["sign_ins"] if sign["user"] == "xianju")
        with closing(_sign_in(told["address"], county)) as browser:
            eventually(lambda: "data-severity" in browser.get("/desk/").text, 60, "the county's desk shows the alert")
        province = next(sign for sign in told["sign_ins"] if sign["user"] == "shengting")
        with closing(_sign_in(told["address"], province)) as browser:
            eventually(
                lambda: "已登记" in browser.get("/exchange/demo/?tab=in").text, 60, "the invented platform's batch"
            )
        assert not (home / "exchange" / "demo" / "out").exists()
        assert demo.interrupt(15) == 0
        assert children(demo.process.pid) == {}
    assert command(home, "ledger", "verify", "--json").result["balanced"] is True
    with running(tmp_path / "logs", home, *words, **chosen) as again:
        eventually(lambda: again.out and "first alert after" in again.err, 120, lambda: again.err)
        assert "history is there already" in again.err
        assert json.loads(again.out) == told
        assert again.interrupt(15) == 0


def _all(system: Running, other: int = 0) -> dict[str, int]:
    """The four processes once all of them run, `other` not among them; {} before."""
    found = children(system.process.pid)
    return found if set(found) >= PROCESSES and other not in found.values() else {}


def _sign_in(address: str, sign: Mapping[str, Any]) -> httpx.Client:
    """A browser with this person's session."""
    browser = httpx.Client(base_url=address, follow_redirects=True, timeout=30, trust_env=False)
    form = TOKEN.search(browser.get("/accounts/login/").text)
    assert form is not None
    given = {"csrfmiddlewaretoken": form[1], "login": sign["user"], "password": sign["password"]}
    assert browser.post("/accounts/login/", data=given).status_code == 200
    return browser
