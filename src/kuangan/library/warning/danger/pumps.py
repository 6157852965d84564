"""Every pump of a place stands while its sump rises.

Formal condition: all pumps of the place stand, and a sump at the place rose by `rises` (m) above where it was at the first look
after the last pump stopped at which it told a value that may be judged. Of a sump that tells none nothing is known: that ends
nothing. Source: Coal Mine Safety Regulations on drainage; the rises are defaults of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from kuangan.library.warning.danger import places
from kuangan.library.warning.danger.settings import PUMP, PumpRule
from kuangan.library.warning.danger.watching import Finding, Watching
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Move
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.settings import MINUTE

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

STOPPED = 0


class Pumps(Watching):
    """`levels` is where each sump was at first, `shown` where it was at the last look: by key and index of the sump."""

    name: ClassVar[str] = PUMP
    rule = PUMP
    hears = frozenset({"pump"})
    every = MINUTE

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, dict[str, float]] = {}
        self.shown: dict[str, dict[str, float]] = {}

    def table(self) -> Mapping[str, Any]:
        return {**super().table(), "levels": self.levels, "shown": self.shown}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.levels = {key: dict(levels) for key, levels in table["levels"].items()}
        self.shown = {key: dict(levels) for key, levels in table.get("shown", {}).items()}

    def keys(self, state: State, index: int) -> Iterable[str]:
        return (places.key_of(state, index, state.book.settings(PUMP, PumpRule).place),)

    def alarming(self, state: State, move: Move) -> bool:
        return move.band == STOPPED

    def ended(self, key: str, end: int | None, now: int) -> list[Event]:
        self.levels.pop(key, None)
        self.shown.pop(key, None)
        return super().ended(key, end, now)

    def _look(self, state: State, key: str, sumps: Iterable[int]) -> None:
        """Note what the sumps show now, of which something is known."""
        value = state.p["value"]
        told = {str(sump): float(value[sump]) for sump in sumps if self.seen(state, sump) != NEVER}
        self.levels[key] = {**told, **self.levels.get(key, {})}
        self.shown[key] = told

    def find(self, state: State, key: str) -> Finding | None:
        rule, p = state.book.settings(PUMP, PumpRule), state.p
        pumps = places.at_place(state, key, rule.place, {"pump"})
        if not pumps or any(p["band"][pump] != STOPPED for pump in pumps):
            return None
        sumps = places.at_place(state, key, rule.place, {"sump"})
        if not sumps:
            return None
        if self.whole:
            self._look(state, key, sumps)
        first, last = self.levels.get(key, {}), self.shown.get(key, {})
        risen = {s: round(last[str(s)] - first[str(s)], 3) for s in sumps if str(s) in last}
        worst = max(risen, key=lambda sump: risen[sump], default=None)
        rise = 0.0 if worst is None else risen[worst]
        name = key.partition("/")[2]
        return Finding(
            max(int(p["band_at"][pump]) for pump in pumps),
            min(self.seen(state, each) for each in (*pumps, *([] if worst is None else [worst]))),
            sorted((0, grade, f"{least:g}m") for grade, least in rule.rises.items() if rise >= least),
            state.points[pumps[0]].mine,
            pumps[0],
            "place",
            name,
            name,
            {
                "pumps": len(pumps),
                "value": rise,
                "unit": "m",
                "related": [self.told(state, each, "pump") for each in pumps]
                + [self.told(state, each, "sump") for each in sumps],
            },
            rise,
            self.now,
        )
