"""The duty desk: the list with its figures, and the small answers its script asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse

from kuangan.base.audit.writing import record
from kuangan.base.clock import from_ms, now, to_ms
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.models import Region
from kuangan.base.registry.scope import mines_within
from kuangan.base.tables.excel import CONTENT_TYPE
from kuangan.domains.alerts.batch import EXPORTED_AT_ONCE, chosen
from kuangan.domains.alerts.curves import SPARK_WINDOW, spark_window, sparklines
from kuangan.domains.alerts.export import workbook
from kuangan.domains.alerts.figures import due_soon, figure
from kuangan.domains.alerts.guard import engine_clock, viewing
from kuangan.domains.alerts.lines import counted, listed
from kuangan.domains.alerts.models import Shelving
from kuangan.domains.alerts.people import below
from kuangan.domains.alerts.present import rows
from kuangan.domains.alerts.quality import SPANS, measure
from kuangan.domains.alerts.queries import (
    ANSWERED,
    PAGE,
    STATE_CHOICES,
    Query,
    alert_cases,
    filtered,
    matching,
    visible,
    youngest_first,
)
from kuangan.domains.alerts.rules import CAUSES, DEFAULT_MARK, GRADE_WORDS, GRADES, RULE_WORDS
from kuangan.domains.alerts.seats import Place, address, changes
from kuangan.domains.alerts.tuning import TUNING
from kuangan.domains.alerts.words import coarse, moment
from kuangan.library.telemetry.hot import read_hot

SPARK_LIMIT = 50
MEMBERS_SHOWN = 200
FIELDS = frozenset({"grade", "rule", "region", "state", "q", "reached"})
CHANGED_WORDS = {"new": "新增", "risen": "颜色升级", "closed": "已闭环"}


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
    place = Place.of(request.user)
    if place.default is not None and not request.GET:
        return redirect(address(place.default.parameters))
    context |= {
        "place": place,
        "kept": [(name, value) for name, value in query.parameters().items() if name not in FIELDS],
        "said": list(query.parameters().items()),
        "changes": changes(request.user, place.seat, at),
        "shelved": _shelved(request.user, at),
        "shelving": TUNING.shelving,
        "batch": TUNING.batch,
        "figures": shown_figures(request.user, at),
        "grade_choices": [(grade, GRADE_WORDS[grade]) for grade in reversed(GRADES)],
        "rule_choices": tuple(RULE_WORDS.items()),
        "state_choices": tuple(STATE_CHOICES.items()),
        "region_choices": region_choices(request.user),
        "restricted": restrictions(context["query"], at),
    }
    return render(request, "alerts/desk.html", context)


def _list(user: User | AnonymousUser, query: Query, at: datetime) -> dict[str, Any]:
    cases, query = matching(user, query, at)
    found = listed(cases, query, at)
    return {
        "query": query,
        "parameters": urlencode(query.parameters()),
        "lines": found.shown,
        "rows": [line.row for line in found.shown],
        "next": found.next,
        "total": found.total,
        "capped": found.capped,
        "line_count": found.lines,
        "size": PAGE,
        "newest": youngest_first(visible(user), user, at).values_list("pk", flat=True).first() or 0,
        "law": TUNING,
        "mark": DEFAULT_MARK,
    }


def _shelved(user: User | AnonymousUser, at: datetime) -> tuple[int, int]:
    """How many alerts the person's organisation has shelved, and how many wait for a second person."""
    live = Shelving.objects.filter(organisation_id=getattr(user, "organisation_id", None) or 0, state__in=Shelving.LIVE)
    counts = dict(live.filter(until__gt=at).order_by().values_list("state").annotate(number=Count("pk")))
    return counts.get(Shelving.State.IN_FORCE, 0), counts.get(Shelving.State.WAITING, 0)


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
        _below(user, at),
        Shown(hourly.name, "每小时告警", str(hourly.value), hourly.value, hourly.address, "送达本级"),
    ]


def _below(user: User | AnonymousUser, at: datetime) -> Shown:
    """People below ground in the mines that can be counted; a dash while none can."""
    found = below(user, at)
    text = str(found.persons) if found.counted else "—"
    note = f"{found.counted}/{found.mines} 矿有数据" if found.mines else "范围内无井工矿"
    return Shown("people_below", "井下人数", text, found.persons, found.address, note)


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


def restrictions(query: Query, at: datetime) -> list[str]:
    """In words, what the list is narrowed to besides the fields of the query bar."""
    said = [f"近 {query.hours} 小时产生"] if query.hours else []
    said += [CHANGED_WORDS[query.changed]] if query.changed else []
    said += [f"自 {moment(from_ms(query.start), at)}"] if query.start else []
    said += [f"至 {moment(from_ms(query.stop), at)}"] if query.stop else []
    said += [{"0": "非演练", "1": "演练"}[query.drill]] if query.drill else []
    said += [f"矿山 {query.mine}"] if query.mine else []
    said += [f"测点或对象 {query.subject}"] if query.subject else []
    said += ["反复"] if query.flapping else []
    said += [f"超过 {TUNING.quality.stale_hours} 小时未闭环"] if query.stale else []
    said += [f"持续超过 {TUNING.quality.stale_hours} 小时"] if query.standing else []
    said += [f"由某单位{ANSWERED[query.answered.partition('.')[0]]}"] if query.answered else []
    said += [f"并入 {query.parent}"] if query.parent else []
    said += [f"与 {query.similar} 相似"] if query.similar else []
    said += [f"原因 {CAUSES[query.cause]}"] if query.cause else []
    said += [query.said] if query.said else []
    return said + (["不折叠"] if query.unfolded else [])


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
    ids = [int(part) for part in request.GET.get("ids", "").split(",") if part.isdigit()][:MEMBERS_SHOWN]
    alerts = list(alert_cases(visible(request.user).filter(pk__in=ids)).order_by("-rank", "-case_id"))
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
    """The list with the same filters as a workbook; with `ids` posted, those of the chosen lines. Audited."""
    at, query, user = now(), Query.parse(request.GET), request.user
    cases, query = matching(user, query, at)
    if request.method == "POST":
        ids = chosen(request.POST, EXPORTED_AT_ONCE)
        cases = visible(user).filter(pk__in=ids)
        total, lines = cases.count(), len(request.POST.getlist("ids"))
    else:
        total, lines = counted(cases, query, at)
    content = {"query": query.parameters(), "alerts": total, "lines": lines, "chosen": request.method == "POST"}
    with transaction.atomic():
        actor = user if isinstance(user, User) else None
        record(actor=actor, action="list.exported", kind="list", ident="alerts", content=content, at=at)
        book = workbook(cases, at, lines)
    answer = HttpResponse(book, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="alerts.xlsx"'
    return answer


@viewing("alert.view")
def quality_page(request: HttpRequest) -> HttpResponse:
    """告警质量: how many alerts a person must answer, and which ones make the noise."""
    span = request.GET.get("hours", "24")
    hours = int(span) if span in SPANS else 24
    context = {"q": measure(request.user, hours, now()), "spans": SPANS, "span": str(hours), "law": TUNING}
    return render(request, "alerts/quality.html", context | {"mark": TUNING.basis})
