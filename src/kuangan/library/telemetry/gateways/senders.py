"""Who may send: hashed tokens and allowed mine codes from `home/senders.json`, read again whenever it changes.

While the file cannot be read the last good list stands. Whoever is not in it is neither known nor refused: carriers answer so
that the file is offered again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


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
        self._damage = ""

    @property
    def damaged(self) -> str:
        """Why the file cannot be read at this moment, '' when it can."""
        self._reload()
        return self._damage

    @property
    def any_known(self) -> bool:
        """Whether a list stands that was read once."""
        return bool(self._known)

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
            stamp = (state.st_mtime_ns, state.st_ino)
            if stamp == self._stamp:
                return
            self._known = parsed(self._path.read_bytes())
        except FileNotFoundError:
            self._known, self._stamp, self._damage = [], None, ""
        except OSError as error:
            self._damaged_by(f"{type(error).__name__}: {error.strerror}")
        except ValueError as error:
            self._stamp = stamp
            self._damaged_by(str(error))
        else:
            self._stamp, self._damage = stamp, ""

    def _damaged_by(self, why: str) -> None:
        if why != self._damage:
            log.error("senders.json cannot be read, the last good list stands (%s senders): %s", len(self._known), why)
        self._damage = why


def parsed(content: bytes) -> list[Sender]:
    """The senders in use of a senders.json. Raises ValueError, in words, when it is not one."""
    try:
        entries = json.loads(content)["senders"]
        return [_sender(each) for each in entries if not each.get("disabled", False)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def digest_of_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _sender(entry: dict[str, Any]) -> Sender:
    previous = entry.get("previous") or {"token_sha256": "", "until": 0}
    if not isinstance(entry["codes"], list):
        raise TypeError("codes is no list")
    return Sender(
        id=str(entry["id"]),
        token_sha256=_text(entry["token_sha256"]),
        codes=frozenset(map(_text, entry["codes"])),
        name=entry.get("name", ""),
        previous_sha256=_text(previous["token_sha256"]),
        previous_until=int(previous["until"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
