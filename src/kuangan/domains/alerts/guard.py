"""Who may open a page of this room, and which alert it is about: outside role 403, outside scope 404."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from kuangan.base.clock import from_ms
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import alert_cases, visible

View = Callable[..., HttpResponseBase]


def viewing(permission: str) -> Callable[[View], View]:
    """The view is for people who hold the permission; others get 403. Strangers were sent to sign in before."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def alert_or_404(request: HttpRequest, number: str) -> Alert:
    """The alert of that number if it exists for the user."""
    alert = alert_cases(visible(request.user).filter(number=number)).first()
    if alert is None:
        raise Http404
    return alert


def engine_clock(home: Path, at: datetime) -> datetime:
    """The arrival clock the engine has reached; `at` while no engine has spoken."""
    try:
        status = json.loads((home / "hot" / "status.json").read_text(encoding="utf-8"))
        return min(from_ms(int(status["clock"])), at)
    except (OSError, ValueError, KeyError, TypeError):
        return at
