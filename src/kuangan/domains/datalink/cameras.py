"""The cameras that mines told of: where they look and the state they sent last. No picture is kept apart from its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

import polars as pl

from kuangan.base.clock import from_ms, to_ms
from kuangan.base.registry.models import MineAlias
from kuangan.library.telemetry.records import day_of, read_records

KEPT_FOR: Final = timedelta(seconds=15)
BACK_MS: Final = 26 * 3_600_000
"""States are written when they change and once a Beijing day: an older one stands no longer."""
ON: Final = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A camera as its mine told of it; `online` None where it never sent a state, `since` when that state was first sent."""

    code: str
    place: str
    online: bool | None
    since: datetime | None


Cameras = dict[str, dict[str, Seen]]
_lock = Lock()
_kept: dict[Path, tuple[datetime, Cameras]] = {}


def forget() -> None:
    """Drop what is remembered; for tests."""
    with _lock:
        _kept.clear()


def seen(home: Path, at: datetime) -> Cameras:
    """By mine and code every camera told of in the last day; one look at the archive in fifteen seconds for a process."""
    with _lock:
        known = _kept.get(home)
        if known is not None and known[0] <= at < known[0] + KEPT_FOR:
            return known[1]
        found = _read(home, to_ms(at), dict(MineAlias.objects.values_list("alias", "mine_id")))
        _kept.clear()
        _kept[home] = (at, found)
        return found


def _read(home: Path, at: int, aliases: dict[str, str]) -> Cameras:
    states = _newest(home, "camera_states", at).select("mine", "camera", "status", "time")
    places = _newest(home, "cameras", at).select("mine", "camera", "position")
    joined = places.join(states, on=["mine", "camera"], how="full", coalesce=True).sort("mine", "camera")
    found: Cameras = {}
    for mine, code, place, status, time in joined.iter_rows():
        online = None if status is None else status == ON
        since = from_ms(time) if time is not None else None
        found.setdefault(aliases.get(mine, mine), {})[code] = Seen(code, place or "", online, since)
    return found


def _newest(home: Path, table: str, at: int) -> pl.DataFrame:
    """The newest row of each camera of each mine that came before `at`."""
    rows = read_records(home, table, day_of(at - BACK_MS), day_of(at))
    told = rows.filter((pl.col("received_at") <= at) & (pl.col("received_at") > at - BACK_MS))
    return told.sort("received_at", "seq", "record").unique(["mine", "camera"], keep="last").collect()


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a camera's own analysis: `kind` its category, `case` as sent; its file holds what pictures came with it."""

    camera: str
    kind: str
    case: str
    heads: int | None
    at: datetime
    gateway: str
    seq: int


def messages(home: Path, codes: list[str], at: datetime, most: int) -> list[Message]:
    """The youngest messages of a mine's cameras of the last day."""
    now = to_ms(at)
    rows = read_records(home, "events", day_of(now - BACK_MS), day_of(now)).filter(
        pl.col("mine").is_in(codes)
        & pl.col("category").is_in(["video_anomaly", "video_counting"])
        & (pl.col("received_at") <= now)
        & (pl.col("received_at") > now - BACK_MS)
    )
    found = rows.sort("received_at", "seq", "record", descending=True).head(most).collect()
    columns = ("code", "category", "level", "value", "start", "received_at", "gateway", "seq")
    return [
        Message(code, kind, case, None if heads is None else int(heads), from_ms(start or came), gateway, seq)
        for code, kind, case, heads, start, came, gateway, seq in found.select(columns).iter_rows()
    ]
