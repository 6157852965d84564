"""What inspections told mines of the law: the list, the inspections that still ask for a record, the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.selfcheck.guard import faults_into
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.publicity.acts import BACK
from kuangan.domains.selfcheck.publicity.forms import RecordForm
from kuangan.domains.selfcheck.publicity.models import Publicity
from kuangan.domains.selfcheck.publicity.rules import FORM_WORDS
from kuangan.domains.selfcheck.publicity.visits import Told, address_of, visits_since


def records_of(user: Any) -> QuerySet[Publicity]:
    return Publicity.objects.filter(mine__in=visible_mines(user, now()).values("pk")).select_related(
        "mine", "body", "by"
    )


def without_record(user: User) -> list[Told]:
    """Inspections of the last weeks that a person sees and that left no record."""
    at = now()
    found = visits_since(user, at - BACK, at)
    known = set(
        Publicity.objects.filter(visit__in=[one.visit for one in found], voided_at=None).values_list("visit", flat=True)
    )
    return [one for one in found if one.visit not in known]


class PublicityFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音")
    form = filters.ChoiceFilter(choices=tuple(FORM_WORDS.items()), label="方式", empty_label="全部")
    body = filters.CharFilter(field_name="body__name", lookup_expr="icontains", label="普法单位")
    since = filters.DateFilter(field_name="on", lookup_expr="gte", label="自")
    until = filters.DateFilter(field_name="on", lookup_expr="lte", label="至")
    state = filters.ChoiceFilter(
        method="of_state", label="状态", empty_label="全部", choices=(("valid", "有效"), ("void", "已作废"))
    )

    def search(self, rows: QuerySet[Publicity], name: str, value: str) -> QuerySet[Publicity]:
        return rows.filter(Q(mine__name__icontains=value) | Q(mine__pinyin__contains=value.lower()) | Q(mine=value))

    def of_state(self, rows: QuerySet[Publicity], name: str, value: str) -> QuerySet[Publicity]:
        return rows.filter(voided_at__isnull=value == "valid")


class PublicityTable(Table):
    on = tables.DateColumn(verbose_name="日期", format="Y-m-d")
    mine = tables.Column("矿山")
    body = tables.Column("普法单位")
    form = tables.Column("方式")
    texts = tables.Column("宣讲内容")
    audience = tables.Column("人数", attrs=NUMBERS)
    visit = tables.Column("检查")
    text = tables.Column("情况", default="—")
    state = tables.Column("状态", empty_values=())

    always = ("on", "mine")

    def render_mine(self, record: Publicity) -> Any:
        return format_html("{}<small>{}</small>", record.mine.name, record.mine_id)

    def value_mine(self, record: Publicity) -> str:
        return str(record.mine.name)

    def render_texts(self, record: Publicity) -> str:
        return "、".join(record.texts)

    def render_visit(self, record: Publicity) -> Any:
        return format_html('<a href="{}">检查登记</a>', address_of(record.visit))

    def value_visit(self, record: Publicity) -> int:
        return record.visit

    def render_state(self, record: Publicity) -> Any:
        if record.voided_at:
            return format_html("{}<small>{}</small>", chip("已作废"), record.void_reason)
        return chip("有效", "ka-chip-ok")

    def value_state(self, record: Publicity) -> str:
        return "已作废" if record.voided_at else "有效"


class PublicityList(Permitted, ListView):
    permission = "publicity.view"
    title = "普法记录"
    order = ("-on", "-id")
    table_class = PublicityTable
    filterset_class = PublicityFilter
    template_name = "selfcheck/publicity.html"
    export_name = "普法记录"

    def queryset(self) -> QuerySet[Publicity]:
        return records_of(self.request.user)

    def figures(self) -> Sequence[Figure]:
        user: Any = self.request.user
        owed = len(without_record(user))
        return (
            Figure(records_of(user).count(), "普法记录", href="?"),
            Figure(
                owed,
                "检查未留普法记录",
                note=f"近 {BACK.days} 日",
                href=reverse("selfcheck:publicity_open"),
                level="orange" if owed else "",
            ),
        )

    def context(self) -> dict[str, Any]:
        return {"tab": "publicity"}


@require_GET
def open_visits(request: HttpRequest) -> HttpResponse:
    """Inspections that left no record yet."""
    user = require(request, "publicity.view")
    context = {"title": "检查未留普法记录", "tab": "open", "rows": without_record(user), "days": BACK.days}
    return render(request, "selfcheck/publicity_open.html", context)


def publicity_new(request: HttpRequest, visit: int) -> HttpResponse:
    """The record of one inspection, by the body that inspected."""
    user, at = require(request, "publicity.enter"), now()
    told = next((one for one in visits_since(user, at - BACK, at) if one.visit == visit), None)
    if told is None:
        raise Http404
    if not told.enters:
        raise PermissionDenied
    form = RecordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            acts.record(told, form.cleaned_data, by=user, at=at)
            messages.success(request, "已登记。")
            return redirect("selfcheck:publicity")
    title = f"普法记录 · {told.mine_name}"
    context = {"form": form, "title": title, "back": reverse("selfcheck:publicity_open"), "crumb": "检查未留普法记录"}
    return render(request, "selfcheck/form.html", context, status=422 if form.errors else 200)


@require_POST
def publicity_void(request: HttpRequest, pk: int) -> HttpResponse:
    """The record was wrong; it stays, with the reason."""
    user = require(request, "publicity.enter")
    row = get_object_or_404(records_of(user), pk=pk)
    try:
        acts.void_record(row, reason=request.POST.get("reason", ""), by=user, at=now())
        messages.success(request, "已作废。")
    except MissingFields as missing:
        messages.error(request, "；".join(missing.fields.values()))
    return redirect("selfcheck:publicity")
