"""The ledger and the hot files as the link page needs them. The only place here that knows their columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl
from deltalake import DeltaTable

from kuangan.base.clock import to_ms
from kuangan.library.telemetry.codes import REFUSED, STATUSES
from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.hot import read_hot
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger
from kuangan.library.telemetry.spool_reader import SpoolReader, gateways

WAITING_CAP = 10_000
_refreshing = Lock()


@dataclass(frozen=True, slots=True)
class Totals:
    """Frames by outcome and records, over a window and a scope. `received` is the sum of `by_status` and `waiting`."""

    received: int
    by_status: dict[str, int]
    waiting: int
    refused: int
    stale: int
    good: int
    rejected: int
    superseded: int
    repeated: int


@lru_cache(maxsize=2)
def _ledger(home: Path) -> Ledger:
    return Ledger(home)


def _made(home: Path) -> bool:
    return all(DeltaTable.is_deltatable(str(home / "ledger" / name)) for name in ("frames", "rejects"))


def frame_rows(home: Path) -> pl.LazyFrame:
    """All frame rows of the ledger, lazily; empty before the engine made it."""
    if not _made(home):
        return pl.LazyFrame(schema=dict(FRAMES))
    with _refreshing:
        return _ledger(home).frames()


def reject_rows(home: Path) -> pl.LazyFrame:
    """All rejected records of the ledger, lazily; empty before the engine made it."""
    if not _made(home):
        return pl.LazyFrame(schema=dict(REJECTS))
    with _refreshing:
        return _ledger(home).rejects()


def within(rows: pl.LazyFrame, codes: Collection[str] | None, since: datetime | None = None) -> pl.LazyFrame:
    """The rows of the mines in `codes` (None: all, also what names no mine) that arrived since."""
    if since is not None:
        rows = rows.filter(pl.col("received_at") >= to_ms(since))
    return rows if codes is None else rows.filter(pl.col("mine").is_in(list(codes)))


def totals(home: Path, codes: Collection[str] | None, since: datetime) -> Totals:
    """Counts over the frames of a scope that arrived since, and what waits in the spool."""
    counted = within(frame_rows(home), codes, since).group_by("outcome")
    table = counted.agg(
        pl.len().alias("frames"), pl.col("stale").sum(), pl.col("good", "rejected", "superseded", "repeated").sum()
    ).collect()
    frames = {outcome: int(number) for outcome, number in table.select("outcome", "frames").iter_rows()}
    refused = frames.pop(REFUSED, 0)
    waiting = waiting_frames(home, codes)
    return Totals(
        received=sum(frames.values()) + waiting,
        by_status={status: frames.get(status, 0) for status in STATUSES},
        waiting=waiting,
        refused=refused,
        **{name: int(table[name].sum()) for name in ("stale", "good", "rejected", "superseded", "repeated")},
    )


def waiting_frames(home: Path, codes: Collection[str] | None) -> int:
    """Uploads of a scope in the spool that the ledger does not hold yet, counted up to `WAITING_CAP`."""
    if not _made(home):
        position: dict[str, int] = {}
    else:
        with _refreshing:
            position = _ledger(home).position()
    found = 0
    for gateway in gateways(home):
        batch = SpoolReader(home, gateway, position.get(gateway, -1)).read(WAITING_CAP)
        found += sum(frame.kind == UPLOAD and (codes is None or frame.mine in codes) for frame in batch)
    return found


Place = tuple[int, str, int, int]
"""Where a page ended: arrival, gateway, sequence number, record (0 for a file)."""


@dataclass(frozen=True, slots=True)
class FrameQuery:
    """Which frames: states, one mine, text in the file name, since when; the youngest `limit` of them."""

    statuses: tuple[str, ...] = ()
    mine: str = ""
    text: str = ""
    since: datetime | None = None
    limit: int = 200
    before: Place | None = None


def frames(home: Path, codes: Collection[str] | None, query: FrameQuery) -> list[dict[str, Any]]:
    """Frames of a scope, the youngest first; columns of the ledger."""
    rows = _narrow(within(frame_rows(home), codes, query.since), query)
    if query.statuses:
        rows = rows.filter(pl.col("outcome").is_in(query.statuses))
    return _youngest(rows, ("received_at", "gateway", "seq"), query)


def rejects(home: Path, codes: Collection[str] | None, query: FrameQuery) -> list[dict[str, Any]]:
    """Rejected records of a scope, those of the youngest frames first; columns of the ledger."""
    rows = _narrow(within(reject_rows(home), codes, query.since), query)
    return _youngest(rows, ("received_at", "gateway", "seq", "record"), query)


def _narrow(rows: pl.LazyFrame, query: FrameQuery) -> pl.LazyFrame:
    if query.mine:
        rows = rows.filter(pl.col("mine") == query.mine)
    if query.text:
        rows = rows.filter(pl.col("name").str.contains(query.text, literal=True))
    return rows


def _youngest(rows: pl.LazyFrame, keys: Sequence[str], query: FrameQuery) -> list[dict[str, Any]]:
    """The page that follows `query.before`."""
    if query.before is not None:
        rows = rows.filter(precedes(keys, query.before))
    return rows.sort(*keys, descending=True).limit(query.limit).collect().to_dicts()


def precedes(keys: Sequence[str], place: Place) -> pl.Expr:
    """Keyset condition: (key, key, …) < place, compared from the left."""
    condition = pl.lit(False)
    for key, value in reversed(list(zip(keys, map(pl.lit, place), strict=False))):
        condition = (pl.col(key) < value) | ((pl.col(key) == value) & condition)
    return condition


def frame_rejects(home: Path, gateway: str, seq: int, limit: int = 500) -> list[dict[str, Any]]:
    """The rejected records of one frame, in their order."""
    rows = reject_rows(home).filter((pl.col("gateway") == gateway) & (pl.col("seq") == seq))
    return rows.sort("record").limit(limit).collect().to_dicts()


def frame_row(home: Path, gateway: str, seq: int) -> dict[str, Any] | None:
    """The ledger row of one frame; None while it is not judged yet or never was."""
    rows = frame_rows(home).filter((pl.col("gateway") == gateway) & (pl.col("seq") == seq))
    found = rows.limit(1).collect().to_dicts()
    return found[0] if found else None


def mines(home: Path, codes: Collection[str]) -> list[dict[str, Any]]:
    """What the engine knows of the links of the mines in `codes`: arrival, data time, silence; times in ms."""
    table = read_hot(home, "mines")
    return [] if table is None else table.filter(pl.col("mine").is_in(list(codes))).to_dicts()
