#!/usr/bin/env python3
"""Verify an exported audit chain with nothing but the Python standard library.

    python verify_audit.py chain.jsonl heads-20261121.json heads-20261122.json …

`chain.jsonl` and the heads lie in the folder `audit` of the home. Keep copies of the heads elsewhere: they show even a
chain that was rewritten from its start. Prints every fault; exit status 0 when there is none, 1 otherwise.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

WORD = 0xFFFFFFFF
START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def rotate(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & WORD


CONSTANTS = tuple(rotate(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64))


def sm3(data: bytes) -> str:
    """Hex SM3 digest (GB/T 32905-2016) of some bytes."""
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    state = START
    for offset in range(0, len(padded), 64):
        state = compress(state, padded[offset : offset + 64])
    return "".join(f"{word:08x}" for word in state)


def compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    w = expand(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        turned = rotate(a, 12)
        first = rotate(turned + e + CONSTANTS[j] & WORD, 7)
        second = first ^ turned
        if j < 16:
            mixed, chosen = a ^ b ^ c, e ^ f ^ g
        else:
            mixed, chosen = a & b | a & c | b & c, e & f | ~e & WORD & g
        top = mixed + d + second + (w[j] ^ w[j + 4]) & WORD
        low = chosen + h + first + w[j] & WORD
        a, b, c, d = top, a, rotate(b, 9), c
        e, f, g, h = low ^ rotate(low, 9) ^ rotate(low, 17), e, rotate(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))


def expand(block: bytes) -> list[int]:
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ rotate(w[j - 3], 15)
        w.append(x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[j - 13], 7) ^ w[j - 6])
    return w


def digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sm3(text.encode())


def faults(lines: Iterable[dict[str, Any]], heads: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A sentence for each thing that was changed, removed or inserted."""
    expected, previous, seen = 1, "0" * 64, {0: "0" * 64}
    for line in lines:
        if "outside" in line:
            yield from outside_faults(line)
            continue
        link = line["link"]
        sequence = link["sequence"]
        if sequence != expected:
            yield f"removed: links {expected} to {sequence - 1}"
        elif link["previous"] != previous:
            yield f"changed: link {sequence} does not continue the one before it"
        yield from link_faults(link, line["entry"])
        expected, previous = sequence + 1, link["digest"]
        seen[sequence] = previous
    for name, head in sorted(heads.items()):
        if head["sequence"] not in seen:
            yield f"removed: the chain is shorter than the head in {name} ({head['sequence']})"
        elif seen[head["sequence"]] != head["digest"]:
            yield f"changed: the chain does not lead to the head in {name} ({head['sequence']})"


def link_faults(link: dict[str, Any], entry: dict[str, Any] | None) -> Iterator[str]:
    bound = [link["sequence"], link["previous"], link["entry"], link["entry_digest"], link["sealed_at"]]
    if digest(bound) != link["digest"]:
        yield f"changed: link {link['sequence']} was rewritten"
    elif entry is None:
        yield f"removed: entry {link['entry']} of link {link['sequence']}"
    elif digest(entry) != link["entry_digest"]:
        yield f"changed: entry {link['entry']} of link {link['sequence']}"


def outside_faults(line: dict[str, Any]) -> Iterator[str]:
    if not line["waiting"]:
        yield f"inserted: entry {line['outside']} neither stands in the chain nor waits for it"
    elif digest(line["entry"]) != line["digest"]:
        yield f"changed: entry {line['outside']} before it was sealed"


def read_heads(paths: list[Path]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The heads by name, and a sentence for each file that no longer holds one."""
    heads, damaged = {}, []
    for path in paths:
        try:
            content = json.loads(path.read_text("utf-8"))
            heads[path.name] = {"sequence": int(content["sequence"]), "digest": str(content["digest"])}
        except (ValueError, KeyError, TypeError):
            damaged.append(f"changed: {path.name} no longer holds a head")
    return heads, damaged


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    chain, heads = Path(arguments[0]), [Path(argument) for argument in arguments[1:]]
    read, found = read_heads(heads)
    with chain.open(encoding="utf-8") as lines:
        found += faults(map(json.loads, lines), read)
    for fault in found:
        print(fault)
    print(f"{len(found)} faults" if found else "the chain is whole")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
