"""Upkeep of the engine's tables: merging, retention, sweeping of files no longer listed, cleaning of logs.

The engine calls `turn` between polls. It never waits: files are written and swept in a thread, one job at a time, and commits
are made by the caller, who is the only writer. Nothing is taken away that the last flush may need to start from again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from deltalake.transaction import AddAction

from kuangan.library.telemetry.compaction import (
    Merge,
    Stopped,
    day_of_partition,
    partition_of,
    partitions,
    tiered,
    unlisted,
    whole,
)
from kuangan.library.telemetry.delta import Kept
from kuangan.library.telemetry.files import put_durably
from kuangan.library.telemetry.ledger import Ledger
from kuangan.library.telemetry.spool import oldest_arrival

log = logging.getLogger(__name__)

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
BEIJING_OFFSET: Final = 8 * HOUR
GRACE: Final = HOUR
"""How long a file that the table no longer lists stays for readers that listed it before."""
QUIET: Final = HOUR
"""A closed day is merged whole when nothing was added to it for so long."""
PLAN_EVERY: Final = 5_000
SWEEP_EVERY: Final = 10 * MINUTE
POSITION: Final = Path("engine") / "position.json"


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that readings and ledger rows are kept; 0: for ever."""

    archive_days: int = 0
    ledger_days: int = 0


class Upkeep:
    """What the writer of the tables does besides writing. Times are Unix ms."""

    def __init__(self, home: Path, kept: Sequence[Kept], retention: Retention) -> None:
        self._home = home
        self._kept = list(kept)
        self._retention = retention
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._finish: Callable[[], None] = lambda: None
        self._planned = self._swept = self._cleaned = self._expired = self._flushed = self._failed = 0
        self._unlisted: dict[str, int] = {}
        self._changed: dict[str, tuple[str, int]] = {}

    def flushed(self, positions: Mapping[str, int], now: int) -> None:
        """To be told after each checkpoint of the engine; the gateway reads from this what it may remove."""
        self._flushed = now
        path = self._home / POSITION
        path.parent.mkdir(parents=True, exist_ok=True)
        put_durably(path, json.dumps(dict(positions)).encode())
        if now - self._cleaned >= HOUR:
            self._cleaned = now
            for kept in self._kept:
                kept.table.clean_log()

    def turn(self, now: int) -> None:
        """Commits what the thread has done and gives it the next job; returns at once."""
        if self.busy:
            return
        if self._thread is not None:
            self._thread = None
            self._finish()
            self._planned = 0
        if not self._flushed or now - self._planned < PLAN_EVERY or now - self._failed < MINUTE:
            return
        self._planned = now
        if now - self._expired >= HOUR:
            self._expired = now
            for kept in self._kept:
                self._expire(kept, now)
        if now - self._swept >= SWEEP_EVERY:
            self._swept = now
            self._start_sweep(now)
        elif (merge := self._next_merge(now)) is not None:
            self._start_merge(merge, now)

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Ends the job under way; what it wrote is not committed and will be swept."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    # --- merging --------------------------------------------------------------------------------------------------

    def _next_merge(self, now: int) -> Merge | None:
        closed = []
        for kept in self._kept:
            folders = partitions(kept)
            merge = tiered(kept, folders)
            if merge is not None:
                return merge
            closed += [(kept, folder, paths) for folder, paths in folders.items() if self._settled(folder, paths, now)]
        return whole(*closed[0]) if closed else None

    def _settled(self, folder: str, paths: Sequence[str], now: int) -> bool:
        """Whether a partition of several files is closed and has been quiet."""
        if len(paths) < 2 or now < _midnight(day_of_partition(folder) + timedelta(days=1)) + HOUR:
            return False
        newest, since = self._changed.get(folder, ("", 0))
        if newest != paths[-1]:
            self._changed[folder] = (paths[-1], now)
            return False
        return now - since >= QUIET

    def _start_merge(self, merge: Merge, now: int) -> None:
        written: list[AddAction] = []

        def commit() -> None:
            for added in written:
                merge.commit(added, now)

        self._start(lambda: written.append(merge.write(now, self._stop)), commit, now)

    # --- removal --------------------------------------------------------------------------------------------------

    def _expire(self, kept: Kept, now: int) -> None:
        """Takes days out of a table that are older than its setting; a ledger day stays as long as the spool has its frames."""
        days = int(getattr(self._retention, kept.days))
        if not days:
            return
        first = _day(now) - timedelta(days=days)
        if kept.days == "ledger_days":
            oldest = oldest_arrival(self._home)
            first = first if oldest is None else min(first, _day(oldest))
        removed = [
            kept.table.removal(path, partition_of(folder), now, changes=True)
            for folder, paths in partitions(kept).items()
            if day_of_partition(folder) < first
            for path in paths
        ]
        if removed:
            kept.table.commit([], {}, removed)

    def _start_sweep(self, now: int) -> None:
        """Files found unlisted long ago, and before the last flush, are removed; those found now are remembered."""
        tables = [(kept.table.path, kept.table.files([])) for kept in self._kept]
        known, flushed = dict(self._unlisted), self._flushed
        found: dict[str, int] = {}
        emptied: set[Path] = set()

        def sweep() -> None:
            for table, listed in tables:
                for path in unlisted(table, listed):
                    since = known.get(path, now)
                    if now - since >= GRACE and since < flushed:
                        Path(path).unlink(missing_ok=True)
                        emptied.add(Path(path).parent)
                    else:
                        found[path] = since

        def remember() -> None:
            self._unlisted = found
            for folder in emptied:
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    folder.parent.rmdir()

        self._start(sweep, remember, now)

    def _start(self, work: Callable[[], None], finish: Callable[[], None], now: int) -> None:
        def run() -> None:
            try:
                work()
            except Stopped:
                return
            except Exception:
                self._failed = now
                log.exception("upkeep failed; tried again in a minute")

        self._finish = finish
        self._thread = threading.Thread(target=run, name="upkeep")
        self._thread.start()


def passed(home: Path, gateway: str) -> int:
    """Last frame of a gateway that is in the ledger and that the engine will not ask for again; -1 when there is none."""
    try:
        asked = int(json.loads((home / POSITION).read_bytes()).get(gateway, -1))
    except FileNotFoundError:
        return -1
    return min(asked, Ledger(home).position().get(gateway, -1))


def _day(time: int) -> date:
    return datetime.fromtimestamp((time + BEIJING_OFFSET) // 1000, UTC).date()


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 24 * HOUR - BEIJING_OFFSET
