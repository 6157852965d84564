"""Every pump of a place stands while its sump rises.

Formal condition: all pumps of the place stand, and a sump at the place rose by `rises` (m) above where it was at the first look
after the last pump stopped. Source: Coal Mine Safety Regulations on drainage; the rises are defaults of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from kuangan.library.warning.danger import places
from kuangan.library.warning.danger.settings import PUMP, PumpRule
from kuangan.library.warning.danger.watching import Finding, Watching
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Move
from kuangan.library.warning.settings import MINUTE

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

STOPPED = 0


class Pumps(Watching):
    name: ClassVar[str] = PUMP
    rule = PUMP
    hears = frozenset({"pump"})
    every = MINUTE

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, dict[str, float]] = {}

    def table(self) -> Mapping[str, Any]:
        return {**super().table(), "levels": self.levels}

    def restore(self, table: Mapping[str, Any]) -> None:
        super().restore(table)
        self.levels = {key: dict(levels) for key, levels in table["levels"].items()}

    def keys(self, state: State, index: int) -> Iterable[str]:
        return (places.key_of(state, index, state.book.settings(PUMP, PumpRule).place),)

    def alarming(self, state: State, move: Move) -> bool:
        return move.band == STOPPED

    def ended(self, key: str, end: int | None, now: int) -> list[Event]:
        self.levels.pop(key, None)
        return super().ended(key, end, now)

    def find(self, state: State, key: str) -> Finding | None:
        rule, p = state.book.settings(PUMP, PumpRule), state.p
        pumps = places.at_place(state, key, rule.place, {"pump"})
        if not pumps or any(p["band"][pump] != STOPPED for pump in pumps):
            return None
        sumps = [s for s in places.at_place(state, key, rule.place, {"sump"}) if self.value(state, s) is not None]
        if not sumps:
            return None
        known = self.levels.get(key, {})
        if self.whole:
            known = self.levels[key] = {str(s): known.get(str(s), float(p["value"][s])) for s in sumps}
        risen = {s: (self.value(state, s) or 0.0) - known[str(s)] for s in sumps if str(s) in known}
        worst = max(risen, key=lambda sump: risen[sump], default=None)
        rise = 0.0 if worst is None else round(risen[worst], 3)
        name = key.partition("/")[2]
        return Finding(
            max(int(p["band_at"][pump]) for pump in pumps),
            min(self.seen(state, each) for each in (*pumps, *sumps)),
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
