"""What mines report of their own accord: their early warnings as they are, and ground sound that comes thick and strong.

An early warning of a mine (slopes, water, pressure) is mirrored: its colour follows the level it was given, it ends when the mine says
so, and nothing of it is judged by us. What is sent again behind its end is no other, also where its end came first.

Ground sound: at least `counts` events of at least the energy of a grade within `window_min` of
event time, each counted once however often it is sent, and one dated ahead as of its arrival; it is over when `quiet_min` of our
clock pass without another.
Source: wire formats §4, §5, §9; levels 1–4 as red to blue and the counts are defaults of ours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import polars as pl

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.danger.looks import next_look
from kuangan.library.warning.danger.settings import GROUND_SOUND, REPORTED, EventsRule, ReportedRule
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.family import Family
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.settings import GRADES, MINUTE, rank

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

FIELDS = (
    "code",
    "category",
    "level",
    "start",
    "end",
    "value",
    "limit",
    "unit",
    "text",
    "place",
    "sensor_type",
    "extra",
)


def _rows(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """What the rows tell; a number that is none is None."""
    told = rows.select(FIELDS).iter_rows(named=True) if len(rows) else ()
    return [{name: None if _is_nan(value) else value for name, value in row.items()} for row in told]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


ENDED, HEARD, TOLD = range(3)
KEPT: Final = 30 * 1440 * MINUTE
"""For how long an early warning that is over is known by its end: it may be sent again (ms)."""


class Reported(Family):
    """Living mirrors by `<mine>|<code>|<start>`; `over`: by the same, when it ended, when that was heard, and 1 once it was told."""

    name: ClassVar[str] = REPORTED
    takes = frozenset({"events"})

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, Record] = {}
        self.over: dict[str, list[int]] = {}

    def table(self) -> Mapping[str, Any]:
        records = {key: record.as_dict() for key, record in self.records.items()}
        return {"due": self.due, "records": records, "over": self.over}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.records = {key: Record(**value) for key, value in table["records"].items()}
        self.over = {key: list(row) for key, row in table.get("over", {}).items()}

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        rule = state.book.settings(REPORTED, ReportedRule)
        events: list[Event] = []
        for number, row in enumerate(_rows(rows)):
            family = str(row["sensor_type"] or "").partition(":")[0]
            if row["category"] in rule.categories or (row["level"] and family in rule.families):
                events += self._mirrored(state, rule, mine, mark, number, row)
        return events

    def _mirrored(
        self, state: State, rule: ReportedRule, mine: int, mark: FrameMark, number: int, row: dict[str, Any]
    ) -> list[Event]:
        code = state.key_of(mine, str(row["code"]))
        start = mark.at if row["start"] is None else int(row["start"])
        key = f"{state.mines[mine]}|{code}|{start}"
        record, grade = self.records.get(key), rule.levels.get(str(row["level"] or ""))
        end = row["end"]
        fresh = record is None
        if record is None:
            known = self.over.get(key)
            if grade is None or (known is not None and known[TOLD]):
                if known is None and end is not None:
                    self._note_end(key, int(end), mark.at, told=False)
                return []
            record = self.records[key] = _about(state, REPORTED, mine, mark, f"{number}", code, start, grade, row)
            end = known[ENDED] if end is None and known is not None else end
        if row["value"] is not None and (record.peak is None or row["value"] > record.peak):
            record.peak, record.peak_at = float(row["value"]), start
        rose = grade is not None and record.raise_to(grade, mark.at, f"level{row['level']}")
        if row["text"]:
            record.inputs["text"] = row["text"]
        if end is not None:
            del self.records[key]
            record.end, record.status = max(int(end), start), CLEARED
            self._note_end(key, record.end, mark.at, told=True)
        return [record.snapshot(mark.at)] if fresh or rose or record.end is not None else []

    def _note_end(self, key: str, end: int, at: int, *, told: bool) -> None:
        self.over = {each: row for each, row in self.over.items() if at - row[HEARD] < KEPT}
        self.over[key] = [end, at, int(told)]


class Sound(NamedTuple):
    """One event of ground sound: when (ms), its energy, and its code."""

    time: int
    energy: float
    code: str = ""


class GroundSound(Family):
    """Ground sound by mine: recent events `(time, energy, code)` and the living event."""

    name: ClassVar[str] = GROUND_SOUND
    takes = frozenset({"events"})

    def __init__(self) -> None:
        super().__init__()
        self.recent: dict[str, list[Sound]] = {}
        self.heard: dict[str, int] = {}
        self.records: dict[str, Record] = {}

    def table(self) -> Mapping[str, Any]:
        records = {key: record.as_dict() for key, record in self.records.items()}
        recent = {key: [list(each) for each in heard] for key, heard in self.recent.items()}
        return {"due": self.due, "recent": recent, "heard": self.heard, "records": records}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.recent = {key: [Sound(*each) for each in heard] for key, heard in table["recent"].items()}
        self.heard = dict(table["heard"])
        self.records = {key: Record(**value) for key, value in table["records"].items()}

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        rule, code = state.book.settings(GROUND_SOUND, EventsRule), state.mines[mine]
        least = min(rule.energy.values())
        found = [row for row in _rows(rows) if row["category"] in rule.classes and (row["value"] or 0) >= least]
        if not found:
            return []
        known = self.recent.get(code, [])
        heard = {Sound(_moment(row["start"], mark), float(row["value"]), str(row["code"] or "")) for row in found}
        if heard.issubset(known):
            return []
        since = max(each.time for each in heard.union(known)) - rule.window_min * MINUTE
        known = self.recent[code] = sorted(each for each in heard.union(known) if each.time >= since)
        self.heard[code] = mark.at
        reached = [
            grade
            for grade, energy in rule.energy.items()
            if sum(each.energy >= energy for each in known) >= rule.counts.get(grade, FOREVER)
        ]
        if not reached:
            return []
        self.due = min(self.due, next_look(mark.at + int(rule.quiet_min * MINUTE)))
        grade = max(reached, key=rank)
        record = self.records.get(code)
        if record is None:
            row = found[-1]
            record = self.records[code] = _about(
                state, GROUND_SOUND, mine, mark, code, code, known[0].time, min(reached, key=rank), row, kind="mine"
            )
        record.raise_to(grade, mark.at, f"{len(known)}x")
        high = max(known, key=lambda each: each.energy)
        record.peak, record.peak_at = high.energy, high.time
        record.inputs |= {"count": len(known), "window_min": rule.window_min, "value": high.energy}
        return [record.snapshot(mark.at)]

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        quiet = int(state.book.settings(GROUND_SOUND, EventsRule).quiet_min * MINUTE)
        events = []
        for code in sorted(code for code in self.records if now - self.heard[code] >= quiet):
            record = self.records.pop(code)
            record.end, record.status = max(each.time for each in self.recent[code]), CLEARED
            events.append(record.snapshot(now))
        self.due = min((next_look(self.heard[code] + quiet) for code in self.records), default=FOREVER)
        return events


def _moment(start: int | None, mark: FrameMark) -> int:
    """When something happened, on our clock: what is dated ahead counts as of its arrival."""
    return mark.at if start is None else min(int(start) - mark.ahead, mark.at)


def _about(
    state: State,
    rule: str,
    mine: int,
    mark: FrameMark,
    tail: str,
    code: str,
    onset: int,
    grade: str,
    row: Mapping[str, Any],
    kind: str = "point",
) -> Record:
    """The record of what a row of an events file tells."""
    said = base_inputs(state, rule, mine) | {
        "location": row["place"] or "",
        "sensor_type": row["sensor_type"] or "",
        "category": row["category"] or "",
        "level": row["level"] or "",
        "value": row["value"],
        "limit": row["limit"],
        "unit": row["unit"] or "",
        "text": row["text"] or "",
        "told": json.loads(row["extra"]) if row["extra"] else {},
        "grades": [[grade, mark.at, f"level{row['level'] or ''}"]],
    }
    ident = f"{event_id(mark.gateway, mark.seq, tail)}.{rule}"
    version = state.book.rule_version(rule)
    return Record(
        ident, rule, version, state.mines[mine], kind, code, onset, mark.at, GRADES[rank(grade)], inputs=dict(said)
    )
