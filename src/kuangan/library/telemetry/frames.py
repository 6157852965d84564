"""A frame is one file or message of one mine, kept byte for byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

UPLOAD: Final = "upload"
TICK: Final = "tick"
CONFIG: Final = "config"
REFUSAL: Final = "refusal"

CONFIGURATION: Final = ("register.json", "rulebook.json")


@dataclass(frozen=True, slots=True)
class Frame:
    """One row of the spool. `received_at` is Unix milliseconds, `digest` is sha256 of `payload` (32 bytes)."""

    seq: int
    mine: str
    kind: str
    name: str
    source: str
    received_at: int
    digest: bytes
    payload: bytes


SPOOL_SCHEMA: Final = pa.schema(
    [
        ("seq", pa.int64()),
        ("mine", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("source", pa.string()),
        ("received_at", pa.int64()),
        ("digest", pa.binary(32)),
        ("payload", pa.large_binary()),
    ]
)


def digest_of(payload: bytes) -> bytes:
    """sha256 of the payload, 32 bytes: the identity of a frame's content."""
    return hashlib.sha256(payload).digest()


def to_table(frames: list[Frame]) -> pa.Table:
    """Frames as one Arrow table with SPOOL_SCHEMA."""
    columns = [[getattr(frame, field.name) for frame in frames] for field in SPOOL_SCHEMA]
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, SPOOL_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SPOOL_SCHEMA)


def from_table(table: pa.Table) -> list[Frame]:
    """The frames of an Arrow table with SPOOL_SCHEMA, in its order."""
    columns = [table.column(field.name).to_pylist() for field in SPOOL_SCHEMA]
    return [Frame(*row) for row in zip(*columns, strict=True)]


def configuration_files(home: Path) -> list[Path]:
    """Files of a home that gateways spool as CONFIG frames; foreign files beside them are passed over."""
    return [path for name in CONFIGURATION if (path := home / "config" / name).is_file()]
