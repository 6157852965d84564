"""Reading rounds and sheets: what a person sees of them, how far counties have come, one sheet item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.selfcheck.flow import SHEET
from kuangan.domains.selfcheck.form import FACTS, because, hint_of
from kuangan.domains.selfcheck.kinds import ROUND_KINDS
from kuangan.domains.selfcheck.known import Known, by_node, known_of
from kuangan.domains.selfcheck.models import (
    Answer,
    Confirmation,
    Difference,
    Evidence,
    Problem,
    Round,
    Sheet,
    Target,
)
from kuangan.domains.selfcheck.rules import INCONSISTENT, UNANSWERED, VALUE_WORDS, differs, remark
from kuangan.domains.selfcheck.words import VALUE_CSS
from kuangan.library.policy import Library, Node, shipped

OF_MINES = tuple(code for code, kind in ROUND_KINDS.items() if kind.by_mine)
UNSEEN = ("drafting", "signed", "returned")
"""States in which an inspection's sheet exists for authorities alone."""


def sheets_of(user: Any, at: datetime) -> QuerySet[Sheet]:
    """The sheets that exist for a person. An inspection's sheet shows itself to the enterprise once it is handed in."""
    cases = Case.objects.visible_to(user, at).filter(kind=SHEET.kind)
    rows = Sheet.objects.filter(case__in=cases.values("pk"))
    if scope_of(user).mines is not None:
        rows = rows.exclude(~Q(round__kind__in=OF_MINES), case__state__in=UNSEEN)
    return rows.select_related("case", "mine__county", "mine__city", "round", "supervisor", "filler")


def rounds_of(user: Any, at: datetime) -> QuerySet[Round]:
    """The rounds that concern mines a person sees; an enterprise learns of inspections by their sheets alone."""
    targets = Target.objects.filter(round=OuterRef("pk"), mine__in=visible_mines(user, at).values("pk"))
    rows = Round.objects.filter(Exists(targets) | Q(body=user.organisation_id))
    if scope_of(user).mines is not None:
        rows = rows.filter(kind__in=OF_MINES)
    return rows.select_related("body", "edition")


def targets_of(user: User, at: datetime, row: Round) -> QuerySet[Target]:
    return row.targets.filter(mine__in=visible_mines(user, at).values("pk"))


HANDED_IN = Q(sheet__submitted_at__isnull=False)
CANCELLED = Q(sheet__case__state="cancelled")
COUNTS: Mapping[str, Count] = {
    "mines": Count("pk"),
    "excused": Count("pk", filter=CANCELLED),
    "begun": Count("pk", filter=Q(sheet__answered__gt=0) & ~CANCELLED),
    "handed_in": Count("pk", filter=HANDED_IN),
    "accepted": Count("pk", filter=Q(sheet__accepted_at__isnull=False)),
    "unmet": Count("pk", filter=HANDED_IN & Q(sheet__unmet__gt=0)),
    "differing": Count("pk", filter=Q(sheet__differing__gt=0)),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the mines of a place have come. `query` finds the same mines in the list."""

    name: str
    query: str
    counts: Mapping[str, int]

    @property
    def percent(self) -> str:
        owed = self.counts["mines"] - self.counts["excused"]
        return f"{self.counts['handed_in'] * 100 // owed}%" if owed else "—"

    @property
    def missing(self) -> int:
        return self.counts["mines"] - self.counts["excused"] - self.counts["handed_in"]


def totals(targets: QuerySet[Target]) -> dict[str, int]:
    return dict(targets.aggregate(**COUNTS))


def by_place(targets: QuerySet[Target], level: str) -> list[Progress]:
    """Progress for each county or city, in the order of their codes; one query."""
    rows = targets.values(level, f"{level}__name").annotate(**COUNTS).order_by(level)
    return [
        Progress(
            row[f"{level}__name"] or "未登记区划",
            f"{level}={row[level] or 'none'}",
            {name: row[name] for name in COUNTS},
        )
        for row in rows
    ]


@dataclass(slots=True)
class Line:
    """One item of a sheet: the clause, what the mine answered, what the system knows, what became of it."""

    node: Node
    why: str
    because: str
    answer: Answer | None = None
    again: bool = False
    known: Sequence[Known] = ()
    files: list[Evidence] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    problem: Problem | None = None

    @property
    def hint(self) -> str:
        return hint_of(self.node.id)

    @property
    def value_word(self) -> str:
        if self.answer is None or self.again:
            return UNANSWERED
        return VALUE_WORDS[self.answer.value]

    @property
    def css(self) -> str:
        return VALUE_CSS[self.answer.value] if self.answer and not self.again else ""

    @property
    def inconsistent(self) -> bool:
        """Whether a finding of now speaks against the answer, or one that was found is not verified yet."""
        waits = any(row.verified_at is None for row in self.differences)
        value = self.answer.value if self.answer and not self.again else ""
        return waits or any(differs(value, one.state) for one in self.known if not self._verified(one))

    def _verified(self, one: Known) -> bool:
        return any(row.known.get("check") == one.check and row.verified_at for row in self.differences)

    @property
    def mark(self) -> str:
        return INCONSISTENT if self.inconsistent else ""

    @property
    def remark(self) -> str:
        value = self.answer.value if self.answer else ""
        return next((word for one in self.known if (word := remark(value, one.state))), "")


def lines(sheet: Sheet, at: datetime, library: Library | None = None) -> list[Line]:
    """Every item of a sheet, in the order of the documents. Six queries, whatever the number of items."""
    library = library or shipped()
    facts = facts_as_of([sheet.mine_id], FACTS, at).get(sheet.mine_id, {})
    prints: Mapping[str, str] = sheet.edition.nodes
    found = {
        node: Line(library.nodes[node], why, because(node, facts)) for node, why in sheet.items if node in library.nodes
    }
    for answer in sheet.answers.filter(replaced_at=None).select_related("by", "carried_from__sheet__round"):
        if line := found.get(answer.node):
            line.answer, line.again = answer, prints.get(answer.node) != answer.fingerprint
    for file in sheet.evidence.filter(withdrawn_at=None):
        if line := found.get(file.node):
            line.files.append(file)
    rows = sheet.differences.select_related("verified_by", "explained_by").order_by("id")
    for difference in rows:
        if line := found.get(difference.node):
            line.differences.append(difference)
    for problem in sheet.problems.all():
        if line := found.get(problem.node):
            line.problem = problem
    for node, known in by_node(known_of([sheet.mine_id], at).get(sheet.mine_id, ())).items():
        if line := found.get(node):
            line.known = known
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one part of a document."""

    code: str
    title: str
    lines: list[Line]

    @property
    def answered(self) -> int:
        return sum(line.answer is not None and not line.again for line in self.lines)

    @property
    def marked(self) -> int:
        return sum(line.inconsistent for line in self.lines)

    @property
    def complete(self) -> bool:
        return self.answered == len(self.lines)


def grouped(rows: Sequence[Line], library: Library | None = None) -> list[Group]:
    """Items by part, in the order of the documents."""
    library = library or shipped()
    groups: dict[str, list[Line]] = {}
    for line in rows:
        groups.setdefault(f"{line.node.document}-{line.node.part}", []).append(line)
    return [Group(code, _part(library, found[0].node), found) for code, found in groups.items()]


def _part(library: Library, node: Node) -> str:
    document = library.documents[node.document]
    title = next(part.title for part in document.parts if part.id == node.part)
    number = document.document.number.rpartition("〕")[2].strip()
    return f"{number}文 · {title}"


def stages(targets: QuerySet[Target], row: Round) -> list[dict[str, Any]]:
    """How many mines of a health check have come to each stage of the text; not said is not reached."""
    found = []
    sheets = Sheet.objects.filter(target__in=targets.values("pk"))
    total = targets.count()
    open_problems = Problem.objects.filter(sheet=OuterRef("pk"), verified_at=None)
    said = Confirmation.objects.filter(sheet=OuterRef("pk")).order_by("-id")
    for stage in row.rules.stages:
        if stage.code == "done":
            reached = sheets.filter(accepted_at__isnull=False).count()
        elif stage.code == "solved":
            done = sheets.filter(accepted_at__isnull=False).annotate(plans=Count("problems"))
            reached = done.filter(~Exists(open_problems), plans__gte=F("unmet")).count()
        else:
            latest = said.filter(stage=stage.code).values("reached")[:1]
            reached = sheets.annotate(latest=latest).filter(latest=True).count()
        found.append({"stage": stage, "reached": reached, "left": total - reached, "total": total})
    return found
