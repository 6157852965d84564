"""Ways in for people and machines: the typed form, an uploaded file, HTTP with a token; and what was offered."""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kuangan.base.clock import now, to_ms
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.models import Region
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.duty.weather.forms import CancelForm, TypedForm, UploadForm
from kuangan.domains.duty.weather.intake import kept_path, take
from kuangan.domains.duty.weather.lists import OfferFilter, OfferTable, fault_lines
from kuangan.domains.duty.weather.models import Offer, Warning
from kuangan.domains.duty.weather.plain import FORMAT
from kuangan.domains.duty.weather.queries import warnings
from kuangan.domains.duty.weather.reading import LARGEST
from kuangan.domains.duty.weather.rules import COLOUR_WORDS

TOKEN = "weather_token"


def weather_new(request: HttpRequest) -> HttpResponse:
    """Type a warning, or with `?of=` an update of one that the own organisation typed."""
    user, at = require(request, "weather.enter"), now()
    older = _typed(request, user, request.GET["of"]) if request.GET.get("of", "").isdecimal() else None
    form = TypedForm(_regions(user), request.POST or None, initial=_initial(older, at))
    if request.method == "POST" and form.is_valid():
        offer = take(_home(), "录入.json", _content(form.cleaned_data, user, at, older), "typed", at=at, by=user)
        return _answer(request, offer)
    return _page(request, form, UploadForm(), older)


@require_POST
def weather_upload(request: HttpRequest) -> HttpResponse:
    user, at = require(request, "weather.enter"), now()
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, TypedForm(_regions(user), initial=_initial(None, at)), form, None, 422)
    file = form.cleaned_data["file"]
    return _answer(request, take(_home(), file.name, file.read(LARGEST + 1), "upload", at=at, by=user))


@require_POST
def weather_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End a warning that the own organisation typed; others end by their publisher's cancellation or in time."""
    user, at = require(request, "weather.enter"), now()
    warning, form = _typed(request, user, str(pk)), CancelForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明解除说明。")
        return redirect("duty:weather_warning", pk=pk)
    said = _head(user, at, "cancel", warning) | {"description": form.cleaned_data["reason"]}
    offer = take(_home(), "解除.json", json.dumps(said, ensure_ascii=False).encode(), "typed", at=at, by=user)
    return _answer(request, offer)


@login_not_required
@csrf_exempt
@require_POST
def weather_post(request: HttpRequest) -> HttpResponse:
    """A file by HTTP with `Authorization: Bearer <secrets/weather_token>`; answered once it is kept and acted upon.

    200 taken or seen before, 422 with the reasons when a record is refused, 401 without the token, 413 when it is too large.
    """
    wanted = f"Bearer {settings.KUANGAN.secret(TOKEN)}"
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode()):
        return JsonResponse({"detail": "token"}, status=401, headers={"WWW-Authenticate": "Bearer"})
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return JsonResponse({"detail": "too large"}, status=413)
    name = Path(request.headers.get("X-File-Name", "message")).name
    offer = take(_home(), name, request.body, "http", at=now())
    rows = offer.messages.order_by("record")
    answer = {
        "offer": offer.pk,
        "outcome": offer.outcome,
        "records": offer.records,
        "taken": offer.taken,
        "faults": offer.faults,
        "messages": [{"record": row.record, "id": row.identifier, "result": row.result} for row in rows],
    }
    return JsonResponse(answer, status=422 if offer.faults else 200)


class OfferList(Permitted, ListView):
    permission = "weather.enter"
    title = "预警接收记录"
    order = ("-received_at", "-id")
    table_class = OfferTable
    filterset_class = OfferFilter
    template_name = "duty/weather/offers.html"
    export_name = "预警接收记录"

    def queryset(self) -> QuerySet[Offer]:
        return Offer.objects.select_related("by")

    def figures(self) -> list[Figure]:
        refused = Offer.objects.filter(outcome__in=("refused", "partial")).count()
        return [Figure(refused, "有拒收", href="?outcome=refused", level="orange" if refused else "")]

    def context(self) -> dict[str, Any]:
        return {"here": "weather"}


def weather_offer(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The bytes as they came."""
    require(request, "weather.enter")
    offer = get_object_or_404(Offer, pk=pk)
    path = kept_path(_home(), offer.sha256)
    if not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=offer.name, content_type="application/octet-stream"
    )


def _home() -> Path:
    return Path(settings.HOME)


def _page(
    request: HttpRequest, form: TypedForm, upload: UploadForm, older: Warning | None, status: int = 200
) -> HttpResponse:
    title = f"更新：{older.headline}" if older else "录入气象预警"
    context = {"title": title, "here": "weather", "form": form, "upload": upload, "older": older}
    return render(request, "duty/weather/new.html", context, status=status)


def _answer(request: HttpRequest, offer: Offer) -> HttpResponse:
    """To the warning that was made, else to the list of what was offered, with the reasons."""
    for line in fault_lines(offer):
        messages.error(request, line)
    row = offer.messages.filter(warning__isnull=False).first()
    if row is not None and row.warning_id is not None:
        messages.success(request, f"已接收 {offer.taken} 条。")
        return redirect("duty:weather_warning", pk=row.warning_id)
    if not offer.faults:
        messages.info(request, "此前已收到，未重复处理。" if offer.outcome == "duplicate" else "已接收，未产生预警。")
    return redirect(reverse("duty:weather_offers"))


def _regions(user: User) -> list[tuple[str, str]]:
    """The regions a person may enter warnings for, cities before their counties."""
    rows = Region.objects.filter(code__startswith=scope_of(user).region_prefix or "-").order_by("code")
    return [(row.code, row.name if row.level != "county" else f"　{row.name}") for row in rows]


def _typed(request: HttpRequest, user: User, pk: str) -> Warning:
    row = get_object_or_404(warnings(user, now()), pk=int(pk))
    if row.typed_by_id is None or row.typed_by_id != user.organisation_id or not row.live:
        raise PermissionDenied
    return row


def _initial(older: Warning | None, at: datetime) -> dict[str, Any]:
    if older is None:
        return {"onset": at}
    codes = [prefix.ljust(6, "0") for prefix in older.where.values_list("prefix", flat=True)]
    return {
        "event": older.event_words,
        "colour": older.colour,
        "issuer": older.issuer,
        "regions": codes,
        "onset": older.onset,
        "expires": older.expires,
        "description": older.description,
    }


def _head(user: User, at: datetime, kind: str, older: Warning | None) -> dict[str, Any]:
    newest = older.messages.order_by("-sent", "-pk").first() if older else None
    return {
        "format": FORMAT,
        "sender": f"typed-{user.organisation_id}",
        "id": f"{user.pk}-{to_ms(at)}",
        "sent": at.isoformat(),
        "type": kind,
        "references": [f"{newest.sender},{newest.identifier}"] if newest else [],
    }


def _content(said: dict[str, Any], user: User, at: datetime, older: Warning | None) -> bytes:
    """The typed form as a file of our own form: it goes the way of all others."""
    names = dict(Region.objects.filter(pk__in=said["regions"]).values_list("code", "name"))
    colour = COLOUR_WORDS[said["colour"]]
    record = _head(user, at, "update" if older else "alert", older) | {
        "event": said["event"],
        "colour": said["colour"],
        "onset": said["onset"].isoformat(),
        "expires": said["expires"].isoformat(),
        "issuer": said["issuer"],
        "headline": f"{user.organisation}录入：{said['event']}{colour}预警",
        "description": said["description"],
        "areas": [{"name": names.get(code, code), "codes": [code]} for code in said["regions"]],
    }
    return json.dumps(record, ensure_ascii=False).encode()
