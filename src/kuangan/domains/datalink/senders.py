"""Making and changing sender accounts. Each change writes the gateway's file anew, in one rename."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction

from kuangan.base import audit
from kuangan.base.people.models import User
from kuangan.domains.datalink.models import Sender

TOKEN_PREFIX = "ka_"


def new_token() -> str:
    """A random token of 256 bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_sender(
    *, name: str, kind: str, codes: Sequence[str], by: User | None, at: datetime, token: str = ""
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
            created_at=at,
            created_by=by,
            changed_at=at,
            changed_by=by,
        )
        _note(sender, "sender.create", by, at, {"kind": kind, "codes": list(codes)})
    return sender, token


def renew_token(sender: Sender, *, by: User, at: datetime, reason: str) -> str:
    """A new token; the old one stops at once."""
    token = new_token()
    with transaction.atomic():
        sender.token_sha256, sender.token_tail = digest(token), token[-4:]
        _save(sender, by, at)
        _note(sender, "sender.renew_token", by, at, {"tail": sender.token_tail}, reason)
    return token


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
        rows = Sender.objects.order_by("pk").values("pk", "name", "token_sha256", "codes", "disabled")
        senders = [{"id": str(row.pop("pk")), **row} for row in rows]
        draft = path.with_name(f".{path.name}.draft")
        with _private(draft) as out:
            out.write(json.dumps({"senders": senders}, ensure_ascii=False, indent=1))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    return path


def _private(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")


def _save(sender: Sender, by: User, at: datetime) -> None:
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
