"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any


def say(text: str) -> None:
    """Words for people go to standard error."""
    print(text, file=sys.stderr, flush=True)


def give(result: dict[str, Any], as_json: bool, text: str) -> None:
    """The result of a command: one JSON object, or words."""
    print(json.dumps(result, ensure_ascii=False, default=str) if as_json else text, flush=True)
