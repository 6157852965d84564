"""Hot files: what the engine shows each second, as Arrow IPC under `home/hot`, replaced whole."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pyarrow as pa

from kuangan.library.telemetry.files import TEMPORARY


def publish(home: Path, name: str, table: pl.DataFrame | pa.Table) -> None:
    """Replaces `hot/<name>.arrow`. Not fsynced: after a power cut the engine publishes it again."""
    folder = home / "hot"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.arrow"
    temporary = path.with_name(path.name + TEMPORARY)
    frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(pl.from_arrow(table))
    frame.write_ipc(temporary, compression="uncompressed")
    temporary.replace(path)


def read_hot(home: Path, name: str) -> pl.DataFrame | None:
    """The table last published, None when there is none yet."""
    path = home / "hot" / f"{name}.arrow"
    try:
        return pl.read_ipc(path.read_bytes())
    except FileNotFoundError:
        return None


def engine_clock(home: Path) -> int | None:
    """The arrival clock (Unix ms) that the engine has reached; None while no engine has spoken."""
    try:
        return int(json.loads((home / "hot" / "status.json").read_text(encoding="utf-8"))["clock"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
