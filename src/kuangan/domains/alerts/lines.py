"""The list of the desk as lines: what matches the query, folded, one page of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import QuerySet

from kuangan.base.case.models import Case
from kuangan.base.registry.models import Region
from kuangan.domains.alerts.folding import COUNTY, KIND_WORDS, SINGLE, Item, Line, fold
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import Row, rows
from kuangan.domains.alerts.queries import (
    COUNT_CAP,
    PAGE,
    PAST,
    Page,
    Query,
    capped_count,
    flapping_pairs,
    in_order,
    page,
    past_page,
    with_all,
)
from kuangan.domains.alerts.rules import GRADE_WORDS, GRADES
from kuangan.domains.alerts.tuning import TUNING
from kuangan.domains.alerts.words import moment

COLUMNS = (
    "pk", "alert__rank", "alert__rule", "mine_id", "region", "alert__subject", "alert__raised_at", "alert__void", "drill",
    "alert__mine_name",
)  # fmt: skip
MINES_NAMED = 60


@dataclass(frozen=True)
class Shown:
    """One line: its head as a row, and what is folded under it."""

    row: Row
    kind: str
    word: str
    count: int
    members: tuple[int, ...]
    colours: tuple[tuple[str, str, int], ...] = ()
    first: str = ""
    last: str = ""
    mines: tuple[str, ...] = ()
    mine_count: int = 1
    county: str = ""
    region: str = ""

    @property
    def folded(self) -> bool:
        return self.count > 1

    @property
    def ids(self) -> str:
        return ",".join(map(str, self.members))


@dataclass(frozen=True)
class Listed:
    """A page of lines. `total` counts alerts (up to the cap), `lines` what they fold to."""

    shown: list[Shown]
    next: str
    total: int
    capped: bool
    lines: int


def listed(cases: QuerySet[Case], query: Query, at: datetime, size: int = PAGE) -> Listed:
    """One page. Folding looks at the first 10,000 alerts of the list; what lies beyond them follows singly."""
    if not query.folds:
        if query.state in PAST:
            return _shown_singly(*past_page(cases, query, size), at)
        return _singly(cases, query, at, size, *capped_count(cases))
    flapping = flapping_pairs(at)
    window = Window.of(cases, query)
    lines = fold(window.items, TUNING.folding, flapping.keys(), parents(window.items))
    total, capped = len(window.items), window.more
    after = _key(query.after)
    if capped and after is not None and after >= window.items[-1].key:
        return _singly(cases, query, at, size, total, capped)
    rest = [line for line in lines if after is None or line.head.key > after]
    chosen = rest[:size]
    end = chosen[-1].head if len(rest) > size else window.items[-1] if capped else None
    found = with_all(Alert.objects.filter(pk__in=[line.head.pk for line in chosen])).in_bulk()
    heads = rows([found[line.head.pk] for line in chosen], at, flapping)
    counties = _counties(chosen)
    shown = [_shown(line, row, window.mine_names, counties, at) for line, row in zip(chosen, heads, strict=True)]
    return Listed(shown, f"{end.rank}-{end.pk}" if end else "", total, capped, len(lines))


def counted(cases: QuerySet[Case], query: Query, at: datetime) -> tuple[int, int]:
    """How many alerts the list holds (up to the cap), and how many lines they are."""
    if not query.folds:
        total, _ = capped_count(cases)
        return total, total
    window = Window.of(cases, query)
    return len(window.items), len(fold(window.items, TUNING.folding, flapping_pairs(at).keys(), parents(window.items)))


@dataclass(frozen=True)
class Window:
    """The beginning of a list, as far as folding looks."""

    items: list[Item]
    mine_names: dict[str, str]
    more: bool

    @classmethod
    def of(cls, cases: QuerySet[Case], query: Query) -> Window:
        """One query of ten columns."""
        found = list(in_order(cases, query).values_list(*COLUMNS)[: COUNT_CAP + 1])
        items: list[Item] = []
        names: dict[str, str] = {}
        for pk, rank, rule, mine, region, subject, raised, void, drill, name in found[:COUNT_CAP]:
            county = region if len(region) == 6 and not region.endswith("00") else ""
            items.append(Item(pk, rank, rule, mine or name, county, subject, raised.timestamp(), void, drill))
            names[mine or name] = name
        return cls(items, names, len(found) > COUNT_CAP)


def parents(items: Sequence[Item]) -> dict[int, int]:
    """{child: parent} as the engine named the children of an outage; a query only when a list holds both."""
    law = TUNING.folding
    below = {(item.mine, item.subject): item.pk for item in items if item.rule in law.children}
    mines = {mine for mine, _ in below}
    above = [item for item in items if item.rule in law.parents and item.mine in mines]
    if not above:
        return {}
    named = dict(Alert.objects.filter(pk__in=[item.pk for item in above]).values_list("pk", "inputs"))
    order = {rule: place for place, rule in enumerate(law.parents)}
    found: dict[int, int] = {}
    for item in sorted(above, key=lambda item: -order[item.rule]):
        for code in named.get(item.pk, {}).get("children") or ():
            child = below.get((item.mine, code))
            if child is not None and child != item.pk:
                found[child] = item.pk
    return found


def _singly(cases: QuerySet[Case], query: Query, at: datetime, size: int, total: int, capped: bool) -> Listed:
    return _shown_singly(page(cases, query, size), total, capped, at)


def _shown_singly(found: Page, total: int, capped: bool, at: datetime) -> Listed:
    shown = [Shown(row, SINGLE, "", 1, (row.alert.pk,)) for row in rows(found.alerts, at)]
    return Listed(shown, found.next, total, capped, total)


def _key(mark: str) -> tuple[int, int] | None:
    rank, _, last = mark.partition("-")
    return (-int(rank), -int(last)) if rank.isdecimal() and last.isdecimal() else None


def _counties(lines: Sequence[Line]) -> dict[str, str]:
    wanted = {line.head.region for line in lines if line.kind == COUNTY}
    return dict(Region.objects.filter(pk__in=wanted).values_list("code", "name")) if wanted else {}


def _shown(line: Line, row: Row, names: Mapping[str, str], counties: Mapping[str, str], at: datetime) -> Shown:
    if len(line.members) == 1:
        return Shown(row, SINGLE, "", 1, (line.head.pk,))
    mines = list(dict.fromkeys(item.mine for item in line.members))
    ranks = Counter(item.rank for item in line.members)
    return Shown(
        row=row,
        kind=line.kind,
        word=KIND_WORDS[line.kind],
        count=len(line.members),
        members=tuple(item.pk for item in line.members),
        colours=tuple((GRADES[r], GRADE_WORDS[GRADES[r]], ranks[r]) for r in sorted(ranks, reverse=True)),
        first=_moment(line.first, at),
        last=_moment(line.last, at),
        mines=tuple(names[mine] for mine in mines[:MINES_NAMED]),
        mine_count=len(mines),
        county=counties.get(line.head.region, "") if line.kind == COUNTY else "",
        region=line.head.region if line.kind == COUNTY else "",
    )


def _moment(seconds: float, at: datetime) -> str:
    return moment(datetime.fromtimestamp(seconds, UTC), at)
