"""Durable files: write beside, fsync, rename, fsync the folder. A reader sees the old file or the whole new one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

import pyarrow as pa
import pyarrow.parquet as pq

TEMPORARY: Final = ".tmp"
_TRIES: Final = 5
_BETWEEN_TRIES_S: Final = 0.02
"""Whoever only looks whether a lock is held takes it for an instant; that must not turn away its next owner."""


def fsync_path(path: Path) -> None:
    """Makes the content of a file durable, or renames and removals in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_durably(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Writes `path` through a temporary file beside it; after return the file survives a power cut."""
    temporary = path.with_name(path.name + TEMPORARY)
    with temporary.open("wb") as out:
        write(out)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    fsync_path(path.parent)


def put_durably(path: Path, content: bytes) -> None:
    """Writes all of `path` as `replace_durably` does."""
    replace_durably(path, lambda out: out.write(content))


def put(path: Path, text: str) -> None:
    """Writes `path` so that a reader sees the old text or the new one; a power cut may lose it."""
    temporary = path.with_name(path.name + TEMPORARY)
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def write_parquet(out: IO[bytes], tables: Iterator[pa.Table], schema: pa.Schema, plain: list[str]) -> None:
    """One row group per table, zstd level 1, page checksums; columns not in `plain` use a dictionary."""
    dictionary = [name for name in schema.names if name not in plain]
    with pq.ParquetWriter(
        out, schema, compression="zstd", compression_level=1, use_dictionary=dictionary, write_page_checksum=True
    ) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(1, table.num_rows))


class Locked(Exception):
    """Another process holds the lock."""


class FileLock:
    """An exclusive lock that ends with its process, however that ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        for left in reversed(range(_TRIES)):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if not left:
                    self._file.close()
                    raise Locked(str(path)) from error
            time.sleep(_BETWEEN_TRIES_S)

    def close(self) -> None:
        """Gives the lock back."""
        with contextlib.suppress(OSError):
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._file.close()
