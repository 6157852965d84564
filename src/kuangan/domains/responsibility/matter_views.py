"""Pages of "one thing, one lead": regions with their gaps and overlaps, one region, what is entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Region
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.responsibility import access, acts, matters
from kuangan.domains.responsibility.fields import EndForm, ReasonForm
from kuangan.domains.responsibility.forms import MatterForm
from kuangan.domains.responsibility.kinds import MATTERS
from kuangan.domains.responsibility.lists import RegionFilter, RegionTable
from kuangan.domains.responsibility.matters import KINDS, STATES, counts, in_state, lines_of
from kuangan.domains.responsibility.models import MatterDuty
from kuangan.domains.responsibility.pages import form_page, shell

HERE = "matters"


class RegionList(Permitted, ListView):
    permission = "responsibility.matters"
    title = "一件事牵头"
    order = ("code",)
    table_class = RegionTable
    filterset_class = RegionFilter
    template_name = "responsibility/list.html"
    export_name = "一件事牵头清单"

    def queryset(self) -> QuerySet[Region]:
        return access.visible_regions(self.request.user).select_related("parent")

    def figures(self) -> Sequence[Figure]:
        day, regions = beijing_day(now()), self.queryset()
        found = [Figure(regions.count(), "地区", note=f"各 {len(MATTERS)} 件事", href="?")]
        for state, word in (("none", "有事无人牵头"), ("several", "有事多头牵头")):
            number = regions.filter(in_state(state, day)).count()
            found.append(Figure(number, word, href=f"?state={state}", level="orange" if number else ""))
        return found

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        lines = lines_of([row.pk for row in rows], beijing_day(now()))
        numbers = counts(lines)
        for row in rows:
            row.lines, row.counted = lines[row.pk], numbers[row.pk]
        return rows

    def context(self) -> dict[str, Any]:
        return shell(
            HERE,
            said="事项清单为系统默认，文件没有列出；一件事应有且只有一个牵头部门，两个部门都登记为牵头的即为多头。",
            default=True,
        )


@require_GET
def region(request: HttpRequest, code: str) -> HttpResponse:
    """All matters of one region."""
    user, at = require(request, "responsibility.matters"), now()
    row = get_object_or_404(access.visible_regions(user).select_related("parent"), pk=code)
    day = beijing_day(at)
    lines = lines_of([code], day)[code]
    state = request.GET.get("state", "")
    shown = [line for line in lines if line.state == state] if state in STATES else lines
    ended = MatterDuty.objects.filter(region=row).exclude(
        pk__in=[one.pk for line in lines for one in (*line.leads, *line.assists)]
    )
    context = shell(
        HERE,
        title=f"一件事牵头 · {row.name}",
        region=row,
        lines=shown,
        numbers=[(state, word, counts({code: lines})[code][state]) for state, word in STATES.items()],
        ended=ended.select_related("body").order_by("-valid_from")[:40],
        assigns=access.may_assign(user),
    )
    return render(request, "responsibility/region.html", context)


def matter_new(request: HttpRequest, code: str) -> HttpResponse:
    """A department takes the lead, or assists."""
    user, at = require(request, "responsibility.assign"), now()
    row = get_object_or_404(access.visible_regions(user), pk=code)
    if not access.may_assign(user):
        raise PermissionDenied
    bodies = Organisation.objects.filter(kind__in=KINDS, region=code, active=True).order_by("kind")
    initial = {"matter": request.GET.get("matter", ""), "valid_from": beijing_day(at)}
    form = MatterForm(bodies, beijing_day(at), request.POST or None, initial=initial)
    return form_page(
        request,
        form,
        lambda given: matters.take_on(
            row,
            given["matter"],
            given["body"],
            given["role"],
            given["valid_from"],
            basis=given["basis"],
            by=user,
            at=at,
        ),
        title=f"登记牵头、配合部门 · {row.name}",
        back=reverse("responsibility:matter_region", args=[code]),
        here=HERE,
        back_word=row.name,
    )


def matter_end(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """End the part of a department, or void a wrong entry."""
    user, at = require(request, "responsibility.assign"), now()
    row = get_object_or_404(
        MatterDuty.objects.filter(region__in=access.visible_regions(user)).select_related("body"), pk=pk
    )
    if name not in ("end", "void"):
        raise Http404
    if not access.may_assign(user):
        raise PermissionDenied
    ends = name == "end"
    form: Any = EndForm(beijing_day(at), request.POST or None) if ends else ReasonForm(request.POST or None)

    def act(given: Any) -> None:
        if ends:
            matters.give_up(row, given["valid_to"], by=user, at=at, reason=given["reason"])
        else:
            acts.void(row, by=user, at=at, reason=given["reason"])

    return form_page(
        request,
        form,
        act,
        title=f"{'结束' if ends else '作废'} · {row.get_matter_display()} · {row.body.name}",
        back=reverse("responsibility:matter_region", args=[row.region_id]),
        here=HERE,
        submit="结束" if ends else "作废",
        danger=True,
    )
