"""Pages of the attack lists, and the answer to disputes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import Figure
from kuangan.domains.campaign import disputes, items
from kuangan.domains.campaign.figures import item_counts
from kuangan.domains.campaign.forms import (
    AnswerForm,
    ChangeForm,
    DisputeForm,
    DoneForm,
    ReasonForm,
    TaskItemForm,
    TellForm,
)
from kuangan.domains.campaign.lists import ItemFilter, ItemTable, shown
from kuangan.domains.campaign.models import Dispute, Item, Target, Task
from kuangan.domains.campaign.paging import Panel, RoomList, chosen, entry_page, faults_into, frame, nothing, step
from kuangan.domains.campaign.queries import item_state
from kuangan.domains.campaign.rules import days_late
from kuangan.domains.campaign.scope import below, items_of, runs, stands_above, works_on
from kuangan.domains.campaign.target_views import shown_target
from kuangan.domains.campaign.words import ACTS, DUE_STATES, SHAPES

Bound = Mapping[str, forms.Form]
FORMS: Mapping[str, type[forms.Form]] = {
    "tell": TellForm,
    "done": DoneForm,
    "dispute": DisputeForm,
    "change": ChangeForm,
    "back": ReasonForm,
    "drop": ReasonForm,
}
TITLES = {
    "tell": "填报进展",
    "done": "报告完成",
    "dispute": "提出异议",
    "change": "调整期限或责任人",
    "back": "退回",
    "drop": "取消事项",
}


class ItemList(RoomList):
    title = "攻坚清单"
    tab = "items"
    order = ("due", "id")
    table_class = ItemTable
    filterset_class = ItemFilter
    export_name = "攻坚清单"

    def queryset(self) -> Any:
        return items_of(self.request.user).filter(programme=self.programme)

    def figures(self) -> Sequence[Figure]:
        found = item_counts(self.queryset(), self.programme, beijing_day(now()))
        stale = found.pop("stale")
        figures = [
            Figure(
                count,
                f"{SHAPES[code]} {DUE_STATES[code]}",
                href=f"?state={code}",
                level="red" if code == "overdue" and count else "",
            )
            for code, count in found.items()
        ]
        return [*figures, Figure(stale, "久未更新", href="?state=stale", level="orange" if stale else "")]

    def note(self) -> str:
        return f"只列本单位范围内的事项：省看全省，市看本级和所属县，县看本级。超过 {self.programme.stale_days} 天没有更新的进行中事项标“久未更新”。"

    def adds(self) -> Sequence[tuple[str, str]]:
        may_add = may(self.request.user, "campaign.work") and self.programme.handed_at is None
        return ((reverse("campaign:item_new"), "列入事项"),) if may_add else ()


def item_new(request: HttpRequest) -> HttpResponse:
    """Put a line on the list of one's own organisation, or of one below."""
    user, at = require(request, "campaign.work"), now()
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    tasks = Task.objects.filter(programme=programme)
    initial = {"start": beijing_day(at), "owner": user.organisation_id, "task": request.GET.get("task")}
    form = TaskItemForm(tasks, below(user), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = items.add(programme, items.Line(**form.cleaned_data), by=user, at=at)
            return redirect("campaign:item", pk=row.pk)
    return entry_page(request, "items", programme, "列入事项", form, reverse("campaign:items"))


@require_GET
def item(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "campaign.view")
    return _shown(request, user, _row(user, pk), {})


def _row(user: User, pk: int) -> Item:
    return get_object_or_404(items_of(user).select_related("recorded_by", "origin__programme"), pk=pk)


def _steps(user: User, row: Item) -> list[str]:
    """What this person may do with the item now."""
    own, above = works_on(user, row.owner_id), stands_above(user, row.owner) or runs(user, row.programme)
    author = row.recorded_by is not None and row.recorded_by.organisation_id == user.organisation_id
    if row.programme.handed_at is not None or not may(user, "campaign.work"):
        return []
    if row.state == "open":
        return (["tell", "done", "dispute"] if own else []) + (["change", "drop"] if above or author else [])
    return (["back"] if above else []) + (["dispute"] if own else []) if row.state == "done" else []


def _shown(request: HttpRequest, user: User, row: Item, bound: Bound) -> HttpResponse:
    today = beijing_day(now())
    starts: Mapping[str, dict[str, Any]] = {
        "change": {"due": row.due, "person": row.person},
        "done": {"done_on": today},
    }
    panels = [
        Panel(
            name,
            TITLES[name],
            bound.get(name) or FORMS[name](initial=starts.get(name)),
            reverse("campaign:item_step", args=[row.pk, name]),
            danger=name in ("back", "drop"),
        )
        for name in _steps(user, row)
    ]
    above = stands_above(user, row.owner) or runs(user, row.programme)
    context = {
        "title": row.text,
        "row": row,
        "chip": shown(item_state(row, row.programme, today)),
        "late": days_late(row.due, row.done_on),
        "silent": (today - row.told_on).days,
        "panels": panels,
        "disputes": [
            (one, AnswerForm() if above and one.answered_at is None and one.by_id != user.pk else None)
            for one in row.disputes.select_related("by", "organisation", "answered_by")
        ],
        "entries": [(one, ACTS[one.act]) for one in row.entries.select_related("by", "organisation")],
        **frame(request, "items", row.programme),
    }
    return render(request, "campaign/item.html", context)


@require_POST
def item_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = _row(user, pk)
    if name not in FORMS:
        raise Http404
    form = FORMS[name](request.POST)
    acts: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "tell": lambda given: items.tell(row, given["text"], by=user, at=at),
        "done": lambda given: items.finish(row, given["done_on"], given["proof"], by=user, at=at),
        "dispute": lambda given: disputes.dispute(row, given["text"], by=user, at=at),
        "change": lambda given: items.change(row, **given, by=user, at=at),
        "back": lambda given: items.give_back(row, given["reason"], by=user, at=at),
        "drop": lambda given: items.drop(row, given["reason"], by=user, at=at),
    }
    onward = reverse("campaign:item", args=[pk])
    return step(request, form, acts[name], onward, lambda: _shown(request, user, _row(user, pk), {name: form}))


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a dispute of an item within scope, or of a target."""
    user, at = require(request, "campaign.work"), now()
    row = get_object_or_404(Dispute.objects.select_related("item", "target"), pk=pk)
    if row.item_id is not None:
        get_object_or_404(items_of(user), pk=row.item_id)
    form = AnswerForm(request.POST)
    onward = (
        reverse("campaign:item", args=[row.item_id])
        if row.item_id
        else reverse("campaign:target", args=[row.target_id])
    )

    def again() -> HttpResponse:
        if row.item_id is not None:
            return _shown(request, user, _row(user, row.item_id), {})
        return shown_target(
            request, user, get_object_or_404(Target.objects.select_related("programme"), pk=row.target_id), {}
        )

    return step(request, form, lambda given: disputes.answer(row, given["answer"], by=user, at=at), onward, again)
