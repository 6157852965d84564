"""Pages of the register: mines, organisations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.lists import (
    MineFilter,
    MineTable,
    OrganisationFilter,
    OrganisationTable,
)
from kuangan.base.registry.models import Mine, MineFact, Point, Region, Supervision
from kuangan.base.registry.ownership import actual_controller
from kuangan.base.registry.scope import visible_mines, visible_organisations
from kuangan.base.registry.supervision import direct_supervisor, in_force
from kuangan.base.registry.words import ATTRIBUTES, OF_THE_MINE, PLACE_WORDS, value_word
from kuangan.base.tables.listing import Figure, ListView

POINTS_SHOWN = 300
MINES_SHOWN = 100


class MineList(Permitted, ListView):
    permission = "mine.view"
    title = "一矿一档"
    order = ("code",)
    table_class = MineTable
    filterset_class = MineFilter
    template_name = "registry/mines.html"
    export_name = "矿山登记"

    def queryset(self) -> QuerySet[Mine]:
        return visible_mines(self.request.user, now()).select_related("county", "city", "parent_company")

    def figures(self) -> Sequence[Figure]:
        counts = visible_mines(self.request.user, now()).aggregate(
            all=Count("pk"),
            never=Count("pk", filter=Q(first_seen__isnull=True)),
            provisional=Count("pk", filter=Q(provisional=True)),
            old=Count("pk", filter=Q(old_region_code=True)),
        )
        return (
            Figure(counts["all"], "矿山", href="?"),
            Figure(counts["never"], "未接入", "从未上传", href="?link=never"),
            Figure(
                counts["provisional"],
                "未登记",
                "上传后暂存",
                href="?link=provisional",
                level="orange" if counts["provisional"] else "",
            ),
            Figure(counts["old"], "旧区划码", href="?old=True"),
        )

    def context(self) -> dict[str, Any]:
        return {"edits": may(self.request.user, "mine.edit")}

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        codes, at = [row.code for row in rows], now()
        facts = facts_as_of(codes, ["state", "capacity", "gas_grade"], at)
        bodies = direct_supervisor(codes, at)
        for row in rows:
            row.current_facts = facts.get(row.code, {})
            row.direct_body = bodies.get(row.code)
        return rows


def mine_page(request: HttpRequest, code: str) -> HttpResponse:
    user = require(request, "mine.view")
    at = now()
    mines = visible_mines(user, at).select_related("county", "city", "parent_company")
    mine = get_object_or_404(mines, pk=code)
    points = mine.points.filter(valid_to__isnull=True).select_related("place").order_by("code")
    facts = facts_as_of([mine.code], None, at).get(mine.code, {})
    return render(
        request,
        "registry/mine.html",
        {
            "mine": mine,
            "facts": [(ATTRIBUTES.get(name, name), value_word(name, value)) for name, value in _shown(facts)],
            "history": _history(mine),
            "supervision": Supervision.objects.filter(in_force(at), mine=mine).select_related("body").order_by("role"),
            "controller": actual_controller(mine.parent_company, at) if mine.parent_company else None,
            "aliases": [row.alias for row in mine.aliases.all()],
            "places": mine.places.filter(in_force(at)),
            "points": [(point, _class_word(point)) for point in points[:POINTS_SHOWN]],
            "point_count": points.count(),
            "points_shown": POINTS_SHOWN,
            "organisation": Organisation.objects.filter(mine=mine.code).first(),
            "edits": may(user, "mine.edit"),
        },
    )


def _class_word(point: Point) -> str:
    return PLACE_WORDS.get(point.place.place_class, point.place.place_class) if point.place else ""


def _shown(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    """Facts in a fixed order, without those that the head of the page shows."""
    order = {name: number for number, name in enumerate(ATTRIBUTES)}
    return sorted(
        ((name, value) for name, value in facts.items() if name not in OF_THE_MINE),
        key=lambda item: (order.get(item[0], len(order)), item[0]),
    )


def _history(mine: Mine) -> list[dict[str, Any]]:
    rows = MineFact.objects.filter(mine=mine).exclude(attribute__in=OF_THE_MINE).order_by("-recorded_at", "-id")[:30]
    return [
        {
            "word": ATTRIBUTES.get(row.attribute, row.attribute),
            "value": value_word(row.attribute, row.value),
            "row": row,
        }
        for row in rows
    ]


class OrganisationList(Permitted, ListView):
    permission = "organisation.view"
    title = "机构"
    order = ("region", "kind", "id")
    table_class = OrganisationTable
    filterset_class = OrganisationFilter
    template_name = "registry/organisations.html"
    export_name = "机构"

    def queryset(self) -> QuerySet[Organisation]:
        return visible_organisations(self.request.user, now()).select_related("parent")

    def figures(self) -> Sequence[Figure]:
        kinds = visible_organisations(self.request.user, now()).aggregate(
            all=Count("pk"),
            emergency=Count("pk", filter=Q(kind="emergency")),
            parents=Count("pk", filter=Q(kind="parent_company")),
            mines=Count("pk", filter=Q(kind="mine")),
        )
        return (
            Figure(kinds["all"], "机构", href="?"),
            Figure(kinds["emergency"], "应急管理部门", href="?kind=emergency"),
            Figure(kinds["parents"], "上级企业", href="?kind=parent_company"),
            Figure(kinds["mines"], "矿山", href="?kind=mine"),
        )

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        keys = [row.pk for row in rows]
        regions = dict(Region.objects.filter(code__in={row.region for row in rows}).values_list("code", "name"))
        people = _counted(User.objects.filter(organisation__in=keys, is_active=True), "organisation")
        direct = _counted(Supervision.objects.filter(in_force(now()), body__in=keys, role="direct"), "body")
        for row in rows:
            row.region_name = regions.get(row.region)
            row.people_count = people.get(row.pk, 0)
            row.mine_count = direct.get(row.pk, 0)
        return rows


def _counted(rows: QuerySet[Any], by: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(Count("pk")))


def organisation_page(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "organisation.view")
    at = now()
    organisation = get_object_or_404(visible_organisations(user, at).select_related("parent"), pk=pk)
    mines = visible_mines(user, at).filter(_mines_of(organisation, at)).select_related("county", "city").distinct()
    sees_people = may(user, "people.view") or organisation.pk == user.organisation_id
    return render(
        request,
        "registry/organisation.html",
        {
            "organisation": organisation,
            "region": Region.objects.filter(code=organisation.region).first(),
            "people": organisation.people.order_by("username")[:200] if sees_people else (),
            "mines": mines[:MINES_SHOWN],
            "mine_count": mines.count(),
            "mines_shown": MINES_SHOWN,
            "manages": may(user, "people.manage"),
            "edits": may(user, "mine.edit"),
        },
    )


def _mines_of(organisation: Organisation, at: Any) -> Q:
    """The mine itself, the mines of a parent company, or the mines an authority directly supervises."""
    if organisation.mine:
        return Q(code=organisation.mine)
    if organisation.company_code:
        return Q(parent_company__code=organisation.company_code)
    supervised = Supervision.objects.filter(in_force(at), body=organisation, role="direct")
    return Q(pk__in=supervised.values("mine"))
