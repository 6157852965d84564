"""The fleet's files: a past replayed once, then live uploads over HTTP like any forwarder's."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress

from kuangan.library.simulate import (
    KNOWN_MS,
    Fault,
    SimulatedMine,
    Site,
    demo_history,
    demo_script,
    fleet,
    history,
    judged_by_past,
)
from kuangan.library.simulate import live as run_live
from kuangan.library.simulate import sites as sites_beside
from kuangan.library.simulate.crew import areas
from kuangan.library.telemetry.files import put_durably
from kuangan.library.warning.runners.lock import engine_lock
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Item, Replay
from kuangan.site.processes import wall_ms

POINTS = 55
CREW = 60
MAX_RECORDS = 5_000_000
EARLIER_RHYTHM_S = 120
FIVE_MINUTES_AN_HOUR = 12
WARM_UP_MS = 12_000
HOUR = 3_600_000
SITES_KNOWN_MS = 8 * 24 * HOUR + HOUR
SITES_RHYTHM_S = 3600


def fleet_of(seed: int, count: int) -> list[SimulatedMine]:
    return fleet(seed, count, POINTS, CREW, states=True)


def sites_of(home: Path, seed: int, mines: Sequence[SimulatedMine], now: int) -> list[Site]:
    """What stands beside the fleet; what is wrong with it began before the past was made, however often the demonstration starts."""
    return sites_beside(seed, mines, (_begun(home) or {"now": now})["now"])


def past(home: Path, mines: Sequence[SimulatedMine], sites: Sequence[Site], hours: int, rhythm: int, now: int) -> bool:
    """At most five million records of history as wire files, replayed, and its alerts worked by invented people.

    Sites have a longer past than the fleet, hourly: water is judged by the days behind.

    False when all of that was done before. One that was interrupted goes on where it stood, with the span it had.
    """
    from kuangan.site.demo.past import work_history
    from kuangan.site.sink import DatabaseSink

    begun = _begun(home) or {"now": now, "done": False}
    if begun["done"]:
        return False
    now = begun["now"]
    end = now // 60_000 * 60_000
    start = begun.setdefault("start", end - fitting(mines, hours, rhythm) * HOUR)
    _write(home, begun)
    script = demo_history(mines, start, end, mines[0].seed)
    known = judged_by_past(mines, script)
    known_from = min(start, end - KNOWN_MS) if known else start
    earliest = min(known_from, end - SITES_KNOWN_MS) if sites else known_from
    with engine_lock(home), Progress(console=Console(file=sys.stderr), transient=True) as progress:
        hours = (end - start) // HOUR
        task = progress.add_task(f"replaying {hours} h of {len(mines)} mines", total=end - earliest)

        def items() -> Iterator[Item]:
            slow = history([], earliest, known_from, EARLIER_RHYTHM_S, sites=sites, every=SITES_RHYTHM_S)
            before = history(known, known_from, start, EARLIER_RHYTHM_S, sites=sites, every=SITES_RHYTHM_S)
            for batch in chain(slow, before, history(mines, start, end, rhythm, script, sites)):
                if batch:
                    progress.update(task, completed=batch[-1].send_time - earliest)
                yield from ((upload.name, upload.payload) for upload in batch)

        Replay(Pipeline(home, DatabaseSink()), now, source="history").run(items())
    work_history(home, now)
    _write(home, begun | {"done": True})
    return True


def fitting(mines: Sequence[SimulatedMine], hours: int, rhythm: int) -> int:
    """As many of the hours as give no more than MAX_RECORDS, with the longer past of two mines and every file of five minutes."""
    each = [records_an_hour(mine, rhythm) for mine in mines]
    before = 2 * max(records_an_hour(mine, EARLIER_RHYTHM_S) for mine in mines) * KNOWN_MS // HOUR
    return min(hours, (MAX_RECORDS - before) // sum(each))


def records_an_hour(mine: SimulatedMine, rhythm: int) -> int:
    """The most that a mine sends in an hour without faults, definitions apart; two shifts at most are named in a snapshot."""
    analogue = sum(point.value_type == "MN" for point in mine.points)
    people = 2 * -(-mine.crew // 3)
    slow = analogue + len(mine.stations) + sum(len(area.stations) for area in areas(mine)) + people
    return len(mine.points) * 3600 // rhythm + slow * FIVE_MINUTES_AN_HOUR


def still_on(home: Path, mines: Sequence[SimulatedMine], now: int) -> list[Fault]:
    """What of the past's faults goes on after `now`."""
    begun = _begun(home) or {}
    if "start" not in begun:
        return []
    script = demo_history(mines, begun["start"], begun["now"] // 60_000 * 60_000, mines[0].seed)
    return [fault for fault in script if fault.end > now]


def _note(home: Path) -> Path:
    return home / "run" / "history.json"


def _begun(home: Path) -> dict[str, Any] | None:
    return json.loads(_note(home).read_text("utf-8")) if _note(home).exists() else None


def _write(home: Path, content: Mapping[str, object]) -> None:
    put_durably(_note(home), json.dumps(content).encode())


def live(
    home: Path,
    mines: Sequence[SimulatedMine],
    sites: Sequence[Site],
    rhythm: int,
    port: int,
    token: str,
    stop: threading.Event,
) -> None:
    """Upload as the fleet would until told to stop; what the gateway does not take is offered again."""
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=10, trust_env=False
    )

    def post(files: list[tuple[str, bytes]]) -> None:
        try:
            answer = client.post("/v1/frames", files=[("frame", (name, payload)) for name, payload in files])
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise OSError(str(error)) from error

    script = [*demo_script(mines, wall_ms() + WARM_UP_MS), *still_on(home, mines, wall_ms())]
    run_live(mines, rhythm, post, wall_ms, stop.wait, stop.is_set, script, sites)
