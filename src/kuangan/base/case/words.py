"""What grades are called."""

from __future__ import annotations

from typing import Final

GRADE_WORDS: Final = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
"""The gravest first."""
