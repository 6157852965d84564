"""When to kill whom: seeded; half of the kills fall at any time, half right after a sign of delicate work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.kills.installation import NAMES, Installation

SIGNS: Mapping[str, tuple[str, ...]] = {
    "receive": ("spool/live/g1",),
    "engine": (
        "archive/readings/_delta_log",
        "ledger/frames/_delta_log",
        "ledger/rejects/_delta_log",
        "engine",
        "engine/digests",
        "kuangan.sqlite3-wal",
        "hot",
    ),
    "worker": ("kuangan.sqlite3-wal", "config", "run"),
}
"""What changes in the home while a process does what must be all or nothing."""
LONGEST_WAIT_S = 5.0
SIGN_WAIT_S = 6.0


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: Unix seconds, who, and what it waited for ('' for nothing)."""

    at: float
    victim: str
    sign: str


def kill_one(installation: Installation, rng: random.Random, wall: Callable[[], float]) -> Kill:
    """Wait, kill one process, start it again after a moment. Ended when any process went by itself."""
    victim, aimed = rng.choice(NAMES), rng.random() < 0.5
    time.sleep(rng.uniform(0.0, LONGEST_WAIT_S))
    sign = rng.choice(SIGNS[victim]) if aimed else ""
    delay = rng.choice((0.0, 0.0, rng.uniform(0, 0.01), rng.uniform(0, 0.1)))
    pause = rng.choice((0.0, rng.uniform(0, 1.0)))
    if aimed:
        _await_change(installation.home / sign, SIGN_WAIT_S)
        time.sleep(delay)
    installation.check()
    installation.kill(victim)
    kill = Kill(wall(), victim, sign)
    time.sleep(pause)
    installation.start(victim)
    return kill


def _await_change(path: Path, seconds: float) -> None:
    """Returns as soon as the file or folder changes; after `seconds` in any case."""
    before, deadline = _stamp(path), time.monotonic() + seconds
    while time.monotonic() < deadline and _stamp(path) == before:
        time.sleep(0.0005)


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
