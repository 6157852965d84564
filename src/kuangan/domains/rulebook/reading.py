"""The rule book that the engine of this home judges by: the one in the home, else the one shipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from kuangan.base.clock import from_ms
from kuangan.library.warning.rulebook import RuleBook, parse, shipped


@dataclass(frozen=True)
class InForce:
    """`file` None: the shipped book. `fault`: the file in the home cannot be read and the engine left it out."""

    book: RuleBook
    file: str | None = None
    written_at: datetime | None = None
    fault: bool = False


def in_force(home: Path) -> InForce:
    """What gateways spool as configuration is what is judged by; a file that is no rule book changes nothing."""
    path = home / "config" / "rulebook.json"
    try:
        content, written = path.read_bytes(), path.stat().st_mtime
    except FileNotFoundError:
        return InForce(shipped())
    at = from_ms(int(written * 1000))
    try:
        return InForce(parse(content), path.name, at)
    except ValueError:
        return InForce(shipped(), path.name, at, fault=True)


def home() -> Path:
    """The home of this installation."""
    return Path(settings.HOME)
