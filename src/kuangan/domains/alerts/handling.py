"""Views of what one does with the list: batch acts, shelving, saved views, the mark of the last shift."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kuangan.base.case.errors import Forbidden, MissingFields, WrongState
from kuangan.base.clock import now
from kuangan.domains.alerts import batch, seats
from kuangan.domains.alerts.guard import alert_or_404, viewing
from kuangan.domains.alerts.models import Shelving
from kuangan.domains.alerts.queries import Query, visible
from kuangan.domains.alerts.shelving import decide, in_force, pending, shelve, withdraw
from kuangan.domains.alerts.tuning import TUNING
from kuangan.domains.alerts.words import moment

SHOWN = 200


@require_POST
@viewing("alert.acknowledge")
def batch_acknowledge(request: HttpRequest) -> HttpResponse:
    """Acknowledge the chosen lines; one answer for each alert."""
    user: Any = request.user
    ids = batch.chosen(request.POST, TUNING.batch.most)
    cases = batch.own(user, ids)
    note, withdrawing = request.POST.get("note", "").strip()[:200], request.POST.get("withdrawing") == "on"
    try:
        answers = batch.acknowledge_all(cases, by=user, at=now(), note=note, withdrawing=withdrawing)
    except MissingFields as missing:
        return _batch_page(request, "批量确认", [], str(missing), status=422)
    return _batch_page(request, "批量确认", answers, lost=batch.lost(ids, cases))


@require_POST
@viewing("alert.shelve")
def batch_shelve(request: HttpRequest) -> HttpResponse:
    """Shelve the chosen lines; one answer for each alert."""
    user: Any = request.user
    ids = batch.chosen(request.POST, TUNING.batch.most)
    cases = batch.own(user, ids)
    reason, minutes = request.POST.get("reason", "").strip()[:200], request.POST.get("minutes", "")
    if not reason or not minutes.isdecimal():
        return _batch_page(request, "批量搁置", [], "搁置须填写理由和时长。", status=422)
    answers = batch.shelve_all(cases, by=user, at=now(), minutes=min(int(minutes), 7 * 1440), reason=reason)
    return _batch_page(request, "批量搁置", answers, lost=batch.lost(ids, cases))


def _batch_page(
    request: HttpRequest, title: str, answers: list[batch.Answer], problem: str = "", lost: int = 0, status: int = 200
) -> HttpResponse:
    done = sum(answer.done for answer in answers)
    context = {"title": title, "answers": answers, "problem": problem, "lost": lost, "done": done}
    context["refused"] = len(answers) - done
    part = "alerts/parts/batch.html" if request.headers.get("X-Drawer") else "alerts/batch.html"
    return render(request, part, context, status=status)


@require_POST
@viewing("alert.shelve")
def shelve_one(request: HttpRequest, number: str) -> HttpResponse:
    """Shelve one alert. 403 for the wrong level, 409 when it cannot be shelved now, 422 for a bad form."""
    user: Any = request.user
    alert = alert_or_404(request, number)
    minutes = request.POST.get("minutes", "")
    status, words = 302, "已搁置。"
    try:
        until = now() + timedelta(minutes=int(minutes) if minutes.isdecimal() else 0)
        reason = request.POST.get("reason", "")[:200]
        row = shelve(alert.case, by=user, at=now(), until=until, reason=reason)
        words = "已申请搁置，待本单位另一人同意。" if row.state == Shelving.State.WAITING else words
    except MissingFields as missing:
        status, words = 422, str(missing)
    except WrongState as late:
        status, words = 409, str(late)
    if request.headers.get("X-Drawer") or status != 302:
        from kuangan.domains.alerts.views import answered

        return answered(request, number, words, status)
    messages.success(request, words)
    return redirect(f"/alerts/{number}/")


@viewing("alert.view")
def shelf(request: HttpRequest) -> HttpResponse:
    """Everything that is shelved or waits for a second person: who, why, until when; and what came back lately."""
    at, user = now(), request.user
    rows = Shelving.objects.filter(alert__case__in=visible(user)).select_related(
        "alert", "alert__case", "organisation", "by", "second"
    )
    live = list(rows.filter(state__in=Shelving.LIVE).order_by("until")[:SHOWN])
    ended = list(rows.exclude(state__in=Shelving.LIVE).order_by("-ended_at")[:50])
    context = {
        "live": [_shelved(row, user, at) for row in live],
        "ended": [_shelved(row, user, at) for row in ended],
        "rules": TUNING.shelving,
        "mark": TUNING.basis,
    }
    return render(request, "alerts/shelf.html", context)


def _shelved(row: Shelving, user: Any, at: Any) -> dict[str, Any]:
    own = row.organisation_id == user.organisation_id
    state = str(row.get_state_display())
    if row.state in Shelving.LIVE and not in_force(row, row.alert, at) and not pending(row, at):
        state = "已返回"
    return {
        "row": row,
        "alert": row.alert,
        "case": row.alert.case,
        "state": state,
        "until": moment(row.until, at),
        "at": moment(row.at, at),
        "ended": moment(row.ended_at, at),
        "may_decide": own and pending(row, at) and row.by_id != user.pk,
        "may_withdraw": own and row.state in Shelving.LIVE,
    }


@require_POST
@viewing("alert.shelve")
def shelf_act(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """Agree, refuse or end early. 404 outside the scope."""
    user: Any = request.user
    row = Shelving.objects.filter(pk=pk, alert__case__in=visible(user)).first()
    if row is None or name not in ("agree", "refuse", "withdraw"):
        raise Http404
    try:
        if name == "withdraw":
            withdraw(row, by=user, at=now())
        else:
            decide(row, by=user, at=now(), agreed=name == "agree")
        messages.success(request, "已提交。")
    except Forbidden:
        raise
    except WrongState as late:
        messages.error(request, str(late))
    return redirect("/desk/shelf/")


@require_POST
@viewing("alert.view")
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address one came from under a name."""
    user: Any = request.user
    name = request.POST.get("name", "").strip()[:20]
    parameters = Query.parse(request.POST).parameters()
    if not name:
        messages.error(request, "请填写视图名称。")
    else:
        shared, default = request.POST.get("shared") == "on", request.POST.get("default") == "on"
        view = seats.save(user, name, parameters, shared=shared, default=default, at=now())
        messages.success(request, f"已保存视图“{view.name}”。")
    return redirect(seats.address(parameters))


@require_POST
@viewing("alert.view")
def view_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Make a view the one the desk opens with, or no longer; or remove one of one's own."""
    user: Any = request.user
    view = seats.views_of(user).filter(pk=pk).first()
    if view is None or name not in ("default", "plain", "remove"):
        raise Http404
    if name == "remove":
        if view.owner_id != user.pk:
            raise Forbidden("只能删除自己的视图")
        view.delete()
    else:
        seats.open_with(user, view if name == "default" else None)
    messages.success(request, "已提交。")
    return redirect("/desk/?state=open")


@require_POST
@viewing("alert.view")
def mark(request: HttpRequest) -> HttpResponse:
    """From now on the desk tells what changed since this moment."""
    user: Any = request.user
    seats.mark(user, now())
    return redirect("/desk/")
