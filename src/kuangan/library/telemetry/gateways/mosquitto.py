"""The two files by which Mosquitto knows who may publish for which mine: its password file and its access list."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

ITERATIONS: Final = 101
"""As mosquitto_passwd does; the passwords are tokens of 256 random bits, which no number of guesses finds."""


@dataclass(frozen=True, slots=True)
class BrokerUser:
    """One line of the password file; `codes` are the mines it may publish for, `*` for all."""

    name: str
    password: str
    codes: Collection[str]


def password_hash(password: str, salt: bytes) -> str:
    """A password as Mosquitto keeps it: `$7$`, iterations, salt and PBKDF2-HMAC-SHA-512 of 64 bytes in base 64."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, 64)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def steady_salt(user: str, password: str) -> bytes:
    """A salt that stays the same while user and password do, so that the file does not change without reason."""
    return hashlib.sha256(f"{user}\0{password}".encode()).digest()[:12]


def password_file(users: Iterable[BrokerUser], gateway: BrokerUser) -> str:
    """`user:hash`, one a line."""
    return "".join(f"{user.name}:{user.password}\n" for user in [gateway, *users])


def access_list(users: Iterable[BrokerUser], gateway: BrokerUser, root: str) -> str:
    """Senders write the topics of their mines and read nothing; the gateway reads all and writes nothing."""
    parts = [f"user {gateway.name}\ntopic read {root}/#\n"]
    for user in users:
        topics = [f"{root}/+/+"] if "*" in user.codes else [f"{root}/{code}/+" for code in sorted(user.codes)]
        parts.append(f"user {user.name}\n" + "".join(f"topic write {topic}\n" for topic in topics))
    return "\n".join(parts)
