"""What pages of the room share: tabs, a form page, marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from kuangan.base.case.errors import MissingFields
from kuangan.domains.responsibility.kinds import DEFAULT_MARK

TABS: Final = (
    ("mines", "谁负责", "responsibility:mines"),
    ("matters", "一件事牵头", "responsibility:matters"),
    ("leaders", "包保", "responsibility:leaders"),
    ("officers", "驻矿与专员", "responsibility:officers"),
    ("problems", "发现问题", "responsibility:problems"),
    ("meetings", "办公会议", "responsibility:meetings"),
    ("presences", "在矿履职", "responsibility:presences"),
    ("teams", "班子稳定", "responsibility:teams"),
    ("funds", "安全费用", "responsibility:funds"),
)


def shell(here: str, **more: Any) -> dict[str, Any]:
    """What every page of the room is shown with."""
    return {"tabs": TABS, "here": here, "mark": DEFAULT_MARK, **more}


def tally(rows: QuerySet[Any], conditions: Mapping[str, Q]) -> dict[str, int]:
    """How many rows there are (`all`) and how many fit each condition. One query."""
    asked: dict[str, Any] = {f"number_{name}": Count("pk", filter=each) for name, each in conditions.items()}
    found = rows.aggregate(number_all=Count("pk"), **asked)
    return {name.removeprefix("number_"): number for name, number in found.items()}


@contextmanager
def faults_into(form: forms.Form) -> Iterator[None]:
    """What an act refuses becomes errors of the form."""
    try:
        yield
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)


def form_page(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[Mapping[str, Any]], Any],
    *,
    title: str,
    back: str,
    here: str,
    submit: str = "登记",
    said: str = "",
    danger: bool = False,
    back_word: str = "",
) -> HttpResponse:
    """A form that does one act and goes back; 422 with the faults beside their fields."""
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            act(form.cleaned_data)
            messages.success(request, "已登记，记入审计。")
            return redirect(back)
    context = shell(
        here,
        form=form,
        title=title,
        back=back,
        submit=submit,
        said=said,
        danger=danger,
        back_word=back_word,
        many=form.is_multipart(),
    )
    return render(request, "responsibility/form.html", context, status=422 if form.errors else 200)
