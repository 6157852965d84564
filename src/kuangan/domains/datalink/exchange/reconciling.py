"""What they have, what we have, where both differ: counts and the rows behind them, from the same conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case
from kuangan.base.clock import BEIJING
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.datalink.exchange.mapping import STATE_TABLE, WITHDRAWN, Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Platform
from kuangan.domains.datalink.exchange.scope import cases_of

WORDS: Final = {
    "all": "我方应送",
    "sent": "已送出",
    "unsent": "未送出",
    "acked": "对方已签收",
    "ours": "仅我方有",
    "theirs": "仅对方有",
    "differs": "状态不一致",
    "agrees": "状态一致",
    "late": "送出迟",
    "withdrawn": "已撤回",
    "drills": "演练（不外送）",
}
NOTES: Final = {
    "sent": "取数、推送或文件，至少一次",
    "ours": "对方没有签收、没有回传、没有官方编号",
    "theirs": "对方回传，我方没有这条告警",
    "differs": "双方最近一次互相告知的状态",
    "withdrawn": "作废、并入或已不在外送范围",
    "drills": "演练从不外送，单独计数",
}
BOTH_SAID = ~Q(c__their_state="") & ~Q(c__our_state="") & Q(c__pk__isnull=False)
HEADS: Final = (
    "告警编号", "标题", "等级", "产生时间", "我方状态", "首次送出", "对方签收", "对方状态", "对方办理时间", "官方系统编号", "结论",
)  # fmt: skip


@dataclass(frozen=True)
class Span:
    """[start, stop): by the time a case was opened, for what is only theirs by the time they first told of it."""

    start: datetime
    stop: datetime


@dataclass(frozen=True)
class Line:
    """One row of the report."""

    case: Case | None
    row: Counterpart | None
    ours: str
    theirs: str
    verdicts: tuple[str, ...]


@dataclass(frozen=True)
class Reconciliation:
    """One platform over one span, as `user` sees it (None: all of it)."""

    platform: Platform
    mapping: Mapping
    span: Span
    at: datetime
    user: User | None = None

    def cases(self, show: str = "all") -> QuerySet[Case]:
        """The cases of a category, each with its counterpart as `c`."""
        rows = self._drills() if show == "drills" else cases_of(self.platform, self.mapping)
        if self.user is not None:
            rows = rows & Case.objects.visible_to(self.user, self.at)
        rows = rows.filter(opened__gte=self.span.start, opened__lt=self.span.stop)
        joined = rows.annotate(c=FilteredRelation("counterparts", condition=Q(counterparts__platform=self.platform)))
        return joined if show in ("all", "drills") else joined.filter(self.conditions[show])

    def theirs(self) -> QuerySet[Counterpart]:
        """What only they have. Whoever does not see the whole province sees what names a mine within the scope."""
        rows = Counterpart.objects.filter(platform=self.platform, case__isnull=True)
        rows = rows.filter(told_at__gte=self.span.start, told_at__lt=self.span.stop)
        if self.user is None or scope_of(self.user).province_wide:
            return rows
        return rows.filter(mine__in=visible_mines(self.user, self.at))

    @property
    def conditions(self) -> dict[str, Q]:
        """Category → condition on a case joined with its counterpart."""
        allowed = timedelta(minutes=self.mapping.late_after_minutes)
        never = Q(c__pk__isnull=True) | Q(c__sent_at__isnull=True)
        return {
            "sent": Q(c__sent_at__isnull=False),
            "unsent": never,
            "acked": Q(c__acked_at__isnull=False),
            "ours": ~Q(pk__in=self._known()),
            "differs": BOTH_SAID & ~Q(c__their_state=F("c__our_state")),
            "agrees": BOTH_SAID & Q(c__their_state=F("c__our_state")),
            "late": Q(c__sent_at__gt=F("opened") + allowed) | (never & Q(opened__lt=self.at - allowed)),
            "withdrawn": Q(c__withdrawn=True),
        }

    def counts(self) -> dict[str, int]:
        """{category: number}. Three queries."""
        sums = {name: Count("pk", filter=condition) for name, condition in self.conditions.items()}
        found: dict[str, int] = self.cases().aggregate(all=Count("pk"), **sums)
        found |= {"theirs": self.theirs().count(), "drills": self.cases("drills").count()}
        return {name: found[name] for name in WORDS}

    def lines(self, cases: list[Case]) -> list[Line]:
        """Report rows of cases, in one more query."""
        rows = Counterpart.objects.filter(platform=self.platform, case__in=[case.pk for case in cases])
        known = {row.case_id: row for row in rows}
        return [self._line(case, known.get(case.pk)) for case in cases]

    def line_of_theirs(self, row: Counterpart) -> Line:
        return Line(None, row, "—", self.mapping.state_words(row.their_state), ("theirs",))

    def values(self, show: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a category as an export writes them."""
        if show == "theirs":
            lines = [self.line_of_theirs(row) for row in self.theirs().order_by("-pk")]
        else:
            lines = self.lines(list(self.cases(show).order_by("-opened", "-pk")))
        yield from (self._values(line) for line in lines)

    def _known(self) -> QuerySet[Counterpart, Any]:
        known = Q(acked_at__isnull=False) | Q(told_at__isnull=False) | ~Q(official_number="")
        return Counterpart.objects.filter(known, platform=self.platform, case__isnull=False).values("case_id")

    def _drills(self) -> QuerySet[Case]:
        rows = Case.objects.filter(kind__in=self.mapping.kinds, drill=True, region__startswith=self.platform.region)
        return rows.filter(sector__in=["", *self.platform.sectors])

    def _line(self, case: Case, row: Counterpart | None) -> Line:
        ours = our_words(self.mapping, case, row.our_state) if row is not None else "—"
        theirs = self.mapping.state_words(row.their_state) if row is not None else "—"
        return Line(case, row, ours, theirs, tuple(self._verdicts(case, row)))

    def _verdicts(self, case: Case, row: Counterpart | None) -> Iterator[str]:
        if case.drill:
            yield "drills"
            return
        sent = row.sent_at if row is not None else None
        if row is None or not (row.acked_at or row.told_at or row.official_number):
            yield "ours"
        if sent is None:
            yield "unsent"
        if (sent or self.at) > case.opened + timedelta(minutes=self.mapping.late_after_minutes):
            yield "late"
        if row is not None and row.withdrawn:
            yield "withdrawn"
        if row is not None and row.their_state and row.our_state:
            yield "agrees" if row.their_state == row.our_state else "differs"

    def _values(self, line: Line) -> tuple[Any, ...]:
        case, row = line.case, line.row
        return (
            case.number if case else "",
            case.title if case else row.title if row else "",
            case.get_severity_display() if case else "",
            case.opened if case else None,
            line.ours,
            row.sent_at if row else None,
            row.acked_at if row else None,
            line.theirs,
            row.their_at if row else None,
            row.official_number if row else "",
            "、".join(WORDS[name] for name in line.verdicts),
        )

    def as_json(self, rows: bool = True) -> dict[str, Any]:
        """The report as one JSON object; times in Beijing time."""
        said: dict[str, Any] = {
            "platform": self.platform.code,
            "mode": self.platform.mode,
            "mark": self.mapping.mark,
            "from": _written(self.span.start),
            "to": _written(self.span.stop),
            "at": _written(self.at),
            "counts": self.counts(),
        }
        if rows:
            said["rows"] = [self._row(line) for line in self.lines(list(self.cases().order_by("-opened", "-pk")))]
            said["rows"] += [self._row(self.line_of_theirs(row)) for row in self.theirs().order_by("-pk")]
        return said

    def _row(self, line: Line) -> dict[str, Any]:
        case, row = line.case, line.row
        return {
            "number": case.number if case else None,
            "official_number": row.official_number if row else "",
            "our_state": row.our_state if row else "",
            "their_state": row.their_state if row else "",
            "sent_at": _written(row.sent_at) if row else None,
            "acked_at": _written(row.acked_at) if row else None,
            "verdicts": list(line.verdicts),
        }


def our_words(mapping: Mapping, case: Case, code: str) -> str:
    """A state of ours, given in their code as it was last sent, in the words of our own pages."""
    state = mapping.ours(STATE_TABLE, code) if code else None
    if state is None:
        return "—"
    return "已撤回" if state == WITHDRAWN else flow_of(case.kind).states[state]


def _written(at: datetime | None) -> str | None:
    return at.astimezone(BEIJING).isoformat(timespec="seconds") if at else None
