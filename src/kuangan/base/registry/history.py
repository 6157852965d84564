"""Everything dated that is known of a mine, and what was known of it at an earlier moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime

from kuangan.base.clock import BEIJING, now
from kuangan.base.people.access import require
from kuangan.base.registry.models import Company, Mine, MineFact, Region, Supervision
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.words import ATTRIBUTES, value_word


@dataclass(frozen=True, slots=True)
class Dated:
    """One line of the history. `ended` is empty when the end was not known at the moment asked for."""

    attribute: str
    word: str
    value: str
    began: datetime
    ended: datetime | None
    basis: str
    recorded_at: datetime | None
    recorded_by: str
    holds: bool


def history_page(request: HttpRequest, code: str) -> HttpResponse:
    """The history of a mine within scope, newest record first; `known` (Beijing time) asks what was known then."""
    user, at = require(request, "mine.view"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    known_at = moment_of(request.GET.get("known", ""))
    lines = fact_lines(mine, at, known_at) + supervision_lines(mine, at, known_at)
    chosen = request.GET.get("attribute", "")
    choices = sorted({(line.attribute, line.word) for line in lines}, key=lambda pair: pair[1])
    return render(
        request,
        "registry/history.html",
        {
            "mine": mine,
            "lines": [line for line in lines if not chosen or line.attribute == chosen],
            "choices": choices,
            "chosen": chosen,
            "known": request.GET.get("known", "") if known_at else "",
            "known_at": known_at,
        },
    )


def moment_of(text: str) -> datetime | None:
    """A moment as a browser's date-time field gives it, in Beijing time; None for anything else."""
    try:
        given = parse_datetime(text.strip()[:32])
    except ValueError:
        return None
    return given.replace(tzinfo=BEIJING) if given is not None and given.tzinfo is None else given


def fact_lines(mine: Mine, at: datetime, known_at: datetime | None) -> list[Dated]:
    """Facts as they were known at `known_at`; of rows that cover one moment the one recorded last holds. Three queries."""
    rows = MineFact.objects.filter(mine=mine).select_related("recorded_by").order_by("-recorded_at", "-id")
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    codes = {str(row.value) for row in rows if row.attribute == "parent_company"}
    companies = dict(Company.objects.filter(code__in=codes).values_list("code", "name"))
    regions = dict(Region.objects.values_list("code", "name"))
    names = {"parent_company": companies, "county": regions}
    held: set[str] = set()
    lines = []
    for row in rows:
        ended = row.valid_to if _end_known(row.end_recorded_at, known_at) else None
        holds = row.valid_from <= at and (ended is None or at < ended) and row.attribute not in held
        if holds:
            held.add(row.attribute)
        shown = names.get(row.attribute, {}).get(str(row.value)) or value_word(row.attribute, row.value)
        lines.append(
            Dated(
                row.attribute,
                ATTRIBUTES.get(row.attribute, row.attribute),
                shown,
                row.valid_from,
                ended,
                row.basis,
                row.recorded_at,
                str(row.recorded_by or "系统"),
                holds,
            )
        )
    return lines


def supervision_lines(mine: Mine, at: datetime, known_at: datetime | None) -> list[Dated]:
    """Supervision; rows from before records were kept count as always known. One query."""
    rows = Supervision.objects.filter(mine=mine).select_related("body", "recorded_by").order_by("-valid_from", "-id")
    if known_at is not None:
        rows = rows.filter(Q(recorded_at__isnull=True) | Q(recorded_at__lte=known_at))
    lines = []
    for row in rows:
        ended = row.valid_to if _end_known(row.end_recorded_at, known_at) else None
        lines.append(
            Dated(
                f"supervision_{row.role}",
                f"监管：{row.get_role_display()}",
                row.body.name,
                row.valid_from,
                ended,
                row.basis,
                row.recorded_at,
                str(row.recorded_by or "系统"),
                row.valid_from <= at and (ended is None or at < ended),
            )
        )
    return lines


def _end_known(recorded: datetime | None, known_at: datetime | None) -> bool:
    return known_at is None or recorded is None or recorded <= known_at
