"""Pages of overrides: rows of the mines in scope, proposed by one and agreed to by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.rulebook import overriding
from kuangan.domains.rulebook.forms import OverrideForm, ReasonForm
from kuangan.domains.rulebook.guard import faults_into, taken
from kuangan.domains.rulebook.lists import STATE_CSS, OverrideFilter, OverrideTable
from kuangan.domains.rulebook.models import Override

USUAL = timedelta(days=30)


def standing(row: Override, at: datetime) -> tuple[str, str]:
    """(word, chip class) of a row at a moment."""
    if row.state == Override.State.IN_FORCE:
        return ("执行中", "ka-chip-ok") if row.valid_to > at else ("已到期", "")
    if row.state == Override.State.PROPOSED and row.valid_to <= at:
        return "未批准已过期", ""
    return str(Override.State(row.state).label), STATE_CSS.get(row.state, "")


def overrides_of(user: Any, at: datetime) -> QuerySet[Override]:
    return Override.objects.filter(mine__in=visible_mines(user, at).values("pk"))


class OverrideList(Permitted, ListView):
    permission = "rulebook.view"
    title = "覆盖项"
    order = ("-proposed_at", "-id")
    table_class = OverrideTable
    filterset_class = OverrideFilter
    template_name = "rulebook/overrides.html"
    export_name = "规则覆盖项"

    def queryset(self) -> QuerySet[Override]:
        return overrides_of(self.request.user, now()).select_related("mine", "proposed_by", "decided_by")

    def figures(self) -> Sequence[Figure]:
        rows, at = overrides_of(self.request.user, now()), now()
        held = rows.filter(state=Override.State.IN_FORCE, valid_to__gt=at).count()
        waiting = rows.filter(state=Override.State.PROPOSED).count()
        return (
            Figure(held, "执行中"),
            Figure(waiting, "待批准", href="?state=proposed", level="orange" if waiting else ""),
        )

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        at = now()
        for row in rows:
            row.standing = standing(row, at)
        return rows

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {
            "here": "overrides",
            "authors": may(user, "rulebook.author"),
            "proposes": may(user, "rulebook.override"),
        }


def override_new(request: HttpRequest) -> HttpResponse:
    user, at = require(request, "rulebook.override"), now()
    form = OverrideForm(visible_mines(user, at), request.POST or None, initial={"valid_to": at + USUAL})
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = overriding.propose(form.wish(), by=user, at=at)
            messages.success(request, "已提请，须由另一人批准。")
            return redirect("rulebook:override", pk=row.pk)
    context = {"form": form, "title": "提请覆盖规则", "back": reverse("rulebook:overrides")}
    return render(request, "rulebook/plain_form.html", context)


def override(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _override(request, pk)
    at = now()
    word, css = standing(row, at)
    decides = may(user, "rulebook.override_approve")
    context = {
        "title": f"覆盖项 · {row.mine.name}",
        "row": row,
        "word": word,
        "css": css,
        "setting": overriding.setting_word(row.setting, row.quantity),
        "decides": decides and row.state == Override.State.PROPOSED and row.proposed_by_id != user.pk,
        "ends": decides and row.state == Override.State.IN_FORCE and row.valid_to > at,
        "form": ReasonForm(),
        "here": "overrides",
        "authors": may(user, "rulebook.author"),
    }
    return render(request, "rulebook/override.html", context)


@require_POST
def override_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Agree, refuse, or end before its time."""
    user, row = _override(request, pk)
    at, reason = now(), request.POST.get("reason", "")[:500]
    if name == "approve":
        taken(request, lambda: overriding.approve(row, by=user, at=at), "已批准，即时生效。")
    elif name == "refuse":
        taken(request, lambda: overriding.refuse(row, by=user, at=at, reason=reason), "已退回。")
    elif name == "end":
        taken(request, lambda: overriding.end(row, by=user, at=at, reason=reason), "已终止。")
    else:
        raise Http404
    return redirect("rulebook:override", pk=pk)


def _override(request: HttpRequest, pk: int) -> tuple[User, Override]:
    user = require(request, "rulebook.view")
    rows = overrides_of(user, now()).select_related("mine", "proposed_by", "decided_by")
    return user, get_object_or_404(rows, pk=pk)
