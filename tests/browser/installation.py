"""A whole installation in a home of its own: the four processes on free ports, on the database this run is about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from psycopg import sql

from tests.waiting import eventually, free_port

NAMES = ("receive", "engine", "web", "worker")
READY_S = 90.0


@dataclass(frozen=True)
class Databases:
    """Databases beside the one of `server`; without a server each home has its SQLite file."""

    server: str

    def address(self, name: str) -> str:
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{name}")) if self.server else ""

    def create(self, name: str) -> str:
        """The address of a new database; nothing without a server."""
        self._run(sql.SQL("create database {}"), name)
        return self.address(name)

    def drop(self, name: str) -> None:
        self._run(sql.SQL("drop database if exists {} with (force)"), name)

    def _run(self, statement: sql.SQL, name: str) -> None:
        if self.server:
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(statement.format(sql.Identifier(name)))


def environment_of(home: Path, database_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUANGAN_")}
    return kept | {"KUANGAN_HOME": str(home), "KUANGAN_DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}


@dataclass
class Installation:
    """Processes of one home, with more `settings` where they need some. `stop` and `start` take the names of processes."""

    home: Path
    database_url: str = ""
    web_port: int = field(default_factory=free_port)
    gateway_port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.home, self.database_url) | self.settings

    def ask(self, *arguments: str) -> Any:
        """The answer of `tests.browser.populate`, run in this home."""
        command = [sys.executable, "-m", "tests.browser.populate", *arguments]
        done = subprocess.run(command, check=False, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *names: str) -> None:
        """Start processes and wait until they answer."""
        for name in names:
            port = {"receive": self.gateway_port, "web": self.web_port}.get(name)
            arguments = [name, *(["--port", str(port)] if port else [])]
            with (self.home / "run" / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, "-m", "kuangan.cli", *arguments], env=self.environment, stdout=log, stderr=log
                )
        for name in names:
            eventually(lambda name=name: self._ready(name), READY_S, f"{name} is ready")

    def stop(self, *names: str) -> None:
        ending = [self.processes.pop(name) for name in names if name in self.processes]
        for process in ending:
            process.terminate()
        for process in ending:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def logs(self) -> str:
        return "\n".join(p.read_text(errors="replace") for p in sorted((self.home / "run").glob("*.log")))

    def _ready(self, name: str) -> bool:
        assert self.processes[name].poll() is None, f"{name} ended:\n{self.logs()}"
        if name == "web":
            return answers(f"{self.address}/accounts/login/")
        if name == "receive":
            return answers(f"http://127.0.0.1:{self.gateway_port}/v1/health")
        path = self.home / {"engine": "hot/status.json", "worker": "run/worker.json"}[name]
        try:
            return bool(json.loads(path.read_text())["pid"] == self.processes[name].pid)
        except (OSError, ValueError, KeyError):
            return False

    def upload(self, *files: tuple[str, bytes], token: str) -> httpx.Response:
        """One request with these files, as a sender makes it."""
        parts = [("frame", file) for file in files]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.post(
            f"http://127.0.0.1:{self.gateway_port}/v1/frames", files=parts, headers=headers, timeout=60, trust_env=False
        )


def answers(address: str) -> bool:
    """Whether a page is served there."""
    try:
        return httpx.get(address, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
