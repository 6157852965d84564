"""Which version of a drawing was in force on a day, and whether a mine has kept up what it must have. No queries in loops."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch

from kuangan.base.clock import beijing_day
from kuangan.base.documents.kinds import KINDS, DrawingKind, months_later, needed_by
from kuangan.base.documents.models import Drawing, DrawingVersion
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine

MISSING, OVERDUE, CURRENT, EXTRA = "missing", "overdue", "current", "extra"
WORDS = {MISSING: "未提交", OVERDUE: "超期未更新", CURRENT: "现行", EXTRA: "无现行版"}
CHIPS = {MISSING: "ka-chip-warn", OVERDUE: "ka-chip-warn", CURRENT: "ka-chip-ok", EXTRA: ""}


def in_force(versions: Iterable[DrawingVersion], day: date) -> DrawingVersion | None:
    """The version that counts on `day`: the newest that had begun and was not withdrawn by the end of that day.

    Formally: of {v : v.valid_from <= day and (v.withdrawn_at is None or beijing_day(v.withdrawn_at) > day)} the one with the
    greatest (valid_from, number). When it was handed in does not matter here; `later` says so.
    """
    standing = [
        row
        for row in versions
        if row.valid_from <= day and (row.withdrawn_at is None or beijing_day(row.withdrawn_at) > day)
    ]
    return max(standing, key=lambda row: (row.valid_from, row.number), default=None)


def later(version: DrawingVersion, day: date) -> bool:
    """Whether the version was handed in only after the day it is shown for."""
    return beijing_day(version.at) > day


@dataclass(frozen=True, slots=True)
class Line:
    """A drawing, or a kind that is missing, as it stood on a day; `until` is the day by which it must be renewed."""

    kind: str
    rule: DrawingKind | None
    needed: bool
    state: str
    months: int
    drawing: Drawing | None = None
    version: DrawingVersion | None = None
    until: date | None = None
    told_later: bool = False

    @property
    def label(self) -> str:
        return self.rule.label if self.rule else self.kind

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def chip(self) -> str:
        return CHIPS[self.state]


def lines(mine: Mine, day: date, at: datetime) -> list[Line]:
    """Every drawing of the mine on `day`, and the needed kinds without one, in the order of the table. Three queries."""
    versions = DrawingVersion.objects.select_related("by", "organisation")
    drawings = Drawing.objects.filter(mine=mine).prefetch_related(Prefetch("versions", versions)).order_by("title")
    state = str(facts_as_of([mine.code], ["state"], at).get(mine.code, {}).get("state", ""))
    needed = needed_by(mine.kind)
    found: dict[str, list[Drawing]] = {}
    for drawing in drawings:
        found.setdefault(drawing.kind, []).append(drawing)
    order = [*needed, *(code for code in [*KINDS, *sorted(found)] if code in found and code not in needed)]
    return [line for code in dict.fromkeys(order) for line in _of_kind(code, found.get(code, ()), needed, state, day)]


def _of_kind(code: str, drawings: Sequence[Drawing], needed: Collection[str], state: str, day: date) -> list[Line]:
    rule = KINDS.get(code)
    months, must = (rule.term(state) if rule else 12), code in needed
    known = [line for drawing in drawings for line in [_of_drawing(code, rule, drawing, must, months, day)]]
    if must and not any(line.version for line in known):
        return [Line(code, rule, True, MISSING, months), *known]
    return known


def _of_drawing(code: str, rule: DrawingKind | None, drawing: Drawing, must: bool, months: int, day: date) -> Line:
    version = in_force(drawing.versions.all(), day)
    if version is None:
        return Line(code, rule, must, EXTRA, months, drawing)
    until = months_later(version.valid_from, months)
    state = OVERDUE if must and until < day else CURRENT
    return Line(code, rule, must, state, months, drawing, version, until, later(version, day))


@dataclass(frozen=True, slots=True)
class Summary:
    """The needed drawings of a mine on a day: how many there must be, are missing, are not kept up."""

    lines: list[Line]

    @property
    def needed(self) -> int:
        return len({line.kind for line in self.lines if line.needed})

    @property
    def missing(self) -> int:
        return sum(line.state == MISSING for line in self.lines)

    @property
    def overdue(self) -> int:
        return sum(line.state == OVERDUE for line in self.lines)


def summary(mine: Mine, at: datetime) -> Summary:
    """As the page of the mine shows them, today."""
    return Summary([line for line in lines(mine, beijing_day(at), at) if line.needed and line.state != EXTRA])
