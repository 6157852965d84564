"""Files gone wrong in the ways files go wrong: cut, doubled, bytes changed, fields moved, marks of other families in between."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

MARKS: Final = (
    b";",
    b"~",
    b"||",
    b"^",
    b"]]]",
    b"\n",
    b"\r\n",
    b'"',
    b"%n",
    b"\xef\xbb\xbf",
    "；".encode(),
    b"\x00",
    b"<",
    b"&a;",
    b"{",
    b"[",
    b",",
)
VALUES: Final = (
    b"",
    b"-9999",
    b"nan",
    b"1e400",
    b"-0.01",
    b"9" * 40,
    b"xxxx-xx-xx xx:xx:xx",
    b"2026-13-40 25:61:61",
    b"0" * 20,
)
Mutation = Callable[[random.Random, bytes, bytes], bytes]


def cut(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randint(0, len(data))]


def doubled(chance: random.Random, data: bytes, other: bytes) -> bytes:
    a, b = sorted(chance.randint(0, len(data)) for _ in range(2))
    return data[:b] + data[a:b] * chance.randint(1, 4) + data[b:]


def flipped(chance: random.Random, data: bytes, other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def marked(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(MARKS) + data[at:]


def valued(chance: random.Random, data: bytes, other: bytes) -> bytes:
    fields = data.split(b";") if b";" in data else data.split(b'"')
    mark = b";" if b";" in data else b'"'
    fields[chance.randrange(len(fields))] = chance.choice(VALUES)
    return mark.join(fields)


def spliced(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def recoded(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(chance.choice(["gb18030", "utf-16", "utf-8-sig"]), "replace")


ALL: Final[Sequence[Mutation]] = (cut, doubled, flipped, marked, valued, spliced, recoded)


def mutated(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A file after one to four things went wrong; `other` is a second file to splice with."""
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(ALL)(chance, data, other)
    return data[: 1 << 16]
