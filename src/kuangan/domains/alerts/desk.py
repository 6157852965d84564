"""The duty desk: the list with its figures, and the small answers its script asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from kuangan.base.clock import now, to_ms
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.models import Region
from kuangan.base.registry.scope import mines_within
from kuangan.domains.alerts.curves import SPARK_WINDOW, spark_window, sparklines
from kuangan.domains.alerts.export import workbook
from kuangan.domains.alerts.figures import due_soon, figure
from kuangan.domains.alerts.guard import engine_clock, viewing
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.queries import (
    PAGE,
    STATE_CHOICES,
    Query,
    alert_cases,
    capped_count,
    filtered,
    page,
    visible,
)
from kuangan.domains.alerts.rules import DEFAULT_MARK, GRADE_WORDS, GRADES, RULE_WORDS
from kuangan.domains.alerts.words import coarse
from kuangan.library.telemetry.hot import read_hot

SPARK_LIMIT = 50


@dataclass(frozen=True)
class Shown:
    """One figure as it stands above the list; without an address it is no link."""

    name: str
    label: str
    text: str
    value: int
    address: str = ""
    note: str = ""
    of: str = ""
    tone: str = ""


@viewing("alert.view")
def desk(request: HttpRequest) -> HttpResponse:
    """The whole page; only its list for a request of the page itself."""
    at, query = now(), Query.parse(request.GET)
    context = _list(request.user, query, at)
    if request.headers.get("HX-Request"):
        return render(request, "alerts/parts/list.html", context)
    context |= {
        "figures": shown_figures(request.user, at),
        "grade_choices": [(grade, GRADE_WORDS[grade]) for grade in reversed(GRADES)],
        "rule_choices": tuple(RULE_WORDS.items()),
        "state_choices": tuple(STATE_CHOICES.items()),
        "region_choices": region_choices(request.user),
        "restricted": query.hours or query.drill or query.mine,
    }
    return render(request, "alerts/desk.html", context)


def _list(user: User | AnonymousUser, query: Query, at: datetime) -> dict[str, Any]:
    cases = filtered(user, query, at)
    found = page(cases, query.after)
    total, capped = capped_count(cases)
    newest = visible(user).aggregate(newest=Max("pk"))["newest"] or 0
    folded = sum(1 for alert in found.alerts if alert.inputs.get("children"))
    return {
        "query": query,
        "parameters": urlencode(query.parameters()),
        "rows": rows(found.alerts, at),
        "next": found.next,
        "total": total,
        "capped": capped,
        "size": PAGE,
        "newest": newest,
        "folded": folded,
        "mark": DEFAULT_MARK,
    }


def shown_figures(user: User | AnonymousUser, at: datetime) -> list[Shown]:
    """The row of figures; what the system does not know yet is a dash, never a zero."""
    red, orange, lapsed, hourly = (
        figure(name, user, at) for name in ("open_red", "open_orange", "lapsed_responses", "alerts_per_hour")
    )
    soon = due_soon(user, "orange", at, at + timedelta(minutes=30))
    oldest = f"最长 {coarse((at - red.oldest).total_seconds())}" if red.oldest else ""
    return [
        Shown(red.name, red.label, str(red.value), red.value, red.address, oldest, tone="ka-red"),
        Shown(
            orange.name,
            orange.label,
            str(orange.value),
            orange.value,
            orange.address,
            f"{soon} 件将超时" if soon else "",
            tone="ka-orange",
        ),
        Shown(lapsed.name, lapsed.label, str(lapsed.value), lapsed.value, lapsed.address, tone="ka-red"),
        _online(user, at),
        Shown("people_below", "井下人数", "—", 0, note="人员定位未接入"),
        Shown(hourly.name, "每小时告警", str(hourly.value), hourly.value, hourly.address, "送达本级"),
    ]


def _online(user: User | AnonymousUser, at: datetime) -> Shown:
    """Mines of the scope whose data arrive now, of those registered in the scope."""
    codes = set(mines_within(scope_of(user), at).values_list("code", flat=True))
    try:
        address = reverse("datalink:link")
    except NoReverseMatch:
        address = ""
    heard = read_hot(Path(settings.HOME), "mines")
    if heard is None or "silent_since" not in heard.columns:
        return Shown("mines_online", "在线矿井", "—", 0, address, of=str(len(codes)))
    own = [silent for mine, silent in heard.select("mine", "silent_since").rows() if mine in codes]
    online = sum(1 for silent in own if silent is None)
    note = f"中断 {len(own) - online}" if len(own) > online else ""
    return Shown("mines_online", "在线矿井", str(online), online, address, note, str(len(codes)))


def region_choices(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """The regions one level below the user's own: cities for the province, counties for a city."""
    scope = scope_of(user)
    level = {2: "city", 4: "county"}.get(len(scope.region_prefix or ""))
    if level is None:
        return []
    below = Region.objects.filter(code__startswith=scope.region_prefix or "", level=level)
    return list(below.order_by("code").values_list("code", "name"))


@viewing("alert.view")
def arrivals(request: HttpRequest) -> JsonResponse:
    """Alerts that match the page's query and are newer than its newest, by colour; and the figures as they stand."""
    at, newest = now(), request.GET.get("newest", "0")
    since = int(newest) if newest.isdigit() else 0
    cases = filtered(request.user, Query.parse(request.GET), at).filter(pk__gt=since)
    counts = dict(cases.order_by().values_list("severity").annotate(number=Count("pk")))
    figures = render_to_string("alerts/parts/figures.html", {"figures": shown_figures(request.user, at)})
    return JsonResponse({"counts": counts, "figures": figures})


@viewing("alert.view")
def desk_rows(request: HttpRequest) -> HttpResponse:
    """Rows that stand on the page, as they are now; what is out of scope is left out."""
    ids = [int(part) for part in request.GET.get("ids", "").split(",") if part.isdigit()][:PAGE]
    alerts = list(alert_cases(visible(request.user).filter(pk__in=ids)))
    return render(request, "alerts/parts/rows.html", {"rows": rows(alerts, now())})


@viewing("alert.view")
def desk_sparklines(request: HttpRequest) -> JsonResponse:
    """Half an hour of each alert's point: {"seconds", "lines": {number: [[second, value], …]}}."""
    numbers = request.GET.get("numbers", "").split(",")[:SPARK_LIMIT]
    alerts = alert_cases(visible(request.user).filter(number__in=numbers)).exclude(point="")
    clock = engine_clock(Path(settings.HOME), now())
    wanted = [
        (a.case.number, a.point, spark_window(to_ms(a.onset), to_ms(a.end) if a.end else None, to_ms(clock)))
        for a in alerts
    ]
    return JsonResponse({"seconds": SPARK_WINDOW // 1000, "lines": sparklines(Path(settings.HOME), wanted)})


@viewing("alert.view")
def export(request: HttpRequest) -> HttpResponse:
    """The list with the same filters as a workbook."""
    at, query = now(), Query.parse(request.GET)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(workbook(filtered(request.user, query, at), at), content_type=kind)
    answer["Content-Disposition"] = 'attachment; filename="alerts.xlsx"'
    return answer
