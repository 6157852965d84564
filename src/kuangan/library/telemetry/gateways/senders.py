"""Who may send: hashed tokens and allowed mine codes from `home/senders.json`, read again whenever it changes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sender:
    """One sender; `codes` holds the mine codes it may speak for, `*` stands for all.

    During a changeover the token before, `previous_sha256`, holds until `previous_until` (Unix ms).
    """

    id: str
    token_sha256: str
    codes: frozenset[str]
    name: str = ""
    previous_sha256: str = ""
    previous_until: int = 0

    def may_send_for(self, mine: str | None) -> bool:
        """Whether a frame of this mine may come from this sender; None: the name tells no mine."""
        return "*" in self.codes or (mine is not None and mine in self.codes)


class Senders:
    """The senders of a home. `clock` gives Unix ms: it ends the older of two tokens."""

    def __init__(self, home: Path, clock: Callable[[], int]) -> None:
        self._path = home / "senders.json"
        self._clock = clock
        self._stamp: tuple[int, int] | None = None
        self._known: list[Sender] = []

    def match(self, token: str) -> Sender | None:
        """The sender with this token; the comparison takes the same time for every token."""
        return self.holder(digest_of_token(token))

    def holder(self, digest: str) -> Sender | None:
        """The sender whose token has this digest, at this moment."""
        self._reload()
        now, offered, found = self._clock(), digest.encode(), None
        for sender in self._known:
            current = hmac.compare_digest(sender.token_sha256.encode(), offered)
            before = hmac.compare_digest(sender.previous_sha256.encode(), offered)
            if current or (before and now < sender.previous_until):
                found = sender
        return found

    def with_id(self, ident: str) -> Sender | None:
        """The sender of this number, for carriers whose own server knows who sends."""
        self._reload()
        return next((sender for sender in self._known if sender.id == ident), None)

    def anyone_for(self, mine: str) -> bool:
        """Whether some sender may speak for this mine, for carriers that do not tell who sent."""
        self._reload()
        return any(sender.may_send_for(mine) for sender in self._known)

    def _reload(self) -> None:
        try:
            state = self._path.stat()
        except FileNotFoundError:
            self._known, self._stamp = [], None
            return
        stamp = (state.st_mtime_ns, state.st_ino)
        if stamp != self._stamp:
            entries = json.loads(self._path.read_text("utf-8"))["senders"]
            self._known = [_sender(each) for each in entries if not each.get("disabled", False)]
            self._stamp = stamp


def digest_of_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _sender(entry: dict[str, Any]) -> Sender:
    previous = entry.get("previous") or {"token_sha256": "", "until": 0}
    return Sender(
        id=entry["id"],
        token_sha256=entry["token_sha256"],
        codes=frozenset(entry["codes"]),
        name=entry.get("name", ""),
        previous_sha256=previous["token_sha256"],
        previous_until=previous["until"],
    )
