"""Canonical bytes and their SM3 digest (GB/T 32905)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

START = "0" * 64
"""What the first link points back to."""


def canonical(value: object) -> str:
    """JSON with sorted keys and no white space; times as UTC with microseconds. TypeError for what JSON cannot hold.

    A number that is not finite is refused (ValueError): there is no JSON for it.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def moment(at: datetime) -> str:
    """`at` in UTC, always with six digits of microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sm3(text: str) -> str:
    """Hex SM3 of the UTF-8 bytes of `text`."""
    data = text.encode()
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).hexdigest()
    from cryptography.hazmat.primitives import hashes

    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize().hex()


def entry_digest(fields: Mapping[str, object]) -> str:
    """Digest of an entry's fields: actor, actor_name, action, kind, ident, content (a canonical string), at, reason."""
    return sm3(canonical(fields))


def link_digest(sequence: int, previous: str, entry: int, digest_of_entry: str, sealed_at: datetime) -> str:
    """Digest of a link: it binds its place, the link before, the entry's id and digest, and the time of sealing."""
    return sm3(canonical([sequence, previous, entry, digest_of_entry, moment(sealed_at)]))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "pk"):
        return value.pk
    raise TypeError(f"an audit entry cannot hold a {type(value).__name__}")
