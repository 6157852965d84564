"""One round: a fresh installation under load, kills at random moments, an orderly end, and the proof."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.warning.rulebook import NETWORK_OUTAGE, SENSOR_OFFLINE, STATION_OFFLINE, shipped
from kuangan.library.warning.runners.chopped import frames_of
from tests.broker import Broker, user
from tests.kills.fleet import STEP_EVENT_MS, Fleet
from tests.kills.installation import NAMES, TOKEN, Installation, own_database
from tests.kills.killer import Kill, kill_one
from tests.kills.proof import GATEWAY, Proof
from tests.kills.senders import PUBLISHER, Senders
from tests.waiting import eventually

BACK_STEPS = 4_000
"""How far in the past the script begins, in steps: further than any round lasts."""
LEAST_STEPS = 150
"""Steps until the second long over-limit of every steady mine is over."""
SETTLE_S = 12
"""Longer than the engine's rhythm of judging late readings again."""


@dataclass
class Result:
    """What a round did and what was wrong with it."""

    kills: list[Kill] = field(default_factory=list)
    acknowledged: int = 0
    frames: int = 0
    carriers: set[str] = field(default_factory=set)
    alerts: int = 0
    half_hours: int = 0
    interrupted_half_hours: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def words(self) -> str:
        return (
            f"{len(self.kills)} kills, {self.acknowledged} acknowledged frames, {self.alerts} alerts, "
            f"{self.half_hours} durations of 30 minutes ({self.interrupted_half_hours} with kills inside), {self.seconds:.0f} s"
        )


def short_clocks() -> bytes:
    """The shipped rule book with silence clocks of seconds, so that outages open and close within a round."""
    book: dict[str, Any] = json.loads(shipped().model_dump_json())
    book["rules"][NETWORK_OUTAGE]["minutes"] = {"blue": 0.1, "yellow": 0.15, "orange": 0.25, "red": 2}
    book["rules"][SENSOR_OFFLINE]["minutes"] = {
        "methane": {"yellow": 0.1, "orange": 0.15},
        "other": {"blue": 0.1, "yellow": 0.15},
    }
    book["rules"][STATION_OFFLINE]["settle_s"] = 1
    return json.dumps(book, ensure_ascii=False).encode()


def run_round(
    folder: Path, seed: int, kills: int, database: str = "", say: Callable[[Kill], None] = lambda _: None
) -> Result:
    """Run one round in an empty folder; `database` is the address of a PostgreSQL server's database, '' for SQLite."""
    began = time.monotonic()
    result = Result()
    publisher = user(PUBLISHER, TOKEN, ["*"])
    with own_database(database, f"kuangan_kills_{seed}") as url, Broker(folder / "broker", [publisher]) as broker:
        installation = Installation(folder / "home", folder / "logs", url, broker_url=broker.url)
        try:
            _round(installation, broker, seed, kills, folder, result, say)
        finally:
            installation.end()
    result.seconds = time.monotonic() - began
    return result


def _round(
    installation: Installation,
    broker: Broker,
    seed: int,
    kills: int,
    folder: Path,
    result: Result,
    say: Callable[[Kill], None],
) -> None:
    rng = random.Random(seed)
    installation.answer("prepare", module="tests.kills.inside")
    (installation.home / "config" / "rulebook.json").write_bytes(short_clocks())
    for name in NAMES:
        installation.start(name)
    installation.wait_ready()
    minute = time.time_ns() // 1_000_000 // STEP_EVENT_MS
    fleet = Fleet(seed, (minute - BACK_STEPS) * STEP_EVENT_MS)
    senders = Senders(fleet, installation, broker)
    senders.start()
    try:
        for _ in range(kills):
            result.kills.append(kill_one(installation, rng, time.time))
            say(result.kills[-1])
        eventually(
            lambda: senders.step >= LEAST_STEPS or senders.faults, 120, "the script's long over-limits are sent", 0.5
        )
    finally:
        result.faults += senders.end()
    _drain(installation)
    dump = installation.answer("dump", module="tests.kills.inside")
    proof = Proof(installation, fleet, senders.sent, dump, folder / "fresh")
    result.faults += proof.faults()
    result.acknowledged, result.frames = len(senders.sent.acknowledged), len(proof.frames)
    result.carriers = {frame.source.partition(":")[0] for frame in proof.frames if frame.kind == UPLOAD}
    result.alerts = len(proof.alerts)
    runs = list(proof.long_runs())
    result.half_hours = len(runs)
    result.interrupted_half_hours = sum(1 for run in runs if _killed_within(result.kills, run[2]))


def _killed_within(kills: list[Kill], full_at: int) -> bool:
    """Whether a kill fell into the 15 seconds in which those 30 minutes were sent."""
    return any(full_at - 15_000 <= kill.at * 1000 <= full_at for kill in kills)


def _drain(installation: Installation) -> None:
    """Everything is given time to finish and stopped in order: gateway, engine, worker."""
    installation.wait_ready()
    time.sleep(SETTLE_S)
    installation.stop("receive")
    last = max(frame.received_at for _, frame in frames_of(installation.home, GATEWAY) if frame.kind == TICK)
    eventually(lambda: installation.status().get("clock", 0) >= last, 60, "the engine judges the last tick")
    time.sleep(1.5)
    installation.stop("engine")
    time.sleep(2.5)
    installation.stop("worker")
