"""Starts the four processes, starts again what dies, and takes all of them down together."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

log = logging.getLogger("kuangan")

SUPERVISOR = "KUANGAN_SUPERVISOR"
"""Environment variable that tells a child the process id of its supervisor."""
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
CALM_S = 60.0
GRACE_S = 10.0


@dataclass
class Child:
    """One supervised command."""

    name: str
    arguments: Sequence[str]
    module: str = "kuangan.cli"
    process: subprocess.Popen[bytes] | None = None
    pause: float = FIRST_PAUSE_S
    started: float = 0.0
    due: float = 0.0


@dataclass
class Supervisor:
    """Runs children as `python -m <module> …`, spawned, never forked."""

    children: list[Child]
    stop: threading.Event
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, now: float) -> None:
        for child in self.children:
            self._spawn(child, now)

    def watch(self, now: float) -> None:
        """Start again what died, after a pause that doubles while it keeps dying."""
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                log.error("%s ended with %s, starting it again", child.name, child.process.returncode)
                child.pause = FIRST_PAUSE_S if now - child.started > CALM_S else min(child.pause * 2, LONGEST_PAUSE_S)
                child.process, child.due = None, now + child.pause
            if child.process is None and now >= child.due:
                self._spawn(child, now)

    def end(self) -> None:
        """Terminate all; whoever does not go within the grace is killed (nothing acknowledged is lost by that)."""
        living = [c.process for c in self.children if c.process is not None and c.process.poll() is None]
        for process in living:
            process.terminate()
        until = time.monotonic() + GRACE_S
        for process in living:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self, child: Child, now: float) -> None:
        # Standard output belongs to the command that started them: it may be asked for one JSON object.
        child.process = subprocess.Popen(
            [sys.executable, "-m", child.module, *child.arguments],
            env={**(self.environment or os.environ), SUPERVISOR: str(os.getpid())},
            stdout=sys.stderr,
        )
        child.started = now


def four(web_port: int, gateway_port: int, stop: threading.Event) -> Supervisor:
    """The processes of one installation on one machine."""
    return Supervisor(
        [
            Child("receive", ["receive", "--port", str(gateway_port)]),
            Child("engine", ["engine"]),
            Child("web", ["web", "--port", str(web_port)]),
            Child("worker", ["worker"]),
        ],
        stop,
    )
