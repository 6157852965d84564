"""The watched folder `weather/in/` of the home: files are taken, then moved to `done/`, or to `refused/` beside their reasons."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kuangan.base.clock import to_ms
from kuangan.domains.duty.weather.intake import take
from kuangan.domains.duty.weather.models import Offer
from kuangan.domains.duty.weather.reading import LARGEST

SETTLED: Final = timedelta(seconds=2)
"""A file that was written a moment ago may still grow."""
log = logging.getLogger(__name__)
UNFINISHED: Final = (".tmp", ".part", ".filepart")
AT_ONCE: Final = 50


def watch(home: Path, at: datetime) -> list[Offer]:
    """Take up to 50 files that have settled, the oldest first. Links and hidden files are left alone."""
    inlet = home / "weather" / "in"
    for name in ("in", "done", "refused"):
        (home / "weather" / name).mkdir(parents=True, exist_ok=True)
    ready = sorted((path.stat().st_mtime, path) for path in inlet.iterdir() if _whole(path, at))
    return [offer for _, path in ready[:AT_ONCE] if (offer := _try(home, path, at)) is not None]


def _try(home: Path, path: Path, at: datetime) -> Offer | None:
    """A file that cannot be taken now stays where it is and keeps no other waiting."""
    try:
        return _take(home, path, at)
    except Exception:
        log.exception("weather warning %s: trying again later", path.name)
        return None


def _whole(path: Path, at: datetime) -> bool:
    if path.name.startswith(".") or path.suffix in UNFINISHED or path.is_symlink() or not path.is_file():
        return False
    return path.stat().st_mtime * 1000 <= to_ms(at - SETTLED)


def _take(home: Path, path: Path, at: datetime) -> Offer:
    with path.open("rb") as file:
        payload = file.read(LARGEST + 1)
    offer = take(home, path.name, payload, "folder", at=at)
    if offer.faults:
        target = home / "weather" / "refused" / f"{offer.pk}-{path.name}"
        reasons = "\n".join(f"第 {one['record']} 条 {one['field']}：{one['reason']}" for one in offer.faults)
        target.with_name(f"{target.name}.reason.txt").write_text(reasons + "\n", encoding="utf-8")
    else:
        target = home / "weather" / "done" / f"{offer.pk}-{path.name}"
    path.replace(target)
    return offer
