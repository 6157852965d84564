"""One engine per home: an exclusive lock that the operating system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EngineBusy(RuntimeError):
    """Another engine or replay holds this home."""


@contextmanager
def engine_lock(home: Path) -> Iterator[None]:
    """Hold the engine lock of a home. Raises EngineBusy when somebody else does."""
    path = home / "engine" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EngineBusy(f"an engine holds {home}") from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
