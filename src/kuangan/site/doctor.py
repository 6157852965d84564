"""`kuangan doctor`: is this installation sound? Each finding says what was looked at and what was found."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kuangan.library.telemetry.gateways.senders import parsed
from kuangan.library.telemetry.ledger import balance
from kuangan.site.beats import read_beat
from kuangan.site.configuration import Configuration
from kuangan.site.processes import wall_ms

STALE_MS = 10_000


def examine(configuration: Configuration) -> list[dict[str, Any]]:
    """Findings as {what, ok, detail}. A process that does not run is a fact, not a fault; one that stands still is."""
    home = configuration.prepared_home()
    return [
        _finding("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        _looked("disk", lambda: _disk(home, configuration.disk_reserve_bytes)),
        _looked("secrets", lambda: _secrets(home)),
        _looked("senders", lambda: _senders(home)),
        _looked("database", _database),
        *_beats(home),
        _looked("ledger", lambda: _ledger(home)),
    ]


def _looked(what: str, look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What cannot be looked at is a finding too."""
    try:
        return look()
    except Exception as error:
        return _finding(what, False, f"{type(error).__name__}: {error}")


def _finding(what: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail}


def _disk(home: Path, reserve: int) -> dict[str, Any]:
    free = shutil.disk_usage(home).free
    return _finding("disk", free > 2 * reserve, f"{free >> 20} MiB free in {home}")


def _secrets(home: Path) -> dict[str, Any]:
    loose = [p.name for p in (home / "secrets").iterdir() if stat.S_IMODE(p.stat().st_mode) & 0o077]
    return _finding("secrets", not loose, f"readable by others: {', '.join(loose)}" if loose else "private")


def _senders(home: Path) -> dict[str, Any]:
    """Whether gateways can read who may send; while they cannot, the list they read last stands."""
    try:
        known = parsed((home / "senders.json").read_bytes())
    except FileNotFoundError:
        return _finding("senders", True, "no account yet")
    except (OSError, ValueError) as error:
        return _finding("senders", False, f"senders.json cannot be read, save an account to write it again: {error}")
    return _finding("senders", True, f"{len(known)} accounts in use")


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
    named = {"worker": home / "run" / "worker.json", "engine": home / "hot" / "status.json"}
    own = [path for path in sorted((home / "run").glob("gateway-*.json")) if "gateway" in read_beat(path)]
    return (
        [_beat(path.stem, path) for path in own]
        + [row for path in own for row in _broker(path)]
        + [_beat(name, path) for name, path in named.items()]
    )


def _beat(name: str, path: Path) -> dict[str, Any]:
    content = read_beat(path)
    if "pid" not in content:
        return _finding(name, True, "not started yet")
    if not _runs(int(content["pid"])):
        return _finding(name, True, "not running")
    age = wall_ms() - int(content.get("wall", content.get("clock", 0)))
    return _finding(name, abs(age) < STALE_MS, f"last beat {age / 1000:.1f} s ago")


def _broker(path: Path) -> list[dict[str, Any]]:
    """Whether a running gateway that subscribes at a broker is connected to it."""
    content = read_beat(path)
    state = content.get("carriers", {}).get("mqtt")
    if state is None or not _runs(int(content["pid"])):
        return []
    return [_finding("broker", bool(state["connected"]), "connected" if state["connected"] else state["reason"])]


def _runs(pid: int) -> bool:
    """Whether this process lives and is one of ours: after a restart of the machine numbers are given anew."""
    try:
        return b"kuangan" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _ledger(home: Path) -> dict[str, Any]:
    sums = balance(home)
    return _finding("ledger", sums.balanced, f"{sums.received} frames received, {sums.waiting} waiting")
