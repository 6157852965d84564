"""A long list as JSON, packed: made and written a few rows at a time, so that a checkpoint of all points needs little room."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

ROWS: Final = 8_192
BYTES: Final = 1 << 20


def pack(rows: Iterator[Sequence[Any]]) -> bytes:
    """The list of the rows."""
    packer, parts, few = zlib.compressobj(1), list[bytes](), list[Sequence[Any]]()
    mark = "["

    def put() -> None:
        nonlocal mark
        parts.append(packer.compress((mark + json.dumps(few, ensure_ascii=False)[1:-1]).encode()))
        mark = ", "
        few.clear()

    for row in rows:
        few.append(row)
        if len(few) == ROWS:
            put()
    if few or mark == "[":
        put()
    return b"".join([*parts, packer.compress(b"]"), packer.flush()])


def write(out: IO[bytes], packed: bytes) -> None:
    """Write the JSON text of a packed list."""
    reader = zlib.decompressobj()
    while packed:
        out.write(reader.decompress(packed, BYTES))
        packed = reader.unconsumed_tail
    out.write(reader.flush())
