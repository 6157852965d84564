"""The key that somebody presses when a voice call asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from kuangan.base.notices.models import Channel, Delivery, Notice

SALT = "kuangan.notices.answer"
KEYS = frozenset("0123456789*#")
Listener = Callable[[Notice, datetime], None]
_listeners: list[Listener] = []


def install(listeners: Iterable[Listener]) -> None:
    """Say who is told of a pressed key; each is called in the transaction that records it."""
    _listeners[:] = listeners


def token(notice: Notice) -> str:
    """What proves to us that an answer belongs to this notice."""
    return Signer(salt=SALT).sign(str(notice.pk))


def callback(notice: Notice) -> str:
    """The address to which the voice gateway posts the pressed key."""
    base = settings.KUANGAN.public_url or f"http://{settings.KUANGAN.host}:{settings.KUANGAN.port}"
    return base.rstrip("/") + reverse("notices:answer", args=[token(notice)])


def answer(signed: str, key: str, at: datetime) -> Notice | None:
    """Record the pressed key, the first one only. None when the token or the key is no good."""
    try:
        pk = int(Signer(salt=SALT).unsign(signed))
    except BadSignature:
        return None
    if key not in KEYS:
        return None
    with transaction.atomic():
        call = Notice.objects.filter(pk=pk, channel=Channel.VOICE)
        if call.filter(answer="").update(answer=key, answered_at=at):
            Delivery.objects.create(notice_id=pk, at=at, ok=True, detail=f"按键 {key}")
            for listener in _listeners:
                listener(call.get(), at)
    return call.first()
