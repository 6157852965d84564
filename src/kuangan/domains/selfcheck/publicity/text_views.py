"""The library of laws and standards: one page with versions and dates of force, an Excel file of it, own entries."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import require
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.tables.listing import Figure, sheet_answer
from kuangan.domains.selfcheck.guard import faults_into
from kuangan.domains.selfcheck.kinds import DEFAULT_MARK
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.publicity.forms import TextForm
from kuangan.domains.selfcheck.publicity.library import Text
from kuangan.domains.selfcheck.publicity.library import texts as all_texts
from kuangan.domains.selfcheck.publicity.models import OwnText
from kuangan.domains.selfcheck.publicity.rules import KIND_WORDS

HEADS = ("类别", "名称", "版本", "施行", "状态", "内容", "来源", "涉及条款")
FORCES = {"now": "现行", "coming": "尚未施行", "ended": "已失效"}


class TextQuery(forms.Form):
    """What the library can be asked for; a value that is no choice filters nothing."""

    q = forms.CharField(label="搜索", max_length=60, required=False)
    kind = forms.ChoiceField(label="类别", required=False, choices=(("", "全部"), *KIND_WORDS.items()))
    force = forms.ChoiceField(label="效力", required=False, choices=(("", "全部"), *FORCES.items()))


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """Every version of every text, and as an Excel file of what was asked."""
    user, today = require(request, "standard.view"), beijing_day(now())
    form = TextQuery(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    every = [(text, text.force(today)) for text in all_texts()]
    words = asked.get("q", "").casefold().split()
    found = [
        (text, force)
        for text, force in every
        if asked.get("kind") in ("", None, text.kind)
        and force.startswith(FORCES.get(asked.get("force", ""), ""))
        and all(word in f"{text.name} {text.about}".casefold() for word in words)
    ]
    kept = request.GET.copy()
    kept.pop("export", None)
    if request.GET.get("export") == "xlsx":
        rows = (_values(text, force) for text, force in found)
        return sheet_answer(request, "法规标准", "TextList", HEADS, rows, kept.urlencode())
    body = user.organisation
    context = {
        "title": "法规标准",
        "tab": "texts",
        "form": form,
        "rows": found,
        "total": len(found),
        "query": kept.urlencode(),
        "figures": [
            Figure(len(every), "全部", href="?"),
            *(
                Figure(sum(force.startswith(word) for _, force in every), word, href=f"?force={code}")
                for code, word in FORCES.items()
            ),
        ],
        "keeps": may(user, "standard.keep") and body is not None and body.kind in PUBLIC_KINDS,
        "own_body": user.organisation_id,
        "mark": DEFAULT_MARK,
    }
    return render(request, "selfcheck/texts.html", context)


def _values(text: Text, force: str) -> tuple[str, ...]:
    return (
        text.kind_word,
        text.family,
        text.version,
        text.span,
        force,
        text.about,
        text.source,
        "、".join(text.clauses),
    )


def text_new(request: HttpRequest) -> HttpResponse:
    """Enter a text."""
    user = require(request, "standard.keep")
    if user.organisation is None or user.organisation.kind not in PUBLIC_KINDS:
        raise PermissionDenied
    form = TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            acts.enter_text(form.cleaned_data, by=user, at=now())
            messages.success(request, "已登记。")
            return redirect("selfcheck:texts")
    context = {"form": form, "title": "登记法规标准", "back": reverse("selfcheck:texts"), "crumb": "法规标准"}
    return render(request, "selfcheck/form.html", context, status=422 if form.errors else 200)


@require_POST
def text_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "standard.keep")
    acts.withdraw_text(get_object_or_404(OwnText, pk=pk, withdrawn_at=None), by=user, at=now())
    messages.success(request, "已撤回，记入审计。")
    return redirect("selfcheck:texts")
