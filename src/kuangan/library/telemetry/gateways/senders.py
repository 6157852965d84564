"""Who may send: hashed tokens and allowed mine codes from `home/senders.json`, read again whenever it changes."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sender:
    """One sender; `codes` holds the mine codes it may speak for, `*` stands for all."""

    id: str
    token_sha256: str
    codes: frozenset[str]

    def may_send_for(self, mine: str | None) -> bool:
        """Whether a frame of this mine may come from this sender; None: the name tells no mine."""
        return "*" in self.codes or (mine is not None and mine in self.codes)


class Senders:
    """The senders of a home."""

    def __init__(self, home: Path) -> None:
        self._path = home / "senders.json"
        self._stamp: tuple[int, int] | None = None
        self._known: list[Sender] = []

    def match(self, token: str) -> Sender | None:
        """The sender with this token; the comparison takes the same time for every token."""
        self._reload()
        offered = hashlib.sha256(token.encode()).hexdigest()
        found = None
        for sender in self._known:
            if hmac.compare_digest(sender.token_sha256.encode(), offered.encode()):
                found = sender
        return found

    def _reload(self) -> None:
        try:
            state = self._path.stat()
        except FileNotFoundError:
            self._known, self._stamp = [], None
            return
        stamp = (state.st_mtime_ns, state.st_ino)
        if stamp != self._stamp:
            entries = json.loads(self._path.read_text("utf-8"))["senders"]
            self._known = [
                Sender(each["id"], each["token_sha256"], frozenset(each["codes"]))
                for each in entries
                if not each.get("disabled", False)
            ]
            self._stamp = stamp
