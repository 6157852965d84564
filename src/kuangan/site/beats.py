"""What a running process says of itself in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_beat(path: Path) -> dict[str, Any]:
    """A heartbeat; {} when there is none or the file is not one of ours."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
