"""The cameras of a mine in the register: the sheet, taken over with a basis, and the same sheet as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base import audit
from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.registry.cameras import HEADS, BadSheet, exported, read, standing, take
from kuangan.base.registry.export import attachment
from kuangan.base.registry.scope import visible_mines


class CamerasForm(forms.Form):
    """The whole list of a mine's cameras."""

    sheet = forms.CharField(
        label="摄像机清单",
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        help_text=f"每行一路，依次为{'、'.join(HEADS)}；可从表格软件粘贴。保存后以本清单为准，未列出的摄像机即停用。",
    )
    reason = forms.CharField(label="依据", max_length=200)

    def clean_sheet(self) -> list[Any]:
        try:
            return list(read(self.cleaned_data["sheet"]))
        except BadSheet as fault:
            raise forms.ValidationError(str(fault)) from fault


def cameras(request: HttpRequest, code: str) -> HttpResponse:
    """Show the list and take another."""
    user, at = require(request, "mine.edit"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    text = "\n".join("\t".join(row) for row in exported(standing(mine, at)))
    form = CamerasForm(request.POST or None, initial={"sheet": text})
    if request.method == "POST" and form.is_valid():
        taken = take(mine, form.cleaned_data["sheet"], by=user, at=at, basis=form.cleaned_data["reason"])
        messages.success(request, f"已保存：新增 {taken.added}，变更 {taken.changed}，停用 {taken.ended}，记入审计。")
        return redirect("registry:mine", code)
    back = reverse("registry:mine", args=[code])
    return render(request, "registry/change.html", {"form": form, "title": f"登记摄像机 · {mine.name}", "back": back})


@require_GET
def cameras_export(request: HttpRequest, code: str) -> HttpResponse:
    """The list in force as xlsx or csv (`format`), as it is read back."""
    user, at = require(request, "mine.view"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    rows = exported(standing(mine, at))
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    with transaction.atomic():
        content = {"rows": len(rows), "format": kind}
        audit.record(actor=user, action="cameras.exported", kind="mine", ident=mine.code, content=content, at=at)
    return attachment(f"{mine.name}摄像机-{at:%Y%m%d}", kind, HEADS, rows)
