"""Which round or sheet an address is about: outside role 403, outside scope 404; and how an act is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from kuangan.base.case.errors import MissingFields, WrongState
from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.domains.selfcheck.models import Round, Sheet
from kuangan.domains.selfcheck.reading import rounds_of, sheets_of

Show = Callable[[dict[str, forms.Form]], HttpResponse]


def sheet_or_404(request: HttpRequest, permission: str, number: str) -> tuple[User, Sheet]:
    user = require(request, permission)
    rows = sheets_of(user, now()).select_related("round", "edition", "round__body")
    return user, get_object_or_404(rows, case__number=number)


def round_or_404(request: HttpRequest, permission: str, pk: int) -> tuple[User, Round]:
    user = require(request, permission)
    return user, get_object_or_404(rounds_of(user, now()), pk=pk)


def answered(
    request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], object], show: Show, back: str, key: str
) -> HttpResponse:
    """Carry out what was posted: 422 not filled in, 409 too late or too early; Forbidden goes through as 403."""
    if not form.is_valid():
        return _again(request, "请补全必填项。", 422, show, {key: form})
    try:
        act(form.cleaned_data)
    except MissingFields as missing:
        return _again(request, "；".join(missing.fields.values()), 422, show, {key: form})
    except WrongState as late:
        return _again(request, str(late), 409, show, {})
    messages.success(request, "已提交。")
    return redirect(back)


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
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)
    except WrongState as late:
        form.add_error(None, str(late))
