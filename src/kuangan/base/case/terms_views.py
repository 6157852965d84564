"""Pages of deadlines: all open ones of one's scope, one with its history and acts, and a fragment for the page of its case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case import terms
from kuangan.base.case.errors import Forbidden
from kuangan.base.case.models import Case
from kuangan.base.case.performing import SUBJECT
from kuangan.base.case.terms_forms import AgreeForm, AskForm, RefuseForm, ResumeForm, SuspendForm, WithdrawForm
from kuangan.base.case.terms_lists import ClockFilter, ClockTable, address, in_state, visible_clocks, with_cases, within
from kuangan.base.case.terms_words import history, line
from kuangan.base.clock import now
from kuangan.base.deadlines.models import Deadline, ExtensionRequest
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.tables.listing import Figure, ListView

FORMS: Final[Mapping[str, tuple[str, str, type[forms.Form]]]] = {
    "ask": ("申请延期", "ask", AskForm),
    "agree": ("同意延期", "answer", AgreeForm),
    "refuse": ("不同意延期", "answer", RefuseForm),
    "withdraw": ("撤回申请", "withdraw", WithdrawForm),
    "suspend": ("中止计时", "suspend", SuspendForm),
    "resume": ("恢复计时", "resume", ResumeForm),
}
"""Act → its words, the flag of `terms.Acts` that opens it, its form."""


class ClockList(Permitted, ListView):
    permission = "deadline.view"
    title = "期限"
    order = ("due", "id")
    table_class = ClockTable
    filterset_class = ClockFilter
    template_name = "case/deadlines.html"
    export_name = "期限"
    defaults = {"which": "tasks"}

    def queryset(self) -> QuerySet[Deadline]:
        return visible_clocks(self.request.user, now())

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        return with_cases(rows, now())

    def figures(self) -> Sequence[Figure]:
        at, which = now(), "which=tasks"
        rows = ClockFilter({"which": "tasks"}, queryset=self.queryset(), request=self.request).qs
        counted = {name: Count("pk", filter=in_state(name, at)) for name in ("lapsed", "suspended")}
        counts = rows.aggregate(all=Count("pk"), soon=Count("pk", filter=within(3, at)), **counted)
        return (
            Figure(counts["all"], "事项期限", href=f"?{which}"),
            Figure(counts["lapsed"], "已逾期", href=f"?{which}&state=lapsed", level="red" if counts["lapsed"] else ""),
            Figure(counts["soon"], "三日内到期", href=f"?{which}&soon=3", level="orange" if counts["soon"] else ""),
            Figure(counts["suspended"], "已中止", href=f"?{which}&state=suspended"),
        )


def _found(request: HttpRequest, pk: int) -> tuple[User, Case, Deadline, datetime]:
    """The person, the case and one of its deadlines, if the case exists for the person."""
    user, at = require(request, "deadline.view"), now()
    clock = get_object_or_404(Deadline.objects.filter(subject_kind=SUBJECT).select_related("owner"), pk=pk)
    cases = terms.reachable(user, at).select_related("mine", "owner")
    return user, get_object_or_404(cases, pk=int(clock.subject_id)), clock, at


@require_GET
def deadline(request: HttpRequest, pk: int) -> HttpResponse:
    user, case, clock, at = _found(request, pk)
    return _shown(request, user, case, clock, at, {})


def _shown(
    request: HttpRequest,
    user: User,
    case: Case,
    clock: Deadline,
    at: datetime,
    bound: Mapping[str, forms.Form],
    status: int = 200,
) -> HttpResponse:
    asked = terms.asked_for([clock]).get(clock.pk)
    acts = terms.acts_of(user, case, clock, asked, at)
    context = {
        "title": "期限",
        "case": case,
        "address": address(case),
        "line": line(case, clock, at, history([clock])[clock.pk]),
        "asked": asked,
        "own": asked is not None and asked.by_id == user.pk,
        "forms": [
            (name, label, bound.get(name) or form(initial=_initial(name, clock), auto_id=f"{name}_%s"))
            for name, (label, flag, form) in FORMS.items()
            if getattr(acts, flag)
        ],
    }
    return render(request, "case/deadline.html", context, status=status)


def _initial(name: str, clock: Deadline) -> dict[str, Any]:
    return {"due": clock.due} if name == "ask" else {}


@require_POST
def deadline_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take an act: 404 unknown or out of scope, 403 not this person's, 422 not filled in or refused."""
    user, case, clock, at = _found(request, pk)
    if name not in FORMS:
        raise Http404
    asked = terms.asked_for([clock]).get(clock.pk)
    if not getattr(terms.acts_of(user, case, clock, asked, at), FORMS[name][1]):
        raise Forbidden("您不能对该时限执行此操作")
    form = FORMS[name][2](request.POST, auto_id=f"{name}_%s")
    if form.is_valid():
        try:
            after = _take(name, case, clock, asked, user, at, form.cleaned_data)
        except PermissionDenied as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已提交。")
            return redirect("case:deadline", pk=after)
    return _shown(request, user, case, clock, at, {name: form}, 422)


def _take(
    name: str,
    case: Case,
    clock: Deadline,
    asked: ExtensionRequest | None,
    by: User,
    at: datetime,
    said: Mapping[str, Any],
) -> int:
    """Take the act and return the deadline that runs afterwards."""
    if asked is None:
        own: Mapping[str, Callable[[], object]] = {
            "ask": lambda: terms.ask(case, clock, due=said["due"], reason=said["reason"], by=by, at=at),
            "suspend": lambda: terms.suspend(case, clock, reason=said["reason"], basis=said["basis"], by=by, at=at),
            "resume": lambda: terms.resume(case, clock, reason=said["reason"], by=by, at=at),
        }
        own[name]()
        return clock.pk
    if name == "agree":
        return terms.agree(case, asked, by=by, at=at, answer=said["answer"]).pk
    answers: Mapping[str, Callable[[], object]] = {
        "refuse": lambda: terms.refuse(case, asked, by=by, at=at, answer=said["answer"]),
        "withdraw": lambda: terms.withdraw(case, asked, by=by, at=at),
        "suspend": lambda: terms.suspend(case, clock, reason=said["reason"], basis=said["basis"], by=by, at=at),
    }
    answers[name]()
    return clock.pk


@require_GET
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """A fragment for the page of a case: its open deadlines, what happened to them, and where to act."""
    user, at = require(request, "deadline.view"), now()
    case = get_object_or_404(terms.reachable(user, at), number=number)
    clocks = terms.open_clocks(case)
    happened, asked = history(clocks), terms.asked_for(clocks)
    rows = [
        (line(case, clock, at, happened[clock.pk]), asked.get(clock.pk), _any(user, case, clock, asked, at))
        for clock in clocks
    ]
    return render(request, "case/parts/deadlines.html", {"case": case, "rows": rows})


def _any(user: User, case: Case, clock: Deadline, asked: Mapping[int, ExtensionRequest], at: datetime) -> bool:
    return terms.acts_of(user, case, clock, asked.get(clock.pk), at).any
