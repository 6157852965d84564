"""A province under load for as long as one likes: every mine sends at its rhythm, over-limits are planted all the time, one
officer's Chromium and hundreds of other listeners hang on the streams of the pages.

The generator shares the machine with what it measures: a process of its own makes the files up to a minute ahead, a few mines
at a time, so that only sending is left for the moment.
"""

from __future__ import annotations

import asyncio
import json
import math
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

import httpx

from kuangan.library.simulate import Fault, SimulatedMine, Upload, fleet, uploads
from kuangan.site.bench.browser import Browser, chromium
from kuangan.site.bench.live import ROLES, _latencies, _people, _raised, _shares, _stream, four_running, planted
from kuangan.site.bench.running import StageFailed
from kuangan.site.bench.stages import processor
from kuangan.site.configuration import Configuration
from kuangan.site.processes import set_up, wall_ms
from kuangan.site.supervisor import Supervisor

RHYTHM_S: Final = 10
AHEAD_MS: Final = 60_000
FILES_A_REQUEST: Final = 100
MINES_A_TURN: Final = 10
DRAIN_S: Final = 60
LISTEN_S: Final = 15
"""How long pages listen on, so that what was raised at the end is heard too."""
STREAM_LASTS_S: Final = 590
"""A stream of the pages ends by itself after ten minutes; one that ends sooner was lost."""
ACCOUNTS: Final = 40


@dataclass(frozen=True, slots=True)
class Load:
    """How much: mines, points of each, people below ground in each, minutes, pages that listen, seconds before it counts.

    The generator needs most of a minute until it is ahead; what it sends late in one go is no province's rhythm.
    """

    mines: int = 900
    points: int = 55
    crew: int = 30
    minutes: float = 30.0
    pages: int = 500
    warm_s: int = 90
    seed: int = 3


@dataclass
class Sent:
    """What the gateway answered, and how late files left; written by the feeding thread alone."""

    answers: Counter[str] = field(default_factory=Counter)
    late_ms: list[int] = field(default_factory=list)
    refused: int = 0


@dataclass
class Pages:
    """What the listeners heard."""

    open: int = 0
    most: int = 0
    messages: int = 0
    lost: int = 0
    gaps_ms: list[int] = field(default_factory=list)


def run(configuration: Configuration, load: Load) -> dict[str, Any]:
    """All figures of one run in a home of its own; the database is that of the configuration's address, or SQLite.

    Raises StageFailed when the process that measures ends with an error, which it has printed.
    """
    home = Path(tempfile.mkdtemp(prefix="load-", dir=configuration.prepared_home()))
    command = [sys.executable, "-m", "kuangan.site.bench.load", json.dumps(asdict(load))]
    try:
        ended = subprocess.run(
            command, env=dict(os.environ, KUANGAN_HOME=str(home)), stdout=subprocess.PIPE, check=False
        )
        if ended.returncode:
            raise StageFailed(f"the load test ended with {ended.returncode}")
        return {"cpu": processor(), **asdict(load), **json.loads(ended.stdout.splitlines()[-1])}
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measured(configuration: Configuration, load: Load) -> dict[str, Any]:
    home = configuration.prepared_home()
    set_up()
    mines = fleet(load.seed, load.mines, load.points, load.crew)
    token, cookie = _people(home, mines, load.seed)
    cookies = _listeners(token)
    with four_running() as (supervisor, web, gateway, stop):
        found = _under_load(load, supervisor, home, web, gateway, token, cookie, cookies, stop)
    return {**found, **_ledger(home)}


def _listeners(password: str) -> list[dict[str, str]]:
    """Sessions of duty officers of the first bodies of the state, province, cities and counties."""
    from django.conf import settings
    from django.test import Client

    from kuangan.base import clock
    from kuangan.base.people.administration import create_user
    from kuangan.base.people.models import Organisation, OrganisationKind
    from kuangan.base.people.roles import Role

    bodies = Organisation.objects.filter(kind=OrganisationKind.EMERGENCY).order_by("region", "pk")[:ACCOUNTS]
    found = []
    for number, body in enumerate(bodies):
        officer = create_user(
            username=f"listener{number}",
            display_name="合成值班员",
            organisation=body,
            roles=[Role.DUTY_OFFICER.value],
            password=password * 3,
            by=None,
            at=clock.now(),
            reason="bench",
        )
        client = Client()
        client.force_login(officer, backend=settings.AUTHENTICATION_BACKENDS[0])
        found.append({settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value})
    return found


def _under_load(
    load: Load,
    supervisor: Supervisor,
    home: Path,
    web: int,
    gateway: int,
    token: str,
    cookie: dict[str, str],
    cookies: Sequence[dict[str, str]],
    stop: threading.Event,
) -> dict[str, Any]:
    seconds = round(load.minutes * 60)
    start = wall_ms() + load.warm_s * 1000
    address, heard, pages = f"http://127.0.0.1:{web}", dict[int, int](), Pages()
    samples: dict[str, list[int]] = {"spool_age_ms": [], "lag_ms": []}
    memory: dict[str, int] = {}
    spawned = multiprocessing.get_context("spawn")
    no_more = threading.Event()
    enough, (told, tell) = spawned.Event(), spawned.Pipe(duplex=False)
    sender = spawned.Process(target=feed, args=(load, start, gateway, token, enough, tell), daemon=True)
    sender.start()
    threads = [
        threading.Thread(target=_stream, args=(address, cookie, heard, stop), daemon=True),
        threading.Thread(target=_sample, args=(home, supervisor, samples, memory, stop), daemon=True),
        threading.Thread(target=lambda: asyncio.run(_hang_on(web, cookies, load.pages, pages, no_more)), daemon=True),
    ]
    for thread in threads:
        thread.start()
    program = chromium()
    if program is None:
        no_more.wait(load.warm_s + seconds + LISTEN_S)
        seen = heard
    else:
        with Browser(program, address, cookie) as browser:
            no_more.wait(load.warm_s + seconds + LISTEN_S)
            seen = browser.heard()
    no_more.set()
    enough.set()
    sent: Sent = told.recv()
    _drained(home)
    raised = {number: at for number, at in _raised().items() if at < start + seconds * 1000}
    shown, bare = _latencies(raised, seen), _latencies(raised, heard)
    return {
        **_shares("arrival_to_browser", shown),
        **_shares("arrival_to_stream", bare),
        "client": "httpx" if program is None else "Chromium, cockpit open",
        "alerts": len(raised),
        "missed": len(raised) - len(shown),
        "files_sent": sum(sent.answers.values()),
        "answers": dict(sent.answers),
        "requests_refused": sent.refused,
        **_quantiles("sent_late_ms", sent.late_ms),
        **{key: value for name, found in samples.items() for key, value in _quantiles(name, found).items()},
        "peak_rss_mib": {name: round(size / 2**20) for name, size in sorted(memory.items())},
        "pages_open_at_most": pages.most,
        "page_messages": pages.messages,
        "pages_lost": pages.lost,
        **_quantiles("page_gap_ms", pages.gaps_ms),
    }


def feed(load: Load, start: int, gateway: int, token: str, stop: Any, told: Any) -> None:
    """Every file at its moment, or as soon after as the gateway takes it; a process of its own runs this.

    What the gateway refuses is offered again. `told` gets one `Sent` when `stop` is set.
    """
    mines, faults = _planned(load, start)
    made, sent, waiting = dict.fromkeys(range(len(mines)), wall_ms()), Sent(), list[Upload]()
    opening, behind = set(made), deque(made)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{gateway}", headers=headers, timeout=30, trust_env=False) as client:
        while not stop.is_set():
            for _ in range(MINES_A_TURN):
                number = behind[0]
                if made[number] > wall_ms() + AHEAD_MS / 2:
                    break
                until = made[number] + AHEAD_MS
                waiting += uploads(mines[number], made[number], until, RHYTHM_S, faults, number in opening)
                made[number] = until
                opening.discard(number)
                behind.rotate(-1)
            waiting.sort(key=lambda upload: upload.send_time)
            due = [upload for upload in waiting[: 10 * FILES_A_REQUEST] if upload.send_time <= wall_ms()]
            for begin in range(0, len(due), FILES_A_REQUEST):
                if not _posted(client, due[begin : begin + FILES_A_REQUEST], sent):
                    due = due[:begin]
            del waiting[: len(due)]
            stop.wait(0.05)
    told.send(sent)


def _planned(load: Load, start: int) -> tuple[list[SimulatedMine], list[Fault]]:
    """The mines, and one over-limit in each: everything on fire everywhere is not the question."""
    mines = fleet(load.seed, load.mines, load.points, load.crew)
    return mines, planted(mines, start, round(load.minutes * 60), load.seed)[:: len(ROLES)]


def _posted(client: httpx.Client, part: Sequence[Upload], sent: Sent) -> bool:
    try:
        answer = client.post("/v1/frames", files=[("frame", (upload.name, upload.payload)) for upload in part])
        answer.raise_for_status()
    except httpx.HTTPError:
        sent.refused += 1
        return False
    at = wall_ms()
    sent.late_ms += [at - upload.send_time for upload in part]
    sent.answers.update(frame["status"] for frame in answer.json()["frames"])
    return True


async def _hang_on(
    web: int, cookies: Sequence[Mapping[str, str]], count: int, pages: Pages, stop: threading.Event
) -> None:
    tasks = [asyncio.create_task(_page(web, cookie, pages)) for cookie in islice(cycle(cookies), count)]
    while not stop.is_set():
        await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _page(web: int, cookie: Mapping[str, str], pages: Pages) -> None:
    """One page that listens, and opens its stream again when it ends."""
    pair = "; ".join(f"{name}={value}" for name, value in cookie.items())
    request = (
        f"GET /live/stream HTTP/1.1\r\nHost: 127.0.0.1:{web}\r\nCookie: {pair}\r\nAccept: text/event-stream\r\n\r\n"
    )
    while True:
        began, counted = time.monotonic(), False
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", web)
            writer.write(request.encode())
            last = 0.0
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    at = time.monotonic()
                    if last:
                        pages.gaps_ms.append(round((at - last) * 1000))
                    else:
                        pages.open, counted = pages.open + 1, True
                        pages.most = max(pages.most, pages.open)
                    last, pages.messages = at, pages.messages + 1
            writer.close()
        except OSError:
            pass
        finally:
            pages.open -= counted
        pages.lost += time.monotonic() - began < STREAM_LASTS_S
        await asyncio.sleep(0.5)


def _sample(
    home: Path, supervisor: Supervisor, samples: dict[str, list[int]], memory: dict[str, int], stop: threading.Event
) -> None:
    """Once a second: how old the queue is, how far the engine is behind, and what each process holds."""
    while not stop.wait(1.0):
        try:
            status = json.loads((home / "hot" / "status.json").read_text())
        except (OSError, ValueError):
            continue
        for name, found in samples.items():
            found.append(int(status.get(name, 0)))
        for child in supervisor.children:
            if child.process is not None:
                memory[child.name] = max(memory.get(child.name, 0), _resident(child.process.pid))


def _resident(process: int) -> int:
    """Bytes that a process holds in memory; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _drained(home: Path) -> None:
    """Wait until the engine has judged everything that was sent."""
    deadline, sent_out = time.monotonic() + DRAIN_S, wall_ms()
    while time.monotonic() < deadline:
        status = json.loads((home / "hot" / "status.json").read_text())
        if status.get("clock", 0) > sent_out + 2_000:
            return
        time.sleep(0.5)


def _ledger(home: Path) -> dict[str, Any]:
    from kuangan.library.telemetry.ledger import balance, verify

    faults, sums = verify(home), balance(home)
    return {"ledger": asdict(sums), "ledger_balanced": sums.balanced and not faults, "ledger_faults": faults[:10]}


def _quantiles(name: str, found: Sequence[int]) -> dict[str, int | None]:
    ordered = sorted(found)
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {
        f"{name}_{share}": ordered[math.ceil(part * len(ordered)) - 1] if ordered else None
        for share, part in shares.items()
    }


if __name__ == "__main__":
    print(json.dumps(_measured(Configuration(), Load(**json.loads(sys.argv[1])))))
