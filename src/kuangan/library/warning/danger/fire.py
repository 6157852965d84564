"""Signs of fire at one place: smoke, carbon monoxide at its limit, temperature at its limit. One may err, two raise.

Formal condition: the number of different kinds of sign at a place, each lasting `hold_s` of event time. Smoke alone is told;
carbon monoxide alone is an over-limit of its own, heat alone is not fire: it begins with smoke or the second kind. Source: defaults of ours after SX36-16.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kuangan.library.warning.danger import places
from kuangan.library.warning.danger.again import Replayed
from kuangan.library.warning.danger.settings import FIRE, FireRule
from kuangan.library.warning.danger.watching import Finding
from kuangan.library.warning.family import Move

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

SIGNS = ("smoke", "carbon_monoxide", "temperature")


class Fire(Replayed):
    name: ClassVar[str] = FIRE
    rule = FIRE
    hears = frozenset(SIGNS)

    def keys(self, state: State, index: int) -> Iterable[str]:
        return (places.key_of(state, index, state.book.settings(FIRE, FireRule).place),)

    def alarming(self, state: State, move: Move) -> bool:
        return move.band >= 1

    def find(self, state: State, key: str) -> Finding | None:
        rule, p = state.book.settings(FIRE, FireRule), state.p
        shown = [index for index in places.at_place(state, key, rule.place, SIGNS) if p["band"][index] >= 1]
        first = {
            kind: min((int(p["band_at"][index]) for index in shown if state.signs[index].kind == kind), default=None)
            for kind in SIGNS
        }
        kinds = sorted(since for since in first.values() if since is not None)
        if not kinds or (len(kinds) == 1 and first["smoke"] is None):
            return None
        since = min(each for each in (first["smoke"], *kinds[1:2]) if each is not None)
        hold = int(rule.hold_s * 1000)
        ladder = [
            (max(0, kinds[count - 1] - since) + hold, grade, f"{count}signs")
            for grade, count in rule.signs.items()
            if len(kinds) >= count
        ]
        about = state.points[shown[0]]
        name = key.partition("/")[2]
        return Finding(
            since,
            max(self.seen(state, index) for index in shown),
            sorted(ladder),
            about.mine,
            shown[0],
            "place",
            name,
            name,
            {
                "signs": [kind for kind in SIGNS if first[kind] is not None],
                "related": [self.told(state, index, state.signs[index].kind) for index in shown],
                "events": [state.machines[index].record.id for index in shown if index in state.machines],
            },
        )
