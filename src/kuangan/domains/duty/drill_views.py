"""Pages of drills."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.permissions import may
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import ListView
from kuangan.domains.duty.drills import result, start_drill
from kuangan.domains.duty.forms import DrillForm
from kuangan.domains.duty.lists import DrillFilter, DrillTable
from kuangan.domains.duty.models import Drill
from kuangan.domains.duty.rules import DEFAULT_MARK, GRADE_WORDS, slowest, span_words
from kuangan.domains.duty.words import second


class DrillList(Permitted, ListView):
    permission = "duty.view"
    title = "演练"
    order = ("-case",)
    table_class = DrillTable
    filterset_class = DrillFilter
    template_name = "duty/drills.html"
    export_name = "演练"

    def queryset(self) -> QuerySet[Drill]:
        return _seen(self.request)

    def context(self) -> dict[str, Any]:
        return {"here": "drills", "drills": may(self.request.user, "duty.drill")}


def drill_new(request: HttpRequest) -> HttpResponse:
    """Start one: a marked alert that everybody on its way is told of as of a real one."""
    user, at = require(request, "duty.drill"), now()
    form = DrillForm(visible_mines(user, at), request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = start_drill(by=user, at=at, **form.cleaned_data)
        return redirect("duty:drill", number=row.case.number)
    context = {
        "form": form,
        "title": "发起演练",
        "back": reverse("duty:drills"),
        "submit": "开始演练",
        "danger": True,
        "warning": "将向该矿及各级真实发出带【演练】标记的告警、短信和电话；不计入任何统计。",
    }
    return render(request, "duty/form.html", context)


def drill_page(request: HttpRequest, number: str) -> HttpResponse:
    """How long each level took."""
    require(request, "duty.view")
    at = now()
    drill = get_object_or_404(_seen(request), case__number=number)
    reached = result(drill, at)
    lines = [
        {
            "reached": one,
            "told": second(one.told_at),
            "to_told": span_words(one.to_told),
            "rung": second(one.rung_at),
            "pressed": second(one.pressed_at),
            "acknowledged": second(one.acknowledged_at),
            "to_acknowledged": span_words(one.to_acknowledged),
        }
        for one in reached
    ]
    context = {
        "title": f"演练 {drill.case.number}",
        "here": "drills",
        "drill": drill,
        "case": drill.case,
        "lines": lines,
        "grade": GRADE_WORDS[drill.grade],
        "raised": second(drill.case.opened),
        "slowest": span_words(slowest([one.to_acknowledged for one in reached])),
        "missing": sum(one.acknowledged_at is None for one in reached),
        "mark": DEFAULT_MARK,
    }
    return render(request, "duty/drill.html", context)


def _seen(request: HttpRequest) -> QuerySet[Drill]:
    cases = Case.objects.visible_to(request.user, now()).filter(drill=True)
    return Drill.objects.filter(case__in=cases).select_related("case", "mine", "organisation", "started_by")
