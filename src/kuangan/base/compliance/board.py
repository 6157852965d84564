"""The board: every clause of a sheet against the territories of those it binds, counted from cells in a handful of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from kuangan.base.compliance import subjects as binding
from kuangan.base.compliance.checks import State, SubjectKind, registry
from kuangan.base.compliance.models import STATE_WORDS, Cell
from kuangan.base.compliance.subjects import POLICY_KINDS
from kuangan.base.people.models import User
from kuangan.base.people.scope import Scope, scope_of
from kuangan.base.registry.models import Region, RegionLevel
from kuangan.base.registry.scope import visible_mines
from kuangan.library.policy import Node, shipped

PROVINCE: Final = "140000"
SHOWN: Final = (State.DETERMINED, State.SUSPECTED, State.UNKNOWN, State.PAPER, State.PROVED, State.NOT_APPLICABLE)
"""States in the order in which a bar shows them; the words stand in STATE_WORDS."""
PARTS: Final = (State.PAPER, State.PROVED)
"""What a part that was judged may be where the whole clause is unknown."""


@dataclass(frozen=True, slots=True)
class Column:
    """A territory, or a single subject where a person sees only a few."""

    code: str
    name: str


@dataclass(slots=True)
class Line:
    """One clause: counts of its subjects by state in each column and altogether, and by judged part of those unknown."""

    node: Node
    checks: int
    states: dict[str, Counter[str]] = field(default_factory=dict)
    parts: dict[str, Counter[str]] = field(default_factory=dict)

    def of(self, column: str) -> Counter[str]:
        return self.states.get(column, Counter())

    @property
    def total(self) -> Counter[str]:
        return sum(self.states.values(), Counter())

    @property
    def part(self) -> Counter[str]:
        return sum(self.parts.values(), Counter())


@dataclass(frozen=True, slots=True)
class Board:
    kind: SubjectKind
    city: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    subjects: int


def visible_cells(user: User | AnonymousUser, at: datetime) -> QuerySet[Cell]:
    """Cells of the mines within a person's scope; of territories and bodies, those of one's territory and one's own."""
    return Cell.objects.filter(reach(scope_of(user), user, at))


def reach(scope: Scope, user: User | AnonymousUser, at: datetime) -> Q:
    """The condition on a row of `OfSubject` that a scope means."""
    own = Q(organisation=scope.organisation_id) if scope.organisation_id else Q(pk__in=())
    mines = Q(mine__in=visible_mines(user, at).values("pk"))
    if scope.region_prefix is None:
        return mines | own
    return mines | own | Q(mine=None, region__startswith=scope.region_prefix)


def board_of(
    user: User | AnonymousUser, kind: SubjectKind, at: datetime, *, city: str = "", mine_kind: str = ""
) -> Board:
    """One sheet. `city` shows its counties instead of the cities of the province, `mine_kind` mines of one kind alone. Five queries."""
    by = "region" if city else "city"
    cells = visible_cells(user, at).filter(subject_kind=kind)
    totals = _totals(user, kind, at, by, city, mine_kind)
    if city:
        cells = cells.filter(city=city)
    if mine_kind:
        cells = cells.filter(mine__kind=mine_kind)
    lines = {node.id: _line(node, kind) for node in shipped().nodes.values() if kind in node.binds}
    counted = cells.order_by().values_list("clause", by, "state", "part").annotate(n=Count("pk"))
    for clause, column, state, part, count in counted:
        if clause in lines:
            lines[clause].states.setdefault(column, Counter())[state] += count
            if part and state == State.UNKNOWN:
                lines[clause].parts.setdefault(column, Counter())[part] += count
    for line in lines.values():
        _fill(line, kind, totals)
    columns = _columns(totals, city)
    everyone = sum(sum(kinds.values()) for kinds in totals.values())
    return Board(kind, city, columns, tuple(lines.values()), everyone)


def _line(node: Node, kind: SubjectKind) -> Line:
    return Line(node, sum(check.subject == kind for check in registry().clauses.get(node.id, ())))


def _fill(line: Line, kind: SubjectKind, totals: Mapping[str, Counter[str]]) -> None:
    """Whoever a clause binds and nobody judged is unknown."""
    for column, kinds in totals.items():
        bound = sum(count for one, count in kinds.items() if _binds(line.node, kind, one))
        missing = bound - sum(line.of(column).values())
        if missing > 0:
            line.states.setdefault(column, Counter())[State.UNKNOWN] += missing


def _binds(node: Node, kind: SubjectKind, mine_kind: str) -> bool:
    return kind != "mine" or not node.mine_kinds or POLICY_KINDS[mine_kind] in node.mine_kinds


def _totals(
    user: User | AnonymousUser, kind: SubjectKind, at: datetime, by: str, city: str, mine_kind: str
) -> dict[str, Counter[str]]:
    """Column → kind → how many subjects there are, whether or not anything is known of them."""
    if kind == "mine":
        return _mines(user, at, by, city, mine_kind)
    scope = scope_of(user)
    found: dict[str, Counter[str]] = {}
    for row in binding.load(kind):
        mine_own = row.organisation is not None and row.organisation == scope.organisation_id
        within = scope.region_prefix is not None and row.region.startswith(scope.region_prefix)
        if (mine_own or within) and (not city or row.city == city):
            found.setdefault(row.region if by == "region" else row.city, Counter())[kind] += 1
    return found


def _mines(user: User | AnonymousUser, at: datetime, by: str, city: str, mine_kind: str) -> dict[str, Counter[str]]:
    rows = visible_mines(user, at).filter(provisional=False)
    if city:
        rows = rows.filter(city=city)
    if mine_kind:
        rows = rows.filter(kind=mine_kind)
    found: dict[str, Counter[str]] = {}
    for county, of_city, kind, count in (
        rows.order_by().values_list("county_id", "city_id", "kind").annotate(n=Count("pk"))
    ):
        column = (county or of_city or PROVINCE) if by == "region" else (of_city or "")
        found.setdefault(column, Counter())[kind] += count
    return found


def _columns(totals: Mapping[str, Counter[str]], city: str) -> tuple[Column, ...]:
    level = RegionLevel.COUNTY if city else RegionLevel.CITY
    names = dict(Region.objects.filter(Q(level=level) | Q(code=city)).values_list("code", "name"))
    known = [Column(code, names[code]) for code in sorted(totals) if code in names]
    rest = [Column(code, "省级" if not city else "未分县") for code in sorted(totals) if code not in names]
    return (*known, *rest)


def grouped(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """(document and part, its lines) in the order of the text."""
    library = shipped()
    titles = {
        (document.id, part.id): f"{document.document.number.rpartition('〕')[2].strip()}文 · {part.title}"
        for document in library.documents.values()
        for part in document.parts
    }
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(titles[line.node.document, line.node.part], []).append(line)
    return list(groups.items())


def bar(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(state, word, count) of what is there, the gravest first."""
    return [(state.value, STATE_WORDS[state], counts[state]) for state in SHOWN if counts.get(state)]


def sums(lines: Sequence[Line]) -> Counter[str]:
    return sum((line.total for line in lines), Counter())
