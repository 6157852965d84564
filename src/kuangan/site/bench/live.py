"""Arrival → browser: the four processes with a live fleet, over-limits planted, and somebody signed in who listens.

Arrival is the moment at which the gateway has the last byte of a file (the frame's `received_at`, on the same clock). The other end
is the moment at which a client of the province's duty officer is told by the stream of the pages that this alert changed.
"""

from __future__ import annotations

import json
import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import numpy as np

from kuangan.library.simulate import Fault, SimulatedMine, fleet, live, spike
from kuangan.site.bench.browser import Browser, chromium
from kuangan.site.bench.receive import NotReady
from kuangan.site.bench.stages import Task
from kuangan.site.configuration import Configuration
from kuangan.site.processes import wall_ms

if TYPE_CHECKING:
    from kuangan.site.supervisor import Supervisor

MINES: Final = 30
POINTS: Final = 55
RHYTHM_S: Final = 10
WARM_S: Final = 15
START_S: Final = 60.0
ROLES: Final = ("corner", "face", "face_return", "heading", "heading_return")
FIGURES: Final = ("arrival_to_browser", "arrival_to_stream")
Heard = dict[int, int]


def measure(task: Task) -> dict[str, Any]:
    """Latencies in ms: in a headless browser when there is one, and always of the bare stream."""
    if not task.live_seconds:
        nothing = {f"{figure}_p{share}_ms": None for figure in FIGURES for share in (50, 99)}
        return {**nothing, "live_client": None, "live_mines": MINES, "live_alerts": 0, "live_missed": 0}
    from kuangan.site.processes import set_up

    configuration = Configuration()
    home = configuration.prepared_home()
    set_up()
    mines = fleet(task.seed, MINES, POINTS)
    token, cookie = _people(home, mines, task.seed)
    with four_running() as (_, web, gateway, stop):
        return _listen(task, mines, f"http://127.0.0.1:{web}", gateway, token, cookie, stop)


@contextmanager
def four_running() -> Iterator[tuple[Supervisor, int, int, threading.Event]]:
    """The four processes, answering: their supervisor, the ports of web and gateway, and what stops them."""
    from kuangan.site.supervisor import four

    web, gateway = _free_port(), _free_port()
    stop = threading.Event()
    supervisor = four(web, gateway, stop)
    supervisor.environment = dict(os.environ, KUANGAN_PUBLIC_URL=f"http://127.0.0.1:{web}")
    supervisor.start(time.monotonic())
    try:
        _await(f"http://127.0.0.1:{web}/accounts/login/")
        _await(f"http://127.0.0.1:{gateway}/v1/health")
        yield supervisor, web, gateway, stop
    finally:
        stop.set()
        supervisor.end()


def _people(home: Path, mines: list[SimulatedMine], seed: int) -> tuple[str, dict[str, str]]:
    """The token of a forwarder and the session of a duty officer of the province."""
    from django.conf import settings
    from django.test import Client

    from kuangan.base import clock
    from kuangan.base.people.administration import create_user
    from kuangan.base.people.models import Organisation, OrganisationKind
    from kuangan.base.people.roles import Role
    from kuangan.domains.datalink.senders import create_sender, publish_senders
    from kuangan.site.demo import province

    province.enter(home, seed)
    at, token = clock.now(), "ka_bench"
    create_sender(name="bench", kind="forwarder", codes=[m.code for m in mines], by=None, at=at, token=token)
    publish_senders(home)
    body = Organisation.objects.get(kind=OrganisationKind.EMERGENCY, level="province")
    officer = create_user(
        username="bench",
        display_name="合成值班员",
        organisation=body,
        roles=[Role.DUTY_OFFICER.value],
        password=token * 3,
        by=None,
        at=at,
        reason="bench",
    )
    client = Client()
    client.force_login(officer, backend=settings.AUTHENTICATION_BACKENDS[0])
    return token, {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def _listen(
    task: Task,
    mines: list[SimulatedMine],
    address: str,
    gateway: int,
    token: str,
    cookie: dict[str, str],
    stop: threading.Event,
) -> dict[str, Any]:
    start = wall_ms() + WARM_S * 1000
    faults = planted(mines, start, task.live_seconds, task.seed)
    heard: Heard = {}
    threads = [
        threading.Thread(target=_feed, args=(mines, faults, gateway, token, stop), daemon=True),
        threading.Thread(target=_stream, args=(address, cookie, heard, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    seconds = WARM_S + task.live_seconds + RHYTHM_S + 5
    program = chromium()
    seen: Heard | None = None
    if program is None:
        stop.wait(seconds)
    else:
        with Browser(program, address, cookie) as browser:
            stop.wait(seconds)
            seen = browser.heard()
    raised = _raised()
    bare = _latencies(raised, heard)
    shown = bare if seen is None else _latencies(raised, seen)
    words = "server-sent events, httpx" if seen is None else "server-sent events in Chromium, duty desk open"
    return {
        **_shares(FIGURES[0], shown),
        **_shares(FIGURES[1], bare),
        "live_client": words,
        "live_mines": len(mines),
        "live_alerts": len(shown),
        "live_missed": len(raised) - len(shown),
    }


def planted(mines: list[SimulatedMine], start: int, seconds: int, seed: int) -> list[Fault]:
    """One over-limit in each working of every mine, at moments drawn from the whole measurement."""
    rng = np.random.Generator(np.random.Philox(seed))
    chosen = [(mine, point) for mine in mines for point in mine.points if point.spec.role in ROLES]
    moments = rng.integers(0, max(seconds * 1000, 1), len(chosen)).tolist()
    return [spike(mine, point, start + at, peak=1.6) for (mine, point), at in zip(chosen, moments, strict=True)]


def _feed(mines: list[SimulatedMine], faults: list[Fault], gateway: int, token: str, stop: threading.Event) -> None:
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{gateway}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
        trust_env=False,
    )

    def post(files: list[tuple[str, bytes]]) -> None:
        try:
            client.post("/v1/frames", files=[("frame", file) for file in files]).raise_for_status()
        except httpx.HTTPError as error:
            raise OSError(str(error)) from error

    live(mines, RHYTHM_S, post, wall_ms, stop.wait, stop.is_set, faults)


def _stream(address: str, cookie: dict[str, str], heard: Heard, stop: threading.Event) -> None:
    """Notes when each alert was first told of, ms; a stream that ends is opened again."""
    while not stop.is_set():
        try:
            with (
                httpx.Client(cookies=cookie, timeout=10, trust_env=False) as client,
                client.stream("GET", f"{address}/live/stream") as answer,
            ):
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        at = wall_ms()
                        for number in json.loads(line[6:])["changed"]:
                            heard.setdefault(int(number), at)
                    if stop.is_set():
                        return
        except httpx.HTTPError:
            stop.wait(0.2)


def _raised() -> Heard:
    """Arrival (ms) of the file that raised it, per over-limit alert."""
    from kuangan.base.clock import to_ms
    from kuangan.domains.alerts.models import Alert
    from kuangan.library.warning.rulebook import OVER_LIMIT

    rows = Alert.objects.filter(rule=OVER_LIMIT).values_list("pk", "raised_at")
    return {number: to_ms(at) for number, at in rows}


def _latencies(raised: Heard, heard: Heard) -> list[int]:
    return sorted(heard[number] - at for number, at in raised.items() if number in heard)


def _shares(figure: str, found: list[int]) -> dict[str, float | None]:
    """The smallest latency that half, and that 99 of a hundred, do not exceed."""
    return {
        f"{figure}_p{share}_ms": float(found[math.ceil(share / 100 * len(found)) - 1]) if found else None
        for share in (50, 99)
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(address: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=5, trust_env=False).status_code < 400:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise NotReady(f"{address} does not answer")
