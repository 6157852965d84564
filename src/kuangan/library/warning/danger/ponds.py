"""Tailings ponds: items on four levels, and many points of one item together.

Formal condition of an aggregate: among the points of one item of a pond, `aggregate` says how many of a grade (or graver) count as
the next: four blue are yellow, three yellow orange, two orange red. Source: the national code of tailings ponds (wire formats §8);
limits of a definition count where it sets them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from kuangan.library.warning.danger import settings as law
from kuangan.library.warning.danger.again import Replayed
from kuangan.library.warning.danger.choosing import LEVELS
from kuangan.library.warning.danger.levels import Level
from kuangan.library.warning.danger.watching import Finding, Ladder
from kuangan.library.warning.family import Move
from kuangan.library.warning.settings import GRADES, rank

if TYPE_CHECKING:
    from kuangan.library.warning.state import State

POND = LEVELS[law.TAILINGS]


class Tailings(Level):
    name: ClassVar[str] = law.TAILINGS
    rule = law.TAILINGS
    hears = frozenset({POND})


class TailingsTogether(Replayed):
    """The key of a condition is `<mine>/<sensor type>`."""

    name: ClassVar[str] = f"{law.TAILINGS}.together"
    rule = law.TAILINGS
    hears = frozenset({POND})

    def keys(self, state: State, index: int) -> Iterable[str]:
        point = state.points[index]
        return (f"{state.mines[point.mine]}/{point.sensor_type}",)

    def alarming(self, state: State, move: Move) -> bool:
        """A point that leaves a graver band uncovers those that stand together in a milder one."""
        sign = state.signs[move.index]
        return bool(sign.grade(move.band) or sign.grade(move.before))

    def find(self, state: State, key: str) -> Finding | None:
        code, _, item = key.partition("/")
        rule, mine, p = state.book.settings(law.TAILINGS, law.PondRule), state.mine_index[code], state.p
        points = [i for i in sorted(state.signed.get((mine, POND), ())) if state.points[i].sensor_type == item]
        graded = {i: state.signs[i].grade(int(p["band"][i])) for i in points}
        ladder: Ladder = []
        since, members = 0, [i for i in points if graded[i]]
        for grade, (count, to) in rule.aggregate.items():
            held = sorted(int(p["band_at"][i]) for i in members if rank(graded[i]) >= rank(grade))
            if len(held) >= count:
                ladder.append((int(rule.hold_s * 1000), GRADES[rank(to)], f"{count}{grade}"))
                since = held[count - 1]
        if not ladder or max(rank(grade) for _, grade, _ in ladder) <= max(rank(graded[i]) for i in members):
            return None
        return Finding(
            self.pending.get(key, since),
            min(self.seen(state, i) for i in members),
            ladder,
            mine,
            members[0],
            "mine",
            code,
            state.points[members[0]].location,
            {
                "item": item,
                "count": len(members),
                "points": len(points),
                "children": [state.points[i].code for i in members],
                "related": [self.told(state, i, POND) for i in members],
            },
        )
