"""Times before and after all others, ms."""

from __future__ import annotations

from typing import Final

NEVER: Final = -(1 << 62)
FOREVER: Final = 1 << 62
