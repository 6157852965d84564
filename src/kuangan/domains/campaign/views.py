"""Overview, wall plan, tasks and milestones: the plan itself, which every authority reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import require
from kuangan.base.people.models import Level, User
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import Figure
from kuangan.domains.campaign import progress
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.figures import (
    item_counts,
    ledger_standings,
    milestone_counts,
    submission_counts,
)
from kuangan.domains.campaign.forms import DoneForm, ReasonForm
from kuangan.domains.campaign.lists import ItemTable, MilestoneFilter, MilestoneTable, TaskFilter, TaskTable, shown
from kuangan.domains.campaign.loading import province, put_in_force
from kuangan.domains.campaign.models import Milestone, Programme, Report, Target, Task
from kuangan.domains.campaign.paging import Panel, RoomList, chosen, frame, nothing, step
from kuangan.domains.campaign.queries import item_is, milestone_is, milestone_state, milestones
from kuangan.domains.campaign.rules import days_late
from kuangan.domains.campaign.scope import items_of, projects_of, runs, submissions_of, works_on
from kuangan.domains.campaign.targets import standings
from kuangan.domains.campaign.walls import areas, head
from kuangan.domains.campaign.words import ACTS, DUE_STATES, SHAPES

SOON = 8


def may_load(user: Any) -> bool:
    """Whoever signs for the department in which a programme's office sits."""
    kinds = {plan.office for plan in definitions().values()}
    body = user.organisation
    return may(user, "campaign.sign") and body is not None and body.level == Level.PROVINCE and body.kind in kinds


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where the programme stands today; every number leads to its rows."""
    user = require(request, "campaign.view")
    programme, today = chosen(request), beijing_day(now())
    if programme is None:
        return nothing(request, loads=may_load(user), plans=definitions().values())
    items = items_of(user).filter(programme=programme)
    reached = milestone_counts(programme, today)
    context = {
        "title": programme.title,
        "figures": _figures(programme, user, reached, today),
        "standings": standings(Target.objects.filter(programme=programme), today),
        "states": [(code, SHAPES[code], DUE_STATES[code], reached[code]) for code in DUE_STATES if reached.get(code)],
        "ledgers": ledger_standings(programme, projects_of(user).filter(ledger__programme=programme), today),
        "next": milestones(programme).filter(since=False, done_on=None, due__gte=today)[:SOON],
        "late_items": items.filter(item_is("overdue", programme, today))[:SOON],
        "reports": Report.objects.filter(programme=programme).exclude(state="issued").order_by("due")[:3],
        "today": today,
        **frame(request, "overview", programme),
    }
    return render(request, "campaign/overview.html", context)


def _figures(programme: Programme, user: User, reached: Mapping[str, int], today: date) -> Sequence[Figure]:
    items = item_counts(items_of(user).filter(programme=programme), programme, today)
    sent = submission_counts(submissions_of(user).filter(programme=programme), programme, today)
    page = {name: reverse(f"campaign:{name}") for name in ("milestones", "items", "submissions")}
    left = (programme.until - today).days
    return (
        Figure(max(0, left), "距结束（天）"),
        Figure(reached["met"], "里程碑按期完成", "", f"{page['milestones']}?state=met"),
        Figure(reached["late"], "里程碑逾期完成", "", f"{page['milestones']}?state=late"),
        Figure(
            reached["overdue"],
            "里程碑逾期",
            "",
            f"{page['milestones']}?state=overdue",
            "red" if reached["overdue"] else "",
        ),
        Figure(reached["unrecorded"], "历史期限未登记", "", f"{page['milestones']}?state=unrecorded"),
        Figure(
            items["overdue"], "攻坚事项逾期", "", f"{page['items']}?state=overdue", "red" if items["overdue"] else ""
        ),
        Figure(
            items["stale"],
            "久未更新",
            f"超过 {programme.stale_days} 天",
            f"{page['items']}?state=stale",
            "orange" if items["stale"] else "",
        ),
        Figure(sent["overdue"], "报送逾期", "", f"{page['submissions']}?due=overdue", "red" if sent["overdue"] else ""),
        Figure(sent["near"], "报送临期", "", f"{page['submissions']}?due=near"),
    )


@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Put a shipped programme in force."""
    user = require(request, "campaign.sign")
    if not may_load(user):
        raise PermissionDenied
    plan = definitions().get(request.POST.get("code", ""))
    if plan is None:
        raise Http404
    if province(plan.office) != user.organisation:
        raise PermissionDenied
    try:
        put_in_force(plan, by=user, at=now())
    except MissingFields as refused:
        return nothing(request, loads=True, plans=definitions().values(), fault=str(refused))
    return redirect("campaign:overview")


@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """The whole action by area and month, for a wall and for print."""
    require(request, "campaign.view")
    programme, today = chosen(request), beijing_day(now())
    if programme is None:
        return nothing(request)
    rows = milestones(programme)
    titles = dict(Task.objects.filter(programme=programme).values_list("area", "area_title"))
    context = {
        "title": "挂图作战",
        "areas": areas(programme, rows, today, titles),
        "head": head(programme, today),
        "today": today,
        "legend": [(code, SHAPES[code], DUE_STATES[code]) for code in DUE_STATES if code not in ("dropped", "handed")],
        "counts": milestone_counts(programme, today),
        **frame(request, "wall", programme),
    }
    return render(request, "campaign/wall.html", context)


class TaskList(RoomList):
    title = "任务"
    tab = "tasks"
    order = ("order", "id")
    table_class = TaskTable
    filterset_class = TaskFilter
    export_name = "三年行动任务"
    page_size = 40

    def queryset(self) -> QuerySet[Task]:
        today = beijing_day(now())
        rows = Task.objects.filter(programme=self.programme).select_related("lead")
        reached = milestone_is("met", self.programme, today) | milestone_is("late", self.programme, today)
        mine = items_of(self.request.user).values("pk")
        return rows.annotate(
            milestone_total=Count("milestones", distinct=True),
            milestone_done=Count("milestones", filter=Q(milestones__in=_ids(self.programme, reached)), distinct=True),
            milestone_overdue=Count(
                "milestones",
                filter=Q(milestones__in=_ids(self.programme, milestone_is("overdue", self.programme, today))),
                distinct=True,
            ),
            item_total=Count("items", filter=Q(items__in=mine), distinct=True),
            item_open=Count("items", filter=Q(items__in=mine, items__state="open"), distinct=True),
        )

    def note(self) -> str:
        return "文件没有逐项写明责任单位，牵头单位为本系统判读（系统默认，待核）。攻坚事项只计本单位范围内的。"


def _ids(programme: Programme, condition: Q) -> QuerySet[Milestone, Any]:
    return Milestone.objects.filter(condition, programme=programme).values("pk")


@require_GET
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: its milestones, and the items below it within one's scope."""
    user = require(request, "campaign.view")
    row = get_object_or_404(Task.objects.select_related("programme", "lead"), pk=pk)
    today = beijing_day(now())
    items = items_of(user).filter(task=row)
    context = {
        "title": f"{row.order}. {row.title}",
        "row": row,
        "milestones": [
            (one, shown(milestone_state(one, row.programme, today)), days_late(one.due, one.done_on))
            for one in row.milestones.select_related("owner")
        ],
        "table": ItemTable(items[:50], orderable=False, exclude=("task",)),
        "total": items.count(),
        **frame(request, "tasks", row.programme),
    }
    return render(request, "campaign/task.html", context)


class MilestoneList(RoomList):
    title = "里程碑"
    tab = "milestones"
    order = ("due", "id")
    table_class = MilestoneTable
    filterset_class = MilestoneFilter
    export_name = "三年行动里程碑"
    page_size = 60

    def queryset(self) -> QuerySet[Milestone]:
        return milestones(self.programme)

    def figures(self) -> Sequence[Figure]:
        found = milestone_counts(self.programme, beijing_day(now()))
        return [Figure(found[code], f"{SHAPES[code]} {DUE_STATES[code]}", href=f"?state={code}") for code in found]

    def note(self) -> str:
        return f"期限为文件所定；完成日期是真实日期。本系统自 {self.programme.loaded_on:%Y-%m-%d} 起管理，此前到期而没有登记的写“历史期限，未登记”，不算逾期。"


MILESTONE_FORMS: Mapping[str, type[forms.Form]] = {"done": DoneForm, "withdraw": ReasonForm}


@require_GET
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "campaign.view")
    return _milestone(request, user, _row(pk), {})


def _row(pk: int) -> Milestone:
    return get_object_or_404(Milestone.objects.select_related("programme", "task", "owner", "done_by"), pk=pk)


def _milestone(request: HttpRequest, user: User, row: Milestone, bound: Mapping[str, forms.Form]) -> HttpResponse:
    today = beijing_day(now())
    panels = []
    if (
        (runs(user, row.programme) or works_on(user, row.owner_id))
        and not row.since
        and row.programme.handed_at is None
    ):
        done = bound.get("done") or DoneForm(initial={"done_on": row.done_on, "proof": row.proof})
        panels.append(
            Panel(
                "done",
                "更正完成情况" if row.done_on else "登记完成",
                done,
                reverse("campaign:milestone_step", args=[row.pk, "done"]),
            )
        )
        if row.done_on:
            panels.append(
                Panel(
                    "withdraw",
                    "撤回完成登记",
                    bound.get("withdraw") or ReasonForm(),
                    reverse("campaign:milestone_step", args=[row.pk, "withdraw"]),
                    danger=True,
                )
            )
    context = {
        "title": row.title,
        "row": row,
        "chip": shown(milestone_state(row, row.programme, today)),
        "late": days_late(row.due, row.done_on),
        "panels": panels,
        "entries": [(one, ACTS[one.act]) for one in row.entries.select_related("by", "organisation")],
        **frame(request, "milestones", row.programme),
    }
    return render(request, "campaign/milestone.html", context)


@require_POST
def milestone_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = _row(pk)
    if name not in MILESTONE_FORMS:
        raise Http404
    form = MILESTONE_FORMS[name](request.POST)

    def act(given: dict[str, Any]) -> object:
        if name == "done":
            return progress.record_done(row, given["done_on"], given["proof"], by=user, at=at)
        return progress.withdraw_done(row, given["reason"], by=user, at=at)

    onward = reverse("campaign:milestone", args=[pk])
    return step(request, form, act, onward, lambda: _milestone(request, user, _row(pk), {name: form}))
