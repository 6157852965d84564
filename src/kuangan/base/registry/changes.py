"""Pages on which the register is changed."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.registry.editing import change_contacts, change_direct_supervisor, classify_place
from kuangan.base.registry.forms import ContactsForm, PlaceForm, SupervisorForm
from kuangan.base.registry.scope import visible_mines, visible_organisations
from kuangan.base.registry.supervision import SupervisionConflict, direct_supervisor


def supervisor(request: HttpRequest, code: str) -> HttpResponse:
    """Another direct supervisor, from now on."""
    user, at = require(request, "mine.edit"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    form = SupervisorForm(mine, request.POST or None, initial={"body": direct_supervisor([code], at).get(code)})
    return _changed(
        request,
        form,
        f"变更直接监管 · {mine.name}",
        reverse("registry:mine", args=[code]),
        lambda: change_direct_supervisor(mine, by=user, at=at, **form.cleaned_data),
    )


def place(request: HttpRequest, code: str, point: str) -> HttpResponse:
    """The place of a point and its class in the statutory table."""
    user, at = require(request, "mine.edit"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    subject = get_object_or_404(mine.points.select_related("place"), code=point, valid_to__isnull=True)
    standing = subject.place
    initial = {"name": standing.name, "place_class": standing.place_class} if standing else {"name": subject.location}
    form = PlaceForm(request.POST or None, initial=initial)
    return _changed(
        request,
        form,
        f"登记地点 · {subject.code}",
        reverse("registry:mine", args=[code]),
        lambda: classify_place(subject, by=user, at=at, **form.cleaned_data),
    )


def contacts(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an organisation is called."""
    user, at = require(request, "mine.edit"), now()
    organisation = get_object_or_404(visible_organisations(user, at), pk=pk)
    initial = {name: getattr(organisation, name) for name in ("phone", "email", "webhook")}
    form = ContactsForm(request.POST or None, initial=initial)
    return _changed(
        request,
        form,
        f"联系方式 · {organisation.name}",
        reverse("registry:organisation", args=[pk]),
        lambda: change_contacts(organisation, by=user, at=at, **form.cleaned_data),
    )


def _changed(request: HttpRequest, form: forms.Form, title: str, back: str, act: Callable[[], object]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except SupervisionConflict:
            form.add_error(None, "该单位不能作为直接监管单位，或在此之后已另有直接监管单位。")
        else:
            messages.success(request, "已保存，记入审计。")
            return redirect(back)
    return render(request, "registry/change.html", {"form": form, "title": title, "back": back})
