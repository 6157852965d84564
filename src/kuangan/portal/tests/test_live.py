"""The stream under a real server: one poll for all listeners, each told of its own cases only."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from django.conf import settings as live_settings
from django.db import connection, connections
from django.test import Client

from conftest import Cast
from kuangan.base.case.models import Case
from kuangan.base.people.scope import scope_of
from kuangan.domains.alerts.models import Alert
from kuangan.portal import hub as hubs
from kuangan.site.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


def raise_alert(cast: Cast, number: str, at: datetime, grade: str = "red") -> Case:
    mine = cast.mine_a
    case = Case.objects.create(
        kind="alert",
        number=number,
        mine=mine,
        region="140404",
        sector="coal",
        state="raised",
        severity=grade,
        opened=at,
        title="示例",
    )
    Alert.objects.create(
        case=case,
        event_id=number,
        rev=1,
        rule="gas.over_limit",
        rule_version=1,
        subject_kind="point",
        subject="x",
        grade=grade,
        graded_at=at,
        onset=at,
        event_status="open",
        raised_at=at,
        changed_at=at,
    )
    return case


def session_of(user: Any) -> dict[str, str]:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {live_settings.SESSION_COOKIE_NAME: client.cookies[live_settings.SESSION_COOKIE_NAME].value}


@pytest.fixture
def served(cast: Cast, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a real uvicorn in this process, on a free port."""
    monkeypatch.setattr(hubs, "IDLE_SECONDS", 0.5)
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([sock])), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    thread.join(15)
    sock.close()
    assert not thread.is_alive()


async def messages(address: str, user_cookies: dict[str, str], count: int) -> list[dict[str, Any]]:
    """The first messages of one stream."""
    found: list[dict[str, Any]] = []
    async with (
        httpx.AsyncClient(cookies=user_cookies, timeout=20) as client,
        client.stream("GET", f"{address}/live/stream") as answer,
    ):
        assert answer.headers["content-type"] == "text/event-stream"
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
            if len(found) == count:
                return found
    return found


def the_hub() -> hubs.Hub:
    (found,) = [each for loop, each in hubs._hubs.items() if loop.is_running()]
    return found


def test_many_listeners_cause_one_poll(cast: Cast, served: str, moment: datetime) -> None:
    raise_alert(cast, "GJ-1", moment)
    cookies = session_of(cast.county_officer)

    async def listen() -> float:
        began = time.monotonic()
        streams = await asyncio.gather(*(messages(served, cookies, 4) for _ in range(12)))
        assert all(len(stream) == 4 for stream in streams)
        return time.monotonic() - began

    took = asyncio.run(listen())
    assert the_hub().polls <= took / hubs.POLL_SECONDS + 2


def test_a_new_alert_reaches_its_county_and_not_the_neighbour(cast: Cast, served: str, moment: datetime) -> None:
    raise_alert(cast, "GJ-1", moment)
    later = moment.replace(minute=5)

    async def listen() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        own = asyncio.create_task(messages(served, session_of_county, 5))
        other = asyncio.create_task(messages(served, session_of_neighbour, 5))
        await asyncio.sleep(1.0)
        made.append(await asyncio.to_thread(_raise_and_close, cast, later))
        return await own, await other

    session_of_county, session_of_neighbour = session_of(cast.county_officer), session_of(cast.neighbour_officer)
    made: list[int] = []
    own, other = asyncio.run(listen())
    assert made[0] in {number for message in own for number in message["changed"]}
    assert own[-1]["counts"] == {"open": 2, "red": 1, "orange": 1, "yellow": 0, "blue": 0}
    assert all(message["changed"] == [] for message in other)
    assert other[-1]["counts"]["open"] == 0
    assert own[0]["seq"] != own[-1]["seq"]


def _raise_and_close(cast: Cast, at: datetime) -> int:
    try:
        return int(raise_alert(cast, "GJ-2", at, "orange").pk)
    finally:
        if connection.vendor != "sqlite":
            connections.close_all()


def test_every_message_carries_the_strip_and_a_heartbeat_comes_each_second(cast: Cast, served: str) -> None:
    cookies = session_of(cast.county_officer)
    began = time.monotonic()
    heard = asyncio.run(messages(served, cookies, 3))
    assert time.monotonic() - began < 6
    assert all({item["key"] for item in message["strip"]} >= {"gateway", "engine"} for message in heard)
    assert heard[0]["strip"][0]["text"] == "未启动"


def test_polling_gives_the_same_message(cast: Cast, home: Path, moment: datetime) -> None:
    raise_alert(cast, "GJ-1", moment)
    client = Client()
    client.force_login(cast.county_officer, backend="allauth.account.auth_backends.AuthenticationBackend")
    message = client.get("/live/state").json()
    assert message["counts"]["red"] == 1
    assert {item["key"] for item in message["strip"]} >= {"gateway", "engine"}


def test_a_page_that_only_polls_may_be_the_first_of_all(cast: Cast, served: str) -> None:
    with httpx.Client(base_url=served, cookies=session_of(cast.county_officer), timeout=20) as client:
        answers = []
        for _ in range(3):
            answers.append(client.get("/live/state").status_code)
            time.sleep(hubs.POLL_SECONDS)
    assert answers == [200, 200, 200]
    assert len(asyncio.run(messages(served, session_of(cast.county_officer), 2))) == 2


def test_a_stranger_gets_no_stream(cast: Cast, served: str) -> None:
    with suppress(httpx.HTTPError):
        answer = httpx.get(f"{served}/live/stream")
        assert answer.status_code == 302
    assert Client().get("/live/state").status_code == 302


class Overtaken(hubs.Hub):
    """A hub whose poll sees a change just while a page is being told of nothing."""

    def __init__(self, changed: int) -> None:
        super().__init__()
        self._late = changed

    async def _threaded(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        if self._late:
            ident, self._late = self._late, 0
            self.version += 1
            self._history.append((self.version, frozenset({ident})))
            self._counts.clear()
            self._visible.clear()
        return await super()._threaded(function, *args, **kwargs)


def test_a_change_that_overtakes_a_heartbeat_is_told_with_the_next_one(cast: Cast, moment: datetime) -> None:
    case = raise_alert(cast, "GJ-1", moment)
    scope = scope_of(cast.county_officer)

    async def listen() -> list[list[int]]:
        hub = Overtaken(case.pk)
        first = await hub.message(scope, 0)
        return [first["changed"], (await hub.message(scope, 0))["changed"]]

    assert asyncio.run(listen()) == [[], [case.pk]]
