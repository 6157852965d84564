"""`kuangan replay`: files of the past through the whole chain into the database, with a report of exact counts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from kuangan.library.warning.runners.lock import engine_lock
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.replay import Replay, Report, files_below, read_files
from kuangan.site.configuration import Configuration
from kuangan.site.processes import set_up, wall_ms

STATES = ("accepted", "partial", "duplicate", "stale", "quarantined", "unknown", "waiting")


def run(configuration: Configuration, path: Path) -> dict[str, Any]:
    """Replay a file or folder. Raises EngineBusy while an engine holds the home."""
    home = configuration.prepared_home()
    files = files_below(path)
    with engine_lock(home):
        set_up()
        from kuangan.base import clock
        from kuangan.base.registry.publication import write_config
        from kuangan.site.sink import DatabaseSink

        write_config(home, clock.now())
        with Progress(console=Console(file=sys.stderr), transient=True) as progress:
            task = progress.add_task("replay", total=len(files))
            pipeline = Pipeline(home, DatabaseSink(clock.now))
            report = Replay(pipeline, wall_ms()).run(
                read_files(files, configuration.frame_limit_bytes),
                len(files),
                lambda done, _: progress.update(task, completed=done),
            )
    for name, size in report.refused:
        limit = configuration.frame_limit_bytes
        print(f"{name}: {size} bytes, over the limit of {limit} for one file; not taken", file=sys.stderr)
    return as_counts(report)


def as_counts(report: Report) -> dict[str, Any]:
    """The counts of one run as plain data; `refused` only where a file was."""
    tally = report.tally
    frames = {state: tally.frames.get(state, 0) for state in STATES} | {"stale": tally.stale}
    refused = [{"name": name, "size": size, "reason": "too_large"} for name, size in report.refused]
    more = {"refused": refused} if refused else {}
    return more | {
        "frames": frames,
        "by_type": tally.by_type,
        "readings_archived": tally.archived,
        "alerts": report.rules,
    }
