"""Pages of call-outs."""

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
from kuangan.base.case.performing import perform, possible
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.duty.calling import Callee, call, callouts, mark, open_callout, state_words
from kuangan.domains.duty.contacts import book, in_order
from kuangan.domains.duty.forms import CallForm, CallOutForm, MarkForm, OutcomeForm, VoidForm
from kuangan.domains.duty.lists import CallOutFilter, CallOutTable
from kuangan.domains.duty.models import Call, CallOut
from kuangan.domains.duty.rosters import ladder_of
from kuangan.domains.duty.rules import MEANS
from kuangan.domains.duty.scope import organisations

STEP_FORMS = {"close": OutcomeForm, "void": VoidForm}


class CallOutList(Permitted, ListView):
    permission = "duty.view"
    title = "叫应"
    order = ("-case",)
    table_class = CallOutTable
    filterset_class = CallOutFilter
    template_name = "duty/callouts.html"
    export_name = "叫应台账"

    def queryset(self) -> QuerySet[CallOut]:
        return callouts(Case.objects.visible_to(self.request.user, now()))

    def figures(self) -> list[Figure]:
        return [Figure(self.queryset().filter(case__state="open").count(), "未办结", href="?state=open")]

    def context(self) -> dict[str, Any]:
        return {"here": "callouts", "calls": may(self.request.user, "duty.call")}


def callout_new(request: HttpRequest) -> HttpResponse:
    """About an alert (`?about=GJ-…`) it opens at once; else the matter is asked for."""
    user, at = require(request, "duty.call"), now()
    about = _about(request, user)
    needed = user.organisation is not None and user.organisation.kind == "parent_company"
    initial = {"matter": about.title, "mine": about.mine_id} if about else {}
    form = CallOutForm(visible_mines(user, at), needed, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        matter, mine = form.cleaned_data["matter"], form.cleaned_data["mine"]
        row = open_callout(matter, by=user, at=at, about=about, mine=mine)
        return redirect("duty:callout", number=row.case.number)
    back = reverse("duty:callouts")
    return render(request, "duty/form.html", {"form": form, "title": "发起叫应", "back": back, "submit": "发起"})


def callout_page(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, _callout(request, number), CallForm(), 200)


def _page(request: HttpRequest, row: CallOut, form: CallForm, status: int) -> HttpResponse:
    user: Any = request.user
    at = now()
    rows = row.calls.select_related("notice", "called_by", "organisation")
    steps = possible(row.case, user)
    mine = row.case.mine_id
    seen = organisations(user, at)
    context = {
        "title": f"叫应 {row.case.number}",
        "here": "callouts",
        "callout": row,
        "calls": [(one, state_words(one)) for one in rows],
        "rungs": ladder_of(mine, at) if mine else [],
        "contacts": in_order(book(seen.filter(mine=mine) if mine else seen.filter(pk=user.organisation_id), at)),
        "form": form,
        "steps": [(step, STEP_FORMS[step.name]()) for step in steps],
        "works": bool(steps),
        "state": row.case.state_word,
        "timeline": row.case.steps.select_related("by"),
        "means": MEANS,
    }
    return render(request, "duty/callout.html", context, status=status)


@require_POST
def callout_call(request: HttpRequest, number: str) -> HttpResponse:
    user = require(request, "duty.call")
    row, form = _callout(request, number), CallForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写正确的电话。")
        return _page(request, row, form, 422)
    said = dict(form.cleaned_data)
    means, note = said.pop("means"), said.pop("note")
    callee = Callee(**said, organisation=_organisation(request, user))
    try:
        call(row, callee, means, by=user, at=now(), note=note)
    except WrongState as late:
        messages.error(request, str(late))
        return _page(request, row, CallForm(), 409)
    messages.success(request, "已呼叫。" if means != "phone" else "已登记。")
    return redirect("duty:callout", number=number)


@require_POST
def call_mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody answered or acted."""
    user = require(request, "duty.call")
    seen = Case.objects.visible_to(user, now())
    row = get_object_or_404(Call.objects.select_related("callout__case"), pk=pk, callout__case__in=seen)
    form = MarkForm(request.POST)
    if form.is_valid():
        try:
            mark(row, form.cleaned_data["what"], by=user, at=now(), note=form.cleaned_data["note"])
        except WrongState as late:
            messages.error(request, str(late))
    return redirect("duty:callout", number=row.callout.case.number)


@require_POST
def callout_step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user = require(request, "duty.call")
    row = _callout(request, number)
    if name not in STEP_FORMS:
        raise Http404
    form = STEP_FORMS[name](request.POST)
    if not form.is_valid():
        messages.error(request, "请补全必填项。")
        return _page(request, row, CallForm(), 422)
    try:
        perform(row.case, name, by=user, at=now(), form=form.cleaned_data, reason=form.cleaned_data.get("reason", ""))
    except WrongState as late:
        messages.error(request, str(late))
        return _page(request, row, CallForm(), 409)
    messages.success(request, "已提交。")
    return redirect("duty:callout", number=number)


def _callout(request: HttpRequest, number: str) -> CallOut:
    user = require(request, "duty.view")
    return get_object_or_404(callouts(Case.objects.visible_to(user, now())), case__number=number)


def _about(request: HttpRequest, user: User) -> Case | None:
    number = request.GET.get("about", "")
    return get_object_or_404(Case.objects.visible_to(user, now()), number=number) if number else None


def _organisation(request: HttpRequest, user: User) -> Organisation | None:
    """Whose person is called, where the page knows it."""
    given = request.POST.get("organisation", "")
    return Organisation.objects.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 10 else None
