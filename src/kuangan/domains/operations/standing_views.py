"""Pages of what stands longer: caretakers of stopped mines, and the safety systems of a mine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.case.models import Case
from kuangan.base.case.panels import panels_of
from kuangan.base.case.performing import perform
from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.operations import caretakers as lawful
from kuangan.domains.operations import systems
from kuangan.domains.operations.flow import FAULT
from kuangan.domains.operations.forms import (
    FAULT_FORMS,
    BuiltForm,
    CaretakersForm,
    FaultForm,
    ReasonForm,
    TestForm,
)
from kuangan.domains.operations.guard import (
    answer_step,
    case_or_404,
    faults_into,
    mine_or_404,
    own_mine_or_404,
    step_forms,
)
from kuangan.domains.operations.hooks import answering_body
from kuangan.domains.operations.kinds import DEFAULT_MARK, SYSTEM_WORDS, SYSTEMS
from kuangan.domains.operations.lists import (
    CaretakersFilter,
    CaretakersTable,
    SystemsFilter,
    SystemsTable,
    state_chip,
)
from kuangan.domains.operations.models import Caretakers, SafetySystem, SystemFault, SystemTest
from kuangan.domains.operations.words import timeline

UNDERGROUND = ("underground_coal", "underground_noncoal")
TESTS_SHOWN = 20


def caretakers_of(user: Any, at: datetime) -> QuerySet[Caretakers]:
    return Caretakers.objects.filter(mine__in=visible_mines(user, at).values("pk"))


def standing(row: Caretakers, at: datetime) -> tuple[str, str]:
    """(word, chip class) of a list at a moment."""
    if row.ended_at is not None and row.ended_at <= at:
        return "已终止", ""
    if row.valid_to <= at:
        return "已到期", ""
    if row.approved_at is None:
        return "待批准", "ka-chip-warn"
    return ("生效中", "ka-chip-ok") if row.valid_from <= at else ("未到起期", "")


class CaretakersList(Permitted, ListView):
    permission = "caretaker.view"
    title = "看护人员"
    order = ("-recorded_at", "-id")
    table_class = CaretakersTable
    filterset_class = CaretakersFilter
    template_name = "operations/caretakers.html"
    export_name = "停产矿看护人员"

    def queryset(self) -> QuerySet[Caretakers]:
        return caretakers_of(self.request.user, now()).select_related("mine", "approving")

    def figures(self) -> Sequence[Figure]:
        at = now()
        counts = caretakers_of(self.request.user, at).aggregate(
            all=Count("pk"), waiting=Count("pk", filter=Q(approved_at=None, ended_at=None))
        )
        return (
            Figure(counts["all"], "名单", href="?"),
            Figure(counts["waiting"], "待批准", href="?approved=no", level="orange" if counts["waiting"] else ""),
        )

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        at = now()
        counts = dict(
            Caretakers.objects.filter(pk__in=[row.pk for row in rows])
            .order_by()
            .values_list("pk")
            .annotate(Count("people"))
        )
        for row in rows:
            row.count, row.standing = counts.get(row.pk, 0), standing(row, at)
        return rows

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {"proposes": may(user, "caretaker.propose")}


def caretaker_new(request: HttpRequest) -> HttpResponse:
    user = require(request, "caretaker.propose")
    mine = own_mine_or_404(user)
    form = CaretakersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = lawful.propose(mine, by=user, at=now(), **form.cleaned_data)
            messages.success(request, "已申报，待直接监管部门批准。")
            return redirect("operations:caretaker", pk=row.pk)
    context = {"form": form, "title": f"申报看护人员 · {mine.name}", "back": reverse("operations:caretakers")}
    return render(request, "operations/plain_form.html", context)


def caretaker(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = require(request, "caretaker.view"), now()
    row = get_object_or_404(
        caretakers_of(user, at).select_related("mine", "approving", "approved_by", "recorded_by"), pk=pk
    )
    word, css = standing(row, at)
    body = answering_body(row.mine_id, at)
    supervises = may(user, "caretaker.approve") and (body is None or body.pk == user.organisation_id)
    own = may(user, "caretaker.propose") and user.organisation is not None and user.organisation.mine == row.mine_id
    is_open = row.ended_at is None and row.valid_to > at
    context = {
        "row": row,
        "word": word,
        "css": css,
        "people": row.people.all(),
        "approves": supervises and row.approved_at is None and is_open,
        "ends": (supervises or own) and is_open,
        "form": ReasonForm(),
    }
    return render(request, "operations/caretaker.html", context)


@require_POST
def caretaker_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Approve or end a list."""
    user, at = require(request, "caretaker.view"), now()
    row = get_object_or_404(caretakers_of(user, at), pk=pk)
    form = ReasonForm(request.POST)
    steps: dict[str, Callable[[], object]] = {
        "approve": lambda: lawful.approve(row, by=user, at=at),
        "end": lambda: lawful.end(row, by=user, at=at, reason=request.POST.get("reason", "")),
    }
    if name not in steps:
        raise Http404
    form.is_valid()
    with faults_into(form):
        steps[name]()
        messages.success(request, "已提交。")
        return redirect("operations:caretaker", pk=pk)
    messages.error(request, "；".join(str(fault) for faults in form.errors.values() for fault in faults))
    return redirect("operations:caretaker", pk=pk)


class SystemsList(Permitted, ListView):
    permission = "safety_system.view"
    title = "安全避险系统"
    order = ("code",)
    table_class = SystemsTable
    filterset_class = SystemsFilter
    template_name = "operations/systems.html"
    export_name = "安全避险系统"

    def queryset(self) -> QuerySet[Mine]:
        at = now()
        own = SafetySystem.objects.filter(mine=OuterRef("pk"))
        faults = SystemFault.objects.filter(system__mine=OuterRef("pk")).exclude(case__state__in=FAULT.final)
        mines = visible_mines(self.request.user, at).filter(kind__in=UNDERGROUND)
        return mines.annotate(
            faulty=Exists(faults), overdue=Exists(own.filter(next_test__lt=beijing_day(at))), unknown=~Exists(own)
        )

    def figures(self) -> Sequence[Figure]:
        mines = self.queryset()  # PostgreSQL cannot filter an aggregate by an annotated Exists
        counts = {name: mines.filter(**{name: True}).count() for name in ("faulty", "overdue", "unknown")}
        return (
            Figure(counts["faulty"], "有故障的矿", href="?standing=fault", level="red" if counts["faulty"] else ""),
            Figure(
                counts["overdue"], "试验逾期的矿", href="?standing=due", level="orange" if counts["overdue"] else ""
            ),
            Figure(counts["unknown"], "未登记的矿", href="?standing=none"),
        )

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        today, codes = beijing_day(now()), [row.pk for row in rows]
        found = {(s.mine_id, s.kind): s for s in SafetySystem.objects.filter(mine__in=codes)}
        open_faults = SystemFault.objects.filter(system__mine__in=codes).exclude(case__state__in=FAULT.final)
        faults = dict(open_faults.order_by().values_list("system").annotate(Count("pk")))
        for row in rows:
            for kind in SYSTEMS:
                system = found.get((row.pk, kind))
                number = faults.get(system.pk, 0) if system else 0
                setattr(row, f"{kind}_line", systems.standing(system, number, today))
        return rows


def board(request: HttpRequest, code: str) -> HttpResponse:
    """The six systems of one mine."""
    user, at = require(request, "safety_system.view"), now()
    mine = mine_or_404(user, code)
    own = may(user, "safety_system.report") and user.organisation is not None and user.organisation.mine == code
    context = {
        "title": f"安全避险系统 · {mine.name}",
        "mine": mine,
        "lines": systems.board(mine, at),
        "tests": [(test, SYSTEM_WORDS[test.system.kind]) for test in _tests(mine)],
        "reports": own,
        "mark": DEFAULT_MARK,
        "periods": SYSTEMS.items(),
    }
    return render(request, "operations/board.html", context)


def _tests(mine: Mine) -> list[SystemTest]:
    """The last tests of a mine."""
    rows = SystemTest.objects.filter(system__mine=mine).select_related("system", "by").order_by("-tested_on", "-id")
    return list(rows[:TESTS_SHOWN])


ACTS: dict[str, tuple[str, type[forms.Form]]] = {
    "built": ("登记", BuiltForm),
    "test": ("试验", TestForm),
    "fault": ("报告故障", FaultForm),
}


def report(request: HttpRequest, code: str, kind: str, act: str) -> HttpResponse:
    """The mine enters that a system was built, tested or is faulty."""
    user, at = require(request, "safety_system.report"), now()
    mine = mine_or_404(user, code)
    if kind not in SYSTEMS or act not in ACTS:
        raise Http404
    row = SafetySystem.objects.select_related("mine").filter(mine=mine, kind=kind).first()
    if row is None and act != "built":
        raise Http404
    word, form_class = ACTS[act]
    initial = (
        {"built_on": row.built_on, "model": row.model} if row and act == "built" else {"tested_on": beijing_day(at)}
    )
    form = form_class(request.POST or None, initial=initial)
    back = reverse("operations:board", args=[code])
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            _report(act, mine, kind, row, form.cleaned_data, user, at)
            messages.success(request, "已保存，记入审计。")
            return redirect(back)
    context = {"form": form, "title": f"{SYSTEM_WORDS[kind]}系统 · {word}", "back": back}
    return render(request, "operations/plain_form.html", context)


def _report(
    act: str, mine: Mine, kind: str, row: SafetySystem | None, said: dict[str, Any], by: User, at: datetime
) -> None:
    if act == "built" or row is None:
        systems.record_built(mine, kind, by=by, at=at, **said)
    elif act == "test":
        systems.record_test(row, by=by, at=at, **said)
    else:
        systems.report_fault(row, by=by, at=at, **said)


def fault(request: HttpRequest, number: str) -> HttpResponse:
    user, case = case_or_404(request, "safety_system.view", FAULT.kind, number)
    return _fault(request, user, case, {})


def _fault(request: HttpRequest, user: User, case: Case, bound: dict[str, forms.Form]) -> HttpResponse:
    row = SystemFault.objects.select_related("system__mine", "case").get(case=case)
    context = {
        "case": case,
        "row": row,
        "system": SYSTEM_WORDS[row.system.kind],
        "state": state_chip(FAULT, row.case.state),
        "forms": step_forms(case, user, FAULT_FORMS, bound),
        "timeline": timeline(FAULT, case),
        "panels": panels_of(case),
        "hours": SYSTEMS[row.system.kind].repair_hours,
        "mark": DEFAULT_MARK,
    }
    return render(request, "operations/fault.html", context)


@require_POST
def fault_step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user, case = case_or_404(request, "safety_system.view", FAULT.kind, number)
    return answer_step(
        request,
        name,
        FAULT_FORMS,
        lambda name, said, reason: perform(case, name, by=user, at=now(), form=said, reason=reason),
        lambda bound: _fault(request, user, Case.objects.get(pk=case.pk), bound),
        reverse("operations:fault", args=[number]),
    )
