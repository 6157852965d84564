"""Which case or mine an address is about: outside role 403, outside scope 404; and how a step is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from kuangan.base.case.errors import Forbidden, MissingFields, WrongState
from kuangan.base.case.models import Case
from kuangan.base.case.performing import possible
from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines

Forms = Mapping[str, type[forms.Form]]


def case_or_404(request: HttpRequest, permission: str, kind: str, number: str) -> tuple[User, Case]:
    """The person and the case of that kind and number, if it exists for the person."""
    user = require(request, permission)
    cases = Case.objects.visible_to(user, now()).filter(kind=kind).select_related("mine", "owner")
    return user, get_object_or_404(cases, number=number)


def mine_or_404(user: User, code: str) -> Mine:
    return get_object_or_404(visible_mines(user, now()), pk=code)


def own_mine_or_404(user: User) -> Mine:
    """The mine whose organisation the person belongs to."""
    return mine_or_404(user, user.organisation.mine if user.organisation else "")


def step_forms(case: Case, user: User, known: Forms, bound: Mapping[str, forms.Form]) -> list[tuple[Any, forms.Form]]:
    """(transition, form) of the steps the person may take now."""
    return [(step, bound.get(step.name) or known[step.name]()) for step in possible(case, user) if step.name in known]


Take = Callable[[str, dict[str, Any], str], object]
Show = Callable[[dict[str, forms.Form]], HttpResponse]


def answer_step(request: HttpRequest, name: str, known: Forms, take: Take, show: Show, address: str) -> HttpResponse:
    """Take a step that was posted: 404 unknown, 403 not this person's, 422 not filled in, 409 too late or too early."""
    if name not in known:
        raise Http404
    form = known[name](request.POST)
    if not form.is_valid():
        return _again(request, "请补全必填项。", 422, show, {name: form})
    said = {key: value for key, value in form.cleaned_data.items() if value not in ("", None)}
    try:
        take(name, said, str(said.get("reason", "")))
    except MissingFields as missing:
        return _again(request, str(missing), 422, show, {name: form})
    except WrongState as late:
        return _again(request, str(late), 409, show, {})
    messages.success(request, "已提交。")
    return redirect(address)


def _again(request: HttpRequest, problem: str, status: int, show: Show, bound: dict[str, forms.Form]) -> HttpResponse:
    messages.error(request, problem)
    response = show(bound)
    response.status_code = status
    return response


@contextmanager
def faults_into(form: forms.Form) -> Iterator[None]:
    """What an act refuses becomes errors of the form; Forbidden goes through as 403."""
    try:
        yield
    except Forbidden:
        raise
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)
    except WrongState as late:
        form.add_error(None, str(late))
