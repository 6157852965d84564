"""When conditions are looked at: at whole multiples of `LOOK` of our clock, behind the files of that moment."""

from __future__ import annotations

LOOK = 5_000


def next_look(at: int) -> int:
    """The first look at or after `at` (ms)."""
    return -(-at // LOOK) * LOOK
