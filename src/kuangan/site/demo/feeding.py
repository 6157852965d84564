"""The fleet's files: a past replayed once, then live uploads over HTTP like any forwarder's."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import Progress

from kuangan.library.simulate import SimulatedMine, demo_script, fleet, history, history_script
from kuangan.library.simulate import live as run_live
from kuangan.library.telemetry.files import put_durably
from kuangan.library.warning.runners.lock import engine_lock
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Item, Replay
from kuangan.site.processes import wall_ms

POINTS = 55
CREW = 60
MAX_RECORDS = 5_000_000
WARM_UP_MS = 12_000
HOUR = 3_600_000


def fleet_of(seed: int, count: int) -> list[SimulatedMine]:
    return fleet(seed, count, POINTS, CREW)


def past(home: Path, mines: Sequence[SimulatedMine], hours: int, rhythm: int, now: int) -> bool:
    """At most five million records of history as wire files, replayed, and its alerts worked by invented people.

    False when all of that was done before. One that was interrupted goes on where it stood, with the span it had.
    """
    from kuangan.site.demo.past import work_history
    from kuangan.site.sink import DatabaseSink

    note = home / "run" / "history.json"
    begun = json.loads(note.read_text("utf-8")) if note.exists() else {"now": now, "done": False}
    if begun["done"]:
        return False
    now = begun["now"]
    _write(note, begun)
    hours = min(hours, MAX_RECORDS * rhythm // (3600 * sum(len(m.points) for m in mines)))
    end = now // 60_000 * 60_000
    start = end - hours * HOUR
    script = history_script(mines, start, end, mines[0].seed)
    with engine_lock(home), Progress(console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(f"replaying {hours} h of {len(mines)} mines", total=end - start)

        def items() -> Iterator[Item]:
            for batch in history(mines, start, end, rhythm, script):
                if batch:
                    progress.update(task, completed=batch[-1].send_time - start)
                yield from ((upload.name, upload.payload) for upload in batch)

        Replay(Pipeline(home, DatabaseSink()), now, source="history").run(items())
    work_history(home, now)
    _write(note, begun | {"done": True})
    return True


def _write(note: Path, content: Mapping[str, object]) -> None:
    put_durably(note, json.dumps(content).encode())


def live(mines: Sequence[SimulatedMine], rhythm: int, port: int, token: str, stop: threading.Event) -> None:
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

    script = demo_script(mines, wall_ms() + WARM_UP_MS)
    run_live(mines, rhythm, post, wall_ms, stop.wait, stop.is_set, script)
