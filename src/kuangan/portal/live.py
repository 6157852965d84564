"""The stream of a page, and the same message for pages whose stream does not come through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from kuangan.base.people.scope import Scope, scope_of
from kuangan.portal.hub import Message, hub

STREAM_SECONDS = 600.0


@never_cache
@require_GET
async def state(request: HttpRequest) -> HttpResponse:
    """One message as JSON."""
    shared = hub()
    await shared.wake()
    return JsonResponse(await shared.message(await _scope(request), shared.version))


@never_cache
@require_GET
async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Messages as server-sent events; it ends after ten minutes, so that a lost right ends with the next sign-in check."""
    response = StreamingHttpResponse(_events(await _scope(request)), content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(scope: Scope) -> AsyncIterator[bytes]:
    ends = asyncio.get_running_loop().time() + STREAM_SECONDS
    messages = hub().listen(scope)
    try:
        async for message in messages:
            yield as_event(message)
            if asyncio.get_running_loop().time() > ends:
                return
    finally:
        await messages.aclose()


def as_event(message: Message) -> bytes:
    return b"data: " + json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


async def _scope(request: HttpRequest) -> Scope:
    """The scope of the user; the request's own connection is given back, a stream must not hold one."""
    return await sync_to_async(_scope_now)(request)


def _scope_now(request: HttpRequest) -> Scope:
    try:
        return scope_of(request.user)
    finally:
        close_old_connections()
