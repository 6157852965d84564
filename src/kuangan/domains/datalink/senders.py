"""Making and changing sender accounts. Each change writes the gateway's file anew, in one rename."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction

from kuangan.base import audit
from kuangan.base.clock import to_ms
from kuangan.base.people.models import User
from kuangan.domains.datalink.models import Sender
from kuangan.library.telemetry.gateways.mosquitto import password_hash

TOKEN_PREFIX = "ka_"
LONGEST_CHANGEOVER_DAYS = 90


class ChangeoverRunning(Exception):
    """Two tokens hold already; the older one must end before there is a third."""


def new_token() -> str:
    """A random token of 256 bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def broker_hash(token: str) -> str:
    """The token as the MQTT broker keeps it; made now, because the token itself is not kept."""
    return password_hash(token, secrets.token_bytes(12))


def create_sender(
    *,
    name: str,
    kind: str,
    codes: Sequence[str],
    by: User | None,
    at: datetime,
    token: str = "",
    disabled: bool = False,
) -> tuple[Sender, str]:
    """A new account and its token, which cannot be read again. `token` is given only by the demonstration."""
    token = token or new_token()
    with transaction.atomic():
        sender = Sender.objects.create(
            name=name,
            kind=kind,
            codes=list(codes),
            token_sha256=digest(token),
            token_tail=token[-4:],
            broker_hash=broker_hash(token),
            disabled=disabled,
            created_at=at,
            created_by=by,
            changed_at=at,
            changed_by=by,
        )
        _note(sender, "sender.create", by, at, {"kind": kind, "codes": list(codes)})
    return sender, token


def renew_token(sender: Sender, *, by: User, at: datetime, reason: str) -> str:
    """A new token; every old one stops at once."""
    return rotate(sender, 0, by=by, at=at, reason=reason)


def rotate(sender: Sender, days: int, *, by: User | None, at: datetime, reason: str) -> str:
    """A new token; the old one holds for so many days more, so that every uploader can be changed over.

    With 0 days it stops at once. Raises ChangeoverRunning when an older token still holds and more than 0 days are asked for.
    """
    token = new_token()
    with transaction.atomic():
        locked = Sender.objects.select_for_update().get(pk=sender.pk)
        if days and locked.previous_until is not None and at < locked.previous_until:
            raise ChangeoverRunning(f"the token before still holds until {locked.previous_until:%Y-%m-%d %H:%M} UTC")
        sender.refresh_from_db()
        _end_previous(sender)
        if days:
            sender.previous_sha256, sender.previous_tail = sender.token_sha256, sender.token_tail
            sender.previous_broker_hash, sender.previous_until = sender.broker_hash, at + timedelta(days=days)
        sender.token_sha256, sender.token_tail, sender.broker_hash = digest(token), token[-4:], broker_hash(token)
        sender.token_serial += 1
        _save(sender, by, at)
        until = sender.previous_until.isoformat() if sender.previous_until else ""
        content: dict[str, object] = {"tail": sender.token_tail, "previous": sender.previous_tail, "until": until}
        _note(sender, "sender.renew_token", by, at, content, reason)
    return token


def end_previous(sender: Sender, *, by: User, at: datetime, reason: str) -> None:
    """The older of two tokens stops now."""
    with transaction.atomic():
        tail = sender.previous_tail
        _end_previous(sender)
        _save(sender, by, at)
        _note(sender, "sender.end_previous", by, at, {"tail": tail}, reason)


def _end_previous(sender: Sender) -> None:
    sender.previous_sha256 = sender.previous_tail = sender.previous_broker_hash = ""
    sender.previous_until = None


def named(name: str) -> Sender | None:
    """The account of this name or number."""
    found = Sender.objects.filter(name=name).first()
    return found or (Sender.objects.filter(pk=int(name)).first() if name.isdecimal() else None)


def set_disabled(sender: Sender, disabled: bool, *, by: User, at: datetime, reason: str) -> None:
    """Stop or allow an account."""
    with transaction.atomic():
        sender.disabled = disabled
        _save(sender, by, at)
        _note(sender, "sender.disable" if disabled else "sender.enable", by, at, {}, reason)


def set_codes(sender: Sender, codes: Sequence[str], *, by: User, at: datetime, reason: str) -> None:
    """Change the mines that an account may speak for."""
    with transaction.atomic():
        before, sender.codes = sender.codes, list(codes)
        _save(sender, by, at)
        _note(sender, "sender.codes", by, at, {"before": before, "after": sender.codes}, reason)


def publish_senders(home: Path | None = None) -> Path:
    """Write `senders.json` from the database: a temporary file, fsync, rename. Returns its path.

    Read and written under a lock, so that of two processes the later one's rows stand.
    """
    folder = home or Path(settings.HOME)
    path = folder / "senders.json"
    with _private(folder / "run" / "senders.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        senders = [_published(sender) for sender in Sender.objects.order_by("pk")]
        draft = path.with_name(f".{path.name}.draft")
        with _private(draft) as out:
            out.write(json.dumps({"senders": senders}, ensure_ascii=False, indent=1))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    return path


def _published(sender: Sender) -> dict[str, object]:
    row: dict[str, object] = {
        "id": str(sender.pk),
        "name": sender.name,
        "token_sha256": sender.token_sha256,
        "codes": sender.codes,
        "disabled": sender.disabled,
    }
    if sender.previous_until is not None:
        row["previous"] = {"token_sha256": sender.previous_sha256, "until": to_ms(sender.previous_until)}
    return row


def _private(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")


def _save(sender: Sender, by: User | None, at: datetime) -> None:
    sender.changed_at, sender.changed_by = at, by
    sender.save()


def _note(
    sender: Sender, action: str, by: User | None, at: datetime, content: dict[str, object], reason: str = ""
) -> None:
    audit.record(
        actor=by,
        action=action,
        kind="sender",
        ident=str(sender.pk),
        content={"name": sender.name, **content},
        at=at,
        reason=reason,
    )
    transaction.on_commit(publish_senders)
