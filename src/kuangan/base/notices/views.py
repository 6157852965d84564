"""Where a voice gateway reports the key that was pressed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kuangan.base import clock
from kuangan.base.notices import answers


@login_not_required
@csrf_exempt
@require_POST
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """204 when the key is recorded, 404 for a token or key that is no good. The token is the gateway's only credential."""
    notice = answers.answer(token, request.POST.get("key", ""), clock.now())
    return HttpResponse(status=404 if notice is None else 204)
