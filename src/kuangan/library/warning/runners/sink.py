"""What the engine hands on: events, newly seen mines, changed points and the position reached, to be stored in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from kuangan.library.warning.events import Event


class SeenMine(NamedTuple):
    """A mine that sent something and is not in the register; `first_seen` in ms."""

    code: str
    name: str
    first_seen: int


class Changes(NamedTuple):
    """`events` in order, later revisions of one id supersede earlier ones; `clock` is the arrival clock reached."""

    events: Sequence[Event]
    mines: Sequence[SeenMine]
    points: Sequence[dict[str, Any]]
    position: dict[str, int]
    clock: int


class Sink(Protocol):
    """Stores changes; a revision that is already stored, or older, is left alone."""

    def apply(self, changes: Changes) -> None: ...


class Collecting:
    """Keeps everything in memory: for tests, benches and the library used alone."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.mines: dict[str, str] = {}
        self.points: dict[str, dict[str, Any]] = {}

    def apply(self, changes: Changes) -> None:
        for event in changes.events:
            known = self.events.get(event.id)
            if known is None or event.rev > known.rev:
                self.events[event.id] = event
        self.mines.update({code: name for code, name, _ in changes.mines})
        self.points.update({point["code"]: point for point in changes.points})
