"""Pages of the exchange: platforms, one platform, its setup and mode, one package; the panel on the page of a case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kuangan.base.case.flow import flow_of, page_of
from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.scope import visible_organisations
from kuangan.base.tables.keyset import BadMark, KeysetPage, keyset_page
from kuangan.domains.datalink.exchange import managing, numbers
from kuangan.domains.datalink.exchange.forms import KeyForm, ModeForm, NumberForm, SetupForm
from kuangan.domains.datalink.exchange.guard import case_or_404, declared, mapping_or_404, view_or_404
from kuangan.domains.datalink.exchange.managing import Setup
from kuangan.domains.datalink.exchange.mapping import Mapping, damaged
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Key, Mode, Package, Platform
from kuangan.domains.datalink.exchange.pages import TABS, View, standings
from kuangan.domains.datalink.exchange.taking import REASONS
from kuangan.domains.datalink.forms import ReasonForm

LISTED = 20
SHOWN_HANDLINGS = 5
WAYS = {"http": "接口", "file": "文件"}
SETUP_FIELDS = ("enabled", "region", "sectors", "folder", "push_url")


@require_GET
def platforms(request: HttpRequest) -> HttpResponse:
    """Every declared platform with mode, last package out and in, backlog and errors."""
    user = require(request, "exchange.view")
    rows = standings(declared(), user, now())
    manages = may(user, "exchange.manage")
    faults = damaged(Path(settings.HOME)) if manages else {}
    context = {"rows": rows, "manages": manages, "whole": _sees_whole(rows, user), "faults": faults}
    return render(request, "datalink/exchange/platforms.html", context)


def _sees_whole(rows: list[Any], user: User) -> bool:
    return any(View(row.platform, row.mapping, user, now()).everything for row in rows if row.platform)


@require_GET
def platform_page(request: HttpRequest, code: str) -> HttpResponse:
    """One platform: what left, what waits, what came, what was refused."""
    view = view_or_404(request, code)
    tab = request.GET.get("tab", "out")
    if tab not in TABS:
        raise Http404
    page = _page(request, view, tab) if tab != "mapping" else None
    context = {
        "title": view.mapping.short,
        "platform": view.platform,
        "mapping": view.mapping,
        "tab": tab,
        "tabs": TABS,
        "figures": view.figures(),
        "states": _states(view.mapping) if tab == "mapping" else [],
        "page": page,
        "rows": [_shown(view, tab, row) for row in page.rows] if page else [],
        "works": may(view.user, "exchange.work"),
        "manages": may(view.user, "exchange.manage"),
        "sets_mode": managing.may_set_mode(view.user, view.platform),
        "everything": view.everything,
        "here": request.get_full_path(),
    }
    return render(request, "datalink/exchange/platform.html", context)


def _page(request: HttpRequest, view: View, tab: str) -> KeysetPage:
    try:
        asked = {name: request.GET.get(name) for name in ("after", "before")}
        return keyset_page(view.rows(tab), ("-id",), LISTED, **asked)
    except BadMark as fault:
        raise Http404 from fault


def _shown(view: View, tab: str, row: Any) -> dict[str, Any]:
    """A row with what the table says of it in words."""
    case = getattr(row, "case", None)
    said: dict[str, Any] = {
        "row": row,
        "case": case,
        "page": case.address if case else "",
    }
    if tab in ("in", "rejects"):
        way, _, name = row.source.partition(":")
        said["source"] = f"{WAYS.get(way, way)}：{name}"
    if tab == "in":
        said["state"] = view.mapping.state_words(str(row.content.get("state", ""))) if row.kind == "handling" else ""
        said["step"] = step_words(case, row.step)
    elif tab == "proposals":
        said["step"] = step_words(case, row.proposal)
        said["state"] = view.mapping.state_words(row.their_state)
    elif tab == "rejects":
        said["reason"] = REASONS.get(row.reason, row.reason)
    return said


def _states(mapping: Mapping) -> list[tuple[str, str, str]]:
    """(code, words, step in words) of every state that they may report."""
    labels = {step.name: step.label for kind in mapping.kinds for step in flow_of(kind).transitions}
    return [(code, told.words, labels.get(told.step, "")) for code, told in mapping.incoming.items()]


def step_words(case: Any, step: str) -> str:
    return flow_of(case.kind).transition(step).label if case is not None and step else ""


@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, code: str) -> HttpResponse:
    """Enable a platform, its reach and ways, its tokens; a new token is shown once."""
    user = require(request, "exchange.manage")
    mapping = mapping_or_404(code)
    platform = Platform.objects.filter(pk=code).first()
    act = request.POST.get("act", "")
    forms: dict[str, Any] = {
        "setup": SetupForm(request.POST if act == "setup" else None, initial=_initial(platform)),
        "key": KeyForm(request.POST if act == "key" else None),
        "end": ReasonForm(request.POST if act == "end" else None),
    }
    token = ""
    if request.method == "POST":
        if act not in forms or (act != "setup" and platform is None):
            raise Http404
        if forms[act].is_valid():
            token = _carried_out(request, mapping, platform, act, forms[act].cleaned_data, user)
            if not token:
                messages.success(request, "已保存，记入审计。")
                return redirect("datalink:exchange_setup", code=code)
            forms["key"] = KeyForm()
    keys = Key.objects.filter(platform=code).select_related("made_by")
    context = {
        "mapping": mapping,
        "platform": platform,
        "keys": keys,
        "token": token,
        **{f"{n}_form": f for n, f in forms.items()},
    }
    status = 422 if request.method == "POST" and not token else 200
    return render(request, "datalink/exchange/setup.html", context, status=status)


def _initial(platform: Platform | None) -> dict[str, Any]:
    if platform is None:
        return {"enabled": True, "region": "14", "folder": True}
    return {name: getattr(platform, name) for name in SETUP_FIELDS}


def _carried_out(
    request: HttpRequest, mapping: Any, platform: Platform | None, act: str, given: dict[str, Any], user: User
) -> str:
    """Does what was asked; gives a new token, else ''."""
    at = now()
    if act == "setup":
        chosen = Setup(**{name: given[name] for name in SETUP_FIELDS})
        managing.set_up(mapping, chosen, by=user, at=at, reason=given["reason"])
        return ""
    assert platform is not None
    if act == "key":
        return managing.issue_key(platform, **given, by=user, at=at)[1]
    number = request.POST.get("key", "")
    key = get_object_or_404(Key, pk=int(number) if number.isdecimal() and len(number) < 10 else 0, platform=platform)
    managing.end_key(key, by=user, at=at, reason=given["reason"])
    return ""


@require_http_methods(["GET", "POST"])
def mode(request: HttpRequest, code: str) -> HttpResponse:
    """Shadow, assist or primary: by a leader whose territory covers the platform's, with a reason."""
    view = view_or_404(request, code, "exchange.mode")
    if not managing.may_set_mode(view.user, view.platform):
        raise PermissionDenied
    bodies = visible_organisations(view.user, view.at).filter(kind__in=PUBLIC_KINDS, active=True)
    initial = {"mode": view.platform.mode, "acts_for": view.platform.acts_for_id}
    form = ModeForm(bodies, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = {"acts_for": given["acts_for"], "by": view.user, "at": view.at, "reason": given["reason"]}
        try:
            managing.set_mode(view.platform, view.mapping, Mode(given["mode"]), **chosen)
        except managing.NobodyToActFor:
            form.add_error("acts_for", "该单位不能由平台代表。")
        else:
            messages.success(request, "已设定，记入审计。")
            return redirect("datalink:exchange_platform", code=code)
    context = {"form": form, "title": f"{view.mapping.short} · 对接方式", "view": view}
    context["back"] = reverse("datalink:exchange_platform", args=[code])
    return render(request, "datalink/exchange/mode.html", context, status=422 if form.errors else 200)


@require_GET
def package_page(request: HttpRequest, ident: str) -> HttpResponse:
    """One package as it was sent."""
    user = require(request, "exchange.view")
    rows = Package.objects.select_related("case", "platform")
    row = get_object_or_404(rows, ident=ident)
    case = case_or_404(user, row.case.number)
    body = json.dumps(json.loads(row.body), ensure_ascii=False, indent=2)
    context = {"row": row, "case": case, "body": body, "mapping": mapping_or_404(row.platform_id)}
    context["page"] = case.address
    return render(request, "datalink/exchange/package.html", context)


@require_POST
def again(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """Send a case again as it stands."""
    view = view_or_404(request, code, "exchange.work")
    case = case_or_404(view.user, number, view.mapping)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写理由。")
    elif managing.send_again(view.platform, view.mapping, case, by=view.user, at=view.at, **form.cleaned_data):
        messages.success(request, "已重新生成，等待送出。")
    else:
        messages.error(request, "这一条不在外送范围内。")
    return _back(request, page_of(case.kind), number)


@require_POST
def number(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """Type the official number of a case."""
    view = view_or_404(request, code, "exchange.work")
    case = case_or_404(view.user, number, view.mapping)
    form = NumberForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写官方系统编号。")
        return _back(request, page_of(case.kind), number)
    given = form.cleaned_data
    try:
        chosen = {"by": view.user, "at": view.at, "reason": given["reason"]}
        numbers.type_number(view.platform, case, given["number"], **chosen)
        messages.success(request, "已登记官方系统编号。")
    except numbers.NumberTaken:
        messages.error(request, "这个编号已登记在另一条告警上。")
    except numbers.ReasonNeeded:
        messages.error(request, "更正已有编号须填写理由。")
    return _back(request, page_of(case.kind), number)


def _back(request: HttpRequest, route: str, number: str) -> HttpResponse:
    """To the page one came from when it is ours, else to the case."""
    asked = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/"):
        return redirect(asked)
    return redirect(route, number)


@require_GET
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """A fragment for the page of a case: each platform's number, state, remarks, and what it proposes. Empty for a kind
    or a drill that goes nowhere."""
    user = require(request, "case.view")
    case = case_or_404(user, number)
    known = declared()
    enabled = Platform.objects.filter(enabled=True, code__in=[c for c, m in known.items() if case.kind in m.kinds])
    rows = {} if case.drill else {row.platform_id: row for row in Counterpart.objects.filter(case=case)}
    told = Handling.objects.filter(case=case, kind="handling").order_by("-pk")
    lines = [
        {
            "platform": platform,
            "mapping": known[platform.code],
            "row": rows.get(platform.code),
            "state": known[platform.code].state_words(rows[platform.code].their_state)
            if platform.code in rows
            else "—",
            "step": _proposed(case, rows.get(platform.code)),
            "remarks": [
                (row, known[platform.code].state_words(str(row.content.get("state", ""))))
                for row in told.filter(platform=platform)[:SHOWN_HANDLINGS]
            ],
        }
        for platform in ([] if case.drill else enabled)
    ]
    context = {"lines": lines, "case": case, "works": may(user, "exchange.work"), "sees": may(user, "exchange.view")}
    return render(request, "datalink/exchange/panel.html", context)


def _proposed(case: Any, row: Counterpart | None) -> str:
    """The step that they propose, while it may still follow."""
    if row is None or not row.proposal:
        return ""
    step = flow_of(case.kind).transition(row.proposal)
    return step.label if case.state in step.from_ else ""
