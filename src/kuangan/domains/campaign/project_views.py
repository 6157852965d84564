"""Pages of the project ledgers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure
from kuangan.domains.campaign.figures import ledger_standings
from kuangan.domains.campaign.forms import ProjectForm
from kuangan.domains.campaign.lists import ProjectFilter, ProjectTable
from kuangan.domains.campaign.models import Ledger
from kuangan.domains.campaign.paging import RoomList, chosen, entry_page, faults_into, frame, nothing
from kuangan.domains.campaign.progress import keep_project
from kuangan.domains.campaign.rules import project_state
from kuangan.domains.campaign.scope import below, projects_of, runs, works_on
from kuangan.domains.campaign.words import ACTS, PROJECT_STATES


class ProjectList(RoomList):
    title = "项目台账"
    tab = "projects"
    order = ("ledger_id", "name", "id")
    table_class = ProjectTable
    filterset_class = ProjectFilter
    export_name = "项目台账"
    template_name = "campaign/projects.html"

    def queryset(self) -> Any:
        return projects_of(self.request.user).filter(ledger__programme=self.programme)

    def figures(self) -> Sequence[Figure]:
        return [
            Figure(
                one.count.entered,
                one.ledger.title,
                f"完成 {one.count.final}"
                + (f" / 文本 {one.ledger.planned}" if one.ledger.planned is not None else " / 文本未给数量"),
                f"?ledger={one.ledger.code}",
            )
            for one in ledger_standings(self.programme, self.queryset(), beijing_day(now()))
        ]

    def context(self) -> dict[str, Any]:
        found = ledger_standings(self.programme, self.queryset(), beijing_day(now()))
        return super().context() | {"standings": found}

    def adds(self) -> Sequence[tuple[str, str]]:
        if not may(self.request.user, "campaign.work") or self.programme.handed_at is not None:
            return ()
        code = self.request.GET.get("ledger", "")
        rows = Ledger.objects.filter(programme=self.programme, code=code)
        return [(reverse("campaign:project_new", args=[row.code]), f"登记{row.title}") for row in rows]

    def note(self) -> str:
        return "完成率的分母是已登记项目减去批准不计入的；与文本数量的差单列。资金为项目单位填报，单位万元。选定一个台账后可以登记项目。"


def _form(user: User, request: HttpRequest, initial: dict[str, Any]) -> ProjectForm:
    return ProjectForm(below(user), visible_mines(user, now()), request.POST or None, initial=initial)


def project_new(request: HttpRequest, ledger: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    row = get_object_or_404(Ledger, programme=programme, code=ledger)
    form = _form(user, request, {"owner": user.organisation_id})
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            made = keep_project(row, None, form.sheet(), by=user, at=at)
            return redirect("campaign:project", pk=made.pk)
    back = f"{reverse('campaign:projects')}?ledger={row.code}"
    return entry_page(request, "projects", programme, f"登记{row.title}", form, back)


def project(request: HttpRequest, pk: int) -> HttpResponse:
    """One project; whoever keeps it changes it here."""
    user, at = require(request, "campaign.view"), now()
    row = get_object_or_404(projects_of(user), pk=pk)
    keeps = (
        runs(user, row.ledger.programme) or works_on(user, row.owner_id)
    ) and row.ledger.programme.handed_at is None
    form = _form(user, request, ProjectForm.initial_of(row)) if keeps else None
    if request.method == "POST":
        require(request, "campaign.work")
        if form is None:
            return HttpResponse(status=403)
        if form.is_valid():
            with faults_into(form):
                keep_project(row.ledger, row, form.sheet(), by=user, at=at)
                return redirect("campaign:project", pk=pk)
    state = project_state(
        row.ledger.final, row.started_on, row.accepted_on, row.connected_on, row.excluded, beijing_day(at)
    )
    context = {
        "title": row.name,
        "row": row,
        "state": PROJECT_STATES[state],
        "form": form,
        "entries": [(one, ACTS[one.act]) for one in row.entries.select_related("by", "organisation")],
        **frame(request, "projects", row.ledger.programme),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "campaign/project.html", context, status=status)
