"""What an open deadline of a case asks somebody to do, in words; installed from above, one table for every kind of case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tasks:
    """Kind of case → code of a deadline → what it asks for; `clock_ladders` are those that the clock itself carries out."""

    words: Mapping[str, Mapping[str, str]]
    clock_ladders: Collection[str]


_installed: list[Tasks] = []


def install(tasks: Tasks) -> None:
    """Take over the table."""
    _installed[:] = [tasks]


def words_of(kind: str, code: str) -> str:
    """What the deadline asks for, '' when nobody has to do anything."""
    return _installed[0].words.get(kind, {}).get(code, "") if _installed else ""


def clock_ladders() -> list[str]:
    """Ladders whose deadlines are met by the clock, not by a person."""
    return sorted(_installed[0].clock_ladders) if _installed else []


def kinds() -> list[str]:
    """Kinds of case whose deadlines ask people for something in words."""
    return sorted(_installed[0].words) if _installed else []
