"""`kuangan doctor`: is this installation sound? Each finding says what was looked at and what was found."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any

from kuangan.library.telemetry.ledger import balance
from kuangan.site.configuration import Configuration
from kuangan.site.processes import wall_ms

STALE_MS = 10_000


def examine(configuration: Configuration) -> list[dict[str, Any]]:
    """Findings as {what, ok, detail}. A process that does not run is a fact, not a fault; one that stands still is."""
    home = configuration.prepared_home()
    return [
        _finding("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        _disk(home, configuration.disk_reserve_bytes),
        _secrets(home),
        _database(),
        *_beats(home),
        _ledger(home),
    ]


def _finding(what: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail}


def _disk(home: Path, reserve: int) -> dict[str, Any]:
    free = shutil.disk_usage(home).free
    return _finding("disk", free > 2 * reserve, f"{free >> 20} MiB free in {home}")


def _secrets(home: Path) -> dict[str, Any]:
    loose = [p.name for p in (home / "secrets").iterdir() if stat.S_IMODE(p.stat().st_mode) & 0o077]
    return _finding("secrets", not loose, f"readable by others: {', '.join(loose)}" if loose else "private")


def _database() -> dict[str, Any]:
    from kuangan.site.processes import set_up

    set_up()
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check")
            answer = str(cursor.fetchone()[0])
            return _finding("database", answer == "ok", f"SQLite {sqlite3.sqlite_version}: {answer}")
        cursor.execute("SELECT version()")
        return _finding("database", True, str(cursor.fetchone()[0]))


def _beats(home: Path) -> list[dict[str, Any]]:
    findings = []
    now = wall_ms()
    files = [*sorted((home / "run").glob("gateway-*.json")), home / "run" / "worker.json", home / "hot" / "status.json"]
    for path in files:
        name = "engine" if path.parent.name == "hot" else path.stem
        if not path.exists():
            findings.append(_finding(name, True, "not started yet"))
            continue
        content = json.loads(path.read_text())
        age = now - int(content.get("wall", content.get("clock", 0)))
        alive = Path(f"/proc/{content['pid']}").exists()
        state = f"last beat {age / 1000:.1f} s ago" if alive else "not running"
        findings.append(_finding(name, not alive or age < STALE_MS, state))
    return findings


def _ledger(home: Path) -> dict[str, Any]:
    sums = balance(home)
    return _finding("ledger", sums.balanced, f"{sums.received} frames received, {sums.waiting} waiting")
