"""Waiting for what another process or thread does, and a port for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(asked: Callable[[], Any], within: float, what: Callable[[], str] | str, pause: float = 0.05) -> Any:
    """The first truthy answer; AssertionError when there is none in time."""
    end = time.monotonic() + within
    while not (answer := asked()):
        assert time.monotonic() < end, f"not within {within:.0f} s: {what if isinstance(what, str) else what()}"
        time.sleep(pause)
    return answer
