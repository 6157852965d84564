"""A home whose tables are filled and looked after as the engine does it; `python -m` fills and merges until it is killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import polars as pl

from kuangan.library.telemetry.archive import ROWS, Archive
from kuangan.library.telemetry.delta import Kept
from kuangan.library.telemetry.delta_log import heal_tables
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger
from kuangan.library.telemetry.reported import REPORTED, ReportedAlarms
from kuangan.library.telemetry.upkeep import GRACE, PLAN_EVERY, Retention, Upkeep
from tests.library.telemetry.wire import AT, MINE, code

POINTS = 8
SECOND = 1000
HOUR = 3_600_000
DAY = 24 * HOUR


class Store:
    """The engine's tables; frame n brings one reading of every point at second n, one ledger row, one reject, one report."""

    def __init__(self, home: Path, retention: Retention | None = None) -> None:
        self.home = home
        (home / "spool/live/g").mkdir(parents=True, exist_ok=True)
        heal_tables(home)
        self.archive, self.ledger, self.reported = Archive(home), Ledger(home), ReportedAlarms(home)
        kept = [self.archive.kept(), *self.ledger.kept(), self.reported.kept()]
        self.upkeep = Upkeep(home, kept, retention or Retention())
        self.now = AT

    def put(self, first: int, count: int = 1, step: int = SECOND) -> None:
        """One flush of `count` frames, each `step` ms after the one before."""
        numbers = range(first, first + count)
        readings = [(code(p), AT + n * step, n + p / 10, 0, 5, 0, MINE) for n in numbers for p in range(POINTS)]
        position = {"g": first + count - 1}
        self.archive.append(pl.DataFrame(readings, schema=ROWS, orient="row"), position)
        blank = dict.fromkeys(FRAMES) | {
            "gateway": "g",
            "mine": MINE,
            "outcome": "accepted",
            "stale": False,
            "good": POINTS,
        }
        blank |= {"rejected": 0, "superseded": 0, "archived": POINTS, "repeated": 0, "type": "CDSS"}
        frames = [blank | {"seq": n, "received_at": AT + n * step} for n in numbers]
        rejects = [dict.fromkeys(REJECTS) | {"gateway": "g", "seq": n, "received_at": AT + n * step} for n in numbers]
        self.ledger.append(pl.DataFrame(frames, FRAMES), pl.DataFrame(rejects, REJECTS), position)
        reports = [dict.fromkeys(REPORTED) | {"gateway": "g", "seq": n, "received_at": AT + n * step} for n in numbers]
        self.reported.append([pl.DataFrame(reports, REPORTED)], position)

    def flushed(self) -> None:
        self.upkeep.flushed(self.archive.position(), self.now)

    def look_after(self, turns: int = 40) -> None:
        """Turns of the engine without anything to judge, each waiting for the thread."""
        for _ in range(turns):
            self.now += PLAN_EVERY
            self.upkeep.turn(self.now)
            while self.upkeep.busy:
                time.sleep(0.002)

    def let_go(self) -> None:
        """So much time and so many flushes that no unlisted file stays."""
        for _ in range(2):
            self.now += 2 * GRACE
            self.flushed()
            self.look_after()

    def all_rows(self) -> list[pl.DataFrame]:
        """What a process of its own reads, in order."""
        points = [code(p) for p in range(POINTS)]
        archive, ledger = Archive(self.home), Ledger(self.home)
        readings = archive.read(points, AT - DAY, AT + 40 * DAY)
        return [
            readings,
            archive.existing(readings["point"].to_list(), readings["time"].to_list()),
            ledger.frames().collect().sort("seq"),
            ledger.rejects().collect().sort("seq"),
            ReportedAlarms(self.home).rows().collect().sort("seq"),
        ]

    def listed(self) -> set[str]:
        """Files that the tables list."""
        return {path for kept in self.tables() for path in kept.table.files([])}

    def on_disk(self) -> set[str]:
        """Data files of the tables, listed or not."""
        return {str(path) for kept in self.tables() for path in kept.table.path.glob("day=*/**/*.parquet*")}

    def tables(self) -> list[Kept]:
        return [self.archive.kept(), *self.ledger.kept(), self.reported.kept()]


def endless(home: Path) -> None:
    """Flushes frame after frame and merges all the time, until somebody kills this process; tells each flush."""
    store = Store(home)
    number = 1 + min(kept.table.position().get("g", -1) for kept in store.tables())
    while True:
        store.put(number)
        store.flushed()
        print(number, flush=True)
        number += 1
        store.now += PLAN_EVERY
        store.upkeep.turn(store.now)


if __name__ == "__main__":
    endless(Path(sys.argv[1]))
