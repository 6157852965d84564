"""Commands as a user runs them: real processes, a home of their own, nothing else of the caller's settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be."""
        content = json.loads(self.out)
        assert isinstance(content, dict), self.out
        return content


def environment(home: Path, **more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("KUANGAN_", "DJANGO_"))}
    return own | {"KUANGAN_HOME": str(home), "PYTHONUNBUFFERED": "1"} | more


def command(home: Path, *arguments: str | Path) -> Done:
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "kuangan.cli", *map(str, arguments)],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass
class Running:
    """A command that goes on until it is told to stop; what it says is in two files."""

    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path

    def interrupt(self, seconds: float = 30) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    @property
    def out(self) -> str:
        return self.stdout.read_text("utf-8")

    @property
    def err(self) -> str:
        return self.stderr.read_text("utf-8", "replace")


@contextmanager
def running(logs: Path, home: Path, *arguments: str | Path, **settings: str) -> Iterator[Running]:
    """A command in the background; it is gone afterwards, with everything it started."""
    logs.mkdir(parents=True, exist_ok=True)
    number = len(list(logs.glob("*.out")))
    stdout, stderr = logs / f"{number}.out", logs / f"{number}.err"
    with stdout.open("wb") as out, stderr.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "kuangan.cli", *map(str, arguments)],
            cwd=ROOT,
            env=environment(home, **settings),
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield Running(process, stdout, stderr)
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def children(pid: int) -> dict[str, int]:
    """Processes of the session that `pid` leads, without itself: command (`receive`, `web`, …) → number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            words = path.with_name("cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        number = int(path.parent.name)
        if int(fields[3]) == pid and number != pid and fields[0] != "Z" and "-m" in words:
            found[words[words.index("-m") + 2]] = number
    return found
