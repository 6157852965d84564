"""The rules about deceit as part of the fold: what is looked at when, and the events that live.

Every minute: what mines state (limits, edited history, outages around inspections). Once an hour and mine, staggered by ten seconds:
its window, read from archive and tail as far as it was judged when the look was due. Looks wait in the memory until whoever holds
the archive answers them, which is at the same tick however the spool is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from kuangan.library.warning.batch import FrameMark, TickMark
from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import cuts, judging, pictures, replayed, stated, statistics
from kuangan.library.warning.deceit.calibrating import Session
from kuangan.library.warning.deceit.fallen import BLOCKED, BLOWN, MOVED
from kuangan.library.warning.deceit.falls import Falls
from kuangan.library.warning.deceit.replayed import REPLAYED
from kuangan.library.warning.deceit.rules import MODELS
from kuangan.library.warning.deceit.settings import InspectionRule
from kuangan.library.warning.deceit.stated import Lacking
from kuangan.library.warning.deceit.statistics import Slot
from kuangan.library.warning.deceit.verdict import Sign, Verdict
from kuangan.library.warning.deceit.window import DAY, HOUR, LEARNT, SPAN, Window, fill, tracks_of, window_end
from kuangan.library.warning.events import CLEARED, Event, Record, event_id
from kuangan.library.warning.family import Family, Look, Readings, Resent
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.opening import about_mine, about_point
from kuangan.library.warning.settings import MINUTE, rank
from kuangan.library.warning.state import State

STAGGER = 10_000
SLOTS = HOUR // STAGGER
STATED = (stated.LIMIT, stated.EDITED_HISTORY, cuts.INSPECTION, pictures.PICTURE)
APART = (*STATED, stated.DELETED)
FALLEN = (BLOCKED, MOVED, BLOWN, REPLAYED)


class Deceit(Family):
    """See the module. `open`: what lives by `rule|subject`; `memory`: what tells its end; `calibrated`: sessions by point."""

    name = "deceit"
    takes = frozenset({"statistics", "events"})

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, Record] = {}
        self.memory: dict[str, Mapping[str, Any]] = {}
        self.calibrated: dict[str, list[Session]] = {}
        self.waiting: list[Look] = []
        self.lacking: dict[int, Lacking] = {}
        self.past: dict[str, list[list[int]]] = {}
        self.statistics: dict[int, list[Slot]] = {}
        self.pictures: pictures.Spells = {}
        self.cuts: cuts.Cuts = {}
        self.looked_at = NEVER
        self.due = 0

    # --- what is due ------------------------------------------------------------------------------------------------

    def tick(self, state: State, now: int, tick: TickMark) -> list[Event]:
        self._put_looks(state, now, tick)
        events = self._stated(state, now, tick) if now // MINUTE > self.looked_at // MINUTE else []
        self.looked_at = now
        self.due = min((now // MINUTE + 1) * MINUTE, self._next_slot(state, now))
        return events

    def _put_looks(self, state: State, now: int, tick: TickMark) -> None:
        """Looks of the mines whose turn came since the tick before."""
        first = state.m["first"]
        since = max(self.looked_at, now - HOUR) if self.looked_at != NEVER else now - STAGGER
        slots = np.arange(since // STAGGER + 1, now // STAGGER + 1) % SLOTS
        due = np.isin(np.arange(len(first)) % SLOTS, slots) & (first != NEVER) & (first <= now - LEARNT)
        for mine in np.flatnonzero(due).tolist():
            self.waiting.append(self._look(state, mine, now, tick))

    def _look(self, state: State, mine: int, now: int, tick: TickMark) -> Look:
        end = window_end(now)
        spans = [(end - SPAN, end)]
        rule = state.book.settings(REPLAYED, MODELS[REPLAYED])
        if (now // HOUR) % rule.every_hours == mine % rule.every_hours:
            width = int(rule.hours * HOUR)
            spans += [(end - width - back * DAY, end - back * DAY) for back in range(1, rule.days + 1)]
        points = [track.index for track in tracks_of(state, mine)]
        return Look(self.name, mine, points, spans, now, tick.gateway, tick.seq)

    def _next_slot(self, state: State, now: int) -> int:
        mines = len(state.mines)
        if not mines:
            return FOREVER
        slot = now // STAGGER + 1
        ahead = 0 if mines >= SLOTS or slot % SLOTS < mines else SLOTS - slot % SLOTS
        return (slot + ahead) * STAGGER

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        if mark.kept == "events":
            pictures.note(self.pictures, mine, rows, mark.at, self._rules(state)[pictures.PICTURE])
            return []
        kept = statistics.near_limits(state, mine, rows, self._rules(state)[stated.DELETED])
        if kept:
            self.statistics.setdefault(mine, []).extend(kept)
        return []

    def looks(self) -> list[Look]:
        waiting, self.waiting = self.waiting, []
        return waiting

    # --- what is found ----------------------------------------------------------------------------------------------

    def _stated(self, state: State, now: int, tick: TickMark) -> list[Event]:
        rules = self._rules(state)
        found = [
            *stated.above_law(state, now, rules[stated.LIMIT]),
            *stated.edited(state, rules[stated.EDITED_HISTORY]),
            *self._cut(state, now, rules[cuts.INSPECTION]),
            *pictures.judge(state, self.pictures, now, rules[pictures.PICTURE]),
        ]
        events = self._take(state, found, now, tick.gateway, tick.seq)
        kept = {f"{verdict.rule}|{verdict.subject}" for _, verdict in found}
        for key in [k for k, r in self.open.items() if r.rule in STATED and k not in kept]:
            events.append(self._over(key, now, None, now))
        return events + self._settled(state, now)

    def _cut(self, state: State, now: int, rule: InspectionRule) -> Iterator[tuple[int, Verdict]]:
        cuts.note(state, self.cuts, now, rule)
        living = {record.subject for record in self.open.values() if record.rule == cuts.INSPECTION}
        return cuts.judge(state, self.cuts, now, rule, living)

    def looked(self, state: State, look: Look, readings: Readings, now: int) -> list[Event]:
        tracks = tracks_of(state, look.mine)
        rows = {track.index: row for row, track in enumerate(tracks)}
        owner = np.array([rows.get(index, -1) for index in look.points], np.int64)
        readings = readings.renamed(owner[readings.owner])
        start, end = look.spans[0]
        window = fill(state, look.mine, tracks, readings.span(start, end), start, end)
        due = self._statistics_until(look.mine, end)
        if not np.isfinite(window.raw).any():
            return []
        rules = self._rules(state)
        earlier = self._earlier(window, readings, look.spans[1:])
        falls = self._falls(window)
        found = [(look.mine, v) for v in judging.judge(window, falls, earlier, self.calibrated, rules)]
        if due:
            found += [(look.mine, v) for v in statistics.judge(window, readings, due, rules[stated.DELETED])]
        events = self._take(state, found, now, look.gateway, look.seq)
        told = {f"{verdict.rule}|{verdict.subject}" for _, verdict in found}
        return events + self._ended(window, falls, earlier, told, rules, now)

    def _statistics_until(self, mine: int, end: int) -> list[Slot]:
        """The statistics of a mine that end by `end` (ms), which are waited with no longer."""
        waiting = self.statistics.pop(mine, [])
        if rest := [slot for slot in waiting if slot[2] > end]:
            self.statistics[mine] = rest
        return [slot for slot in waiting if slot[2] <= end]

    def _falls(self, window: Window) -> Falls:
        """Falls of a window, what was and is under suspicion apart."""
        for code, ended in list(self.past.items()):
            self.past[code] = [span for span in ended if span[1] > window.end - 2 * SPAN]
            if not self.past[code]:
                del self.past[code]
        living = {
            record.subject: [[record.onset, window.end]]
            for record in self.open.values()
            if record.mine == window.code and record.rule in FALLEN
        }
        return Falls(window, self.past, living)

    def _earlier(self, window: Window, readings: Readings, spans: Sequence[tuple[int, int]]) -> replayed.Earlier | None:
        """Raw minutes of the same time on earlier days, by how many days ago; None when this look did not ask for them."""
        if not spans:
            return None
        found: dict[int, Array] = {}
        for start, end in spans:
            owner, time, value, _ = readings.span(start, end)
            cells = np.full((len(window.tracks), (end - start) // MINUTE), np.nan)
            cells[owner, (time - start) // MINUTE] = value
            if np.isfinite(cells).any():
                found[(window.end - end) // DAY] = cells
        return found

    def _ended(
        self,
        window: Window,
        falls: Falls,
        earlier: replayed.Earlier | None,
        told: set[str],
        rules: Mapping[str, Any],
        now: int,
    ) -> list[Event]:
        events: list[Event] = []
        living = [k for k, r in self.open.items() if r.mine == window.code and r.rule not in APART and k not in told]
        for key in living:
            record = self.open[key]
            end, last = judging.over(window, falls, earlier, record.rule, record.subject, self.memory[key], rules)
            if end is not None:
                events.append(self._over(key, max(end, record.onset), last, now))
        return events

    def _over(self, key: str, end: int, last: Sign | None, now: int) -> Event:
        record = self.open.pop(key)
        self.memory.pop(key, None)
        record.end, record.status = end, CLEARED
        if record.rule in FALLEN:
            self.past.setdefault(record.subject, []).append([record.onset, end])
        if last is not None:
            others = [each for each in record.inputs["signs"] if each["sign"] != last.name]
            record.inputs["signs"] = [*others, last.told()]
        return record.snapshot(now)

    def _rules(self, state: State) -> dict[str, Any]:
        return {name: state.book.settings(name, model) for name, model in MODELS.items()}

    # --- events -----------------------------------------------------------------------------------------------------

    def _take(
        self, state: State, found: Sequence[tuple[int, Verdict]], now: int, gateway: str, seq: int
    ) -> list[Event]:
        events: list[Event] = []
        rules = self._rules(state)
        for mine, verdict in found:
            if verdict.tier not in rules[verdict.rule].grades:
                continue
            key = f"{verdict.rule}|{verdict.subject}"
            record = self.open.get(key)
            if record is None:
                record = self._opened(
                    state, mine, verdict, now, event_id(gateway, seq, f"{verdict.subject}.{verdict.rule}")
                )
            elif not _news(record, verdict):
                continue
            _tell(record, verdict, rules[verdict.rule].grades, now)
            if verdict.end is None:
                self.open[key], self.memory[key] = record, verdict.memory
            else:
                record.end, record.status = verdict.end, CLEARED
                self.open.pop(key, None)
                self.memory.pop(key, None)
            events.append(record.snapshot(now))
        return events

    def _opened(self, state: State, mine: int, verdict: Verdict, now: int, ident: str) -> Record:
        about = {"tier": verdict.tier, "points": list(verdict.points), "neighbours": list(verdict.neighbours)}
        maker, model = state.systems.get(mine, ["", ""])
        told = about | {"maker": maker, "system_model": model} | dict(verdict.numbers)
        if verdict.subject_kind != "point":
            record = about_mine(state, verdict.rule, mine, ident, verdict.onset, now, told)
            record.subject_kind, record.subject = verdict.subject_kind, verdict.subject
            return record
        return about_point(state, verdict.rule, state.point_index[verdict.subject], ident, verdict.onset, now, told)

    # --- memory -----------------------------------------------------------------------------------------------------

    def resent(self, state: State, file: Resent, now: int) -> list[Event]:
        lacking = self.lacking.get(file.mine)
        if lacking is None:
            lacking = self.lacking[file.mine] = Lacking(now, now)
        lacking.add(file.lacking, now)
        verdict = stated.deleted(state, lacking, self._rules(state)[stated.DELETED])
        return [] if verdict is None else self._take(state, [(file.mine, verdict)], now, file.gateway, file.seq)

    def _settled(self, state: State, now: int) -> list[Event]:
        """Mines that have sent nothing again for an hour: what lacked is told, and forgotten."""
        events: list[Event] = []
        for mine in [m for m, lacking in self.lacking.items() if now - lacking.until >= HOUR]:
            lacking, code = self.lacking.pop(mine), state.mines[mine]
            verdict = stated.deleted(state, lacking, self._rules(state)[stated.DELETED])
            for key in [k for k, r in self.open.items() if r.rule == stated.DELETED and r.mine == code]:
                if verdict is not None:
                    self.open[key].inputs["signs"] = [each.told() for each in verdict.signs]
                events.append(self._over(key, max(int(row[3]) for row in lacking.rows.values()), None, now))
        return events

    def table(self) -> Mapping[str, Any]:
        return {
            "due": self.due,
            "looked_at": self.looked_at,
            "open": {key: record.as_dict() for key, record in self.open.items()},
            "memory": {key: dict(value) for key, value in self.memory.items()},
            "calibrated": self.calibrated,
            "past": self.past,
            "statistics": self.statistics,
            "pictures": self.pictures,
            "cuts": cuts.table(self.cuts),
            "lacking": {mine: lacking.table() for mine, lacking in self.lacking.items()},
            "waiting": [list(look) for look in self.waiting],
        }

    def restore(self, table: Mapping[str, Any]) -> None:
        self.due, self.looked_at = int(table["due"]), int(table["looked_at"])
        self.open = {key: Record(**value) for key, value in table["open"].items()}
        self.memory = dict(table["memory"])
        self.calibrated = {code: [list(s) for s in sessions] for code, sessions in table["calibrated"].items()}
        self.pictures = pictures.restored(table.get("pictures", {}))
        self.cuts = cuts.restored(table.get("cuts", {}))
        self.statistics = {int(mine): [list(s) for s in slots] for mine, slots in table["statistics"].items()}
        self.past = {code: [list(s) for s in spans] for code, spans in table["past"].items()}
        self.lacking = {int(mine): Lacking(*row) for mine, row in table["lacking"].items()}
        self.waiting = [Look.of(row) for row in table["waiting"]]


def _news(record: Record, verdict: Verdict) -> bool:
    """True when there is something that was not told: another tier, more signs, an end."""
    spoken = {each["sign"] for each in record.inputs["signs"] if each["state"] == "spoke"}
    now = {each.name for each in verdict.signs if each.state == "spoke"}
    higher = verdict.tier == "check" and record.inputs["tier"] == "watch"
    return bool(higher or now - spoken or (verdict.end is not None and record.end is None))


def _tell(record: Record, verdict: Verdict, grades: Mapping[Any, Any], now: int) -> None:
    """Signs and tier of the latest look; neither tier nor grade falls."""
    record.inputs["signs"] = [each.told() for each in verdict.signs]
    if record.inputs["tier"] == "watch":
        record.inputs["tier"] = verdict.tier
    grade = grades[verdict.tier]
    if "grades" not in record.inputs:
        record.grade = grade
        record.inputs |= {"ladder_row": verdict.tier, "grades": [[grade, now, verdict.tier]]}
    elif rank(grade) > rank(record.grade):
        record.raise_to(grade, now, verdict.tier)
