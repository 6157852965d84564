"""The synthetic register of the province, entered once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kuangan.base import clock
from kuangan.base.registry.load import load_register
from kuangan.base.registry.models import Mine
from kuangan.base.registry.publication import write_config
from kuangan.library.simulate import register

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def enter(home: Path, seed: int) -> None:
    """About 1,100 invented mines with companies and supervision, and the configuration the gateways spool."""
    at = clock.now()
    if not Mine.objects.filter(provisional=False).exists():
        rows = register(seed).rename({"capacity_10kt": "capacity"}).drop("synthetic").to_dicts()
        load_register(rows, at, since=SINCE, basis="合成数据")
    write_config(home, at)
