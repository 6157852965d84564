"""The log of a Delta table and power cuts: commits and checkpoints are made durable here, half-written ends are taken away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from kuangan.library.telemetry.files import fsync_path

LOG: Final = "_delta_log"
_HINT: Final = "_last_checkpoint"


def sync_log(path: Path, version: int) -> None:
    """Makes commit `version` of the table at `path` survive a power cut; OSError when there is no such commit."""
    folder = path / LOG
    fsync_path(folder / f"{version:020d}.json")
    fsync_path(folder)


def checkpoint(table: DeltaTable, path: Path) -> None:
    """Sums up the log, durably, so that opening the table reads no commit before this one."""
    table.create_checkpoint()
    folder = path / LOG
    fsync_path(folder / f"{table.version():020d}.checkpoint.parquet")
    fsync_path(folder / _HINT)
    fsync_path(folder)


def heal_tables(home: Path) -> list[str]:
    """`heal_log` for every table of a home; called by the engine before it opens them."""
    return [
        name
        for root in ("archive", "ledger")
        for log in (home / root).glob(f"*/{LOG}")
        for name in heal_log(log.parent)
    ]


def heal_log(path: Path) -> list[str]:
    """Removes a last commit or checkpoint that a power cut left unfinished; gives the names removed.

    What was removed was never told to anybody: a commit counts once `sync_log` has returned. Only the writer may call it.
    """
    folder = path / LOG
    if not folder.is_dir():
        return []
    commits = sorted(folder.glob("[0-9]*.json"))
    checkpoints = sorted(folder.glob("[0-9]*.checkpoint.parquet"))
    torn = [each for each in commits[-1:] if not _whole_commit(each)]
    damaged = [each for each in checkpoints[-1:] if not _whole_checkpoint(each)]
    if damaged or not _points(folder / _HINT):
        torn += [folder / _HINT, *damaged]
    removed = [each for each in torn if each.exists()]
    for each in removed:
        each.unlink()
    if removed:
        fsync_path(folder)
    return [each.name for each in removed]


def _whole_commit(path: Path) -> bool:
    try:
        lines = path.read_text("utf-8").splitlines()
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (OSError, ValueError):
        return False


def _points(hint: Path) -> bool:
    """Whether the hint names a checkpoint that is there."""
    try:
        version = int(json.loads(hint.read_text("utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return (hint.parent / f"{version:020d}.checkpoint.parquet").exists()


def _whole_checkpoint(path: Path) -> bool:
    try:
        pq.read_table(path)
    except (OSError, pa.ArrowInvalid):
        return False
    return True
