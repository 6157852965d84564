"""Pages of drafts: list, form, and one draft with what it changes, its trials, its shadow and its proposals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import ListView
from kuangan.domains.rulebook import drafting, publishing
from kuangan.domains.rulebook.forms import ProposalForm, ShadowForm, TitleForm, TrialForm
from kuangan.domains.rulebook.guard import differing, faults_into, taken
from kuangan.domains.rulebook.lists import DraftFilter, DraftTable
from kuangan.domains.rulebook.models import Draft, Version
from kuangan.domains.rulebook.parts import part_word, parts
from kuangan.domains.rulebook.reading import home
from kuangan.domains.rulebook.settings_form import form_for
from kuangan.domains.rulebook.words import DEFAULT_MARK

SHOWN = 20


def standing(draft: Draft, states: dict[int, set[str]]) -> tuple[str, str]:
    """(word, chip class) of a draft."""
    if draft.dropped_at is not None:
        return "已作废", ""
    found = states.get(draft.pk, set())
    if Version.State.PROPOSED in found:
        return "待批准", "ka-chip-warn"
    if Version.State.APPROVED in found:
        return "已批准", "ka-chip-ok"
    return "起草中", ""


def states_of(drafts: list[Draft]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for draft, state in Version.objects.filter(draft__in=drafts).order_by().values_list("draft_id", "state"):
        found.setdefault(draft or 0, set()).add(state)
    return found


class DraftList(Permitted, ListView):
    permission = "rulebook.author"
    title = "规则草案"
    order = ("-changed_at", "-id")
    table_class = DraftTable
    filterset_class = DraftFilter
    template_name = "rulebook/drafts.html"

    def queryset(self) -> QuerySet[Draft]:
        return drafting.visible_drafts(self.request.user).select_related("by", "organisation")

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        tried = dict(Draft.objects.filter(pk__in=rows_pk(rows)).order_by().values_list("pk").annotate(Count("trials")))
        states = states_of(rows)
        for row in rows:
            row.tried, row.standing = tried.get(row.pk, 0), standing(row, states)
        return rows

    def context(self) -> dict[str, Any]:
        return {"here": "drafts"}


def rows_pk(rows: list[Any]) -> list[int]:
    return [row.pk for row in rows]


def draft_new(request: HttpRequest) -> HttpResponse:
    """First the part, then its settings."""
    user = require(request, "rulebook.author")
    book = publishing.standing(home())
    part = request.GET.get("part", "")
    if part not in parts(book):
        context = {"title": "起草规则修改", "parts": parts(book).items(), "here": "drafts"}
        return render(request, "rulebook/choose.html", context)
    return _edit(request, user, None, part, None)


def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, draft = _draft(request, pk)
    if draft.by_id != user.pk or draft.dropped_at is not None:
        raise Http404
    return _edit(request, user, draft, draft.part, draft.content)


def _edit(request: HttpRequest, user: User, draft: Draft | None, part: str, content: Any) -> HttpResponse:
    book = publishing.standing(home())
    given = request.POST or None
    title = TitleForm(given, initial={"title": draft.title if draft else ""})
    form = form_for(book, part, content, given)
    if request.method == "POST" and title.is_valid() and form.is_valid():
        with faults_into(title):
            kept = drafting.save(
                draft, part=part, title=title.cleaned_data["title"], content=form.changed, by=user, at=now()
            )
            messages.success(request, "草案已保存，尚不生效。")
            return redirect("rulebook:draft", pk=kept.pk)
    context = {
        "title": f"{'修改' if draft else '起草'}：{part_word(part)}",
        "naming": title,
        "form": form,
        "mark": DEFAULT_MARK,
        "here": "drafts",
        "back": reverse("rulebook:draft", args=[draft.pk]) if draft else reverse("rulebook:drafts"),
    }
    return render(request, "rulebook/edit.html", context)


def draft(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _draft(request, pk)
    return _page(request, user, row, {})


def _page(request: HttpRequest, user: User, row: Draft, bound: dict[str, forms.Form]) -> HttpResponse:
    at = now()
    mines = visible_mines(user, at)
    word, css = standing(row, states_of([row]))
    open_draft = row.dropped_at is None
    context = {
        "title": row.title,
        "row": row,
        "word": word,
        "css": css,
        "part": part_word(row.part),
        "changes": differing(row.base, row.content),
        "trials": row.trials.select_related("asked_by")[:SHOWN],
        "shadows": row.shadows.select_related("by")[:SHOWN],
        "versions": row.versions.select_related("author", "approver")[:SHOWN],
        "own": open_draft and row.by_id == user.pk,
        "open": open_draft,
        "proposes": open_draft and scope_of(user).province_wide,
        "trial_form": bound.get("trial") or TrialForm(mines),
        "shadow_form": bound.get("shadow") or ShadowForm(mines),
        "proposal_form": bound.get("propose") or ProposalForm(initial={"in_force_from": at}),
        "opened": next(iter(bound), ""),
        "here": "drafts",
    }
    return render(request, "rulebook/draft.html", context, status=422 if bound else 200)


@require_POST
def draft_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Try it, run it in shadow, propose it, put it away."""
    user, row = _draft(request, pk)
    at = now()
    if name == "drop":
        taken(request, lambda: drafting.drop(row, by=user, at=at), "草案已作废。")
        return redirect("rulebook:draft", pk=pk)
    if name not in STEPS:
        raise Http404
    page, make, form_class = STEPS[name]
    form = form_class(request.POST) if form_class is ProposalForm else form_class(visible_mines(user, at), request.POST)
    if form.is_valid():
        with faults_into(form):
            return redirect(page, pk=make(row, form, user, at))
    return _page(request, user, row, {name: form})


def _tried(row: Draft, form: Any, user: User, at: datetime) -> int:
    span = {key: form.cleaned_data[key] for key in ("first", "last")}
    return drafting.ask_trial(row, mines=form.codes(), by=user, at=at, **span).pk


def _shadowed(row: Draft, form: Any, user: User, at: datetime) -> int:
    return drafting.start_shadow(row, mines=form.codes(), days=form.cleaned_data["days"], by=user, at=at).pk


def _proposed(row: Draft, form: Any, user: User, at: datetime) -> int:
    return publishing.propose(row, by=user, at=at, **form.cleaned_data).pk


Make = Callable[[Draft, Any, User, datetime], int]
STEPS: Final[dict[str, tuple[str, Make, Any]]] = {
    "trial": ("rulebook:trial", _tried, TrialForm),
    "shadow": ("rulebook:shadow", _shadowed, ShadowForm),
    "propose": ("rulebook:version", _proposed, ProposalForm),
}
"""Step → the page of what it makes, how it is made, the form it is asked for with."""


def _draft(request: HttpRequest, pk: int) -> tuple[User, Draft]:
    user = require(request, "rulebook.author")
    rows = drafting.visible_drafts(user).select_related("by", "organisation")
    return user, get_object_or_404(rows, pk=pk)
