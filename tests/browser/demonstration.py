"""`kuangan demo` as a process, and what it prints."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.browser.installation import READY_S, answers, environment_of, eventually

MINES = 9
"""As few as its script needs."""


@dataclass(frozen=True)
class Demonstration:
    """Where it is, and user → password."""

    address: str
    passwords: dict[str, str]


def running(home: Path, database_url: str) -> Iterator[Demonstration]:
    """The demonstration from its start to its end, with an hour of history."""
    command = [sys.executable, "-m", "kuangan.cli", "demo", "--mines", str(MINES), "--hours", "1", "--json"]
    with (home / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=environment_of(home, database_url),
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (home / "demo.log").read_text(errors="replace")
        said = json.loads(line)
        address = said["address"].rstrip("/")
        eventually(lambda: answers(f"{address}/accounts/login/"), READY_S, "the pages of the demonstration")
        yield Demonstration(address, {s["user"]: s["password"] for s in said["sign_ins"]})
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
