"""Over-limits that come again, high and long: counted for each place and each mine by the rows of a ladder.

Formal condition: a row (scope, days, count, peak, minutes) matches when at least `count` occurrences began within `days` of our
clock, each with a peak ≥ `peak` and a time over the limit ≥ `minutes`. Occurrences are those of `frequency`: over-limits of the
scope that run at once or within the merge gap are one. A row of the mine counts at a place too; of the mine itself only where its
occurrences lie at several places and no place matches the row alone: one cause is told once.
Sources: SX34-17, SX34-40, SX34-42 (2 % and more is a high value); counts and spans are defaults of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kuangan.library.warning.batch import TickMark
from kuangan.library.warning.danger.looks import next_look
from kuangan.library.warning.danger.places import name_of
from kuangan.library.warning.danger.settings import GAS_REPEATED, RepeatRow, RepeatRule
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.family import Family, Move
from kuangan.library.warning.frequency import DAY, episodes
from kuangan.library.warning.never import FOREVER
from kuangan.library.warning.opening import base_inputs
from kuangan.library.warning.settings import GRADES, MINUTE, rank

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

SOON, LATER = MINUTE, 60 * MINUTE
LISTED = 20


@dataclass
class Occurrence:
    """Over-limits of one cause."""

    records: list[Record]

    @property
    def begin(self) -> int:
        return self.records[0].onset

    @property
    def peak(self) -> float:
        return max(record.peak or 0.0 for record in self.records)

    @property
    def minutes(self) -> float:
        return max(float(record.inputs.get("seconds_over") or 0) for record in self.records) / 60

    def told(self) -> dict[str, Any]:
        worst = max(self.records, key=lambda record: record.peak or 0.0)
        return {
            "onset": self.begin,
            "peak": self.peak,
            "minutes": round(self.minutes, 1),
            "location": worst.inputs.get("location", ""),
            "point": worst.subject,
            "events": [record.id for record in self.records],
        }


def occurrences(records: Iterable[Record], gap: int) -> list[Occurrence]:
    """Records in order of onset, those at once or within `gap` (ms) together."""
    found: list[Occurrence] = []
    reach = -FOREVER
    for record in records:
        if record.onset > reach:
            found.append(Occurrence([]))
        found[-1].records.append(record)
        reach = max(reach, FOREVER if record.end is None else record.end + gap)
    return found


def matching(row: RepeatRow, found: Iterable[Occurrence], now: int) -> list[Occurrence]:
    """The occurrences a row counts, [] when they are too few."""
    since = now - int(row.days * DAY)
    counted = [one for one in found if one.begin >= since and one.peak >= row.peak and one.minutes >= row.minutes]
    return counted if len(counted) >= row.count else []


class Repeated(Family):
    """`checks`: code of a mine → when it is to be looked at next (our clock); `records`: `<mine>/<place>` or `<mine>` → event."""

    name: ClassVar[str] = GAS_REPEATED
    hears = frozenset({"methane"})

    def __init__(self) -> None:
        super().__init__()
        self.checks: dict[str, int] = {}
        self.records: dict[str, Record] = {}

    def table(self) -> Mapping[str, Any]:
        records = {key: record.as_dict() for key, record in self.records.items()}
        return {"due": self.due, "checks": self.checks, "records": records}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.checks = dict(table["checks"])
        self.records = {key: Record(**value) for key, value in table["records"].items()}

    def entered(self, state: State, move: Move) -> list[Event]:
        if move.band >= 1 or move.before >= 1:
            code = state.mines[state.points[move.index].mine]
            self.checks[code] = min(self.checks.get(code, FOREVER), next_look(move.at))
            self.due = min(self.due, self.checks[code])
        return []

    def configured(self, state: State) -> None:
        for code in self.checks:
            self.checks[code] = self.due = state.clock

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        events: list[Event] = []
        for code in sorted(code for code, at in self.checks.items() if at <= now):
            mine = state.mine_index[code]
            known = episodes(state, mine)
            events += self._judged(state, mine, known, now, tick)
            if any(record.end is None for record in known):
                self.checks[code] = now + SOON
            elif any(key == code or key.startswith(f"{code}/") for key in self.records):
                self.checks[code] = now + LATER
            else:
                del self.checks[code]
        self.due = min(self.checks.values(), default=FOREVER)
        return events

    def _judged(self, state: State, mine: int, known: list[Record], now: int, tick: TickMark) -> list[Event]:
        rule, gap = state.book.settings(GAS_REPEATED, RepeatRule), int(state.book.over_limit.merge_gap_min * MINUTE)
        places: dict[str, list[Record]] = {}
        for record in known:
            name = name_of(state, state.point_index[record.subject], rule.place) or record.subject
            places.setdefault(name, []).append(record)
        found: dict[str, list[tuple[RepeatRow, list[Occurrence]]]] = {}
        code = state.mines[mine]
        for name, records in places.items():
            rows = [(row, matching(row, occurrences(records, gap), now)) for row in rule.rows]
            found[f"{code}/{name}"] = [(row, counted) for row, counted in rows if counted]
        alone = {row.row for rows in found.values() for row, _ in rows}
        together = [row for row in rule.rows if row.scope == "mine" and row.row not in alone and len(places) > 1]
        rows = [(row, matching(row, occurrences(known, gap), now)) for row in together]
        found[code] = [(row, counted) for row, counted in rows if counted]
        events: list[Event] = []
        for key in sorted({*found, *(key for key in self.records if key == code or key.startswith(f"{code}/"))}):
            events += self._told(state, mine, key, found.get(key, []), now, tick)
        return events

    def _told(
        self,
        state: State,
        mine: int,
        key: str,
        rows: list[tuple[RepeatRow, list[Occurrence]]],
        now: int,
        tick: TickMark,
    ) -> list[Event]:
        record = self.records.get(key)
        if not rows:
            if record is None:
                return []
            del self.records[key]
            record.end, record.status = now, CLEARED
            return [record.snapshot(now)]
        worst, counted = max(rows, key=lambda pair: (rank(pair[0].grade), len(pair[1])))
        place = key.partition("/")[2]
        fresh = record is None
        if record is None:
            ident = event_id(tick.gateway, tick.seq, f"{now}.{mine}.{abs(_number(key))}.{GAS_REPEATED}")
            kind = ("place", place) if place else ("mine", key)
            version = state.book.rule_version(GAS_REPEATED)
            said = base_inputs(state, GAS_REPEATED, mine) | {"location": place}
            onset = max(one.begin for one in counted)
            record = self.records[key] = Record(
                ident, GAS_REPEATED, version, state.mines[mine], *kind, onset, now, GRADES[0], inputs=said
            )
        before = record.inputs.get("rows"), record.inputs.get("counted"), record.peak
        high = max((one for _, of in rows for one in of), key=lambda one: one.peak)
        record.peak, record.peak_at = high.peak, high.begin
        record.inputs["value"] = high.peak
        record.inputs["unit"] = high.records[0].inputs.get("unit", "")
        record.inputs["rows"] = [
            {
                "row": row.row,
                "scope": row.scope,
                "days": row.days,
                "least": row.count,
                "count": len(of),
                "grade": row.grade,
            }
            | {"peak": row.peak, "minutes": row.minutes, "confidence": row.confidence}
            for row, of in rows
        ]
        record.inputs["counted"] = [one.told() for one in counted[-LISTED:]]
        rose = record.raise_to(worst.grade, now, worst.row)
        changed = before != (record.inputs["rows"], record.inputs["counted"], record.peak)
        return [record.snapshot(now)] if fresh or rose or changed else []


def _number(text: str) -> int:
    """A number of a text that is the same in every process."""
    value = 0
    for letter in text:
        value = (value * 31 + ord(letter)) % 1_000_003
    return value
