"""The status strip: is what the screen shows still alive? Words and colours from the heartbeats of the home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
from django.conf import settings

from kuangan.base.clock import to_ms
from kuangan.library.telemetry.hot import read_hot
from kuangan.portal.visibility import visible_codes

GATEWAY_DEAD_MS = 5_000
ENGINE_STALE_MS = 5_000
TICK_STALE_MS = 10_000
SPOOL_WARN_MS, SPOOL_BAD_MS = 5_000, 30_000
LAG_WARN_MS, LAG_BAD_MS = 5_000, 30_000

Level = Literal["ok", "warn", "bad", "none"]


@dataclass(frozen=True, slots=True)
class Item:
    """One reading of the strip: `level` colours the dot, `text` always says it in words; `address` says what it is made of."""

    key: str
    label: str
    text: str
    level: Level
    address: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def strip_for(user: Any, at: datetime) -> list[Item]:
    """The strip as this user may see it: the machinery is the same for all, the mines are those of the user's scope."""
    return [*machinery_items(at), *mine_items(visible_codes(user, at))]


def machinery_items(at: datetime) -> list[Item]:
    """Gateway and engine, from the files of the home."""
    home, clock = Path(settings.HOME), to_ms(at)
    return [gateway_item(home, clock), *engine_items(read_json(home / "hot" / "status.json"), clock)]


def mine_items(codes: frozenset[str]) -> list[Item]:
    """How many of the mines of a scope that ever sent something are silent now; nothing before the first one."""
    mines = read_hot(Path(settings.HOME), "mines")
    if mines is None or not codes:
        return []
    own = mines.filter(pl.col("mine").is_in(list(codes)))
    silent = own["silent_since"].is_not_null().sum()
    level: Level = "none" if own.is_empty() else "warn" if silent else "ok"
    return [Item("offline", "离线矿井", f"{silent}/{own.height}", level, "/link/?state=silent")]


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file that another process replaces by rename; None while there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def seconds(ms: float) -> str:
    """A span in words: 0.4 秒, 12 秒, 3 分, 2 小时, 5 天."""
    if ms < 10_000:
        return f"{max(ms, 0) / 1000:.1f} 秒"
    for unit, size, until in (("秒", 1000, 60_000), ("分", 60_000, 3_600_000), ("小时", 3_600_000, 86_400_000)):
        if ms < until:
            return f"{int(ms // size)} {unit}"
    return f"{int(ms // 86_400_000)} 天"


def graded(value: float, warn: float, bad: float) -> Level:
    return "bad" if value >= bad else "warn" if value >= warn else "ok"


def gateway_item(home: Path, clock: int) -> Item:
    """The beat of the gateways; the oldest one counts, because the engine waits for it."""
    beats = [b for p in sorted((home / "run").glob("gateway-*.json")) if (b := beat_of(p)) is not None]
    if not beats:
        return Item("gateway", "接收网关", "未启动", "bad")
    age = clock - min(beats)
    if age >= GATEWAY_DEAD_MS:
        return Item("gateway", "接收网关", f"停止 {seconds(age)}", "bad")
    return Item("gateway", "网关心跳", f"{seconds(age)}前", "ok")


def beat_of(path: Path) -> int | None:
    """The wall clock of a gateway's last heartbeat, in ms."""
    content = read_json(path) or {}
    beat = content.get("wall", content.get("clock"))
    return int(beat) if isinstance(beat, int | float) else None


def engine_items(status: Mapping[str, Any] | None, clock: int) -> list[Item]:
    """Spool age and engine lag; a status that is no longer written means that the engine stands still."""
    if status is None:
        return [Item("spool", "暂存队列", "—", "none"), Item("engine", "研判引擎", "未启动", "bad")]
    age = clock - int(status.get("wall", 0))
    if age >= ENGINE_STALE_MS:
        return [Item("spool", "暂存队列", "—", "none"), Item("engine", "研判引擎", f"停止 {seconds(age)}", "bad")]
    behind = age + int(status.get("wall", 0)) - int(status.get("clock", 0))
    if not status.get("clock"):
        return [Item("spool", "暂存队列", "—", "none"), Item("engine", "研判时钟", "等待首个心跳", "warn")]
    if behind >= TICK_STALE_MS:
        return [Item("spool", "暂存队列", "—", "none"), Item("engine", "研判时钟", f"落后 {seconds(behind)}", "bad")]
    spool, lag = int(status.get("spool_age_ms", 0)), int(status.get("lag_ms", 0))
    return [
        Item("spool", "暂存队列", seconds(spool), graded(spool, SPOOL_WARN_MS, SPOOL_BAD_MS)),
        Item("engine", "研判延迟", seconds(lag), graded(lag, LAG_WARN_MS, LAG_BAD_MS)),
    ]
