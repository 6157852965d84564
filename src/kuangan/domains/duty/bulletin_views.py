"""Pages of bulletins."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from kuangan.base.case.models import Case
from kuangan.base.clock import beijing_day, now
from kuangan.base.documents.word import CONTENT_TYPE
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import ListView
from kuangan.domains.duty.bulletins import as_docx, make_bulletin, words_of
from kuangan.domains.duty.forms import BulletinForm
from kuangan.domains.duty.lists import BulletinFilter, BulletinTable
from kuangan.domains.duty.models import Bulletin
from kuangan.domains.duty.scope import organisations

SHOWN = 500


class BulletinList(Permitted, ListView):
    permission = "duty.view"
    title = "值班日报"
    order = ("-day", "-id")
    table_class = BulletinTable
    filterset_class = BulletinFilter
    template_name = "duty/bulletins.html"
    export_name = "值班日报"

    def queryset(self) -> QuerySet[Bulletin]:
        at = now()
        return Bulletin.objects.filter(organisation__in=organisations(self.request.user, at)).select_related(
            "organisation", "made_by"
        )

    def context(self) -> dict[str, Any]:
        return {"here": "bulletins", "makes": may(self.request.user, "duty.bulletin")}


def bulletin_new(request: HttpRequest) -> HttpResponse:
    user, at = require(request, "duty.bulletin"), now()
    form = BulletinForm(request.POST or None, initial={"day": beijing_day(at)})
    if request.method == "POST" and form.is_valid():
        row = make_bulletin(form.cleaned_data["day"], by=user, at=at, remarks=form.cleaned_data["remarks"])
        return redirect("duty:bulletin", pk=row.pk)
    back = reverse("duty:bulletins")
    return render(request, "duty/form.html", {"form": form, "title": "生成值班日报", "back": back, "submit": "生成"})


def bulletin_page(request: HttpRequest, pk: int) -> HttpResponse:
    row = _bulletin(request, pk)
    return render(
        request, "duty/bulletin.html", {"bulletin": row, "b": words_of(row), "here": "bulletins", "title": "值班日报"}
    )


def bulletin_docx(request: HttpRequest, pk: int) -> HttpResponse:
    row = _bulletin(request, pk)
    answer = HttpResponse(as_docx(row), content_type=CONTENT_TYPE)
    name = quote(f"值班日报-{row.organisation}-{row.day:%Y%m%d}.docx")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def bulletin_figure(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The cases that a number of the bulletin counts."""
    row = _bulletin(request, pk)
    figure = next((one for one in row.content.get("figures", []) if one["name"] == name), None)
    if figure is None:
        raise Http404
    cases = Case.objects.visible_to(request.user, now()).filter(pk__in=figure["cases"])
    rows = list(cases.select_related("mine", "owner").order_by("-opened")[:SHOWN])
    context = {
        "bulletin": row,
        "figure": figure,
        "rows": [(case, case.address) for case in rows],
        "shown": SHOWN,
        "here": "bulletins",
        "title": figure["label"],
    }
    return render(request, "duty/bulletin_figure.html", context)


def _bulletin(request: HttpRequest, pk: int) -> Bulletin:
    user, at = require(request, "duty.view"), now()
    rows = Bulletin.objects.filter(organisation__in=organisations(user, at)).select_related("organisation", "made_by")
    return get_object_or_404(rows, pk=pk)
