"""Pages of versions: who asked, who agreed, why, from when, and what changed against the version before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.rulebook import publishing
from kuangan.domains.rulebook.forms import ProposalForm, WordsForm
from kuangan.domains.rulebook.guard import differing, faults_into, taken
from kuangan.domains.rulebook.lists import STATE_CSS, VersionFilter, VersionTable
from kuangan.domains.rulebook.models import Version
from kuangan.domains.rulebook.parts import WHOLE, part_word


class VersionList(Permitted, ListView):
    permission = "rulebook.view"
    title = "规则版本"
    order = ("-proposed_at", "-id")
    table_class = VersionTable
    filterset_class = VersionFilter
    template_name = "rulebook/versions.html"
    export_name = "规则版本"

    def queryset(self) -> QuerySet[Version]:
        return Version.objects.select_related("author", "approver", "restores")

    def figures(self) -> Sequence[Figure]:
        held = publishing.version_in_force(now())
        waiting = Version.objects.filter(state=Version.State.PROPOSED).count()
        return (
            Figure("系统自带" if held is None else f"第 {held.number} 号", "现行版本"),
            Figure(waiting, "待批准", href="?state=proposed", level="orange" if waiting else ""),
        )

    def context(self) -> dict[str, Any]:
        return {"here": "versions", "authors": may(self.request.user, "rulebook.author")}


def version(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _version(request, pk)
    return _page(request, user, row, None)


def _page(request: HttpRequest, user: User, row: Version, bound: ProposalForm | None) -> HttpResponse:
    at = now()
    open_one = row.state == Version.State.PROPOSED
    decides = open_one and may(user, "rulebook.approve") and scope_of(user).province_wide
    held = publishing.version_in_force(at)
    before = before_of(row)
    context = {
        "title": part_word(row.part) if row.number is None else f"第 {row.number} 号版本",
        "row": row,
        "part": part_word(row.part),
        "state_word": Version.State(row.state).label,
        "css": STATE_CSS.get(row.state, ""),
        "changes": changes(row, before),
        "before": before,
        "in_force": held is not None and held.pk == row.pk,
        "decides": decides and row.author_id != user.pk,
        "own": open_one and row.author_id == user.pk,
        "restorable": row.book is not None
        and (held is None or held.pk != row.pk)
        and may(user, "rulebook.author")
        and scope_of(user).province_wide,
        "words_form": WordsForm(),
        "return_form": bound or ProposalForm(initial={"in_force_from": at}),
        "opened": bound is not None,
        "here": "versions",
        "authors": may(user, "rulebook.author"),
    }
    return render(request, "rulebook/version.html", context, status=200 if bound is None else 422)


def before_of(row: Version) -> Version | None:
    """The version before an approved one."""
    if row.number is None:
        return None
    before: Version | None = publishing.approved().filter(number__lt=row.number).order_by("-number").first()
    return before


def changes(row: Version, before: Version | None) -> Sequence[tuple[str, str, str]]:
    """What differs from the version before; of a proposal, from what it was drafted against."""
    if row.book is not None and before is not None:
        return differing(before.book, row.book)
    if row.part == WHOLE and row.restores is None:
        return ()
    return differing(row.base, row.content)


@require_POST
def version_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Approve, refuse, withdraw; or ask to go back to this version."""
    user, row = _version(request, pk)
    at, words = now(), request.POST.get("words", "")[:500]
    if name == "approve":
        taken(request, lambda: publishing.approve(row, by=user, at=at, words=words), "已批准，按生效时间执行。")
    elif name == "refuse":
        taken(request, lambda: publishing.refuse(row, by=user, at=at, words=words), "已退回。")
    elif name == "withdraw":
        taken(request, lambda: publishing.withdraw(row, by=user, at=at), "已撤回。")
    elif name == "return":
        form = ProposalForm(request.POST)
        if form.is_valid():
            with faults_into(form):
                asked = publishing.propose_return(row, by=user, at=at, **form.cleaned_data)
                messages.success(request, "已提请恢复，须由另一人批准。")
                return redirect("rulebook:version", pk=asked.pk)
        return _page(request, user, row, form)
    else:
        raise Http404
    return redirect("rulebook:version", pk=pk)


def _version(request: HttpRequest, pk: int) -> tuple[User, Version]:
    user = require(request, "rulebook.view")
    rows = Version.objects.select_related("author", "approver", "restores", "draft")
    return user, get_object_or_404(rows, pk=pk)
