"""Pages of one alert: drawer, full page, printed sheet, steps, evidence; and what waits for the signed-in person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kuangan.base.case.errors import Forbidden, MissingFields, WrongState
from kuangan.base.case.panels import panels_of
from kuangan.base.clock import from_ms, now, to_ms
from kuangan.base.documents.files import intact
from kuangan.base.documents.views import damaged
from kuangan.base.registry.models import Point
from kuangan.domains.alerts.acts import acknowledge, act, evidence_path
from kuangan.domains.alerts.company import companions
from kuangan.domains.alerts.curves import Window, curve, neighbours, reported_alarms
from kuangan.domains.alerts.detail import curve_window, detail, grade_history, grade_marks
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.forms import FORMS
from kuangan.domains.alerts.guard import alert_or_404, engine_clock, viewing
from kuangan.domains.alerts.hints import hints
from kuangan.domains.alerts.models import Alert, Evidence
from kuangan.domains.alerts.people import inside
from kuangan.domains.alerts.rules import number_words
from kuangan.domains.alerts.shelving import offer as shelving_offer
from kuangan.domains.alerts.why_people import concerned
from kuangan.domains.alerts.words import REPORTED_WORDS, moment
from kuangan.domains.alerts.work import waiting

LONGEST = timedelta(hours=6)


def _context(request: HttpRequest, alert: Alert, full: bool, bound: dict[str, Form] | None = None) -> dict[str, Any]:
    at = now()
    d = detail(alert, request.user, at)
    beside, count = companions(alert, request.user, at)
    forms = [(a.name, (bound or {}).get(a.name) or FORMS[a.name]()) for a in d.actions if a.name != "acknowledge"]
    return {
        "alert": alert,
        "d": d,
        "forms": forms,
        "full": full,
        "reported": _reported(alert),
        "evidence": Evidence.objects.filter(alert=alert).select_related("by"),
        "hints": hints(alert, request.user) if alert.case.state not in FLOW.final else None,
        "beside": beside,
        "beside_count": count,
        "merged": Alert.objects.filter(merged_into=alert.event_id).count(),
        "shelving": shelving_offer(alert, request.user),
        "next_address": d.row.address if full else "/desk/",
        "inside": inside(alert.case.mine_id or "", at),
        "concerned": concerned(alert, request.user),
        "panels": panels_of(alert.case) if full else (),
    }


def _reported(alert: Alert) -> list[dict[str, object]]:
    """The mine's own alarms around the event, with readable times."""
    if not alert.point:
        return []
    start, end = curve_window(alert, alert.changed_at)
    found = reported_alarms(Path(settings.HOME), alert.point, Window(to_ms(start), to_ms(end)))
    return [_told(item) for item in found]


def _told(item: dict[str, Any]) -> dict[str, object]:
    kind = str(item["alarm_type"] or "")
    return {
        "when": moment(from_ms(item["start"]), now()),
        "until": moment(from_ms(item["end"]), now()) if item["end"] is not None else "",
        "type": REPORTED_WORDS.get(kind, kind),
        "max": number_words(item["max"], item["unit"] or ""),
        "cause": item["cause"],
        "measure": item["measure"],
    }


@viewing("alert.view")
def drawer(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "alerts/parts/drawer.html", _context(request, alert_or_404(request, number), full=False))


@viewing("alert.view")
def alert_page(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "alerts/alert.html", _context(request, alert_or_404(request, number), full=True))


@viewing("alert.view")
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """处置单, A4."""
    alert = alert_or_404(request, number)
    context = _context(request, alert, full=True)
    return render(request, "alerts/sheet.html", context | {"grades": grade_history(alert), "printed_at": now()})


@viewing("alert.view")
def alert_curve(request: HttpRequest, number: str) -> JsonResponse:
    """The curve of the alert's point with up to two neighbours, limits, onset and colour changes."""
    return JsonResponse(curve_answer(alert_or_404(request, number)))


def curve_answer(alert: Alert) -> dict[str, Any]:
    """What the chart draws; times in ms."""
    home = Path(settings.HOME)
    start, end = curve_window(alert, engine_clock(home, now()))
    window = Window(to_ms(start), to_ms(min(end, alert.onset + LONGEST)))
    series = []
    if alert.point:
        series.append({"name": alert.location or alert.point, **curve(home, alert.point, window)})
        for other in neighbours(home, alert.point):
            series.append({"name": other["location"] or other["code"], **curve(home, other["code"], window)})
    return {
        "number": alert.case.number,
        "unit": alert.unit,
        "from": window.start,
        "to": window.end,
        "onset": to_ms(alert.onset),
        "end": to_ms(alert.end) if alert.end else None,
        "grades": grade_marks(alert),
        "limits": _limits(alert),
        "series": series or [{"name": alert.subject, "point": "", "data": [], "calibrating": []}],
    }


def _limits(alert: Alert) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if alert.limit is not None:
        found.append({"name": "报警", "value": alert.limit, "cut": False})
    point = Point.objects.filter(code=alert.point, valid_to__isnull=True).first() if alert.point else None
    if point is not None and point.cut_high is not None and point.cut_high != alert.limit:
        found.append({"name": "断电", "value": point.cut_high, "cut": True})
    return found


@require_POST
@viewing("alert.view")
def step(request: HttpRequest, number: str, name: str) -> HttpResponseBase:
    """Acknowledge, or take a step of the flow. 404 for an unknown step, 403 for the wrong person, 409 too late."""
    alert = alert_or_404(request, number)
    if name not in FORMS:
        raise Http404
    form = FORMS[name](request.POST, request.FILES)
    problem, status = _take(request, alert, name, form)
    if not problem:
        if request.headers.get("X-Drawer"):
            return drawer(request, number)
        messages.success(request, "已提交。")
        return redirect(_next(request, number))
    if status == 403:
        raise Forbidden(problem)
    return answered(request, number, problem, status, {name: form})


def answered(
    request: HttpRequest, number: str, words: str, status: int, bound: dict[str, Form] | None = None
) -> HttpResponse:
    """The alert as it is now, in the drawer or as a page, with what must be said above it."""
    done = status < 400
    messages.add_message(request, messages.SUCCESS if done else messages.ERROR, words)
    full = not request.headers.get("X-Drawer")
    template = "alerts/alert.html" if full else "alerts/parts/drawer.html"
    context = _context(request, alert_or_404(request, number), full, bound)
    return render(request, template, context, status=200 if done else status)


def _take(request: HttpRequest, alert: Alert, name: str, form: Form) -> tuple[str, int]:
    """What went wrong, and its status; ("", 200) when nothing did."""
    if not form.is_valid():
        return "请补全必填项。", 422
    said = {key: value for key, value in form.cleaned_data.items() if key != "evidence" and value not in ("", None)}
    files = form.cleaned_data.get("evidence") or []
    user: Any = request.user
    try:
        if name == "acknowledge":
            acknowledge(alert.case, by=user, at=now(), **said)
        else:
            act(alert.case, name, by=user, at=now(), form=said, home=Path(settings.HOME), files=files)
    except Forbidden as refused:
        return str(refused) or "您的岗位不能执行此操作", 403
    except MissingFields as missing:
        return str(missing), 422
    except WrongState as late:
        return str(late), 409
    return "", 200


def _next(request: HttpRequest, number: str) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return f"/alerts/{number}/"


@viewing("alert.view")
def evidence(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """A file that was handed in; always a download, never shown by the browser in our origin.

    404 when the bytes are gone or no longer those that were handed in.
    """
    alert = alert_or_404(request, number)
    file = Evidence.objects.filter(alert=alert, pk=pk).first()
    if file is None:
        raise Http404
    path = evidence_path(Path(settings.HOME), file.sha256)
    if not intact(path, file.sha256):
        return damaged(request, "告警", f"/alerts/{number}/", number, f"“{file.name}”", file.sha256)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=file.name, content_type="application/octet-stream"
    )


@viewing("alert.view")
def work(request: HttpRequest) -> HttpResponse:
    """What waits for the user's organisation, the nearest clock first."""
    user: Any = request.user
    items, total = waiting(user, now())
    return render(request, "alerts/work.html", {"items": items, "total": total})
