"""The process's memory allocator, set for a program that frees and takes large arrays all the time."""

from __future__ import annotations

import ctypes
from typing import Final

TRIM_THRESHOLD: Final = -1
MMAP_MAX: Final = -4
KEPT_BYTES: Final = 512 << 20


def keep_freed_memory() -> bool:
    """Keep up to half a GiB of freed memory for the next arrays instead of giving every large one back to the system.

    By default glibc maps large arrays afresh, and the kernel clears each page again: a third of the time of judging and archiving.
    False where the C library has no `mallopt`.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(TRIM_THRESHOLD, KEPT_BYTES) and mallopt(MMAP_MAX, 0))
