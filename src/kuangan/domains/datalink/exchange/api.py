"""The two addresses of a platform: it fetches packages and hands in what it did. A token, no session, no cookie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from kuangan.base.clock import now
from kuangan.domains.datalink.exchange.leaving import fetch
from kuangan.domains.datalink.exchange.mapping import Mapping, mappings
from kuangan.domains.datalink.exchange.models import Key, Platform
from kuangan.domains.datalink.exchange.shapes import MOST_BYTES
from kuangan.domains.datalink.exchange.taking import take

DEFAULT_PAGE = 100
USED_EVERY = timedelta(minutes=1)
MOST_DIGITS = 18


@dataclass(frozen=True)
class Caller:
    """Who called, and for which platform."""

    platform: Platform
    mapping: Mapping
    key: Key


class Answered(Exception):
    """The request ends here."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@login_not_required
@csrf_exempt
@never_cache
def out(request: HttpRequest, code: str) -> HttpResponse:
    """GET ?since=&limit=: the packages after `since`, in order. At least once: ask again with the same `since` at will."""
    try:
        caller = _caller(request, code, "GET")
        if not caller.key.may_fetch:
            raise Answered(403, "该令牌不能取数")
        since = _number(request, "since", 0)
        page = fetch(caller.platform, caller.mapping, caller.key, since, _number(request, "limit", DEFAULT_PAGE), now())
    except Answered as ended:
        return _refusal(ended)
    return HttpResponse(page.body, content_type="application/json")


@login_not_required
@csrf_exempt
@never_cache
def hand_in(request: HttpRequest, code: str) -> HttpResponse:
    """POST: records of theirs; the answer says of each bad one which it was and why. The same again changes nothing."""
    try:
        caller = _caller(request, code, "POST")
        if not caller.key.may_hand_in:
            raise Answered(403, "该令牌不能回传")
        content = request.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise Answered(413, "超过大小上限")
    except Answered as ended:
        return _refusal(ended)
    answer = take(caller.platform, caller.mapping, content, f"http:{caller.key.name}", now(), caller.key)
    whole = bool(answer.rejected) and answer.rejected[0].record == 0
    return JsonResponse(answer.model_dump(), status=400 if whole else 200)


def _caller(request: HttpRequest, code: str, method: str) -> Caller:
    """401 without a good token, 404 for another platform than the token's or one that is not enabled, 405."""
    key = _key(request)
    declared = mappings(Path(settings.HOME))
    if key.platform_id != code or not key.platform.enabled or code not in declared:
        raise Answered(404, "没有这个平台")
    if request.method != method:
        raise Answered(405, f"只接受 {method}")
    _note_use(key, now())
    return Caller(key.platform, declared[code], key)


def _key(request: HttpRequest) -> Key:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    hashed = hashlib.sha256(token.strip().encode(errors="replace")).hexdigest()
    key = Key.objects.select_related("platform").filter(sha256=hashed, disabled=False).first()
    if scheme.lower() != "bearer" or key is None:
        raise Answered(401, "令牌无效")
    return key


def _note_use(key: Key, at: datetime) -> None:
    if key.used_at is None or at - key.used_at > USED_EVERY:
        Key.objects.filter(pk=key.pk).update(used_at=at)


def _number(request: HttpRequest, name: str, default: int) -> int:
    given = request.GET.get(name, "")
    if not given:
        return default
    if not given.isascii() or not given.isdecimal() or len(given) > MOST_DIGITS:
        raise Answered(400, f"{name} 应为非负整数")
    return int(given)


def _refusal(ended: Answered) -> HttpResponse:
    answer = JsonResponse({"detail": ended.reason}, status=ended.status)
    if ended.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer
