"""The measurements by name. A stage is imported only in its own process, so that its memory is its own."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

STAGES: Final[Mapping[str, str]] = {
    "spool": "kuangan.site.bench.inputs",
    "speed": "kuangan.site.bench.speed",
    "costs": "kuangan.site.bench.costs",
    "engine": "kuangan.site.bench.engine",
    "wide": "kuangan.site.bench.wide",
    "memory": "kuangan.site.bench.memory",
    "archive": "kuangan.site.bench.archive",
    "receive": "kuangan.site.bench.receive",
    "register": "kuangan.site.bench.register",
    "checks": "kuangan.site.bench.checks",
    "lists": "kuangan.site.bench.lists",
    "live": "kuangan.site.bench.live",
}
PINNED: Final = frozenset({"speed", "costs", "engine", "memory", "archive"})
NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "pipeline": ("spool", "speed", "costs", "engine", "wide", "memory", "archive"),
    "receive": ("spool", "receive"),
    "register": ("register",),
    "checks": ("checks",),
    "lists": ("lists",),
    "live": ("live",),
}
"""What can be measured alone, by the stages it takes."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a stage is told: the folder it may write into, how much to measure, how often."""

    folder: str
    records: int
    seed: int
    repeats: int
    live_seconds: int
    alerts: int = 0

    @property
    def home(self) -> Path:
        return Path(self.folder)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(stage: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Run one stage in this process; pinned to one core before anything heavy is imported where the stage says so."""
    if stage in PINNED:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found: dict[str, Any] = importlib.import_module(STAGES[stage]).measure(Task(**content))
    return found


def processor() -> str:
    """The model of the processor as the kernel names it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()} × {os.cpu_count()}"
