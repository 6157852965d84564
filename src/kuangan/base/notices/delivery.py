"""Sending what lies in the outbox: claim, send, log, and try again later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from kuangan.base.notices.adapters import ADAPTERS, Adapter, Refused
from kuangan.base.notices.models import Delivery, Notice, NoticeState

BACK_OFF = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""Wait after the first failed attempt, the second, …; when it is used up the notice has failed."""
LEASE = timedelta(minutes=5)
"""A claim whose worker died is free again after this long."""


def deliver(at: datetime, limit: int = 50, adapters: Mapping[str, Adapter] = ADAPTERS) -> int:
    """Send up to `limit` due notices, oldest first, and return how many left. Call it outside a transaction.

    Each is claimed by one conditional UPDATE, so several workers never send the same one. Notices of a channel without
    a gateway wait as `unconfigured` and go on once there is one.
    """
    ready = [channel for channel, adapter in adapters.items() if adapter.ready()]
    _sort_by_gateway(ready, at)
    due = Notice.objects.filter(_due(at), channel__in=ready).order_by("next_at", "pk")[:limit]
    return sum(_attempt(notice, at, adapters[notice.channel]) for notice in due if _claim(notice, at))


def _sort_by_gateway(ready: list[str], at: datetime) -> None:
    """Put aside what has no gateway; take back what has one now."""
    aside = Notice.objects.filter(_due(at)).exclude(channel__in=ready)
    back = Notice.objects.filter(state=NoticeState.UNCONFIGURED, channel__in=ready)
    if aside.exists():
        aside.update(state=NoticeState.UNCONFIGURED, next_at=None)
    if back.exists():
        back.update(state=NoticeState.QUEUED, next_at=at)


def _due(at: datetime) -> Q:
    return Q(state__in=[NoticeState.QUEUED, NoticeState.SENDING], next_at__lte=at)


def _claim(notice: Notice, at: datetime) -> bool:
    """Take the notice if nobody took it since it was read: every claim counts an attempt."""
    unchanged = Notice.objects.filter(_due(at), pk=notice.pk, attempts=notice.attempts)
    taken = unchanged.update(state=NoticeState.SENDING, attempts=F("attempts") + 1, next_at=at + LEASE)
    notice.attempts += taken
    return taken == 1


def _attempt(notice: Notice, at: datetime, adapter: Adapter) -> bool:
    try:
        detail = adapter.send(notice)
    except Refused as error:
        _finish(notice, at, NoticeState.FAILED, str(error))
    except Exception as error:  # whatever one notice meets must not keep the others
        _try_again(notice, at, f"{type(error).__name__}: {error}")
    else:
        _finish(notice, at, NoticeState.SENT, detail)
        return True
    return False


def _try_again(notice: Notice, at: datetime, detail: str) -> None:
    if notice.attempts > len(BACK_OFF):
        _finish(notice, at, NoticeState.FAILED, detail)
    else:
        _finish(notice, at, NoticeState.QUEUED, detail, again=at + BACK_OFF[notice.attempts - 1])


@transaction.atomic
def _finish(notice: Notice, at: datetime, state: NoticeState, detail: str, again: datetime | None = None) -> None:
    """Write the outcome, unless another worker has taken the notice meanwhile; the attempt is logged either way."""
    own = Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING, attempts=notice.attempts)
    own.update(state=state, next_at=again, sent_at=at if state == NoticeState.SENT else None)
    Delivery.objects.create(notice=notice, at=at, ok=state == NoticeState.SENT, detail=detail[:2000])
