"""Runs the stages one after the other and puts their figures together."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kuangan.site.bench.stages import NAMED, PINNED, Task, processor
from kuangan.site.configuration import Configuration

SEED: Final = 3
REPEATS: Final = 5
WORDS: Final = {
    "spool": "making wire files",
    "speed": "text to archive beside a plain read; judging alone",
    "costs": "what each rule takes",
    "engine": "engine over the spool",
    "wide": "making wire files of a province",
    "memory": "engine over the spool of a province: memory",
    "archive": "archive: bytes a reading, a point's day",
    "receive": "socket to spool",
    "register": "a register from a workbook, the engine writing beside it",
    "checks": "all checks of the clauses for a thousand mines",
    "lists": "lists of the desk over many alerts",
    "live": "arrival to browser",
}

OWN_HOME: Final = frozenset({"live", "lists", "register", "checks"})


class StageFailed(RuntimeError):
    """A measurement ended with an error, which it has printed."""


def run(
    configuration: Configuration, records: int, live_seconds: int, alerts: int, named: str | None = None
) -> dict[str, Any]:
    """The measurements of one name (`stages.NAMED`), all by default; `records` in the large ones.

    `live_seconds` or `alerts` 0 leave theirs out (figures None). Raises StageFailed.
    """
    wanted = {stage for name, stages in NAMED.items() if named in (None, name) for stage in stages}
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=configuration.prepared_home()))
    task = Task(str(folder), records, SEED, REPEATS, live_seconds, alerts)
    result: dict[str, Any] = {"cpu": processor(), "seed": SEED, "records": records, "live_seconds": live_seconds}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
            shown = progress.add_task("", total=len(wanted))
            for stage, words in ((stage, words) for stage, words in WORDS.items() if stage in wanted):
                progress.update(shown, description=words)
                result |= _stage(stage, task)
                progress.advance(shown)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _stage(stage: str, task: Task) -> dict[str, Any]:
    home = task.home / stage if stage in OWN_HOME else task.home
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KUANGAN_")}
    environment |= {"KUANGAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "kuangan.site.settings"}
    if stage in PINNED:
        environment["POLARS_MAX_THREADS"] = "1"
    ended = subprocess.run(
        [sys.executable, "-m", "kuangan.site.bench", stage, json.dumps(task.as_json())],
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
    )
    if ended.returncode:
        raise StageFailed(f"stage {stage} ended with {ended.returncode}")
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found
