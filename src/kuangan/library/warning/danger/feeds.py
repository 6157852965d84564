"""Power that is still live after methane reached its cut value: the lock failed, or somebody bridged it.

Formal condition: methane at or above its cut value and the load side of a feed live, both since at least `seconds` of event time. The
feed is one that the methane point's definition names (relations D, K), else those at the same place.
Source: gas_rules.yaml tamper_detection power_feedback; Coal Mine Safety Regulations art. 173.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kuangan.library.warning.danger import places
from kuangan.library.warning.danger.again import Replayed
from kuangan.library.warning.danger.settings import FEED_LIVE, FeedRule
from kuangan.library.warning.danger.watching import Finding
from kuangan.library.warning.family import Move
from kuangan.library.warning.signs import Sign

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

LIVE = 1


class Feeds(Replayed):
    """The key of a condition is the code of the methane point."""

    name: ClassVar[str] = FEED_LIVE
    rule = FEED_LIVE
    hears = frozenset({"methane", "feed"})

    def known_keys(self, state: State, index: int) -> list[str]:
        return list(self.keys(state, index))

    def keys(self, state: State, index: int) -> Iterable[str]:
        if state.signs[index].kind == "methane":
            return (state.points[index].code,)
        gas = sorted(state.signed.get((state.points[index].mine, "methane"), ()))
        return [state.points[each].code for each in gas if self._cut(state, each) and index in self._feeds(state, each)]

    def alarming(self, state: State, move: Move) -> bool:
        return (move.kind == "feed" and move.band == LIVE) or self._cut(state, move.index)

    def begins(self, state: State, index: int, sign: Sign, band: int, span: tuple[int, int]) -> bool:
        if sign.kind == "methane":
            return band == len(sign.edges)
        gas = state.signed.get((state.points[index].mine, "methane"), ())
        over = (record for each in gas for record in state.past.get(each, ()))
        return band == LIVE and any(r.onset <= span[1] and (r.end or span[0]) >= span[0] for r in over)

    def _cut(self, state: State, index: int) -> bool:
        """Whether a methane point shows at least its cut value."""
        return int(state.p["band"][index]) == len(state.signs[index].edges)

    def _feeds(self, state: State, index: int) -> list[int]:
        named = [
            other
            for other in places.related(state, index, places.CUT + places.CONTROL)
            if other in state.signs and state.signs[other].kind == "feed"
        ]
        place = state.book.settings(FEED_LIVE, FeedRule).place
        return sorted(set(named)) or places.at_place(state, places.key_of(state, index, place), place, {"feed"})

    def find(self, state: State, key: str) -> Finding | None:
        index, p = state.point_index[key], state.p
        if index not in state.signs or state.signs[index].kind != "methane" or not self._cut(state, index):
            return None
        live = [feed for feed in self._feeds(state, index) if p["band"][feed] == LIVE]
        if not live:
            return None
        rule, point, sign = state.book.settings(FEED_LIVE, FeedRule), state.points[index], state.signs[index]
        edge = sign.edges[-1]
        return Finding(
            max(int(p["band_at"][index]), min(int(p["band_at"][feed]) for feed in live)),
            min(self.seen(state, index), max(self.seen(state, feed) for feed in live)),
            sorted((int(seconds * 1000), grade, f"{seconds:g}s") for grade, seconds in rule.seconds.items()),
            point.mine,
            index,
            "point",
            key,
            point.location,
            {
                "type_name": point.type_name,
                "unit": point.unit,
                "value": self.value(state, index),
                "limit": edge.value,
                "limit_source": "own" if edge.source == "own" else "system_default",
                "related": [self.told(state, index, "methane"), *(self.told(state, feed, "feed") for feed in live)],
                "events": [state.machines[index].record.id] if index in state.machines else [],
            },
            self.value(state, index),
            self.when(state, index),
        )
