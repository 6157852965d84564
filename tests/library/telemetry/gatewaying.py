"""A gateway that runs in a thread of the test, its senders, and what it spooled."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kuangan.library.telemetry.frames import REFUSAL, Frame
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.run import run
from kuangan.library.telemetry.spool import SpoolReader
from tests.waiting import eventually

DYING = """
import os, signal, sys, time
from pathlib import Path
from kuangan.library.telemetry.gateways.intake import Intake, Limits
from kuangan.library.telemetry.gateways.run import run
fate, home = sys.argv[1], Path(sys.argv[2])
durable = Intake.durable
async def killed(self):
    if fate == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    await durable(self)
    if fate == "behind":
        os.kill(os.getpid(), signal.SIGKILL)
Intake.durable = killed
"""
"""The head of a program that kills itself just before or behind the moment at which what came is durable."""


def clock() -> int:
    return time.time_ns() // 1_000_000


def spooled(home: Path, *kinds: str) -> list[Frame]:
    return [frame for frame in SpoolReader(home, "g").read() if frame.kind in kinds]


def wait_for(condition: Callable[[], Any], seconds: float = 15) -> Any:
    return eventually(condition, seconds, "what the gateway does")


def write_senders(home: Path, **tokens: list[str]) -> None:
    """Each account has its token as number and name, too."""
    publish(home, [account(token, codes) for token, codes in tokens.items()])


def account(token: str, codes: list[str], **more: Any) -> dict[str, Any]:
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    return {"id": token, "name": token, "token_sha256": sha256, "codes": codes} | more


def publish(home: Path, senders: list[dict[str, Any]]) -> None:
    path = home / "senders.json.new"
    path.write_text(json.dumps({"senders": senders}))
    path.replace(home / "senders.json")


def beat(home: Path) -> dict[str, Any]:
    """The heartbeat of the gateway, {} before the first."""
    path = home / "run" / "gateway-g.json"
    return json.loads(path.read_text()) if path.exists() else {}


def refusals(home: Path) -> list[str]:
    """The reasons of what was refused."""
    return [json.loads(frame.payload)["reason"] for frame in spooled(home, REFUSAL)]


@contextmanager
def gateway(home: Path, **options: Any) -> Iterator[str]:
    """A running gateway; gives its address."""
    stop = threading.Event()
    options.setdefault("limits", Limits(frame_bytes=1 << 20, request_bytes=4 << 20, reserve_bytes=0, scan_seconds=0.2))
    thread = threading.Thread(
        target=run, args=(home, "g"), kwargs={"clock": clock, "port": 0, "stop_event": stop, **options}
    )
    thread.start()
    try:
        yield f"http://127.0.0.1:{wait_for(lambda: beat(home).get('port'))}"
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
