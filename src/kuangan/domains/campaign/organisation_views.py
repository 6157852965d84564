"""Pages of who is in the programme, and of its meetings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.campaign import organising
from kuangan.domains.campaign.definition import definitions
from kuangan.domains.campaign.forms import EndForm, ItemForm, MeetingForm, PersonForm, ReasonForm
from kuangan.domains.campaign.items import Line
from kuangan.domains.campaign.lists import shown
from kuangan.domains.campaign.models import Meeting, Post, Programme
from kuangan.domains.campaign.paging import Panel, chosen, entry_page, faults_into, frame, nothing, step
from kuangan.domains.campaign.queries import item_state
from kuangan.domains.campaign.scope import below, owned_within, runs
from kuangan.domains.campaign.words import ROLES
from kuangan.library.policy import shipped

FORMS: Mapping[str, type[forms.Form]] = {"decide": ItemForm, "void": ReasonForm}


def meetings_of(user: User, programme: Programme) -> QuerySet[Meeting]:
    """Meetings of the province are every authority's to read, others those of one's territory."""
    rows = Meeting.objects.filter(programme=programme).select_related("organisation", "programme")
    return rows.filter(owned_within(user, "organisation")) | rows.filter(organisation=programme.office)


@require_GET
def organisation(request: HttpRequest) -> HttpResponse:
    """Leading group, task force, liaison officers, member units of the text; the meetings."""
    user, today = require(request, "campaign.view"), beijing_day(now())
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    posts = organising.member_posts(programme, tuple(ROLES), today)
    plan = definitions().get(programme.code)
    known = {post.unit for post in posts if post.role == "liaison"}
    units = [shipped().authorities[one.unit] for one in plan.members] if plan else []
    office = runs(user, programme)
    context = {
        "title": "组织与会议",
        "groups": [(code, word, [post for post in posts if post.role == code]) for code, word in ROLES.items()],
        "parts": {part.id: part for part in plan.roles} if plan else {},
        "units": [(one, one.full_name in known or one.name in known) for one in units],
        "meetings": meetings_of(user, programme),
        "adds": may(user, "campaign.work") and programme.handed_at is None,
        "office": office,
        "own": user.organisation_id,
        "end": EndForm(initial={"valid_to": today}),
        **frame(request, "organisation", programme),
    }
    return render(request, "campaign/organisation.html", context)


def post_new(request: HttpRequest) -> HttpResponse:
    """Enter a person: the office everybody, a unit its own liaison officer."""
    user, at = require(request, "campaign.work"), now()
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    office = runs(user, programme)
    bodies = below(user) if office else below(user).filter(pk=user.organisation_id or 0)
    initial = {"valid_from": beijing_day(at), "organisation": user.organisation_id, "role": "liaison"}
    form = PersonForm(bodies, tuple(ROLES) if office else ("liaison",), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            organising.appoint(programme, organising.Person(**form.cleaned_data), by=user, at=at)
            return redirect("campaign:organisation")
    return entry_page(request, "organisation", programme, "登记人员", form, reverse("campaign:organisation"))


@require_POST
def post_end(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = get_object_or_404(Post.objects.select_related("programme"), pk=pk)
    if not runs(user, row.programme) and row.organisation_id != user.organisation_id:
        raise PermissionDenied
    form = EndForm(request.POST)
    onward = reverse("campaign:organisation")
    return step(
        request,
        form,
        lambda given: organising.end(row, given["valid_to"], by=user, at=at),
        onward,
        lambda: redirect(onward),
    )


def meeting_new(request: HttpRequest) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    programme = chosen(request)
    if programme is None:
        return nothing(request)
    form = MeetingForm(request.POST or None, initial={"held_on": beijing_day(at)})
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = organising.hold(programme, organising.Record(**form.cleaned_data), by=user, at=at)
            return redirect("campaign:meeting", pk=row.pk)
    hint = "登记已经召开的会议。领导小组、专班只作调度督办，不对企业开展检查。"
    return entry_page(request, "organisation", programme, "登记会议", form, reverse("campaign:organisation"), hint)


def _meeting(user: User, pk: int) -> Meeting:
    programme = get_object_or_404(Meeting.objects.select_related("programme__office"), pk=pk).programme
    return get_object_or_404(meetings_of(user, programme), pk=pk)


@require_GET
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "campaign.view")
    return _shown(request, user, _meeting(user, pk), {})


def _shown(request: HttpRequest, user: User, row: Meeting, bound: Mapping[str, forms.Form]) -> HttpResponse:
    today = beijing_day(now())
    decisions = list(row.decisions.select_related("item__owner"))
    own = may(user, "campaign.work") and row.organisation_id == user.organisation_id
    panels = []
    if own and row.voided_at is None and row.programme.handed_at is None:
        decide = bound.get("decide") or ItemForm(below(user), initial={"start": row.held_on})
        panels.append(
            Panel("decide", "登记议定事项", decide, reverse("campaign:meeting_step", args=[row.pk, "decide"]))
        )
        if not decisions:
            panels.append(
                Panel(
                    "void",
                    "作废",
                    bound.get("void") or ReasonForm(),
                    reverse("campaign:meeting_step", args=[row.pk, "void"]),
                    danger=True,
                )
            )
    context = {
        "title": row.title,
        "row": row,
        "decisions": [(one, shown(item_state(one.item, row.programme, today))) for one in decisions],
        "panels": panels,
        **frame(request, "organisation", row.programme),
    }
    return render(request, "campaign/meeting.html", context)


@require_POST
def meeting_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = _meeting(user, pk)
    if name not in FORMS:
        raise Http404
    form: forms.Form = ItemForm(below(user), request.POST) if name == "decide" else ReasonForm(request.POST)
    acts: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "decide": lambda given: organising.decide(row, Line(**given), by=user, at=at),
        "void": lambda given: organising.void(row, given["reason"], by=user, at=at),
    }
    onward = reverse("campaign:meeting", args=[pk])
    return step(request, form, acts[name], onward, lambda: _shown(request, user, _meeting(user, pk), {name: form}))
