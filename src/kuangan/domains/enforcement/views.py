"""Pages of the ledger of inspections: list, entry, one visit with leaving and voiding. No mine opens any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.enforcement import acts
from kuangan.domains.enforcement.forms import LeaveForm, VisitForm, VoidForm, local
from kuangan.domains.enforcement.kinds import DEFAULT_MARK, FILE
from kuangan.domains.enforcement.lists import CSS, VisitFilter, VisitTable, in_state, state_now
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.rules import STATES

Bound = Mapping[str, forms.Form]
STEPS: Mapping[str, type[forms.Form]] = {"leave": LeaveForm, "void": VoidForm}


def visits_of(user: Any, at: datetime) -> QuerySet[Visit]:
    """The inspections of the mines within a person's scope, whoever made them."""
    return Visit.objects.filter(mine__in=visible_mines(user, at).values("pk")).select_related("mine", "body")


class VisitList(Permitted, ListView):
    permission = "visit.view"
    title = "检查登记"
    order = ("-arrived_at", "-id")
    table_class = VisitTable
    filterset_class = VisitFilter
    template_name = "enforcement/visits.html"
    export_name = "检查登记"

    def queryset(self) -> QuerySet[Visit]:
        return visits_of(self.request.user, now())

    def figures(self) -> Sequence[Figure]:
        at = now()
        counted = {state: Count("pk", filter=in_state(state, at)) for state in STATES}
        counts = visits_of(self.request.user, at).aggregate(all=Count("pk"), **counted)
        unended = counts["unended"]
        return (
            Figure(counts["all"], "登记", href="?"),
            Figure(counts["here"], STATES["here"], href="?state=here"),
            Figure(unended, STATES["unended"], href="?state=unended", level="orange" if unended else ""),
            Figure(counts["void"], STATES["void"], href="?state=void"),
        )

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {"enters": acts.may_enter(user), "hours": FILE.open_hours, "mark": DEFAULT_MARK}


def visit_new(request: HttpRequest) -> HttpResponse:
    """Enter an arrival."""
    user, at = require(request, "visit.enter"), now()
    if not acts.may_enter(user):
        raise PermissionDenied
    initial = {"mine": request.GET.get("mine", ""), "arrived_at": local(at)}
    form = VisitForm(visible_mines(user, at), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = acts.enter(form.cleaned_data["mine"], form.draft(), by=user, at=at)
            messages.success(request, "已登记。")
            return redirect("enforcement:visit", pk=row.pk)
    context = {"form": form, "title": "登记到矿检查", "back": reverse("enforcement:visits"), "mark": DEFAULT_MARK}
    return render(request, "enforcement/form.html", context, status=422 if form.errors else 200)


@require_GET
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = require(request, "visit.view"), now()
    return _shown(request, user, get_object_or_404(visits_of(user, at), pk=pk), at, {})


def _shown(request: HttpRequest, user: User, row: Visit, at: datetime, bound: Bound, status: int = 200) -> HttpResponse:
    state = state_now(row, at)
    changes = acts.may_change(row, user) and state != "void"
    context = {
        "title": f"检查登记 · {row.mine.name}",
        "row": row,
        "state": STATES[state],
        "css": CSS.get(state, ""),
        "leave": bound.get("leave") or LeaveForm(initial={"left_at": local(at)}),
        "void": bound.get("void") or VoidForm(),
        "leaves": changes and row.left_at is None,
        "voids": changes,
        "hours": FILE.open_hours,
        "mark": DEFAULT_MARK,
    }
    return render(request, "enforcement/visit.html", context, status=status)


@require_POST
def visit_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Enter the leaving, or void the entry."""
    user, at = require(request, "visit.enter"), now()
    row = get_object_or_404(visits_of(user, at), pk=pk)
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST)
    takes: dict[str, Callable[[], Visit]] = {
        "leave": lambda: acts.leave(row, form.cleaned_data["left_at"], by=user, at=at),
        "void": lambda: acts.void(row, by=user, at=at, reason=form.cleaned_data["reason"]),
    }
    if not acts.may_change(row, user):
        raise PermissionDenied
    if form.is_valid():
        with faults_into(form):
            takes[name]()
            messages.success(request, "已提交。")
            return redirect("enforcement:visit", pk=pk)
    for fault in form.non_field_errors():
        messages.error(request, str(fault))
    return _shown(request, user, row, at, {name: form}, 422)


@contextmanager
def faults_into(form: forms.Form) -> Iterator[None]:
    """What an act refuses becomes errors of the form."""
    try:
        yield
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)
