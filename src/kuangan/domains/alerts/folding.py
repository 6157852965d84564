"""How alerts fold to lines: pure decisions over the whole list, made anew each time it is shown.

Folding is a matter of the list. Every alert stands on exactly one line; a line has the colour of its gravest member,
which is its head; lines stand by the colour and age of their heads. So no alert is lost and none is hidden under a
lesser one. Void alerts and drills fold only among themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kuangan.domains.alerts.tuning import Folding

SINGLE, CAUSE, COUNTY, FLAPPING, PARENT = "single", "cause", "county", "flapping", "parent"
KIND_WORDS = {COUNTY: "县域断网", FLAPPING: "反复", CAUSE: "同矿同类", PARENT: "由上级故障引起"}


@dataclass(frozen=True, slots=True)
class Item:
    """What folding looks at of one alert. `at` is when it was raised, in seconds; `region` the county's code or ""."""

    pk: int
    rank: int
    rule: str
    mine: str
    region: str
    subject: str
    at: float
    void: bool = False
    drill: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """The place in the list: the gravest first, then the youngest."""
        return -self.rank, -self.pk


@dataclass(frozen=True, slots=True)
class Line:
    """Alerts of one cause, the head first."""

    kind: str
    members: tuple[Item, ...]

    @property
    def head(self) -> Item:
        return self.members[0]

    @property
    def mines(self) -> int:
        return len({item.mine for item in self.members})

    @property
    def first(self) -> float:
        return min(item.at for item in self.members)

    @property
    def last(self) -> float:
        return max(item.at for item in self.members)


def fold(
    items: Sequence[Item],
    law: Folding,
    flapping: Collection[tuple[str, str]] = (),
    parent_of: Mapping[int, int] | None = None,
) -> list[Line]:
    """The lines of a list. `flapping` are (rule, subject) pairs, `parent_of` leads from a child's pk to its parent's."""
    roots = _roots(items, parent_of or {}, law)
    below: dict[int, list[Item]] = {}
    for item in items:
        if item.pk in roots:
            below.setdefault(roots[item.pk], []).append(item)
    lines = []
    for kind, group in _groups((item for item in items if item.pk not in roots), law, flapping):
        children = [child for item in group for child in below.get(item.pk, ())]
        members = (*sorted(group, key=_place), *sorted(children, key=_place))
        lines.append(Line(PARENT if kind == SINGLE and children else kind, members))
    return sorted(lines, key=lambda line: line.head.key)


def _place(item: Item) -> tuple[int, int]:
    return item.key


def _roots(items: Iterable[Item], parent_of: Mapping[int, int], law: Folding) -> dict[int, int]:
    """{child: the topmost parent on the list}, for the children that may stand under it."""
    listed = {item.pk: item for item in items}
    found: dict[int, int] = {}
    for pk, item in listed.items():
        top, seen = pk, {pk}
        while (above := parent_of.get(top)) in listed and above is not None and above not in seen:
            top = above
            seen.add(top)
        circle = parent_of.get(top) in seen
        if top != pk and not circle and _may_stand_under(item, listed[top], law):
            found[pk] = top
    return found


def _may_stand_under(child: Item, root: Item, law: Folding) -> bool:
    """Never what is graver, never one that stands alone, never an over-limit under silence, void and drill only among themselves."""
    if child.rank > root.rank or any(law.stands_alone(item.rule, item.rank) for item in (child, root)):
        return False
    silence = child.rule in law.children and root.rule in law.parents
    return (silence or child.rule == root.rule) and (child.void, child.drill) == (root.void, root.drill)


def _groups(
    items: Iterable[Item], law: Folding, flapping: Collection[tuple[str, str]]
) -> Iterator[tuple[str, list[Item]]]:
    """Each item in one group: alone, county outage, flapping subject, same cause, single; the first that fits."""
    alone, rest = _split(items, lambda item: law.stands_alone(item.rule, item.rank))
    yield from ((SINGLE, [item]) for item in alone)
    silent, rest = _split(rest, lambda item: item.rule == law.county_outage_rule and item.region != "")
    for group in _bursts(silent, lambda item: (item.region, item.void, item.drill), law.county_outage_minutes * 60):
        if len({item.mine for item in group}) >= law.county_outage_mines:
            yield COUNTY, group
        else:
            rest += group
    again, rest = _split(rest, lambda item: (item.rule, item.subject) in flapping)
    for group in _alike(again, lambda item: (item.rule, item.subject, item.void, item.drill)):
        yield FLAPPING if len(group) > 1 else SINGLE, group
    for group in _bursts(rest, lambda item: (item.mine, item.rule, item.void, item.drill), law.same_cause_minutes * 60):
        yield CAUSE if len(group) > 1 else SINGLE, group


def _split(items: Iterable[Item], fits: Callable[[Item], bool]) -> tuple[list[Item], list[Item]]:
    yes: list[Item] = []
    no: list[Item] = []
    for item in items:
        (yes if fits(item) else no).append(item)
    return yes, no


def _alike(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    found: dict[Hashable, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def _bursts(items: Iterable[Item], key: Callable[[Item], Hashable], seconds: float) -> Iterator[list[Item]]:
    """Alike items, cut where one was raised more than `seconds` after the first of its burst."""
    for group in _alike(items, key):
        burst: list[Item] = []
        for item in sorted(group, key=lambda item: (item.at, item.pk)):
            if burst and item.at - burst[0].at > seconds:
                yield burst
                burst = []
            burst.append(item)
        yield burst
