"""What is done about a sheet beside its flow: differences, proposals, problems put right, stages confirmed; and their lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.clock import now
from kuangan.base.people.access import Permitted
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.selfcheck import differing, hooks, proposing, solving
from kuangan.domains.selfcheck.forms import (
    CheckSolvedForm,
    DecideForm,
    ExplainForm,
    RemedyForm,
    SolveForm,
    StageForm,
    VerifyForm,
)
from kuangan.domains.selfcheck.guard import answered, sheet_or_404
from kuangan.domains.selfcheck.lists import DifferenceFilter, DifferenceTable, ProposalFilter, ProposalTable
from kuangan.domains.selfcheck.models import Difference, Problem, Proposal, Sheet
from kuangan.domains.selfcheck.reading import sheets_of
from kuangan.domains.selfcheck.views import show_sheet

Act = Callable[[dict[str, Any]], object]


class DifferenceList(Permitted, ListView):
    permission = "selfcheck.view"
    title = "待核实的不一致"
    order = ("-found_at", "-id")
    table_class = DifferenceTable
    filterset_class = DifferenceFilter
    template_name = "selfcheck/differences.html"
    export_name = "与监测数据不一致"

    def queryset(self) -> QuerySet[Difference]:
        sheets = sheets_of(self.request.user, now())
        rows = Difference.objects.filter(sheet__in=sheets.values("pk"))
        return rows.select_related("sheet__case", "sheet__mine", "answer")

    def figures(self) -> Sequence[Figure]:
        counts = self.queryset().aggregate(
            open=Count("pk", filter=Q(verified_at=None)),
            explained=Count("pk", filter=Q(verified_at=None, explained_at__isnull=False)),
            real=Count("pk", filter=Q(result="real")),
            data=Count("pk", filter=Q(result="data")),
            rectified=Count("pk", filter=Q(result="rectified")),
        )
        return (
            Figure(counts["open"], "待核实", href="?state=open", level="orange" if counts["open"] else ""),
            Figure(counts["explained"], "企业已说明", href="?state=explained"),
            Figure(counts["real"], "已核实属实不一致", href="?state=real"),
            Figure(counts["data"], "监测数据有误", href="?state=data"),
            Figure(counts["rectified"], "已整改", href="?state=rectified"),
        )

    def context(self) -> dict[str, Any]:
        return {"tab": "differences", "judging": may(self.request.user, "selfcheck.judge")}


class ProposalList(Permitted, ListView):
    permission = "selfcheck.judge"
    title = "处置建议"
    order = ("-made_at", "-id")
    table_class = ProposalTable
    filterset_class = ProposalFilter
    template_name = "selfcheck/proposals.html"
    export_name = "处置建议"

    def queryset(self) -> QuerySet[Proposal]:
        sheets = sheets_of(self.request.user, now())
        rows = Proposal.objects.filter(sheet__in=sheets.values("pk"))
        return rows.select_related("sheet__case", "sheet__mine", "supervisor")

    def context(self) -> dict[str, Any]:
        return {"tab": "proposals"}


@require_POST
def difference_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The mine explains, or the supervisor verifies."""
    row = get_object_or_404(Difference.objects.select_related("sheet__case"), pk=pk)
    forms_of: dict[str, tuple[str, type[forms.Form]]] = {
        "explain": ("selfcheck.fill", ExplainForm),
        "verify": ("selfcheck.judge", VerifyForm),
    }
    if name not in forms_of:
        raise Http404
    permission, made = forms_of[name]
    user, sheet = sheet_or_404(request, permission, row.sheet.case.number)
    at = now()
    acts: dict[str, Act] = {
        "explain": lambda said: differing.explain(row, text=said["explanation"], by=user, at=at),
        "verify": lambda said: differing.verify(row, result=said["result"], opinion=said["opinion"], by=user, at=at),
    }
    return _done(request, user, sheet, made(request.POST), acts[name], name, f"#d{pk}")


@require_POST
def proposal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Proposal.objects.select_related("sheet__case"), pk=pk)
    user, sheet = sheet_or_404(request, "selfcheck.decide", row.sheet.case.number)
    return _done(
        request,
        user,
        sheet,
        DecideForm(request.POST),
        lambda said: proposing.decide(row, decision=said["decision"], text=said["text"], by=user, at=now()),
        "decide",
        "#proposals",
    )


@require_POST
def problem_new(request: HttpRequest, number: str, node: str) -> HttpResponse:
    """The mine enters how it puts right what it called not met."""
    user, sheet = sheet_or_404(request, "selfcheck.fill", number)
    form = RemedyForm(request.POST)
    return _done(
        request,
        user,
        sheet,
        form,
        lambda said: solving.plan(sheet, node, form.remedy(), by=user, at=now()),
        "remedy",
        "#problems",
    )


@require_POST
def problem_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The mine reports that it is put right, or the supervisor verifies it."""
    row = get_object_or_404(Problem.objects.select_related("sheet__case"), pk=pk)
    at = now()
    if name == "solve":
        user, sheet = sheet_or_404(request, "selfcheck.fill", row.sheet.case.number)
        return _done(
            request,
            user,
            sheet,
            SolveForm(request.POST),
            lambda said: solving.solve(row, text=said["text"], by=user, at=at),
            "solve",
            "#problems",
        )
    if name != "check":
        raise Http404
    user, sheet = sheet_or_404(request, "selfcheck.judge", row.sheet.case.number)
    return _done(
        request,
        user,
        sheet,
        CheckSolvedForm(request.POST),
        lambda said: solving.verify_solved(row, good=said["good"] == "yes", text=said["text"], by=user, at=at),
        "check",
        "#problems",
    )


@require_POST
def stage_confirm(request: HttpRequest, number: str) -> HttpResponse:
    """The supervisor says whether a later stage of a health check is reached."""
    user, sheet = sheet_or_404(request, "selfcheck.judge", number)
    later = {one.code: one.label for one in sheet.round.rules.stages if one.shown == "confirmed"}
    return _done(
        request,
        user,
        sheet,
        StageForm(later, request.POST),
        lambda said: _confirm(sheet, said, user, now()),
        "stage",
        "#stages",
    )


def _confirm(sheet: Sheet, said: dict[str, Any], user: User, at: datetime) -> object:
    return solving.confirm(sheet, said["stage"], reached=said["reached"] == "yes", basis=said["basis"], by=user, at=at)


@require_POST
def compare_again(request: HttpRequest, number: str) -> HttpResponse:
    """Hold the answers against what is known now."""
    user, sheet = sheet_or_404(request, "selfcheck.judge", number)
    if not hooks.judges(sheet, user):
        raise PermissionDenied
    fresh = differing.compare(sheet, at=now(), by=user)
    messages.success(request, f"新发现 {len(fresh)} 条与监测数据不一致。" if fresh else "没有新的不一致。")
    return redirect("selfcheck:sheet", number=number)


def _done(
    request: HttpRequest, user: User, sheet: Sheet, form: forms.Form, act: Act, key: str, place: str
) -> HttpResponse:
    back = reverse("selfcheck:sheet", args=[sheet.case.number]) + place
    return answered(request, form, act, lambda bound: show_sheet(request, user, sheet, bound), back, key)
