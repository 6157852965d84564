"""One installation under test: a home, a database, and real processes that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.waiting import eventually, free_port

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("receive", "engine", "worker")
SENDER, TOKEN = "测试转发", "kills-forwarder"


class Ended(AssertionError):
    """A process ended although nobody killed it."""


@dataclass
class Installation:
    """Commands run as `python -m kuangan.cli` with this home, this database and nothing else of the caller's settings."""

    home: Path
    logs: Path
    database_url: str = ""
    port: int = field(default_factory=free_port)
    ftp_port: int = field(default_factory=free_port)
    broker_url: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more: str) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("KUANGAN_", "DJANGO_"))}
        own |= {"KUANGAN_HOME": str(self.home), "KUANGAN_DISK_RESERVE_BYTES": "0", "PYTHONPATH": f"{ROOT}/src:{ROOT}"}
        own |= {"KUANGAN_FTP_PORT": str(self.ftp_port), "KUANGAN_MQTT_URL": self.broker_url}
        if self.database_url:
            own["KUANGAN_DATABASE_URL"] = self.database_url
        return own | more

    # --- long-running processes -------------------------------------------------------------------------------------

    def start(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a process; what it says goes to `logs/<name>.log`."""
        more = ("--port", str(self.port)) if name == "receive" else ()
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "kuangan.cli", name, *more, *arguments],
                cwd=ROOT,
                env=dict(environment or self.environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """SIGKILL. Ended when the process had already gone by itself."""
        process = self.processes[name]
        self.check(name)
        process.send_signal(signal.SIGKILL)
        if process.wait(20) != -signal.SIGKILL:
            raise Ended(f"{name} ended with {process.returncode} before it was killed; {self.tail(name)}")

    def stop(self, name: str, seconds: float = 60) -> None:
        """SIGTERM and wait; the process must go in good order."""
        self.check(name)
        process = self.processes.pop(name)
        process.terminate()
        if process.wait(seconds) != 0:
            raise Ended(f"{name} was asked to stop and ended with {process.returncode}; {self.tail(name)}")

    def check(self, *names: str) -> None:
        for name in names or tuple(self.processes):
            code = self.processes[name].poll()
            if code is not None:
                raise Ended(f"{name} ended by itself with {code}; {self.tail(name)}")

    def end(self) -> None:
        """Whatever still runs goes now."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        self.processes.clear()

    def tail(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return path.read_text("utf-8", "replace")[-1500:] if path.exists() else "no log"

    # --- commands ---------------------------------------------------------------------------------------------------

    def command(self, *arguments: str, module: str = "kuangan.cli") -> tuple[int, str, str]:
        """Exit code, standard output and standard error of one command."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def answer(self, *arguments: str, module: str = "kuangan.cli") -> dict[str, Any]:
        """The JSON object of one command that must end well."""
        code, out, err = self.command(*arguments, module=module)
        if code:
            raise Ended(f"{' '.join(arguments)} ended with {code}: {out[-2000:]} {err[-2000:]}")
        found: dict[str, Any] = json.loads(out)
        return found

    def status(self) -> dict[str, Any]:
        """What the engine last said of itself."""
        return _read_json(self.home / "hot" / "status.json")

    def wait_ready(self) -> None:
        """The gateway answers and is at the broker, the engine publishes, the worker beats."""
        beat = self.home / "run" / "gateway-g1.json"
        eventually(lambda: _read_json(beat).get("pid") == self.processes["receive"].pid, 60, "the gateway beats")
        if self.broker_url:
            eventually(lambda: _read_json(beat)["carriers"]["mqtt"]["connected"], 60, "the gateway is at the broker")
        eventually(lambda: self.status().get("pid") == self.processes["engine"].pid, 60, "the engine publishes")
        worker = self.home / "run" / "worker.json"
        eventually(lambda: _read_json(worker).get("pid") == self.processes["worker"].pid, 60, "the worker beats")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


@contextmanager
def own_database(address: str, name: str) -> Iterator[str]:
    """A PostgreSQL database of its own beside the one at `address`; '' gives '' (SQLite in the home)."""
    if not address:
        yield ""
        return
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        parts = urlsplit(address)
        yield f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
