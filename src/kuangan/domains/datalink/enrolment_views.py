"""Pages where a mine's engineer enrols a system and looks at a test file, and where an administrator confirms."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from kuangan.base import audit
from kuangan.base.clock import now, to_ms
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.datalink import enrolment
from kuangan.domains.datalink.examples import commands, example_file, examples
from kuangan.domains.datalink.forms import CheckForm, EnrolmentForm, ReasonForm
from kuangan.domains.datalink.models import Enrolment
from kuangan.domains.datalink.precheck import SHOWN, Understanding, understand
from kuangan.domains.datalink.views import member

LISTED = 200


@never_cache
@require_http_methods(["GET", "POST"])
def enrolments(request: HttpRequest) -> HttpResponse:
    """The enrolments of one's mines; for the mine itself the form of a new one, whose token is in the answer only."""
    user, at = member(request, "enrolment.view"), now()
    applying = may(user, "enrolment.apply")
    if request.method == "POST" and not applying:
        raise PermissionDenied
    known = {"mines": visible_mines(user, at), "carriers": settings.CARRIERS}
    form = EnrolmentForm(request.POST if request.method == "POST" else None, **known)
    if request.method == "POST" and form.is_valid():
        made, token = enrolment.enrol(**form.cleaned_data, by=user, at=at)
        return render(request, "datalink/enrolment.html", _shown(made, user) | {"token": token})
    rows = enrolment.visible(user, at)[:LISTED]
    context = {"rows": rows, "form": form if applying else None, "may_confirm": _may_confirm(user)}
    return render(request, "datalink/enrolments.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def enrolment_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One enrolment: where and how to send; for an authority's administrator the decision."""
    user, at = member(request, "enrolment.view"), now()
    row = get_object_or_404(enrolment.visible(user, at), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not _may_confirm(user):
            raise PermissionDenied
        accepted = request.POST.get("act") == "confirm"
        if form.is_valid():
            try:
                enrolment.decide(row, accepted, by=user, at=at, reason=form.cleaned_data["reason"])
                messages.success(request, "已确认，接收网关几秒内放行。" if accepted else "已记录，账号不会启用。")
            except enrolment.Decided:
                messages.error(request, "他人已经处理过这一登记。")
            return HttpResponseRedirect(reverse("datalink:enrolment", args=[pk]))
    status = 422 if form.errors else 200
    return render(request, "datalink/enrolment.html", _shown(row, user) | {"form": form}, status=status)


def _shown(row: Enrolment, user: User) -> dict[str, Any]:
    """The page of an enrolment."""
    return {
        "row": row,
        "commands": commands(row, settings.CARRIERS.get(row.carrier)),
        "deciding": row.open and _may_confirm(user),
        "form": ReasonForm(),
    }


def _may_confirm(user: User) -> bool:
    """An administrator of an authority; never one of the enterprise that applies."""
    return may(user, "enrolment.confirm") and scope_of(user).region_prefix is not None


@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """One file, and what we understand of it. It is forgotten with the answer; that somebody looked is recorded."""
    user, at = member(request, "enrolment.view"), now()
    form = CheckForm(request.POST, request.FILES) if request.method == "POST" else CheckForm()
    seen: Understanding | None = None
    if request.method == "POST" and form.is_valid():
        offered = form.cleaned_data["file"]
        if offered.size > settings.PRECHECK_BYTES:
            form.add_error("file", f"超过大小限制（{settings.PRECHECK_BYTES >> 20} MB）。")
        else:
            seen = understand(offered.name, offered.read(), at)
            seen.remarks.extend(_remarks(seen, user))
            content = {"name": seen.name, "size": seen.size, "sha256": seen.sha256, "status": seen.outcome.status}
            with transaction.atomic():
                audit.record(
                    actor=user, action="enrolment.check", kind="file", ident=seen.name[:80], content=content, at=at
                )
    limit = settings.PRECHECK_BYTES >> 20
    context = {"form": form, "seen": seen, "shown": SHOWN, "limit_mb": limit, "families": examples()}
    return render(request, "datalink/check.html", context, status=422 if form.errors else 200)


@never_cache
@require_GET
def example(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """An example file of a type, of one's own mine where there is one; the system reads it as it stands."""
    user, at = member(request, "enrolment.view"), now()
    mine = visible_mines(user, at).values_list("code", flat=True).first()
    found = example_file(name, extension, mine or "", to_ms(at))
    if found is None:
        raise Http404
    answer = HttpResponse(found[1], content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found[0])}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _remarks(seen: Understanding, user: User) -> list[str]:
    """What stands against sending this file, whatever its content."""
    code, kind = seen.outcome.mine, seen.outcome.type.partition(".")[0]
    if not code or code not in set(visible_mines(user, now()).values_list("code", flat=True)):
        return [f"矿山编码 {code} 不是本单位的矿山，正式上传会被拒收"] if code else []
    declared = Enrolment.objects.filter(mine=code).exclude(state="refused").values_list("types", flat=True)
    if kind and kind not in {each for types in declared for each in types}:
        return [f"本矿的接入登记没有列出 {kind} 类型"]
    return []
