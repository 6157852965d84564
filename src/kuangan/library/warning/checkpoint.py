"""Checkpoints of the engine: a folder per checkpoint, the newest named by a pointer file that is replaced atomically."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from kuangan.library.telemetry.files import fsync_path
from kuangan.library.warning.state import State

POINTER = "current"


def save(folder: Path, number: int, state: State, extras: dict[str, Any]) -> None:
    """Write checkpoint `number` durably, then point to it, then drop older ones."""
    target = folder / f"checkpoint-{number:08d}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    state.save(target)
    (target / "extras.json").write_text(json.dumps(extras, ensure_ascii=False), "utf-8")
    for path in target.iterdir():
        fsync_path(path)
    fsync_path(target)
    draft = folder / f".{POINTER}"
    draft.write_text(target.name)
    fsync_path(draft)
    draft.replace(folder / POINTER)
    fsync_path(folder)
    for old in folder.glob("checkpoint-*"):
        if old.name < target.name:
            shutil.rmtree(old, ignore_errors=True)


def load(folder: Path) -> tuple[int, State, dict[str, Any]] | None:
    """The newest checkpoint: its number, state and extras; None when there is none."""
    pointer = folder / POINTER
    if not pointer.exists():
        return None
    target = folder / pointer.read_text().strip()
    extras = json.loads((target / "extras.json").read_text("utf-8"))
    return int(target.name.rpartition("-")[2]), State.load(target), extras
