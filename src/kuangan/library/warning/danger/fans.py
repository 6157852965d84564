"""A fan that stands: every fan of its group does, longer than its clock; graver with gas at the same place.

A group are the fans that definitions join as main and standby (relation Z), else those of the same kind at the same place: a
standby fan that stands beside a running one is no danger. Methane at the place at or above its limit, or its cut value, raises the
grade from then on; the over-limit is named as related, not told twice.
Source: Coal Mine Safety Regulations on ventilation; clocks are defaults of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kuangan.library.warning.danger import places
from kuangan.library.warning.danger.again import Replayed
from kuangan.library.warning.danger.settings import FAN_STOPPED, FanRule
from kuangan.library.warning.danger.watching import Finding
from kuangan.library.warning.family import Move
from kuangan.library.warning.settings import MINUTE, clocks

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

FANS = ("local_fan", "main_fan")
STOPPED = 0


class Fans(Replayed):
    name: ClassVar[str] = FAN_STOPPED
    rule = FAN_STOPPED

    hears = frozenset(FANS)
    beside = frozenset({"methane"})

    def keys(self, state: State, index: int) -> Iterable[str]:
        rule = state.book.settings(FAN_STOPPED, FanRule)
        kind = state.signs[index].kind
        first = places.joined(state, index, places.STANDBY, kind)
        if len(first) > 1:
            return (f"{places.key_of(state, first[0], rule.place)}|{first[0]}|{kind}",)
        return (f"{places.key_of(state, index, rule.place)}||{kind}",)

    def alarming(self, state: State, move: Move) -> bool:
        return move.band == STOPPED

    def find(self, state: State, key: str) -> Finding | None:
        rule, p = state.book.settings(FAN_STOPPED, FanRule), state.p
        place, chosen, kind = key.rsplit("|", 2)
        if chosen:
            fans = places.joined(state, int(chosen), places.STANDBY, kind)
        else:
            fans = places.at_place(state, place, rule.place, {kind})
            fans = [fan for fan in fans if len(places.joined(state, fan, places.STANDBY, kind)) == 1]
        if not fans or any(p["band"][fan] != STOPPED for fan in fans):
            return None
        since = max(int(p["band_at"][fan]) for fan in fans)
        ladder = clocks(rule.local_minutes if kind == "local_fan" else rule.main_minutes)
        named = [(span, grade, f"{span / MINUTE:g}min") for span, grade in ladder]
        gas = places.at_place(state, place, rule.place, {"methane"}) if kind == "local_fan" else []
        over = [index for index in gas if p["band"][index] >= 1]
        first = named[0][0]
        for index in over:
            cut = int(p["band"][index]) == len(state.signs[index].edges)
            span = max(first, int(p["band_at"][index]) - since)
            named.append((span, rule.with_cut if cut else rule.with_gas, "with_cut" if cut else "with_gas"))
        about = state.points[fans[0]]
        return Finding(
            since,
            min(self.seen(state, fan) for fan in fans),
            sorted(named),
            about.mine,
            fans[0],
            "place",
            place.partition("/")[2],
            about.location if len(fans) == 1 else place.partition("/")[2],
            {
                "kind": kind,
                "fans": len(fans),
                "related": [self.told(state, fan, kind) for fan in fans]
                + [self.told(state, index, "methane") for index in gas],
                "events": [state.machines[index].record.id for index in over if index in state.machines],
            },
        )
