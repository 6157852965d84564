"""The people board: of each mine of a scope who is below ground beside the approved number, and what its alerts say; and one mine's day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import visible
from kuangan.domains.alerts.rules import DEFAULT_MARK, GRADE_WORDS, RULE_WORDS
from kuangan.domains.alerts.why_people import FAMILY, value_words
from kuangan.domains.alerts.words import moment
from kuangan.domains.datalink.headcount import MineRow, approved_numbers, rows_of, total_of, underground_mines
from kuangan.domains.datalink.underground import SPANS, WIDTH, Curve, UndergroundQuery, curve_of
from kuangan.library.telemetry.underground import GOOD_FOR

RULES: Final = tuple(rule for rule in RULE_WORDS if rule.startswith(FAMILY))
COUNTED: Final = (
    "people.mine_over",
    "people.area_over",
    "people.overtime",
    "people.restricted_area",
    "people.no_leader",
    "people.stopped_mine",
    "people.system_silent",
)
"""Rules that have a figure of their own on the board; the others are found by the query."""
FILLS: Final = {"red": "#cf1322", "orange": "#d46b08", "yellow": "#d4a106", "blue": "#1f6feb"}
LISTED: Final = 200
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One mine: its head-count, the approved number and its open alerts about people, the gravest first."""

    row: MineRow
    approved: int | None
    alerts: Sequence[Alert]

    @property
    def over(self) -> bool:
        return self.row.head is not None and bool(self.approved) and self.row.head.persons > (self.approved or 0)

    @property
    def told(self) -> list[tuple[Alert, str]]:
        """Its alerts with their words."""
        return [(alert, said(alert)) for alert in self.alerts]

    @property
    def severity(self) -> str:
        return self.alerts[0].grade if self.alerts else ""

    @property
    def place(self) -> tuple[int, int, int, str]:
        """The gravest first, then those over their number, then the most people."""
        persons = self.row.head.persons if self.row.head else -1
        return -(self.alerts[0].rank if self.alerts else -1), -int(self.over), -persons, self.row.mine.code


@dataclass(frozen=True, slots=True)
class Figure:
    """Mines with an open alert of a rule, and the board of those alone."""

    value: int
    label: str
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """When an alert lasted, as a bar under the curve."""

    x: float
    y: float
    width: float
    fill: str
    word: str
    address: str


def open_alerts(user: User, mines: Collection[str] | None = None) -> dict[str, list[Alert]]:
    """Open alerts about people by mine, the gravest first; one query. Void and merged ones are left out."""
    cases = visible(user).exclude(state__in=FLOW.final)
    found = Alert.objects.filter(case__in=cases, rule__startswith=FAMILY, void=False, merged_into="")
    if mines is not None:
        found = found.filter(case__mine__in=mines)
    by_mine: dict[str, list[Alert]] = {}
    for alert in found.select_related("case").order_by("-rank", "-case_id"):
        by_mine.setdefault(alert.case.mine_id or "", []).append(alert)
    return by_mine


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The underground mines of the scope; with `rule` those that have an open alert of it."""
    user, at = require(request, "underground.view"), now()
    home, asked = Path(settings.HOME), request.GET.get("rule", "")
    rule = asked if asked in RULES else ""
    rows, known = rows_of(home, underground_mines(user, at), at), approved_numbers(home, at)
    alerts = open_alerts(user)
    lines = [Line(row, known.get(row.mine.code), alerts.get(row.mine.code, ())) for row in rows]
    shown = [line for line in lines if not rule or any(alert.rule == rule for alert in line.alerts)]
    total = total_of(rows)
    page = Paginator(sorted(shown, key=lambda line: line.place), PAGE).get_page(request.GET.get("page"))
    context = {
        "lines": page.object_list,
        "page": page,
        "total": total,
        "unknown": total.mines - total.counted,
        "figures": _figures(lines, rule),
        "rules": [(name, RULE_WORDS[name]) for name in RULES],
        "rule": rule,
        "good_for": GOOD_FOR // 60_000,
        "mark": DEFAULT_MARK,
    }
    return render(request, "portal/people.html", context)


def _figures(lines: Sequence[Line], rule: str) -> list[Figure]:
    page = reverse("portal:people")
    return [
        Figure(
            sum(any(alert.rule == name for alert in line.alerts) for line in lines),
            RULE_WORDS[name],
            f"{page}?rule={name}",
            name == rule,
        )
        for name in COUNTED
    ]


def said(alert: Alert) -> str:
    """An alert in a few words: 区域超员 31 人."""
    value = value_words(alert)
    return f"{RULE_WORDS[alert.rule]} {value}" if value != "—" else RULE_WORDS[alert.rule]


@require_GET
def mine_day(request: HttpRequest, code: str) -> HttpResponse:
    """The head-count of a mine over some hours beside its approved number, and its alerts about people in that time."""
    user, at = require(request, "underground.view"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    home, query = Path(settings.HOME), UndergroundQuery.parse(request.GET)
    curve = curve_of(home, mine, query, at, approved_numbers(home, at).get(mine.code))
    alerts = list(_of_day(user, mine, curve)[:LISTED])
    (row,) = rows_of(home, [mine], at)
    context: dict[str, Any] = {
        "mine": mine,
        "query": query,
        "curve": curve,
        "marks": [_mark(alert, number, curve, at) for number, alert in enumerate(alerts)],
        "alerts": [(alert, said(alert), GRADE_WORDS[alert.grade], moment(alert.onset, at)) for alert in alerts],
        "row": row,
        "spans": [(hours, word, f"?hours={hours}") for hours, word in SPANS.items()],
        "mark": DEFAULT_MARK,
    }
    return render(request, "portal/mine_people.html", context)


def _of_day(user: User, mine: Mine, curve: Curve) -> Any:
    """Alerts about people that lasted at some time of the curve, the youngest first."""
    lasting = Q(end__isnull=True) | Q(end__gte=curve.begin)
    found = Alert.objects.filter(lasting, case__in=visible(user).filter(mine=mine), rule__startswith=FAMILY)
    return found.filter(onset__lte=curve.end).select_related("case").order_by("-onset", "-case_id")


def _mark(alert: Alert, number: int, curve: Curve, at: datetime) -> Mark:
    """Its bar; bars of several alerts stand in three rows below the curve's top."""
    span = (curve.end - curve.begin).total_seconds()

    def place(moment: datetime) -> float:
        inside = min(max(moment, curve.begin), curve.end)
        return round((inside - curve.begin).total_seconds() / span * WIDTH, 1)

    start, end = place(alert.onset), place(alert.end or at)
    word = f"{said(alert)}（{GRADE_WORDS[alert.grade]}）"
    return Mark(
        start, 6 + number % 3 * 10, max(round(end - start, 1), 4.0), FILLS[alert.grade], word, alert.case.address
    )
