"""Mains: a sub-station that lives on its battery, and a mine whose sub-stations lose the mains together.

States of sub-stations are sent on change or every few minutes; a state stands until another is told. Spans run on the arrival
clock while the mine's link is up: across an outage of the link nothing opens or rises. Power 0 is the battery, 2 a fault of the
supply, 1 the mains; 9 is unknown and changes nothing. Older records than the newest of a sub-station are left out; one dated ahead of
its arrival counts as of then.
Source: wire formats §1.3 (tables B.8, B.9); spans are defaults of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from kuangan.library.warning.batch import FrameMark
from kuangan.library.warning.danger.settings import ON_BATTERY, POWER_LOST, BatteryRule, PowerRule
from kuangan.library.warning.danger.watching import Finding, Ladder, Watching
from kuangan.library.warning.events import Event
from kuangan.library.warning.settings import MINUTE, clocks

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

BATTERY, MAINS, FAULT = 0, 1, 2
WITHOUT = (BATTERY, FAULT)
BASES = "base_stations"


class Stations(Watching):
    """What sub-stations said of their supply: mine → code → [power, event time since, arrival since, newest event time]."""

    takes = frozenset({"station_states"})

    def __init__(self) -> None:
        super().__init__()
        self.stations: dict[str, dict[str, list[int]]] = {}

    def table(self) -> Mapping[str, Any]:
        return {**super().table(), "stations": self.stations}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.stations = {
            mine: {code: list(row) for code, row in known.items()} for mine, known in table["stations"].items()
        }

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        events: list[Event] = []
        if not len(rows) or "power" not in rows.columns:
            return events
        self.now = mark.at
        stations = self.stations.setdefault(state.mines[mine], {})
        for code, power, time in zip(*(rows[name].to_list() for name in ("code", "power", "time")), strict=True):
            key, at = state.key_of(mine, code), min(time - mark.ahead, mark.at)
            known = stations.get(key)
            if power not in (*WITHOUT, MAINS) or (known is not None and at <= known[3]):
                continue
            if known is not None and known[0] == power:
                known[3] = at
                continue
            stations[key] = [int(power), at, mark.at, at]
            events += self.changed(state, mine, key, at)
        return events

    def changed(self, state: State, mine: int, code: str, time: int) -> list[Event]:
        """The supply of a sub-station is another one since `time`."""
        return []

    def held(self, state: State, mine: int, since: int, arrived: int) -> int:
        """Up to when (event clock) a state since `since`, heard of at `arrived`, is known to last."""
        up = not state.m["silent"][mine]
        return since + max(0, (self.now if up else int(state.m["last"][mine])) - arrived)


class Battery(Stations):
    """The key of a condition is `<mine>/<code of the sub-station>`."""

    name: ClassVar[str] = ON_BATTERY
    rule = ON_BATTERY
    takes = Stations.takes | {BASES}

    def __init__(self) -> None:
        super().__init__()
        self.bases: dict[str, dict[str, str]] = {}
        """Mine → base stations of its positioning system → where they stand."""

    def table(self) -> Mapping[str, Any]:
        return {**super().table(), "bases": self.bases}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.bases = {mine: dict(names) for mine, names in table["bases"].items()}

    def frame(self, state: State, mine: int, mark: FrameMark, rows: pl.DataFrame) -> list[Event]:
        if mark.kept != BASES:
            return super().frame(state, mine, mark, rows)
        names = self.bases.setdefault(state.mines[mine], {})
        for row in rows.iter_rows(named=True):
            names[state.key_of(mine, row["code"])] = row["name"] or row["description"] or ""
        return []

    def changed(self, state: State, mine: int, code: str, time: int) -> list[Event]:
        key = f"{state.mines[mine]}/{code}"
        if self.stations[state.mines[mine]][code][0] not in WITHOUT:
            return self.ended(key, time, self.now)
        if key not in self.pending:
            self.await_(key, time, self.now)
        return []

    def find(self, state: State, key: str) -> Finding | None:
        code, _, station = key.partition("/")
        mine = state.mine_index[code]
        power, since, arrived, _ = self.stations[code][station]
        if power not in WITHOUT:
            return None
        began = self.pending.get(key, since)
        ladder: Ladder = [
            (span, grade, f"{span / MINUTE:g}min")
            for span, grade in clocks(state.book.settings(ON_BATTERY, BatteryRule).minutes)
        ]
        return Finding(
            began,
            self.held(state, mine, since, arrived),
            ladder,
            mine,
            state.station_of(station),
            "station",
            station,
            self.bases.get(code, {}).get(station, ""),
            {"power": power, "base": station in self.bases.get(code, {})},
        )


class PowerLost(Stations):
    """The key of a condition is the code of the mine."""

    name: ClassVar[str] = POWER_LOST
    rule = POWER_LOST

    def changed(self, state: State, mine: int, code: str, time: int) -> list[Event]:
        key = state.mines[mine]
        if self.find(state, key) is None:
            return self.ended(key, time, self.now)
        if key not in self.pending:
            self.await_(key, time, self.now)
        return []

    def find(self, state: State, key: str) -> Finding | None:
        rule, mine = state.book.settings(POWER_LOST, PowerRule), state.mine_index[key]
        known = self.stations[key]
        without = sorted((row[1], row[2], code) for code, row in known.items() if row[0] in WITHOUT)
        least = max(rule.without, math.ceil(rule.share * len(known)))
        if len(without) < least:
            return None
        since, arrived, _ = without[least - 1]
        return Finding(
            self.pending.get(key, since),
            self.held(state, mine, since, arrived),
            [(span, grade, f"{span / MINUTE:g}min") for span, grade in clocks(rule.minutes)],
            mine,
            mine,
            "mine",
            key,
            "",
            {"children": [code for _, _, code in without], "stations": len(known), "without": len(without)},
        )
