"""Pages of the random re-check: the draws of one's organisation, one draw with its alerts, verdicts, reopening."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kuangan.base.case.errors import Forbidden, MissingFields, WrongState
from kuangan.base.clock import BEIJING, now
from kuangan.domains.alerts import recheck
from kuangan.domains.alerts.guard import viewing
from kuangan.domains.alerts.models import Draw, Drawn
from kuangan.domains.alerts.queries import alert_cases, visible
from kuangan.domains.alerts.tuning import TUNING

SHOWN = 100
DAY = "%Y-%m-%d"


class DrawForm(forms.Form):
    """The period (both days included, Beijing time) and how many."""

    start = forms.DateField(label="销警日期起", widget=forms.DateInput(format=DAY, attrs={"type": "date"}))
    stop = forms.DateField(label="止", widget=forms.DateInput(format=DAY, attrs={"type": "date"}))
    number = forms.IntegerField(label="抽取件数", min_value=1, max_value=TUNING.recheck.most)

    def period(self) -> tuple[datetime, datetime]:
        first, last = (self.cleaned_data[name] for name in ("start", "stop"))
        start = datetime(first.year, first.month, first.day, tzinfo=BEIJING)
        return start, datetime(last.year, last.month, last.day, tzinfo=BEIJING) + timedelta(days=1)


@viewing("alert.recheck")
def rechecks(request: HttpRequest) -> HttpResponse:
    """The list of draws, and the form of a new one."""
    user: Any = request.user
    today = now().astimezone(BEIJING).date()
    form = DrawForm(request.POST or None, initial={"start": today - timedelta(days=30), "stop": today, "number": 10})
    if request.method == "POST" and form.is_valid():
        try:
            made = recheck.draw(user, *form.period(), form.cleaned_data["number"], now())
            return redirect(f"/rechecks/{made.pk}/")
        except MissingFields as missing:
            form.add_error(None, str(missing))
    draws = list(recheck.draws_of(user)[:SHOWN])
    rows: dict[int, list[Drawn]] = {}
    for row in Drawn.objects.filter(draw__in=[draw.pk for draw in draws]):
        rows.setdefault(row.draw_id, []).append(row)
    context = {
        "form": form,
        "draws": [(draw, recheck.tally(rows.get(draw.pk, [])), *_days(draw)) for draw in draws],
        "all": recheck.tally([row for found in rows.values() for row in found]),
    }
    return render(request, "alerts/rechecks.html", context, status=422 if form.errors else 200)


def _days(draw: Draw) -> tuple[Any, Any]:
    return draw.start.astimezone(BEIJING).date(), (draw.stop - timedelta(seconds=1)).astimezone(BEIJING).date()


def _draw_or_404(request: HttpRequest, pk: int) -> Draw:
    user: Any = request.user
    draw = recheck.draws_of(user).filter(pk=pk).first()
    if draw is None:
        raise Http404
    return draw


@viewing("alert.recheck")
def recheck_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One draw: how it came about, its alerts and what was found."""
    draw = _draw_or_404(request, pk)
    rows = list(draw.drawn.select_related("by"))
    seen = {a.pk: a for a in alert_cases(visible(request.user).filter(pk__in=[row.alert_id for row in rows]))}
    first, last = _days(draw)
    context = {
        "draw": draw,
        "first": first,
        "last": last,
        "size": len(draw.population),
        "repeats": recheck.repeats(draw),
        "rows": [(row, seen.get(row.alert_id)) for row in rows],
        "tally": recheck.tally(rows),
        "verdicts": Drawn.VERDICTS,
    }
    return render(request, "alerts/recheck.html", context)


@require_POST
@viewing("alert.recheck")
def recheck_act(request: HttpRequest, pk: int, drawn: int, name: str) -> HttpResponseBase:
    """A verdict, or reopening. 404 outside one's organisation, 403 for the wrong person."""
    user: Any = request.user
    draw = _draw_or_404(request, pk)
    row = draw.drawn.filter(pk=drawn, alert__case__in=visible(user)).first()
    if row is None or name not in ("verdict", "reopen"):
        raise Http404
    note = request.POST.get("note", "").strip()
    try:
        if name == "verdict":
            recheck.judge(row, by=user, at=now(), verdict=request.POST.get("verdict", ""), note=note)
        else:
            recheck.reopen(row, by=user, at=now(), reason=note, home=Path(settings.HOME))
        messages.success(request, "已提交。")
    except Forbidden:
        raise
    except (MissingFields, WrongState) as refused:
        messages.error(request, str(refused))
    return redirect(f"/rechecks/{draw.pk}/#drawn-{row.pk}")
