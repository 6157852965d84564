"""Conditions of a place, a point or a mine that hold for a time: what every rule of danger shares.

A condition is looked at when one of its points leaves or enters a band, and while it holds at every tick of `LOOK` seconds. It has
held from `since` to `seen` on the event clock: `seen` is the newest time at which each of its points said so in a reading that
may be judged, so that a link that is down, a faulty sensor or a calibration neither opens nor raises nor ends anything. The event
opens when it held for the first span of its ladder, rises with the later ones, and ends when a point leaves the condition; up to the
reading that ends it, it is taken to have lasted. What begins and ends at one moment, between two rows of a file, never held.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.danger.looks import LOOK, next_look
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.family import Family, Move
from kuangan.library.warning.masks import judged
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.settings import Grade
from kuangan.library.warning.signs import UNKNOWN

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

Ladder = list[tuple[int, Grade, str]]
"""Spans in ms, the grade each gives, and its name; shortest first."""


@dataclass
class Finding:
    """A condition that holds. `anchor` is the point that stands for it in ids; `value` what a peak is taken of."""

    since: int
    seen: int
    ladder: Ladder
    mine: int
    anchor: int
    subject_kind: str
    subject: str
    location: str
    inputs: dict[str, Any] = field(default_factory=dict)
    value: float | None = None
    value_at: int | None = None
    low: bool = False


class Watching(Family):
    """A rule whose conditions are named by keys. A part says which keys a point belongs to, and finds what holds."""

    rule: ClassVar[str]
    every: ClassVar[int] = LOOK
    """How often conditions that hold are looked at, ms."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, Record] = {}
        self.pending: dict[str, int] = {}
        self.worst: dict[str, tuple[float, int | None, bool]] = {}
        """Of conditions that hold the worst value seen, when, and whether low is bad."""
        self.now = NEVER
        self.whole = False
        self.layout = -1
        self.kept: dict[int, list[str]] = {}

    # --- what a part says -------------------------------------------------------------------------------------------

    def keys(self, state: State, index: int) -> Iterable[str]:
        """The conditions a point takes part in."""
        return ()

    def known_keys(self, state: State, index: int) -> list[str]:
        """`keys`, remembered until a definition or the configuration changes."""
        if self.layout != state.layout:
            self.layout = state.layout
            self.kept.clear()
        found = self.kept.get(index)
        if found is None:
            found = self.kept[index] = list(self.keys(state, index))
        return found

    def alarming(self, state: State, move: Move) -> bool:
        """Whether a move may begin a condition."""
        return True

    def find(self, state: State, key: str) -> Finding | None:
        """The condition of a key as it holds now, None when it does not."""
        raise KeyError(key)

    def seen(self, state: State, index: int) -> int:
        """The newest time at which a point said what it shows; NEVER while it may not be judged.

        A point that is sent only when it changes goes on to say it while its mine's link is up: until the arrival clock.
        """
        p = state.p
        if not judged(float(p["value"][index]), int(p["status"][index])):
            return NEVER
        if not p["periodic"][index] and not state.m["silent"][p["mine"][index]]:
            return max(int(p["time"][index]), self.now)
        return int(p["time"][index])

    def value(self, state: State, index: int) -> float | None:
        """What a point shows: between ticks, when rows are taken one by one, what it showed as it entered its band."""
        shown = float(state.p["value" if self.whole else "band_value"][index])
        return None if math.isnan(shown) else shown

    def when(self, state: State, index: int) -> int:
        """When it showed that (event clock)."""
        return int(state.p["time" if self.whole else "band_at"][index])

    def told(self, state: State, index: int, role: str) -> dict[str, Any]:
        """A related point, for whoever must understand the event: what it is, where, and what it showed when; None for what it never
        told."""
        p, point = state.p, state.points[index]
        return {
            "point": point.code,
            "role": role,
            "type_name": point.type_name,
            "location": point.location,
            "unit": point.unit,
            "value": self.value(state, index),
            "at": _known(self.when(state, index)),
            "since": _known(int(p["band_at"][index])),
        }

    # --- hooks ------------------------------------------------------------------------------------------------------

    def leaving(self, state: State, move: Move) -> list[Event]:
        if not self.pending:
            return []
        ident = event_id(*move.origin)
        self.now, self.whole = move.at, False
        return [
            event
            for key in self.known_keys(state, move.index)
            if self.pending.get(key, move.time) < move.time
            for event in self.settle(state, key, move.at, ident, until=move.time)
        ]

    def entered(self, state: State, move: Move) -> list[Event]:
        events: list[Event] = []
        self.now, self.whole = move.at, False
        begins = self.alarming(state, move)
        if not begins and not self.pending:
            return events
        for key in self.known_keys(state, move.index):
            if key in self.pending:
                if self.find(state, key) is None:
                    events += self.ended(key, move.time, move.at)
            elif begins and self.find(state, key) is not None:
                self.await_(key, move.time, move.at)
        return events

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        ident = event_id(tick.gateway, tick.seq, now)
        self.now, self.whole = now, True
        events: list[Event] = []
        for key in sorted(self.pending):
            if self.find(state, key) is None:
                events += self.ended(key, None, now)
            else:
                events += self.settle(state, key, now, ident)
        self.due = next_look(now + self.every) if self.pending else FOREVER
        return events

    def defined(self, state: State, mine: int, at: int) -> None:
        """What holds among the points as they are named and joined now is waited for like what begins."""
        self.now, self.whole = at, False
        p = state.p
        for kind in sorted(self.hears):
            for index in sorted(state.signed.get((mine, kind), ())):
                band, since, value = int(p["band"][index]), int(p["band_at"][index]), float(p["band_value"][index])
                move = Move(index, kind, UNKNOWN, band, since, value, at, ("", 0, 0))
                if band == UNKNOWN or not self.alarming(state, move):
                    continue
                for key in self.known_keys(state, index):
                    if key not in self.pending and (found := self.find(state, key)) is not None:
                        self.await_(key, found.since, at)

    def configured(self, state: State) -> None:
        if self.pending:
            self.due = NEVER

    def table(self) -> Mapping[str, Any]:
        records = {key: record.as_dict() for key, record in self.records.items()}
        worst = {key: list(each) for key, each in self.worst.items()}
        return {"due": self.due, "records": records, "pending": self.pending, "worst": worst}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.records = {key: Record(**value) for key, value in table["records"].items()}
        self.pending = dict(table["pending"])
        self.worst = {key: (value, at, low) for key, (value, at, low) in table["worst"].items()}

    # --- an event ---------------------------------------------------------------------------------------------------

    def await_(self, key: str, since: int, at: int) -> None:
        """A condition holds since `since` (event clock): it is looked at from the next tick on."""
        self.pending[key] = since
        self.due = min(self.due, next_look(at))

    def settle(self, state: State, key: str, now: int, ident: str, until: int | None = None) -> list[Event]:
        """Open or raise the event of a condition that held to `until` (event clock), by default as far as is known."""
        found = self.find(state, key)
        if found is None:
            return []
        held = (found.seen if until is None else until) - found.since
        if held >= 0:
            self._note(key, found)
        reached = [(grade, row) for span, grade, row in found.ladder if span <= held]
        record = self.records.get(key)
        if not reached:
            return []
        fresh = record is None
        if record is None:
            record = self.records[key] = self._opened(state, found, reached[0][0], now, ident)
        before = {name: record.inputs.get(name) for name in found.inputs}
        record.inputs |= found.inputs
        record.inputs["seconds"] = held // 1000
        peak, peak_at, _ = self.worst.get(key, (record.peak, record.peak_at, False))
        worse = peak != record.peak
        record.peak, record.peak_at = peak, peak_at
        rose = [record.raise_to(grade, now, row) for grade, row in reached]
        return [record.snapshot(now)] if fresh or worse or any(rose) or _changed(before, found.inputs) else []

    def ended(self, key: str, end: int | None, now: int) -> list[Event]:
        """A condition is over; `end` on the event clock, None when only our own knowledge changed."""
        self.pending.pop(key, None)
        self.worst.pop(key, None)
        record = self.records.pop(key, None)
        if record is None:
            return []
        record.end, record.status = max(record.onset, now if end is None else end), CLEARED
        record.inputs["seconds"] = (record.end - record.onset) // 1000
        return [record.snapshot(now)]

    def _note(self, key: str, found: Finding) -> None:
        """Keep the worst value that a condition showed since it holds."""
        known = self.worst.get(key)
        if found.value is not None and (
            known is None or (found.value < known[0] if found.low else found.value > known[0])
        ):
            self.worst[key] = found.value, found.value_at, found.low

    def _opened(self, state: State, found: Finding, grade: Grade, now: int, ident: str) -> Record:
        row = next(row for _, of, row in found.ladder if of == grade)
        said = base_inputs(state, self.rule, found.mine) | {"location": found.location, "ladder_row": row}
        return Record(
            f"{ident}.{found.anchor}.{self.name}",
            self.rule,
            state.book.rule_version(self.rule),
            state.mines[found.mine],
            found.subject_kind,
            found.subject,
            found.since,
            now,
            grade,
            inputs=said | {"grades": [[grade, now, row]]},
        )


def _known(at: int) -> int | None:
    return None if at == NEVER else at


QUIET = frozenset({"related", "value", "seconds"})
"""Inputs that change with every reading: they are told with the next revision, and make none."""


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return any(before[name] != value for name, value in now.items() if name not in QUIET)
