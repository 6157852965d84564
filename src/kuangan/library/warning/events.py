"""Events: what a rule found, with every revision; and the list of changes one step puts out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kuangan.library.warning.settings import rank

OPEN, CLEARED, VOID = "open", "cleared", "void"


@dataclass(frozen=True, slots=True)
class Event:
    """One revision of an event. Times are ms since the epoch; `onset`, `end`, `peak_at` on the event clock, the rest on arrival."""

    id: str
    rev: int
    rule: str
    rule_version: int
    mine: str
    subject_kind: str
    subject: str
    onset: int
    end: int | None
    peak: float | None
    peak_at: int | None
    grade: str
    status: str
    merged_into: str | None
    late: bool
    raised_at: int
    changed_at: int
    inputs: Mapping[str, Any]


@dataclass(slots=True)
class Record:
    """The living form of an event inside the state; `snapshot()` is a revision of it."""

    id: str
    rule: str
    rule_version: int
    mine: str
    subject_kind: str
    subject: str
    onset: int
    raised_at: int
    grade: str
    rev: int = 0
    end: int | None = None
    peak: float | None = None
    peak_at: int | None = None
    status: str = OPEN
    merged_into: str | None = None
    late: bool = False
    inputs: dict[str, Any] = field(default_factory=dict)

    def raise_to(self, grade: str, at: int, row: str) -> bool:
        """Raise the grade (never lower it); remembers which ladder row did it and when. True when it rose."""
        if rank(grade) <= rank(self.grade):
            return False
        self.grade = grade
        self.inputs["ladder_row"] = row
        self.inputs.setdefault("grades", []).append([grade, at, row])
        return True

    def snapshot(self, changed_at: int) -> Event:
        """The next revision."""
        self.rev += 1
        return Event(
            self.id,
            self.rev,
            self.rule,
            self.rule_version,
            self.mine,
            self.subject_kind,
            self.subject,
            self.onset,
            self.end,
            self.peak,
            self.peak_at,
            self.grade,
            self.status,
            self.merged_into,
            self.late,
            self.raised_at,
            changed_at,
            finite(self.inputs),
        )

    def as_dict(self) -> dict[str, Any]:
        """By name of field, JSON-able; `inputs` may be changed."""
        return {name: getattr(self, name) for name in self.__slots__} | {"inputs": self._told()}

    def _told(self) -> dict[str, Any]:
        return {k: list(map(_copied, v)) if isinstance(v, list) else v for k, v in self.inputs.items()}


def finite(value: Any) -> Any:
    """A copy of what is JSON-able, with None for numbers that are none: what is kept as JSON knows neither NaN nor infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(each) for name, each in value.items()}
    return [finite(each) for each in value] if isinstance(value, list) else value


def _copied(item: Any) -> Any:
    return list(item) if isinstance(item, list) else item


def event_id(gateway: str, seq: int, tail: str | int) -> str:
    """Stable id from the spool coordinates of the record or tick that raised the event."""
    return f"{gateway}.{seq}.{tail}"


def newest(events: list[Event]) -> list[Event]:
    """The last revision of each event, in order of first appearance."""
    last: dict[str, Event] = {}
    for event in events:
        last[event.id] = event
    return list(last.values())
