"""Pages of targets: the table, and one target with its curve, sources, baseline and disputes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.tables.listing import sheet_answer
from kuangan.domains.campaign import disputes
from kuangan.domains.campaign.drawing import curve
from kuangan.domains.campaign.forms import AnswerForm, BaselineForm, DisputeForm, ValueForm
from kuangan.domains.campaign.models import Target
from kuangan.domains.campaign.paging import Panel, chosen, frame, nothing, step
from kuangan.domains.campaign.scope import runs
from kuangan.domains.campaign.targets import enter_value, standings
from kuangan.domains.campaign.words import CHIPS, MEASURES, plain
from kuangan.library.policy import shipped

FORMS: Mapping[str, type[forms.Form]] = {"value": ValueForm, "baseline": BaselineForm, "dispute": DisputeForm}
TITLES = {"value": "登记数值", "baseline": "确定基准", "dispute": "提出异议"}
HEADS = ("指标", "条款", "口径", "要求", "基准", "基准来源", "现值", "单位", "数据日期", "来源", "对照", "期限")


@require_GET
def targets(request: HttpRequest) -> HttpResponse:
    """All targets as they stand; as Excel with `export=xlsx`."""
    require(request, "campaign.view")
    programme, today = chosen(request), beijing_day(now())
    if programme is None:
        return nothing(request)
    found = standings(Target.objects.filter(programme=programme), today)
    if request.GET.get("export") == "xlsx":
        rows = [
            (
                one.target.title,
                one.target.node,
                one.target.definition,
                one.wanted,
                plain(one.baseline.value) if one.baseline else "未确定" if one.target.needs_baseline else "",
                one.baseline.source if one.baseline else "",
                plain(one.latest.value) if one.latest else "未报",
                one.target.unit,
                f"{one.latest.on:%Y-%m-%d}" if one.latest else "",
                one.latest.source if one.latest else "",
                one.word,
                f"{one.target.until:%Y-%m-%d}",
            )
            for one in found
        ]
        return sheet_answer(request, "目标指标", "campaign.targets", HEADS, rows, "")
    context = {
        "title": "目标指标",
        "rows": [(one, CHIPS.get(one.state, "")) for one in found],
        "asked": sum(1 for one in found if one.state == "no_baseline"),
        **frame(request, "targets", programme),
    }
    return render(request, "campaign/targets.html", context)


def _row(pk: int) -> Target:
    return get_object_or_404(Target.objects.select_related("programme"), pk=pk)


@require_GET
def target(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "campaign.view")
    return shown_target(request, user, _row(pk), {})


def shown_target(request: HttpRequest, user: User, row: Target, bound: Mapping[str, forms.Form]) -> HttpResponse:
    """The page of a target, with forms that were refused."""
    today, office = beijing_day(now()), runs(user, row.programme) and row.programme.handed_at is None
    [standing] = standings([row], today)
    names = [
        *(["value"] if office else []),
        *(["baseline"] if office and row.needs_baseline and not row.asks_value else []),
        "dispute",
    ]
    start: Mapping[str, dict[str, Any]] = {
        "value": {"on": today},
        "baseline": {"on": date(row.baseline_year, 12, 31) if row.baseline_year else None},
    }
    reading = shipped().readings.get(row.reading)
    context = {
        "title": row.title,
        "row": row,
        "one": standing,
        "css": CHIPS.get(standing.state, ""),
        "measure": MEASURES[row.measure],
        "curve": curve(standing),
        "reading": reading,
        "asks": [shipped().baselines[key] for key in (row.asks_year, row.asks_value) if key in shipped().baselines],
        "values": list(row.values.select_related("recorded_by", "organisation").order_by("-on", "-recorded_at", "-pk")),
        "panels": [
            Panel(
                name,
                TITLES[name],
                bound.get(name) or FORMS[name](initial=start.get(name)),
                reverse("campaign:target_step", args=[row.pk, name]),
            )
            for name in names
        ],
        "disputes": [
            (one, AnswerForm() if office and one.answered_at is None and one.by_id != user.pk else None)
            for one in row.disputes.select_related("by", "organisation", "answered_by")
        ],
        **frame(request, "targets", row.programme),
    }
    return render(request, "campaign/target.html", context)


@require_POST
def target_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = _row(pk)
    if name not in FORMS:
        raise Http404
    form = FORMS[name](request.POST)
    acts: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "value": lambda given: enter_value(row, **given, by=user, at=at),
        "baseline": lambda given: enter_value(row, **given, baseline=True, by=user, at=at),
        "dispute": lambda given: disputes.dispute_target(row, given["text"], by=user, at=at),
    }
    onward = reverse("campaign:target", args=[pk])
    return step(request, form, acts[name], onward, lambda: shown_target(request, user, _row(pk), {name: form}))
