"""Pages of the group: list, makers, one suspicion with its signs and curves, steps of its case. Every look is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base import audit
from kuangan.base.case.announced import Question, covers
from kuangan.base.case.errors import MissingFields, WrongState
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import perform, possible
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.suspicions.curves import pictures
from kuangan.domains.suspicions.flow import SUSPICION
from kuangan.domains.suspicions.forms import STEP_FORMS
from kuangan.domains.suspicions.lists import STATUS_WORDS, SuspicionFilter, SuspicionTable
from kuangan.domains.suspicions.makers import LEAST, by_maker
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.scope import is_member, suspicions_of
from kuangan.domains.suspicions.words import rule_word, sign_row, visit_told

DEFAULT_MARK = "系统默认，非官方分级"


class Board(Permitted, ListView):
    permission = "suspicion.view"
    title = "监测疑点"
    order = ("-raised_at", "-id")
    table_class = SuspicionTable
    filterset_class = SuspicionFilter
    template_name = "suspicions/board.html"
    export_name = "监测疑点"

    def queryset(self) -> QuerySet[Suspicion]:
        return suspicions_of(self.request.user, now())

    def figures(self) -> Sequence[Figure]:
        counts = self.queryset().aggregate(
            check=Count("pk", filter=Q(tier="check", status="open")),
            watch=Count("pk", filter=Q(tier="watch", status="open")),
            waiting=Count("pk", filter=Q(case__state="recommended")),
        )
        return (
            Figure(
                counts["check"],
                "建议核查，持续中",
                href="?tier=check&status=open",
                level="orange" if counts["check"] else "",
            ),
            Figure(counts["watch"], "关注，持续中", href="?tier=watch&status=open"),
            Figure(counts["waiting"], "待派核查", href="?tier=check"),
        )

    def rows_ready(self, rows: list[Suspicion]) -> list[Suspicion]:
        if is_member(self.request.user):
            shown = {"rows": len(rows), "query": self._query()}
            _record(self.request.user, "suspicion.listed", "list", "suspicions", shown, now())
        return rows

    def context(self) -> dict[str, Any]:
        return {"member": is_member(self.request.user), "mark": DEFAULT_MARK}


def _record(user: Any, action: str, kind: str, ident: str, content: Mapping[str, object], at: datetime) -> None:
    audit.record(actor=user, action=action, kind=kind, ident=ident, content=content, at=at)


@require_GET
def makers(request: HttpRequest) -> HttpResponse:
    """Suspicions by maker and model of the systems, beside the mines that use them."""
    user, at = require(request, "suspicion.view"), now()
    rows = suspicions_of(user, at)
    member = is_member(user)
    mines = list(visible_mines(user, at).values_list("pk", flat=True)) if member else []
    found = by_maker(rows, Path(settings.HOME), mines) if member else []
    context = {"title": "疑点与系统厂家", "rows": found, "member": member, "least": LEAST}
    return render(request, "suspicions/makers.html", context)


@require_GET
def suspicion(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = require(request, "suspicion.view"), now()
    row = get_object_or_404(suspicions_of(user, at), pk=pk)
    _record(user, "suspicion.viewed", SUSPICION.kind, row.event_id, {"tier": row.tier}, at)
    return _shown(request, user, row, {})


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a case is that of its suspicion."""
    user, at = require(request, "suspicion.view"), now()
    row = get_object_or_404(suspicions_of(user, at), case__number=number)
    return redirect("suspicions:suspicion", pk=row.pk)


def _shown(request: HttpRequest, user: User, row: Suspicion, bound: dict[str, forms.Form]) -> HttpResponse:
    question = Question(row.pk, row.mine_code, row.rule, row.subject_kind, row.subject, row.onset, row.location)
    context = {
        "title": rule_word(row.rule),
        "row": row,
        "status": STATUS_WORDS.get(row.status, row.status),
        "visit": visit_told(row.inputs, row.onset),
        "signs": [sign_row(each) for each in row.signs],
        "pictures": pictures(Path(settings.HOME), row),
        "covers": covers([question]).get(row.pk, ()),
        "clauses": row.inputs.get("clauses", []),
        "source": row.inputs.get("source", ""),
        "mark": DEFAULT_MARK if row.inputs.get("confidence") != "S" else "",
        "around": round(row.onset.timestamp() * 1000),
        **(_case_context(row.case, user, bound) if row.case else {}),
    }
    return render(request, "suspicions/suspicion.html", context)


def _case_context(held: Case, user: User, bound: dict[str, forms.Form]) -> dict[str, Any]:
    steps = Step.objects.filter(case=held).select_related("by", "organisation").order_by("-id")
    return {
        "case": held,
        "state": SUSPICION.states[held.state],
        "forms": [(step, bound.get(step.name) or STEP_FORMS[step.name]()) for step in possible(held, user)],
        "timeline": [
            {
                "at": step.at,
                "text": f"{step.organisation or ''} {step.by} {SUSPICION.transition(step.name).label}".strip(),
                "detail": "；".join(str(value) for value in step.form.values()),
            }
            for step in steps
        ],
    }


@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user, at = require(request, "suspicion.view"), now()
    row = get_object_or_404(suspicions_of(user, at), case__number=number)
    if name not in STEP_FORMS or row.case is None:
        raise Http404
    form = STEP_FORMS[name](request.POST)
    if not form.is_valid():
        return _again(request, user, row, "请补全必填项。", 422, {name: form})
    try:
        perform(row.case, name, by=user, at=at, form=form.cleaned_data)
    except MissingFields as missing:
        return _again(request, user, row, str(missing), 422, {name: form})
    except WrongState as late:
        return _again(request, user, row, str(late), 409, {})
    messages.success(request, "已提交。")
    return redirect(reverse("suspicions:suspicion", args=[row.pk]))


def _again(
    request: HttpRequest, user: User, row: Suspicion, problem: str, status: int, bound: dict[str, forms.Form]
) -> HttpResponse:
    messages.error(request, problem)
    response = _shown(request, user, row, bound)
    response.status_code = status
    return response
