"""Pages of handovers and of leaders' instructions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.case.errors import WrongState
from kuangan.base.case.models import Case
from kuangan.base.case.performing import possible
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.duty.flow import HANDOVER
from kuangan.domains.duty.forms import DoneForm, InstructionForm, ReturnForm, SignForm, local
from kuangan.domains.duty.handing import digest_of, open_handover, sheet, sign, take
from kuangan.domains.duty.instructions import finish_instruction, give_instruction
from kuangan.domains.duty.lists import HandoverFilter, HandoverTable, InstructionFilter, InstructionTable
from kuangan.domains.duty.models import Handover, Instruction
from kuangan.domains.duty.rules import DEFAULT_MARK, Span
from kuangan.domains.duty.scope import keeps, organisations
from kuangan.domains.duty.views import changed


class HandoverList(Permitted, ListView):
    permission = "duty.view"
    title = "交接班"
    order = ("-case",)
    table_class = HandoverTable
    filterset_class = HandoverFilter
    template_name = "duty/handovers.html"
    export_name = "交接班台账"

    def queryset(self) -> QuerySet[Handover]:
        return _seen(self.request)

    def figures(self) -> list[Figure]:
        return [
            Figure(self.queryset().filter(case__state=state).count(), HANDOVER.states[state], href=f"?state={state}")
            for state in ("draft", "signed")
        ]

    def context(self) -> dict[str, Any]:
        return {"here": "handovers", "hands": may(self.request.user, "duty.handover")}


@require_POST
def handover_new(request: HttpRequest) -> HttpResponse:
    row = open_handover(by=require(request, "duty.handover"), at=now())
    return redirect("duty:handover", number=row.case.number)


def handover_page(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, _handover(request, number), 200)


def _page(request: HttpRequest, row: Handover, status: int) -> HttpResponse:
    user: Any = request.user
    steps = possible(row.case, user)
    forms = {"sign": SignForm(initial={"remarks": row.remarks}), "return": ReturnForm()}
    context = _shown(request, row) | {
        "title": f"交接班 {row.case.number}",
        "here": "handovers",
        "steps": [(step, forms.get(step.name)) for step in steps],
        "timeline": row.case.steps.select_related("by"),
        "waits_for_another": row.case.state == "signed" and row.outgoing_id == user.pk,
    }
    return render(request, "duty/handover.html", context, status=status)


def _shown(request: HttpRequest, row: Handover) -> dict[str, Any]:
    """What is signed, or for the own people what would be signed now."""
    user: Any = request.user
    draft = row.case.state == "draft"
    own = row.organisation_id == user.organisation_id
    at = now()
    return {
        "handover": row,
        "case": row.case,
        "state": row.case.state_word,
        "draft": draft,
        "content": sheet(user, Span(row.since, at), at) if draft and own else row.content if not draft else None,
        "intact": not draft and row.digest == digest_of(row),
        "mark": DEFAULT_MARK,
    }


@require_POST
def handover_step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user = require(request, "duty.handover")
    row = _handover(request, number)
    if name not in ("sign", "accept", "return"):
        raise Http404
    form = {"sign": SignForm, "return": ReturnForm}.get(name, SignForm)(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写理由。")
        return _page(request, row, 422)
    try:
        if name == "sign":
            sign(row, by=user, at=now(), remarks=form.cleaned_data["remarks"])
        else:
            take(row, name, by=user, at=now(), reason=form.cleaned_data.get("reason", ""))
    except WrongState as late:
        messages.error(request, str(late))
        return _page(request, row, 409)
    messages.success(request, "已提交。")
    return redirect("duty:handover", number=number)


def handover_sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet on A4."""
    row = _handover(request, number)
    context = _shown(request, row) | {"title": f"交接班单 {row.case.number}", "printed_at": now()}
    return render(request, "duty/handover_sheet.html", context)


def _seen(request: HttpRequest) -> QuerySet[Handover]:
    cases = Case.objects.visible_to(request.user, now()).filter(kind=HANDOVER.kind)
    rows = Handover.objects.filter(case__in=cases)
    return rows.select_related("case", "organisation", "outgoing", "incoming")


def _handover(request: HttpRequest, number: str) -> Handover:
    require(request, "duty.view")
    return get_object_or_404(_seen(request), case__number=number)


class InstructionList(Permitted, ListView):
    permission = "duty.view"
    title = "领导批示"
    order = ("-given_at", "-id")
    table_class = InstructionTable
    filterset_class = InstructionFilter
    template_name = "duty/instructions.html"
    export_name = "领导批示"

    def queryset(self) -> QuerySet[Instruction]:
        at = now()
        return Instruction.objects.filter(organisation__in=organisations(self.request.user, at)).select_related(
            "organisation"
        )

    def figures(self) -> list[Figure]:
        return [Figure(self.queryset().filter(done_at__isnull=True).count(), "待落实", href="?done=no")]

    def context(self) -> dict[str, Any]:
        return {"here": "instructions", "edits": may(self.request.user, "duty.edit")}


def instruction_new(request: HttpRequest) -> HttpResponse:
    user, at = require(request, "duty.edit"), now()
    form = InstructionForm(request.POST or None, initial={"given_at": local(at)})
    back = reverse("duty:instructions")
    return changed(request, form, "登记批示", back, lambda: give_instruction(by=user, at=at, **form.cleaned_data))


def instruction_done(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of it; done once."""
    user, at = require(request, "duty.edit"), now()
    seen = Instruction.objects.filter(organisation__in=organisations(user, at))
    row = get_object_or_404(seen, pk=pk)
    if not keeps(user, row.organisation_id):
        return render(request, "duty/instruction.html", {"row": row, "title": "领导批示", "here": "instructions"})
    if row.done_at is not None:
        return render(request, "duty/instruction.html", {"row": row, "title": "领导批示", "here": "instructions"})
    form = DoneForm(request.POST or None)
    title = f"落实情况 · {row.leader}：{row.text[:40]}"
    back = reverse("duty:instructions")
    return changed(request, form, title, back, lambda: finish_instruction(row, by=user, at=at, **form.cleaned_data))
