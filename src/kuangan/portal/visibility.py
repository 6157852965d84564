"""The mine codes a user sees, remembered for a minute per scope: the strip and the stream ask each second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kuangan.base.people.scope import Scope, scope_of
from kuangan.base.registry.scope import mines_within

KEPT_FOR = timedelta(seconds=60)
KEPT_SCOPES = 512
_kept: dict[Scope, tuple[datetime, frozenset[str]]] = {}


def visible_codes(user: Any, at: datetime) -> frozenset[str]:
    """The codes within the user's scope."""
    return codes_within(scope_of(user), at)


def codes_within(scope: Scope, at: datetime) -> frozenset[str]:
    """As `visible_codes`, for a scope already known. At most one query a minute for each scope."""
    known = _kept.get(scope)
    if known is not None and at - KEPT_FOR < known[0] <= at:
        return known[1]
    if len(_kept) >= KEPT_SCOPES:
        _kept.clear()
    codes = frozenset(mines_within(scope, at).values_list("code", flat=True))
    _kept[scope] = (at, codes)
    return codes


def forget() -> None:
    """Drop what is remembered; used when supervision changes and between tests."""
    _kept.clear()
