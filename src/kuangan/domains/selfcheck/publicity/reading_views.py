"""Pages of reading lists: all of them, one of them with one's own receipt and test, and who lags behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines, visible_organisations
from kuangan.base.tables.bases import FilterSet, Table, chip
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.selfcheck.guard import faults_into
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.publicity.forms import GroupForm, ListForm
from kuangan.domains.selfcheck.publicity.models import Attempt, Reading, ReadingList
from kuangan.domains.selfcheck.publicity.owed import bodies_of, lists_for, owes, people_of, standings
from kuangan.domains.selfcheck.publicity.rules import SIDES, STATES
from kuangan.domains.selfcheck.words import minute

SHOWN = 500
CSS = {"late": "ka-chip-bad", "failed": "ka-chip-warn", "done": "ka-chip-ok"}


def lists_of(user: Any) -> QuerySet[ReadingList]:
    """Lists of one's own body, and those given out above it or to it: by a body whose territory holds one's own."""
    body = user.organisation
    if body is None:
        return ReadingList.objects.none()
    near = Q(body=body.pk) | Q(body__level="province")
    if body.kind in PUBLIC_KINDS or body.region:
        near |= Q(body__level="city", body__region__startswith=body.region[:4])
        near |= Q(body__level="county", body__region__startswith=body.region[:6])
        if body.level in ("city", "province"):
            prefix = body.region[: 4 if body.level == "city" else 2]
            near |= Q(body__region__startswith=prefix)
    if body.kind not in PUBLIC_KINDS:
        near |= Q(body__in=Organisation.objects.filter(supervises__mine__in=visible_mines(user, now())).values("pk"))
    return ReadingList.objects.filter(near).distinct().select_related("body")


class ListFilter(FilterSet):
    q = filters.CharFilter(field_name="title", lookup_expr="icontains", label="名称")
    state = filters.ChoiceFilter(
        method="of_state", label="状态", empty_label="全部", choices=(("open", "进行中"), ("ended", "已结束"))
    )

    def of_state(self, rows: QuerySet[ReadingList], name: str, value: str) -> QuerySet[ReadingList]:
        return rows.filter(ended_at__isnull=value == "open")


class ListTable(Table):
    title = tables.Column("清单", linkify=("selfcheck:list", {"pk": tables.A("pk")}))
    body = tables.Column("发布单位")
    texts = tables.Column("法规标准")
    sides = tables.Column("对象")
    due = tables.DateTimeColumn(verbose_name="截止", format="Y-m-d")
    state = tables.Column("状态", empty_values=())

    always = ("title",)

    def render_texts(self, record: ReadingList) -> str:
        more = f" 等 {len(record.texts)} 件" if len(record.texts) > 2 else ""
        return "、".join(record.texts[:2]) + more

    def render_sides(self, record: ReadingList) -> str:
        return "、".join(SIDES[side] for side in record.sides)

    def render_state(self, record: ReadingList) -> Any:
        return chip("已结束") if record.ended_at else chip("进行中", "ka-chip-ok")

    def value_state(self, record: ReadingList) -> str:
        return "已结束" if record.ended_at else "进行中"

    def value_due(self, record: ReadingList) -> str:
        return minute(record.due)


class ReadingLists(Permitted, ListView):
    permission = "standard.view"
    title = "必学清单"
    order = ("-issued_at", "-id")
    table_class = ListTable
    filterset_class = ListFilter
    template_name = "selfcheck/lists.html"
    export_name = "必学清单"

    def queryset(self) -> QuerySet[ReadingList]:
        return lists_of(self.request.user)

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        at = now()
        mine = [
            (row, next(iter(standings(row, people_of(row, at).filter(pk=user.pk), at)))) for row in lists_for(user, at)
        ]
        body = user.organisation
        return {
            "tab": "lists",
            "mine": [(row, STATES[own.state], CSS.get(own.state, "")) for row, own in mine],
            "keeps": may(user, "standard.keep") and body is not None and body.kind in PUBLIC_KINDS,
        }


def list_new(request: HttpRequest) -> HttpResponse:
    """Give out a list."""
    user, at = require(request, "standard.keep"), now()
    if user.organisation is None or user.organisation.kind not in PUBLIC_KINDS:
        raise PermissionDenied
    form = ListForm(request.POST or None, initial={"due": beijing_day(at) + timedelta(days=30)})
    if request.method == "POST" and form.is_valid():
        with faults_into(form):
            row = acts.issue(form.wish(), by=user, at=at)
            messages.success(request, "已发布，有关单位已收到消息。")
            return redirect("selfcheck:list", pk=row.pk)
    context = {"form": form, "title": "发布必学清单", "back": reverse("selfcheck:lists"), "crumb": "必学清单"}
    return render(request, "selfcheck/form.html", context, status=422 if form.errors else 200)


def _list(request: HttpRequest, pk: int, permission: str = "standard.view") -> tuple[User, ReadingList]:
    user = require(request, permission)
    return user, get_object_or_404(lists_of(user), pk=pk)


@require_GET
def list_page(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _list(request, pk)
    return _shown(request, user, row, GroupForm(initial={"on": beijing_day(now())}))


def _shown(request: HttpRequest, user: User, row: ReadingList, form: forms.Form, status: int = 200) -> HttpResponse:
    """A list; one's own receipt and test; of everybody within one's scope who must read it, how far each has come."""
    at = now()
    seen = visible_organisations(user, at).values("pk")
    people = standings(row, people_of(row, at).filter(organisation__in=seen), at)
    asked = request.GET.get("state", "")
    counts = Counter(one.state for one in people)
    own = next((one for one in people if one.user.pk == user.pk), None)
    groups = row.groups.filter(mine__in=visible_mines(user, at).values("pk")).select_related("mine", "by")
    accounts = {one.user.organisation_id for one in people if one.user.organisation_id}
    silent = bodies_of(row, at).filter(pk__in=seen).exclude(pk__in=accounts)
    context = {
        "title": row.title,
        "row": row,
        "sides": [SIDES[side] for side in row.sides],
        "figures": _figures(people, counts, silent.count()),
        "people": [(one, STATES[one.state], CSS.get(one.state, "")) for one in people if asked in ("", one.state)][
            :SHOWN
        ],
        "silent": list(silent.order_by("region", "pk")[:50]) if asked == "silent" else [],
        "asked": asked,
        "own": own,
        "own_word": STATES[own.state] if own else "",
        "attempts": Attempt.objects.filter(reading_list=row, user=user).order_by("-id"),
        "read": Reading.objects.filter(reading_list=row, user=user).first(),
        "owes": owes(row, user, at),
        "questions": list(enumerate(row.questions)),
        "groups": groups,
        "tells": row.ended_at is None and may(user, "reading.tell") and "mine" in row.sides,
        "form": form,
        "ends": row.body_id == user.organisation_id and row.ended_at is None and may(user, "standard.keep"),
    }
    return render(request, "selfcheck/list.html", context, status=status)


def _figures(people: Sequence[Any], counts: Counter[str], silent: int) -> list[Figure]:
    levels = {"late": "red", "failed": "orange"}
    return [
        Figure(len(people), "应学人员", href="?"),
        *(
            Figure(counts[state], word, href=f"?state={state}", level=levels.get(state, "") if counts[state] else "")
            for state, word in STATES.items()
        ),
        Figure(silent, "无账号单位", note="无法签收", href="?state=silent"),
    ]


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _list(request, pk)
    acts.read(row, by=user, at=now())
    messages.success(request, "已签收。")
    return redirect("selfcheck:list", pk=pk)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _list(request, pk)
    given = [request.POST.get(f"q{place}", "") for place in range(len(row.questions))]
    answers = [int(value) if value.isdigit() else None for value in given]
    try:
        made = acts.attempt(row, answers, by=user, at=now())
        messages.success(request, f"得分 {made.score}，{'合格' if made.passed else '未合格，可以再测'}。")
    except MissingFields as missing:
        messages.error(request, "；".join(missing.fields.values()))
    return redirect("selfcheck:list", pk=pk)


@require_POST
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """The mine enters that it told a shift."""
    user, row = _list(request, pk, "reading.tell")
    mine = get_object_or_404(Mine, pk=user.organisation.mine if user.organisation else "")
    form = GroupForm(request.POST)
    if form.is_valid():
        with faults_into(form):
            acts.tell_group(row, mine, form.cleaned_data, by=user, at=now())
            messages.success(request, "已登记。")
            return redirect("selfcheck:list", pk=pk)
    return _shown(request, user, row, form, 422)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = _list(request, pk, "standard.keep")
    acts.end(row, by=user, at=now())
    messages.success(request, "已结束。")
    return redirect("selfcheck:list", pk=pk)
